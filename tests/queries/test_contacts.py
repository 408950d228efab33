"""Who can be spoken to: pickers, the list, and who resembles a new contact."""

from datetime import date

import pytest
from sqlalchemy import select

from pentahelix.extensions import db
from pentahelix.models import Contact
from pentahelix.queries import contacts
from pentahelix.queries.contact_alike import Alike, Likeness, alike
from pentahelix.queries.contacts import Filters, Sort, Status
from pentahelix.vocabulary import Basis, ContactFunction, Helix
from tests import factories as make

pytestmark = pytest.mark.both_engines


def names(page):
    return [row.contact.name for row in page.items]


def listed(**filters):
    return names(contacts.index(Filters(**filters), 1))


# ── pickers ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_picker_offers_who_works_there_and_may_be_written_to_the_primary_one_first(cast):
    wulan = make.affiliation(cast.kemasindo, make.contact(name="Agus Wulan"), position="Staf")
    make.affiliation(cast.kemasindo, make.contact(name="Pergi"), ends=date(2026, 1, 1), begins=None)
    make.affiliation(cast.kemasindo, make.contact(name="Ditarik", basis=Basis.WITHDRAWN))
    make.affiliation(cast.kemasindo, make.contact(name="Arsip", archived_at=make.clock.now()))
    make.affiliation(cast.kemasindo, make.contact(name="Dibatasi", restricted_at=make.clock.now()))
    make.affiliation(cast.kemasindo, make.contact(name="Dihapus", erased_at=make.clock.now()))
    found = contacts.of_partners([cast.kemasindo.id])
    assert [(one.name, one.is_primary) for one in found] == [("Hendrik Sasmita", True), ("Agus Wulan", False)]
    assert (found[1].affiliation_id, found[1].contact_id, found[1].position, found[1].partner_id) == (
        wulan.id,
        wulan.contact_id,
        "Staf",
        cast.kemasindo.id,
    )
    assert contacts.of_partners([]) == []


def test_c65_a_picker_offers_nobody_of_a_foreign_partner(cast, acting_as):
    """Also where the foreign partner is asked for by its number."""
    with acting_as(cast.lilis):
        assert [one.name for one in contacts.of_partners([cast.kemasindo.id, cast.badak.id])] == [
            "Hendrik Sasmita"
        ]


# ── the list ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def people(cast):
    campus = make.partner(cast.lebak, name="Politeknik Ciujung", helix=Helix.UNIVERSITY)
    yusuf = make.contact(name="Dr. Yusuf Maulana", email="yusuf@poltek.example", phone="+6281200000077")
    make.affiliation(campus, yusuf, function=ContactFunction.RESEARCHER)
    make.contact(name="Tanpa Instansi")
    make.affiliation(cast.kemasindo, make.contact(name="Arsip", archived_at=make.clock.now()))
    make.affiliation(cast.badak, make.contact(name="Melinda", basis=Basis.WITHDRAWN))
    return campus


def test_the_list_is_narrowed_by_where_people_work_and_how_they_stand(cast, people):
    assert listed() == ["Hendrik Sasmita", "Melinda", "Siti Rahmawati", "Tanpa Instansi", "Dr. Yusuf Maulana"]
    assert listed(helix=Helix.UNIVERSITY) == ["Dr. Yusuf Maulana"]
    assert listed(function=ContactFunction.RESEARCHER) == ["Dr. Yusuf Maulana"]
    assert listed(partner_id=cast.kemasindo.id) == ["Hendrik Sasmita"]
    assert listed(cluster_id=cast.pandeglang.id) == ["Melinda", "Siti Rahmawati"]
    assert listed(status=Status.WITHDRAWN) == ["Melinda"]
    assert listed(status=Status.ARCHIVED) == ["Arsip"]
    assert listed(helix=Helix.UNIVERSITY, function=ContactFunction.SPEAKER) == []


