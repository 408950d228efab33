"""Open follow-ups as lines of a card: what such a line says, as values that it is drawn from."""

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, Subquery, select

from pentahelix import clock
from pentahelix.models import Cluster, FollowUp, Partner, User
from pentahelix.paths import table
from pentahelix.queries.page import Rows


class Step(NamedTuple):
    """An open follow-up; which day it is, the clocks of its cluster say."""

    id: int
    title: str
    due_on: date
    owner_id: int
    owner: str
    #: by name, if it is in sight
    partner: str | None
    #: by its short name
    cluster: str
    today: date

    @property
    def late(self) -> bool:
        return self.due_on < self.today


#: Where in a row the zone stands, in place of the day.
_ZONE = Step._fields.index("today")


def chosen(*more: Any) -> Select[Any]:
    """Follow-ups to choose from, with what `rows` needs of them and what the page needs beside it."""
    needed = (
        FollowUp.id,
        FollowUp.title,
        FollowUp.due_on,
        FollowUp.owner_user_id,
        FollowUp.partner_id,
        FollowUp.cluster_id,
    )
    return select(*needed, *more)


def rows(found: Subquery, *more: Any) -> Rows:
    """What `of` makes steps from, of those that were `chosen`; behind it what the page needs beside it."""
    # A follow-up in sight stands in a cluster in sight.
    cluster = table(Cluster)
    return (
        select(
            *(found.c.id, found.c.title, found.c.due_on, found.c.owner_user_id),
            *(User.name, Partner.name, cluster.c.short_name, cluster.c.timezone, *more),
        )
        .select_from(found)
        .join(User, User.id == found.c.owner_user_id)
        .join(cluster, cluster.c.id == found.c.cluster_id)
        .outerjoin(Partner, Partner.id == found.c.partner_id)
    )


def of(found: Iterable[Row[Any]]) -> list[tuple[Any, ...]]:
    """Each row as its step and what stood behind it."""
    today = cache(clock.today)
    return [(Step._make((*row[:_ZONE], today(row[_ZONE]))), *row[_ZONE + 1 :]) for row in found]
