"""People at partners: taken down, corrected, moved with their history kept, put away."""

from datetime import date

import pytest
from sqlalchemy import select

from pentahelix import scope
from pentahelix.extensions import db
from pentahelix.models import Affiliation, Attendance, AuditEntry, Contact, Partner
from pentahelix.queries import contacts as queries
from pentahelix.refusals import Refused, WrongState
from pentahelix.services import contacts
from pentahelix.services.contacts import ContactWish, MoveWish
from pentahelix.vocabulary import AuditAction, Basis, ContactFunction, Language, Salutation
from tests import factories as make

pytestmark = pytest.mark.both_engines

TODAY = date(2026, 11, 24)


def person(affiliation):
    return db.session.scalars(select(Contact).where(Contact.id == affiliation.contact_id)).one()


def seats(contact):
    return db.session.scalars(
        select(Affiliation).where(Affiliation.contact_id == contact.id).order_by(Affiliation.id)
    ).all()


def refusal(field):
    return pytest.raises(Refused, check=lambda no: no.field == field)


# ── taken down ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_person_is_taken_down_at_a_partner_from_today_on(cast):
    contact = contacts.make(
        cast.kemasindo,
        ContactWish(
            name="Hj. Kokom Komariah",
            salutation=Salutation.IBU,
            position="Pemilik",
            function=ContactFunction.DECISION_MAKER,
            email="kokom@mitra.example",
            phone="+6281200000012",
            phone_note="ext. 12",
            language=Language.EN,
            basis=Basis.CONSENT,
            basis_since=date(2026, 11, 1),
        ),
    )
    seat = seats(contact)[0]
    assert (contact.name, contact.sort_name) == ("Hj. Kokom Komariah", "kokom komariah")
    assert (contact.language, contact.basis, contact.basis_since) == (
        Language.EN,
        Basis.CONSENT,
        date(2026, 11, 1),
    )
    assert (seat.partner_id, seat.position, seat.function) == (
        cast.kemasindo.id,
        "Pemilik",
        ContactFunction.DECISION_MAKER,
    )
    assert (seat.begins, seat.ends, seat.is_primary) == (TODAY, None, False)


def test_the_first_person_of_a_partner_is_its_primary_contact(cast):
    partner = make.partner(cast.lebak)
    assert seats(contacts.make(partner, ContactWish(name="Sumiyati")))[0].is_primary


def test_a_new_primary_contact_takes_the_place_of_the_one_before(cast):
    contact = contacts.make(cast.kemasindo, ContactWish(name="Wulan", is_primary=True))
    assert seats(contact)[0].is_primary
    assert not cast.hendrik.is_primary


def test_who_follows_an_archived_primary_contact_becomes_primary(cast):
    contacts.archive(person(cast.hendrik))
    assert seats(contacts.make(cast.kemasindo, ContactWish(name="Wulan")))[0].is_primary


def test_a_coordinator_takes_down_a_person_at_an_own_partner_and_sees_them(cast, acting_as):
    with acting_as(cast.lilis) as hers:
        partner = hers.get(Partner, cast.kemasindo.id)
        contacts.make(partner, ContactWish(name="Sumiyati"))
        assert [one.name for one in queries.of_partners([partner.id])] == ["Hendrik Sasmita", "Sumiyati"]


def test_nobody_is_added_to_an_archived_partner(session, cast):
    cast.kemasindo.archived_at = cast.kemasindo.archived_at or (
        db.session.get(Partner, cast.kemasindo.id) and make.clock.now()
    )
    session.flush()
    with pytest.raises(WrongState):
        contacts.make(cast.kemasindo, ContactWish(name="Wulan"))


@pytest.mark.parametrize(
    "name",
    [
        "Sumiyati",
        "Dr. H. Ma'mun Nu'man, S.Pd., M.M.",
        "Prof. Ir. Siti Nur'aini, Ph.D., IPU",
        "R.A. Kartika-Dewi",
        "I Gusti Ngurah B. 2nd",
        "Ana Diặ",
        "Budi 2",
    ],
)
def test_c01_c02_c03_a_name_is_one_field_and_stays_as_it_was_written(cast, name):
    """One word, titles, dots, apostrophes, digits, combining marks: people are called as they are."""
    contact = contacts.make(cast.kemasindo, ContactWish(name=name))
    db.session.expire_all()
    assert person(seats(contact)[0]).name == name


# ── the basis of keeping their data ─────────────────────────────────────────────────────────────────────────


