"""Which meetings an address asks for."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from pentahelix.queries.meetings import Filters
from pentahelix.vocabulary import MeetingKind, MeetingStatus

W = TypeVar("W", bound=StrEnum)
ARCHIVED = "archived"


def read_filters(args: Mapping[str, str]) -> Filters:
    """What is no filter that we know is none."""
    status = args.get("status", "")
    return Filters(
        typed=args.get("q", "").strip(),
        status=_word(MeetingStatus, status),
        kind=_word(MeetingKind, args.get("kind", "")),
        cluster_id=_number(args.get("cluster", "")),
        partner_id=_number(args.get("partner", "")),
        archived=status == ARCHIVED,
    )


def _word(vocabulary: type[W], text: str) -> W | None:
    return vocabulary(text) if text in set(vocabulary) else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
