"""Partners, and the log of contacts with them, which hangs its pages on the same blueprint."""

from pentahelix.blueprints.partners import log, views

__all__ = ["log", "views"]