def test_a_withdrawn_basis_bears_its_day(cast):
    contact = person(cast.hendrik)
    contacts.edit(contact, cast.hendrik, ContactWish(name=contact.name, basis=Basis.WITHDRAWN))
    assert contact.basis_since == TODAY


def test_a_day_that_is_said_is_that_of_the_withdrawal(cast):
    contact, day = person(cast.hendrik), date(2026, 11, 3)
    contacts.edit(
        contact, cast.hendrik, ContactWish(name=contact.name, basis=Basis.WITHDRAWN, basis_since=day)
    )
    assert contact.basis_since == day


def test_a_basis_does_not_begin_tomorrow(cast):
    with refusal("basis_since"):
        contacts.make(
            cast.kemasindo, ContactWish(name="Wulan", basis=Basis.CONSENT, basis_since=date(2026, 11, 25))
        )


def test_who_withdrew_is_offered_in_no_picker_and_cannot_become_primary(cast):
    seat = make.affiliation(cast.kemasindo, make.contact(name="Ujang", basis=Basis.WITHDRAWN))
    assert [one.name for one in queries.of_partners([cast.kemasindo.id])] == ["Hendrik Sasmita"]
    with pytest.raises(WrongState):
        contacts.make_primary(seat)


# ── corrected ───────────────────────────────────────────────────────────────────────────────────────────────


def test_what_they_do_at_the_partner_is_part_of_what_is_edited(session, cast):
    contact = person(cast.hendrik)
    session.commit()
    before = contact.version
    contacts.edit(contact, cast.hendrik, ContactWish(name=contact.name, position="Komisaris"))
    assert cast.hendrik.position == "Komisaris"
    assert contact.version > before, "the other person at the same form is told"


def test_the_primary_contact_changes_hands(cast):
    wulan = make.affiliation(cast.kemasindo, make.contact(name="Wulan"))
    contacts.make_primary(wulan)
    assert (wulan.is_primary, cast.hendrik.is_primary) == (True, False)
    assert [one.is_primary for one in queries.of_partners([cast.kemasindo.id])] == [True, False]


def test_who_left_cannot_become_primary(cast):
    gone = make.affiliation(cast.kemasindo, ends=date(2026, 1, 1), begins=date(2025, 1, 1))
    with pytest.raises(WrongState):
        contacts.make_primary(gone)


# ── moved ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_moves_ends_at_the_old_partner_the_day_before_and_old_minutes_keep_it(session, cast):
    new = make.partner(cast.lebak, name="Pasar Menes")
    meeting = make.meeting(cast.lebak, present=(cast.hendrik,))
    contact = person(cast.hendrik)
    there = contacts.move(
        contact, cast.hendrik, MoveWish(new.id, date(2026, 11, 20), "Kepala toko", ContactFunction.LIAISON)
    )
    assert (cast.hendrik.ends, cast.hendrik.is_primary) == (date(2026, 11, 19), False)
    assert (there.partner_id, there.begins, there.ends, there.position) == (
        new.id,
        date(2026, 11, 20),
        None,
        "Kepala toko",
    )
    assert there.is_primary, "nobody else is known at the new partner"
    kept = session.scalars(select(Attendance).where(Attendance.meeting_id == meeting.id)).one()
    assert kept.affiliation_id == cast.hendrik.id
    assert [one.name for one in queries.of_partners([cast.kemasindo.id, new.id])] == ["Hendrik Sasmita"]


def test_a_successor_becomes_primary_at_the_old_partner_in_the_same_act(cast):
    make.affiliation(cast.kemasindo)
    wulan = make.affiliation(cast.kemasindo, make.contact(name="Wulan"))
    new = make.partner(cast.lebak)
    contacts.move(person(cast.hendrik), cast.hendrik, MoveWish(new.id, TODAY, successor_id=wulan.id))
    assert wulan.is_primary


def test_only_somebody_of_the_old_partner_succeeds_there(cast):
    new = make.partner(cast.lebak)
    elsewhere = make.affiliation(make.partner(cast.lebak), make.contact(name="Wulan"))
    with refusal("successor_id"):
        contacts.move(person(cast.hendrik), cast.hendrik, MoveWish(new.id, TODAY, successor_id=elsewhere.id))


def test_one_moves_to_where_others_work(cast):
    new = make.partner(cast.lebak)
    make.affiliation(new, is_primary=True)
    there = contacts.move(person(cast.hendrik), cast.hendrik, MoveWish(new.id, TODAY))
    assert (there.partner_id, there.is_primary) == (new.id, False)


