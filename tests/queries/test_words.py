"""The index of words inside selects, on both engines."""

import pytest
from sqlalchemy import select

from pentahelix.models import Contact, Partner
from pentahelix.queries.words import found, matching, resembling
from tests import factories as make

pytestmark = pytest.mark.both_engines


def _names(session, typed):
    return set(session.scalars(select(Partner.name).where(matching(Partner, typed))))


def test_each_word_is_the_beginning_of_one(cast, session):
    make.partner(cast.lebak, name="CV Nira Mandala")
    assert _names(session, "kema leb") == {"CV Kemasindo Lebak"}
    assert _names(session, "cv") == {"CV Kemasindo Lebak", "CV Nira Mandala"}
    assert _names(session, "emasindo") == set()


@pytest.mark.parametrize(
    "typed", ["%", "_", "50%", "A_B", "\\", "*", "'", '"', "", "-", "NEAR(", "AND", "kem*sindo"]
)
def test_c99_c100_nothing_typed_is_an_operator_or_a_wildcard(cast, session, typed):
    assert _names(session, typed) == set()


def test_found_speaks_of_one_noun_only(cast, session):
    make.partner(cast.lebak, name="Hendrik Jaya")
    people = session.scalars(select(Contact.name).where(Contact.id.in_(found(Contact, "hendrik"))))
    assert set(people) == {"Hendrik Sasmita"}
    assert _names(session, "hendrik") == {"Hendrik Jaya"}


def test_candidates_share_a_words_beginning_and_the_closest_come_first(cast, session):
    for number in range(20):
        make.partner(cast.lebak, name=f"Warung {number} Lebak")
    ids = session.scalars(resembling(Partner, "Kemasindo Lebak", 5)).all()
    assert ids[0] == cast.kemasindo.id
    assert len(ids) == 5
    assert session.scalars(resembling(Partner, "?!", 5)).all() == []
