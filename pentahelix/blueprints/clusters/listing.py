"""What an address asks of lists of clusters, schools and products: what is no filter that we know is none."""

from collections.abc import Mapping
from typing import Any

from pentahelix.blueprints.asked import word
from pentahelix.queries.clusters import Filters
from pentahelix.vocabulary import Regency

ARCHIVED = "archived"


def read_filters(args: Mapping[str, str]) -> Filters:
    return Filters(typed(args), word(Regency, args.get("regency", "")), is_archive(args))


def typed(args: Mapping[str, str]) -> str:
    return args.get("q", "").strip()


def is_archive(args: Mapping[str, str]) -> bool:
    return args.get("status") == ARCHIVED


def sort_of(args: Mapping[str, str], known: Mapping[str, Any]) -> str:
    asked = args.get("sort", "")
    return asked if asked in known else "name"
