"""What the query of an address asks for; what makes no sense asks for nothing."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import TypeVar

from pentahelix.extensions import Entity
from pentahelix.scope import get_or_404

E = TypeVar("E", bound=Entity)
W = TypeVar("W", bound=StrEnum)


def number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None


def word(vocabulary: type[W], text: str | None) -> W | None:
    return vocabulary(text) if text in set(vocabulary) else None


def day(text: str | None) -> date | None:
    """A day of a year that has other years around it."""
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if 1950 < found.year < 2150 else None


def named(args: Mapping[str, str], entity: type[E], noun: str) -> E | None:
    """The record whose number stands under `noun`; out of sight is a 404."""
    wanted = number(args.get(noun))
    return None if wanted is None else get_or_404(entity, wanted)
