"""Likely duplicates over all clusters, and what they reveal of those that are not one's own."""

from dataclasses import asdict

import pytest

from pentahelix import clock
from pentahelix.queries.partner_alike import MOST_ALIKE, Likeness, Told, alike, name_of
from pentahelix.vocabulary import Helix, Regency
from tests import factories as make

pytestmark = pytest.mark.both_engines


def _found(**told):
    return [(one.name, one.likeness) for one in alike(Told(**told))]


@pytest.mark.parametrize(
    "typed",
    ["Kemasindo Lebak", "PT. KEMASINDO LEBAK", "Kemas Indo Lebak", "Kemasindo Lebbak", "Lebak Kemasindo"],
)
def test_by_a_likeness_of_names(cast, session, typed):
    assert _found(name=typed) == [("CV Kemasindo Lebak", Likeness.NAME)]


@pytest.mark.parametrize("typed", ["Lebak", "Kelompok Tani Lebak", "Ke", "", "%", "???"])
def test_a_word_in_common_is_not_enough(cast, session, typed):
    assert _found(name=typed) == []


def test_two_schools_that_differ_by_their_number_are_two(cast, session):
    make.partner(cast.lebak, name="Politeknik 1 Lebak")
    assert _found(name="Politeknik 2 Lebak") == []


@pytest.mark.parametrize(
    ("told", "how"),
    [
        ({"nib": "0220001234567"}, Likeness.NIB),
        ({"npwp": "0012345678901000"}, Likeness.NPWP),
        ({"phone": "+62252200001"}, Likeness.PHONE),
        ({"email": "Info@Kemasindo.example"}, Likeness.EMAIL),
    ],
)
def test_by_a_number_or_an_address(cast, session, told, how):
    cast.kemasindo.nib = "0220001234567"
    cast.kemasindo.npwp = "0012345678901000"
    cast.kemasindo.phone = "+62252200001"
    cast.kemasindo.email = "info@kemasindo.example"
    session.commit()
    assert _found(name="Nama lain sama sekali", **told) == [("CV Kemasindo Lebak", how)]


@pytest.mark.parametrize("kept", ["012345678901000", "0012345678901000"])
def test_c10_fifteen_digits_and_a_nought_before_them_are_the_same_npwp(cast, session, kept):
    cast.kemasindo.npwp = kept
    session.commit()
    assert _found(npwp="0012345678901000") == [("CV Kemasindo Lebak", Likeness.NPWP)]


def test_c103_few_candidates_are_compared_however_many_partners_there_are(cast, session, statements):
    for number in range(120):
        make.partner(cast.lebak, name=f"Kelompok Wanita Tani {number} Lebak")
    session.commit()
    with statements() as ran:
        found = alike(Told(name="Kemasindo Lebak"))
    assert [one.name for one in found] == ["CV Kemasindo Lebak"]
    assert len(ran) <= 3


def test_of_a_partner_of_others_only_name_helix_and_regency_are_told(cast, session, acting_as):
    cast.badak.phone = "+62253200001"
    session.commit()
    with acting_as(cast.lilis):
        (one,) = alike(Told(name="Radio Badak Pandeglan"))
        assert asdict(one) == {
            "id": cast.badak.id,
            "name": "Radio Badak Pandeglang",
            "helix": Helix.MEDIA,
            "regency": Regency.PANDEGLANG,
            "likeness": Likeness.NAME,
            "is_own": False,
            "is_archived": False,
        }


def test_whose_number_it_is_that_of_a_person_is_told_in_ones_own_clusters_only(cast, session, acting_as):
    make.affiliation(cast.badak, make.contact(name="Siti", phone="+6281234567890"))
    session.commit()
    with acting_as(cast.lilis):
        assert alike(Told(phone="+6281234567890")) == []
    with acting_as(cast.ujang):
        (one,) = alike(Told(phone="+6281234567890"))
        assert (one.name, one.likeness, one.is_own) == ("Radio Badak Pandeglang", Likeness.PHONE, True)


def test_an_archived_one_of_ones_own_is_named_so_and_one_of_others_is_not_named(cast, session, acting_as):
    cast.badak.archived_at = clock.now()
    session.commit()
    with acting_as(cast.ujang):
        (one,) = alike(Told(name="Radio Badak Pandeglan"))
        assert one.is_archived
    with acting_as(cast.lilis):
        assert alike(Told(name="Radio Badak Pandeglan")) == []
        assert name_of(cast.badak.id) is None


def test_the_surest_come_first_and_only_a_few(cast, session):
    for _number in range(8):
        make.partner(cast.lebak, name="CV Kemasindo Lebak")
    make.partner(cast.lebak, name="Sama sekali lain", nib="0220001234567")
    session.commit()
    found = _found(name="Kemasindo Lebak", nib="0220001234567")
    assert found[0] == ("Sama sekali lain", Likeness.NIB)
    assert len(found) == MOST_ALIKE
