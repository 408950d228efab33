"""Which guidance sessions an address asks for."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from werkzeug.datastructures import MultiDict

from pentahelix.queries.guidance_list import Filters
from pentahelix.vocabulary import GuidanceKind, GuidanceStatus

W = TypeVar("W", bound=StrEnum)
ARCHIVED = "archived"


def read_filters(args: Mapping[str, str]) -> Filters:
    """What is no filter that we know is none."""
    status = args.get("status", "")
    return Filters(
        typed=args.get("q", "").strip(),
        status=_word(GuidanceStatus, status),
        kind=_word(GuidanceKind, args.get("kind", "")),
        cluster_id=number(args.get("cluster", "")),
        partner_id=number(args.get("partner", "")),
        archived=status == ARCHIVED,
    )


def number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None


def numbers(args: MultiDict[str, str], name: str) -> list[int]:
    """All that `name` holds, once each."""
    return list(dict.fromkeys(n for text in args.getlist(name) if (n := number(text)) is not None))


def _word(vocabulary: type[W], text: str) -> W | None:
    return vocabulary(text) if text in set(vocabulary) else None