def test_who_works_nowhere_stands_last_by_partner_either_way(cast, people):
    assert listed(sort=Sort.PARTNER)[-1] == "Tanpa Instansi"
    assert listed(sort=Sort.PARTNER_DOWN)[-1] == "Tanpa Instansi"
    assert listed(sort=Sort.PARTNER)[0] == "Hendrik Sasmita"
    assert listed(sort=Sort.NAME_DOWN)[0] == "Dr. Yusuf Maulana"


def test_people_are_found_by_name_partner_number_and_mail(cast, people):
    for typed in ("yus", "maulana yusuf", "ciujung", "yusuf@poltek.example", "+6281200000077"):
        assert listed(typed=typed) == ["Dr. Yusuf Maulana"], typed


def test_a_row_tells_every_place_where_somebody_works_now(cast, people):
    yusuf = db.session.scalars(select(Contact).where(Contact.name == "Dr. Yusuf Maulana")).one()
    make.affiliation(cast.kemasindo, yusuf, begins=date(2026, 11, 1))
    make.affiliation(cast.badak, yusuf, begins=date(2026, 1, 1), ends=date(2026, 2, 1))
    row = contacts.index(Filters(typed="yusuf"), 1).items[0]
    assert [place.partner for place in row.places] == ["Politeknik Ciujung", "CV Kemasindo Lebak"]
    assert [place.partner for place in contacts.places_of(yusuf)] == [
        "Politeknik Ciujung",
        "CV Kemasindo Lebak",
        "Radio Badak Pandeglang",
    ]


def test_a_coordinator_lists_people_of_own_partners_and_sees_no_foreign_employer(cast, people, acting_as):
    make.affiliation(cast.badak, db.session.get(Contact, cast.hendrik.contact_id))
    with acting_as(cast.lilis):
        assert listed() == ["Hendrik Sasmita", "Dr. Yusuf Maulana"]
        row = contacts.index(Filters(typed="hendrik"), 1).items[0]
        assert [place.partner for place in row.places] == ["CV Kemasindo Lebak"]
        assert listed(typed="radio") == []
        assert listed(partner_id=cast.badak.id) == []


@pytest.mark.parametrize("typed", ["%", "_", "xq%", "A_B", "\\", "*", "-", "'"])
def test_c99_signs_mean_themselves_and_do_not_list_everybody(cast, people, typed):
    """A lone % is a sign that nobody bears, not a wildcard."""
    assert listed(typed=typed) == []


@pytest.mark.parametrize(
    "typed", ["Ma'mun", '"PKS"', "AND", "NEAR(", "*", "-a", "a", "x" * 5000, "421.5/37-SMKN1 WRG/II/2026"]
)
def test_c100_nothing_that_is_typed_is_an_operator(cast, people, typed):
    """Quotes, dots, slashes, words of the engine's own language: found or not, never an error."""
    listed(typed=typed)


@pytest.mark.parametrize("typed", ["nuraini", "Nur'aini", "NUR’AINI", "siti nuraini", "café", "cafe"])
def test_c101_accents_and_apostrophes_do_not_hide_a_name(cast, typed):
    """Found each way that people type it."""
    make.affiliation(cast.kemasindo, make.contact(name="Prof. Ir. Siti Nur'aini, Ph.D., IPU"))
    make.affiliation(cast.kemasindo, make.contact(name="Ana Café"))
    assert len(listed(typed=typed)) == 1


@pytest.mark.parametrize("sort", list(Sort))
def test_c102_every_person_stands_on_one_page_in_every_order(cast, sort):
    """Ninety-five people of one name at one partner: the id decides, and nobody is lost between pages."""
    for _ in range(95):
        make.affiliation(cast.kemasindo, make.contact(name="Siti"))
    seen = [
        row.contact.id for number in range(1, 5) for row in contacts.index(Filters(sort=sort), number).items
    ]
    assert len(seen) == len(set(seen)) == 97


