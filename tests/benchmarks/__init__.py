"""How fast pages, mails and starts are beside the barest ones: `make bench`, told in docs/performance.md."""
