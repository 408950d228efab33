"""Meetings, and the sending of their minutes, whose page hangs on the same blueprint."""

from pentahelix.blueprints.meetings import sending, views

__all__ = ["sending", "views"]
