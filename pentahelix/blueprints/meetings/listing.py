"""Which meetings an address asks for."""

from collections.abc import Mapping

from pentahelix.blueprints.asked import number, word
from pentahelix.queries.meetings import Filters
from pentahelix.vocabulary import MeetingKind, MeetingStatus

ARCHIVED = "archived"


def read_filters(args: Mapping[str, str]) -> Filters:
    """What is no filter that we know is none."""
    status = args.get("status", "")
    return Filters(
        typed=args.get("q", "").strip(),
        status=word(MeetingStatus, status),
        kind=word(MeetingKind, args.get("kind", "")),
        cluster_id=number(args.get("cluster", "")),
        partner_id=number(args.get("partner", "")),
        archived=status == ARCHIVED,
    )
