"""Statements that are put together once: what makes another one, what may not be looked into meanwhile."""

from dataclasses import dataclass
from datetime import date

import pytest
from sqlalchemy import Select, select

from pentahelix import clock as system
from pentahelix.extensions import db
from pentahelix.models import Agreement, Cluster, Partner
from pentahelix.prepared import TODAY, prepared
from pentahelix.vocabulary import Helix
from tests import factories as make

pytestmark = pytest.mark.both_engines


@dataclass(frozen=True)
class Filters:
    helix: Helix | None = None
    name: str = ""
    ids: tuple[int, ...] = ()


@pytest.fixture
def listed(app, session):
    """A list with filters, and for which of them it was put together."""
    built = []

    @prepared
    def partners(filters: Filters) -> Select[Partner]:
        built.append(filters)
        wanted = select(Partner).order_by(Partner.id)
        if filters.helix:
            wanted = wanted.where(Partner.helix == filters.helix)
        if filters.name:
            wanted = wanted.where(Partner.name == filters.name)
        if filters.ids:
            wanted = wanted.where(Partner.id.in_(filters.ids))
        return wanted

    return lambda **asked: [row.id for row in db.session.scalars(*partners(Filters(**asked)))], built


def test_other_values_are_the_same_statement_and_find_other_rows(cast, listed):
    ask, built = listed
    first, second, third = (make.partner(cast.lebak) for _ in range(3))
    assert ask(name=first.name) == [first.id]
    assert ask(name=second.name) == [second.id]
    assert len(built) == 1
    assert ask(ids=(first.id,)) == [first.id]
    assert ask(ids=(third.id,)) == [third.id]
    assert len(built) == 2


def test_a_few_values_have_a_placeholder_each_and_many_are_one_statement(cast, listed):
    ask, built = listed
    ids = tuple(make.partner(cast.lebak).id for _ in range(8))
    for number in range(1, 9):
        assert ask(ids=ids[:number]) == list(ids[:number])
    assert len(built) == 5


def test_words_and_what_is_absent_make_another_one(cast, listed):
    ask, built = listed
    media, industry = (make.partner(cast.lebak, helix=helix) for helix in (Helix.MEDIA, Helix.INDUSTRY))
    assert media.id in ask(helix=Helix.MEDIA)
    assert media.id not in ask(helix=Helix.INDUSTRY)
    assert {media.id, industry.id} <= set(ask())
    assert len(built) == 3


def test_the_day_is_that_of_each_run(cast, session, clock):
    agreement = make.agreement(cast.lebak, ends_on=date(2026, 12, 1))

    @prepared
    def ended() -> Select[int]:
        return select(Agreement.id).where(Agreement.ends_on < TODAY)

    clock.set("2026-12-01T12:00+07:00")
    assert agreement.id not in session.scalars(*ended()).all()
    clock.set("2026-12-02T12:00+07:00")
    assert agreement.id in session.scalars(*ended()).all()


def test_whoever_asks_the_clock_while_building_is_refused(app, session):
    @prepared
    def ended() -> Select[int]:
        return select(Agreement.id).where(Agreement.ends_on < system.today())

    with pytest.raises(RuntimeError, match="is kept"):
        ended()


def test_whoever_asks_the_database_while_building_is_refused(cast, session):
    @prepared
    def of_some_cluster() -> Select[int]:
        return select(Agreement.id).where(Agreement.id == db.session.scalar(select(Cluster.id)))

    with pytest.raises(RuntimeError, match="is kept"):
        of_some_cluster()


def test_whoever_gives_a_row_is_refused(cast, session):
    @prepared
    def of(cluster: Cluster) -> Select[Cluster]:
        return select(Cluster).where(Cluster.id == cluster.id)

    with pytest.raises(TypeError, match="give its id"):
        of(cast.lebak)


def test_one_statement_shows_each_person_their_own_rows(cast, acting_as):
    @prepared
    def clusters() -> Select[str]:
        return select(Cluster.short_name).order_by(Cluster.id)

    seen = []
    for user in (cast.lilis, cast.ujang, cast.aminah, cast.lilis):
        with acting_as(user) as session:
            seen.append(session.scalars(*clusters()).all())
    hers, his, all_of_them, hers_again = seen
    assert hers == hers_again != his
    assert {*hers, *his} <= set(all_of_them)
