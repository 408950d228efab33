"""How a rule says no."""

from typing import Any


class Refused(Exception):
    """A rule's no, to be shown at `field` of the form that asked, or above the form where `field` is None.

    `message` is a translated or lazily translated sentence in the words of the reader.
    """

    def __init__(self, field: str | None, message: Any) -> None:
        super().__init__(field, message)
        self.field = field
        self.message = message


class WrongState(Exception):
    """The right person asked for what the record's state does not allow (409): archived, held, over."""

    def __init__(self, message: Any) -> None:
        super().__init__(message)
        self.message = message
