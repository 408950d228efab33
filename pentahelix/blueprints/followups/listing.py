"""Which follow-ups an address asks for."""

from collections.abc import Mapping
from dataclasses import dataclass

from pentahelix.blueprints.asked import day, number, word
from pentahelix.blueprints.chosen import chosen_cluster
from pentahelix.models import Cluster
from pentahelix.principal import Principal
from pentahelix.queries import followups as lists
from pentahelix.queries.followups import Filters, State, Whose
from pentahelix.vocabulary import Priority, Role


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
    whose = word(Whose, args.get("whose")) or usual
    state = word(State, args.get("state")) or State.OPEN
    cluster = chosen_cluster()
    owner_id = person.user_id if whose is Whose.MINE else number(args.get("owner"))
    filters = Filters(
        state=state,
        cluster_id=cluster.id if cluster and whose is Whose.CLUSTER else None,
        owner_id=owner_id,
        partner_id=number(args.get("partner")),
        priority=word(Priority, args.get("priority")),
        due_on=day(args.get("due")),
    )
    sort = args.get("sort", "")
    usual_sort = "-done" if state is State.DONE else "due"
    return Listing(whose, filters, sort if sort in lists.SORTS else usual_sort, cluster)