def test_c103_three_statements_however_many_people(session, cast, statements):
    """One for the count, one for the page, one for where they work."""
    for _ in range(120):
        make.affiliation(cast.kemasindo)
    session.commit()
    for filters in (Filters(), Filters(typed="narahubung", sort=Sort.PARTNER, helix=Helix.INDUSTRY)):
        with statements() as ran:
            page = contacts.index(filters, 2)
        assert len(page.items) == 25
        assert len(ran) == 3


# ── likenesses ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "name", ["Hendrik Sasmita", "hendrick sasmita", "Sasmita Hendrik", "Dr. Hendrik Sasmita, M.M."]
)
def test_a_name_resembles_another_one(cast, name):
    assert [one.contact_id for one in alike(name, None, None)] == [cast.hendrik.contact_id]


@pytest.mark.parametrize("name", ["Hendrik", "Hendra Wijaya", "Sasmita Dewi", "Siti"])
def test_half_a_name_is_another_person(cast, name):
    assert alike(name, None, None) == []


def test_a_number_and_an_address_tell_more_than_a_name(session, cast):
    hendrik = db.session.get(Contact, cast.hendrik.contact_id)
    hendrik.phone, hendrik.email = "+6281200000012", "Hendrik@Mitra.example"
    session.flush()
    by_phone = alike("Orang Lain", None, "+6281200000012")
    assert [(one.name, one.organisation, one.likeness) for one in by_phone] == [
        ("Hendrik Sasmita", "CV Kemasindo Lebak", Likeness.PHONE)
    ]
    assert alike("Orang Lain", "hendrik@mitra.example", None)[0].likeness == Likeness.EMAIL
    assert alike("Orang Lain", "hendrik+x@mitra.example", "+6281200000013") == []


def test_of_people_in_foreign_clusters_it_tells_only_that_there_is_one(session, cast, acting_as):
    siti = db.session.get(Contact, cast.siti.contact_id)
    siti.phone = "+6281200000012"
    make.affiliation(cast.badak, make.contact(name="Siti Rahmawaty"))
    with acting_as(cast.lilis):
        assert alike("Siti Rahmawati", None, "+6281200000012") == [Alike(Likeness.PHONE)]
    with acting_as(cast.ujang):
        seen = alike("Siti Rahmawati", None, None)
        assert [one.organisation for one in seen] == ["Radio Badak Pandeglang"] * 2


def test_an_archived_person_is_named_as_such_and_an_erased_one_not_at_all(session, cast):
    hendrik = db.session.get(Contact, cast.hendrik.contact_id)
    hendrik.archived_at = make.clock.now()
    session.flush()
    assert alike("Hendrik Sasmita", None, None)[0].is_archived
    hendrik.erased_at = make.clock.now()
    session.flush()
    assert alike("Hendrik Sasmita", None, None) == []


def test_c103_likenesses_cost_two_statements_and_name_at_most_five(session, cast, statements):
    """Among a hundred of one name."""
    for _ in range(100):
        make.affiliation(cast.kemasindo, make.contact(name="Siti Aminah"))
    session.commit()
    with statements() as ran:
        assert len(alike("Siti Aminah", None, None)) == 5
    assert len(ran) == 2


# ── what waits ──────────────────────────────────────────────────────────────────────────────────────────────


def test_invitations_are_open_until_the_session_began_or_they_were_taken_back(session, cast):
    hendrik = db.session.get(Contact, cast.hendrik.contact_id)
    make.invitation(make.guidance(cast.lebak, topic="Akan datang"), cast.hendrik)
    make.invitation(make.guidance(cast.lebak, starts_at=make.clock.now() - make._days(1)), cast.hendrik)
    make.invitation(make.guidance(cast.lebak), cast.hendrik, uninvited_at=make.clock.now())
    make.invitation(make.guidance(cast.lebak, status="cancelled"), cast.hendrik)
    assert [one.topic for one in contacts.open_invitations(hendrik)] == ["Akan datang"]
