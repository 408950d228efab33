"""What an address asks of lists of clusters, schools and products: what is no filter that we know is none."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from pentahelix.models import Cluster
from pentahelix.queries.clusters import Filters
from pentahelix.scope import get_or_404
from pentahelix.vocabulary import Regency

W = TypeVar("W", bound=StrEnum)
ARCHIVED = "archived"


def read_filters(args: Mapping[str, str]) -> Filters:
    return Filters(typed(args), word(Regency, args.get("regency", "")), is_archive(args))


def typed(args: Mapping[str, str]) -> str:
    return args.get("q", "").strip()


def is_archive(args: Mapping[str, str]) -> bool:
    return args.get("status") == ARCHIVED


def word(vocabulary: type[W], text: str) -> W | None:
    return vocabulary(text) if text in set(vocabulary) else None


def number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None


def sort_of(args: Mapping[str, str], known: Mapping[str, Any], usual: str = "name") -> str:
    asked = args.get("sort", "")
    return asked if asked in known else usual


def cluster_of(args: Mapping[str, str]) -> Cluster | None:
    """The cluster to which ?cluster= narrows a list; one that may not be seen is not found."""
    wanted = number(args.get("cluster"))
    return None if wanted is None else get_or_404(Cluster, wanted)
