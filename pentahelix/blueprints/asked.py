"""What the query of an address asks for; what makes no sense asks for nothing."""

from enum import StrEnum
from typing import TypeVar

W = TypeVar("W", bound=StrEnum)


def number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None


def word(vocabulary: type[W], text: str | None) -> W | None:
    return vocabulary(text) if text in set(vocabulary) else None
