"""Which guidance sessions an address asks for."""

from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from pentahelix.blueprints.asked import number, word
from pentahelix.queries.guidance_list import Filters
from pentahelix.vocabulary import GuidanceKind, GuidanceStatus

ARCHIVED = "archived"


def read_filters(args: Mapping[str, str]) -> Filters:
    """What is no filter that we know is none."""
    status = args.get("status", "")
    return Filters(
        typed=args.get("q", "").strip(),
        status=word(GuidanceStatus, status),
        kind=word(GuidanceKind, args.get("kind", "")),
        cluster_id=number(args.get("cluster", "")),
        partner_id=number(args.get("partner", "")),
        archived=status == ARCHIVED,
    )


def numbers(args: MultiDict[str, str], name: str) -> list[int]:
    """All that `name` holds, as in "12.15.16", once each."""
    texts = ".".join(args.getlist(name)).split(".")
    return list(dict.fromkeys(n for text in texts if (n := number(text)) is not None))