def test_who_stays_works_at_both(cast):
    new = make.partner(cast.lebak)
    contacts.move(person(cast.hendrik), cast.hendrik, MoveWish(new.id, TODAY, stays=True))
    assert cast.hendrik.ends is None
    assert cast.hendrik.is_primary


def test_who_was_taken_down_today_may_move_today(cast):
    contact = contacts.make(cast.kemasindo, ContactWish(name="Wulan"))
    old = seats(contact)[0]
    contacts.move(contact, old, MoveWish(make.partner(cast.lebak).id, TODAY))
    assert old.ends == TODAY


def test_a_place_of_which_nobody_knows_when_it_began_ends_the_day_before(cast):
    old = make.affiliation(cast.kemasindo, make.contact(name="Wulan"), begins=None)
    contacts.move(person(old), old, MoveWish(make.partner(cast.lebak).id, TODAY))
    assert old.ends == date(2026, 11, 23)


def test_a_move_is_neither_tomorrow_nor_before_they_began_nor_to_where_they_are(cast):
    contact, new = person(cast.hendrik), make.partner(cast.lebak)
    with refusal("day"):
        contacts.move(contact, cast.hendrik, MoveWish(new.id, date(2026, 11, 25)))
    with refusal("day"):
        contacts.move(contact, cast.hendrik, MoveWish(new.id, date(2020, 1, 1)))
    with refusal("partner_id"):
        contacts.move(contact, cast.hendrik, MoveWish(cast.kemasindo.id, TODAY))


def test_nobody_moves_to_a_partner_out_of_sight_or_put_away(cast, acting_as):
    away = make.partner(cast.lebak, archived_at=make.clock.now())
    with acting_as(cast.lilis) as hers:
        contact = hers.get(Contact, cast.hendrik.contact_id)
        seat = hers.get(Affiliation, cast.hendrik.id)
        for partner_id in (cast.badak.id, away.id, 999_999):
            with refusal("partner_id"):
                contacts.move(contact, seat, MoveWish(partner_id, TODAY))


def test_who_left_without_a_word_is_found_again_at_a_new_partner(cast):
    contact, new = person(cast.hendrik), make.partner(cast.lebak)
    contacts.end(cast.hendrik, date(2026, 10, 31))
    assert (cast.hendrik.ends, cast.hendrik.is_primary) == (date(2026, 10, 31), False)
    assert queries.current_affiliation(contact) is None
    contacts.move(contact, None, MoveWish(new.id, TODAY))
    assert queries.current_affiliation(contact).partner_id == new.id


def test_a_place_ends_once_and_not_before_it_began(cast):
    with refusal("day"):
        contacts.end(cast.hendrik, date(2020, 1, 1))
    with refusal("day"):
        contacts.end(cast.hendrik, date(2026, 11, 25))
    contacts.end(cast.hendrik, TODAY)
    with pytest.raises(WrongState):
        contacts.end(cast.hendrik, TODAY)


# ── put away ────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_archived_contact_is_in_no_picker_and_changed_only_after_being_restored(cast):
    contact = person(cast.hendrik)
    contacts.archive(contact)
    assert queries.of_partners([cast.kemasindo.id]) == []
    for change in (
        lambda: contacts.edit(contact, cast.hendrik, ContactWish(name="X")),
        lambda: contacts.move(contact, cast.hendrik, MoveWish(cast.badak.id, TODAY)),
        lambda: contacts.end(cast.hendrik, TODAY),
        lambda: contacts.make_primary(cast.hendrik),
        lambda: contacts.archive(contact),
    ):
        with pytest.raises(WrongState):
            change()
    contacts.restore(contact)
    assert [one.is_primary for one in queries.of_partners([cast.kemasindo.id])] == [True]


def test_every_change_is_in_the_trail_of_the_contact(session, cast):
    contact = person(cast.hendrik)
    session.commit()
    contacts.move(contact, cast.hendrik, MoveWish(make.partner(cast.lebak).id, TODAY))
    contacts.archive(contact)
    entries = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject_noun == "contact", AuditEntry.subject_id == contact.id)
        .order_by(AuditEntry.id.desc())
        .limit(3)
    ).all()
    assert [(entry.noun, entry.action) for entry in reversed(entries)] == [
        ("affiliation", AuditAction.CHANGED),
        ("affiliation", AuditAction.CREATED),
        ("contact", AuditAction.ARCHIVED),
    ]


def test_nobody_takes_down_a_person_at_a_foreign_partner(cast, acting_as):
    foreign = make.partner(cast.pandeglang)
    with pytest.raises(scope.OutOfScope), acting_as(cast.lilis):
        contacts.make(foreign, ContactWish(name="Wulan"))
