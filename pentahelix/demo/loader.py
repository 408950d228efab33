"""Load the pilot cluster, and small ones beside it, as their people would have entered them.

Everything goes through the services, each row on its own day. Offsets in the tables are days from the day of
loading. The clock stands at each row's day while it is entered, and whoever is named in the row does it, so
that the trail and the last contacts read as if it had happened. Meetings, guidance sessions and contributions
move off weekends and holidays: past ones to the working day before, coming ones to the one after.
"""

from collections.abc import Callable
from datetime import date

from pentahelix import passwords
from pentahelix.demo import papers
from pentahelix.demo.accounts import PASSWORD, rows
from pentahelix.demo.agreements import Agreements
from pentahelix.demo.books import Books, Row
from pentahelix.demo.contributions import Contributions
from pentahelix.demo.guidance import Guidance
from pentahelix.demo.meetings import Meetings
from pentahelix.demo.partnerships import Partnerships
from pentahelix.demo.people import People
from pentahelix.unit_of_work import unit_of_work


def load(today: date, read: Callable[[str], list[Row]] = rows) -> None:
    """Fill an empty database as of `today` with the tables that `read` gives; all or nothing."""
    digest = passwords.digest(PASSWORD)
    stored = papers.store(read)
    with unit_of_work("command:demo") as session:
        books = Books(session, today, digest, read, stored)
        for chapter in (People, Partnerships, Agreements, Guidance, Meetings, Contributions):
            chapter(books).plan()
        books.enter()
