"""Much data for measuring: as many rows as asked for, the same for the same seed, and pages that bear it."""

from collections.abc import Callable
from random import Random

import pytest
from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from pentahelix import clock
from pentahelix.demo import large
from pentahelix.demo.large import Size, fill
from pentahelix.models import ClusterPartner, Contact, ContactLog, FollowUp, Meeting, Partner, User
from pentahelix.queries import coverage
from tests import factories as make
from tests.clients import Client

pytestmark = pytest.mark.both_engines

SIZE = Size(partners=60, contacts=80, clusters=4, activities=100)


def _names(session: Session) -> list[str]:
    return list(session.scalars(select(Partner.name).order_by(Partner.id)))


def test_there_is_as_much_as_was_asked_for_and_the_pages_show_it(
    session: Session, browser_of: Callable[[User], Client]
) -> None:
    session.rollback()
    fill(SIZE, seed=1, today=clock.today())
    counted = [session.scalar(select(func.count()).select_from(each)) for each in (Partner, Contact)]
    assert counted == [60, 80]
    activities = sum(
        session.scalar(select(func.count()).select_from(each)) or 0
        for each in (Meeting, FollowUp, ContactLog)
    )
    assert activities == 100
    assert session.scalar(select(func.count()).where(ClusterPartner.last_contact_on.is_not(None)))
    matrix = coverage.matrix()
    assert len(matrix.rows) == 4
    assert matrix.bound
    coordinator = session.scalars(select(User).where(User.chosen_cluster_id == 1)).first()
    assert coordinator is not None
    client = browser_of(coordinator)
    word = _names(session)[0].split()[1]
    for page in (
        "/today",
        "/partners",
        f"/search?q={word}",
        "/agenda",
        "/follow-ups",
        "/meetings",
        "/contacts",
        "/agreements",
        "/contributions",
        "/coverage",
    ):
        assert client.get(page).status_code == 200, page
    # The next row of each table gets a number that is free.
    make.partner(make.cluster())


def test_the_same_seed_draws_the_same_words_and_another_one_others() -> None:
    def words(seed: int) -> list[str]:
        filler = large._Filler(Connection.__new__(Connection), SIZE, Random(seed), clock.today())
        return [row["name"] for row in filler._partners()]

    assert words(7) == words(7) != words(8)
