"""Which follow-ups an address asks for, and what a new one is made from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from flask_babel import gettext as _

from pentahelix.blueprints.chosen import chosen_cluster
from pentahelix.extensions import Entity
from pentahelix.models import Cluster, GuidanceSession, Meeting, Partner
from pentahelix.principal import Principal
from pentahelix.queries import followups as lists
from pentahelix.queries.followups import Filters, State, Whose
from pentahelix.refusals import WrongState
from pentahelix.scope import get_or_404
from pentahelix.vocabulary import Helix, Priority, Role

W = TypeVar("W", bound=StrEnum)
E = TypeVar("E", bound=Entity)


@dataclass(frozen=True)
class Listing:
    """A list as its address asks for it. `cluster` is the one that "the cluster's" speaks of."""

    whose: Whose
    filters: Filters
    sort: str
    cluster: Cluster | None


def read_listing(args: Mapping[str, str], person: Principal) -> Listing:
    """What is no filter that we know is none."""
    usual = Whose.MINE if person.role is Role.COORDINATOR else Whose.ALL
    whose = _word(Whose, args.get("whose", "")) or usual
    state = _word(State, args.get("state", "")) or State.OPEN
    cluster = chosen_cluster()
    owner_id = person.user_id if whose is Whose.MINE else number(args.get("owner", ""))
    filters = Filters(
        state=state,
        cluster_id=cluster.id if cluster and whose is Whose.CLUSTER else None,
        owner_id=owner_id,
        partner_id=number(args.get("partner", "")),
        priority=_word(Priority, args.get("priority", "")),
        due_on=_day(args.get("due", "")),
    )
    sort = args.get("sort", "")
    usual_sort = "-done" if state is State.DONE else "due"
    return Listing(whose, filters, sort if sort in lists.SORTS else usual_sort, cluster)


@dataclass(frozen=True)
class Origin:
    """What a new follow-up comes from: ?cluster= ?partner= ?meeting= ?guidance= ?helix= ?title= of it."""

    cluster: Cluster
    clusters: Sequence[Cluster]
    partner: Partner | None
    meeting: Meeting | None
    guidance: GuidanceSession | None
    helix: Helix | None
    title: str


def read_origin(args: Mapping[str, str], person: Principal) -> Origin:
    """What is named and out of sight is a 404; where no cluster is named, the one that fits best."""
    named = _named(args, Cluster, "cluster")
    meeting, partner = _named(args, Meeting, "meeting"), _named(args, Partner, "partner")
    guidance = _named(args, GuidanceSession, "guidance")
    offered = lists.clusters()
    if not offered:
        raise WrongState(_("Anda belum menjadi anggota klaster. Hubungi admin."))
    return Origin(
        cluster=named or _fitting(offered, person, meeting or guidance, partner),
        clusters=offered,
        partner=partner,
        meeting=meeting,
        guidance=guidance,
        helix=_word(Helix, args.get("helix", "")),
        title=args.get("title", "")[:1000],
    )


def _named(args: Mapping[str, str], entity: type[E], noun: str) -> E | None:
    wanted = number(args.get(noun, ""))
    return None if wanted is None else get_or_404(entity, wanted)


def _fitting(
    offered: Sequence[Cluster],
    person: Principal,
    event: Meeting | GuidanceSession | None,
    partner: Partner | None,
) -> Cluster:
    """That of the meeting or session; of those that the partner is in the chosen one, else the first."""
    possible = {cluster.id for cluster in offered}
    if event:
        possible &= {event.cluster_id}
    elif partner:
        possible &= lists.clusters_of(partner.id)
    left = [cluster for cluster in offered if cluster.id in possible] or offered
    return next((cluster for cluster in left if cluster.id == person.chosen_cluster_id), left[0])


def number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _word(vocabulary: type[W], text: str) -> W | None:
    return vocabulary(text) if text in set(vocabulary) else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
