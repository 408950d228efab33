"""The trail as people read it."""

from datetime import date, timedelta

import pytest
from sqlalchemy import delete

from pentahelix import audit, clock as system, models as m, scope
from pentahelix.extensions import Entity, db
from pentahelix.queries import trail, trail_words
from pentahelix.unit_of_work import unit_of_work
from pentahelix.vocabulary import ActorKind, AuditAction, Channel, FollowUpStatus
from tests import factories as make

pytestmark = pytest.mark.both_engines


def latest(noun, row):
    return trail.of_record(noun, row.id).changes[0]


def told(change):
    """(field, before, after) of all rows of a change."""
    return {(value.label, value.before, value.after) for entry in change.entries for value in entry.values}


def test_a_change_tells_who_when_what_before_and_after(cast, acting_as):
    with acting_as(cast.lilis) as hers:
        hers.get(m.Partner, cast.kemasindo.id).name = "CV Kemasindo Rangkasbitung"
    change = latest("partner", cast.kemasindo)
    assert (change.actor, change.at) == (cast.lilis.name, system.now())
    assert change.entries[0].action == AuditAction.CHANGED
    assert told(change) == {("Nama", "CV Kemasindo Lebak", "CV Kemasindo Rangkasbitung")}


def test_words_days_instants_numbers_and_references_are_read_as_what_they_mean(cast, session):
    product = make.product(
        cast.lebak, price=25000, lead_school_id=make.school(cast.lebak, name="SMKN 1 Cijaku").id
    )
    session.commit()
    assert {
        ("Klaster", None, cast.lebak.name),
        ("Harga", None, "Rp25.000"),
        ("Sekolah yang memimpin", None, "SMKN 1 Cijaku"),
        ("Tahap", None, "Uji resep"),
    } <= told(latest("product", product))
    row = make.follow_up(cast.lebak, cast.lilis, due_on=date(2026, 11, 30))
    session.commit()
    row.status = FollowUpStatus.DONE
    row.completed_on = date(2026, 11, 24)
    session.commit()
    assert told(latest("follow_up", row)) == {
        ("Status", "Belum mulai", "Selesai"),
        ("Selesai pada", None, "24 November 2026"),
    }
    meeting = make.meeting(cast.lebak)
    session.commit()
    assert ("Mulai", None, "24 November 2026, 06.00 WIB") in told(latest("meeting", meeting))
    cast.lilis.phone = "+6281234567890"
    session.commit()
    assert told(latest("user", cast.lilis)) == {("Telepon", None, "0812-3456-7890")}
    cast.kemasindo.area_code = "36.01"
    cast.lebak.is_pilot = not cast.lebak.is_pilot
    session.commit()
    assert ("Wilayah", "Kabupaten Pandeglang") in {
        (label, after) for label, _before, after in told(latest("partner", cast.kemasindo))
    }
    assert {before for _label, before, _after in told(latest("cluster", cast.lebak))} <= {"ya", "tidak"}


def test_the_rows_of_one_unit_of_work_are_one_change(cast, acting_as):
    partner_id = cast.kemasindo.id
    with acting_as(cast.lilis) as hers:
        for number in range(20):
            hers.add(m.PartnerTag(partner_id=partner_id, tag=m.Tag(name=f"label {number}")))
            hers.flush()
    change = latest("partner", cast.kemasindo)
    assert len(change.entries) == 20
    assert {entry.noun_label for entry in change.entries} == {"Label mitra"}


def test_what_hangs_on_a_record_is_read_on_its_page(cast, acting_as):
    with acting_as(cast.lilis) as hers:
        make.contact_log(cast.lebak, cast.kemasindo, cast.lilis, line="Menanyakan contoh")
        hers.flush()
    change = latest("partner", cast.kemasindo)
    assert (change.subject_name, change.entries[0].noun_label) == (cast.kemasindo.name, "Catatan kontak")
    assert ("Isi", None, "Menanyakan contoh") in told(change)


def test_archiving_and_restoring_have_their_own_words(cast, session):
    for instant, action in ((system.now(), AuditAction.ARCHIVED), (None, AuditAction.RESTORED)):
        cast.kemasindo.archived_at = instant
        session.commit()
        (entry,) = latest("partner", cast.kemasindo).entries
        assert (entry.action, entry.values) == (action, ())


def test_a_shared_partners_trail_shows_nothing_of_another_cluster(cast, session, acting_as):
    make.involvement(cast.pandeglang, cast.kemasindo)
    for cluster, who, line in (
        (cast.lebak, cast.lilis, "dari Lebak"),
        (cast.pandeglang, cast.ujang, "dari Pandeglang"),
    ):
        make.contact_log(cluster, cast.kemasindo, who, line=line, channel=Channel.VISIT)
    session.commit()
    with acting_as(cast.lilis):
        hers = [told(change) for change in trail.of_record("partner", cast.kemasindo.id).changes]
    texts = str(hers)
    assert "dari Lebak" in texts
    assert "Pandeglang" not in texts
    everything = str([told(change) for change in trail.of_record("partner", cast.kemasindo.id).changes])
    assert "dari Lebak" in everything
    assert "dari Pandeglang" in everything


def test_a_contacts_trail_shows_no_employer_out_of_sight(cast, session, acting_as):
    hendrik = session.get_one(m.Contact, cast.hendrik.contact_id)
    make.affiliation(cast.badak, hendrik, position="Penasihat rahasia")
    session.commit()
    with acting_as(cast.lilis):
        texts = str([told(change) for change in trail.of_record("contact", cast.hendrik.contact_id).changes])
    assert "Direktur" in texts
    assert "Penasihat rahasia" not in texts
    assert cast.badak.name not in texts


def test_c116_each_kind_of_actor_is_visible_and_a_closed_account_keeps_its_lines(cast, session, acting_as):
    badak, hendrik = cast.badak.id, cast.hendrik.contact_id
    with acting_as(cast.ujang) as his:
        his.get_one(m.Partner, badak).area = "Labuan"
    cast.ujang.deactivated_at = system.now()
    session.commit()
    for named, area in (("scheduler:tick", "Carita"), ("command:import", "Menes"), ("visitor:", "Saketi")):
        with unit_of_work(named) as theirs:
            theirs.get_one(m.Partner, badak).area = area
    with unit_of_work("command:x") as hers, audit.acting(audit.contact(hendrik)):
        hers.get_one(m.Partner, badak).area = "Panimbang"
        hers.flush()
    scope.set_scope(db.session(), scope.ALL)
    changes = trail.of_record("partner", badak).changes[:5]
    assert [change.actor for change in changes] == [
        "Tautan pribadi: Hendrik Sasmita", "Pengunjung", "Perintah operator: import", "Penjadwal",
        "Ujang Permana, S.Pd.",
    ]  # fmt: skip
    assert [change.actor_is_closed for change in changes] == [False] * 4 + [True]


def test_what_was_erased_is_said_to_be_and_the_line_stays(cast, session):
    hendrik = session.get_one(m.Contact, cast.hendrik.contact_id)
    hendrik.phone = "+6281234567890"
    session.commit()
    entry = latest("contact", hendrik)
    # Erasure takes values away, never entries.
    session.connection().execute(
        delete(m.AuditValue.__table__).where(m.AuditValue.__table__.c.field == "phone")
    )
    session.commit()
    (value,) = latest("contact", hendrik).entries[0].values
    assert entry.entries[0].values[0].after == "0812-3456-7890"
    assert (value.label, value.is_erased, value.after) == ("Telepon", True, None)


# ---------------------------------------------------------------------------- the whole of it


def entries(found):
    return [(entry.noun, entry.object_id) for change in found.changes for entry in change.entries]


def test_it_is_filtered_by_who_noun_action_and_day(cast, session, acting_as, clock):
    clock.set("2026-11-25T00:30+07:00")
    with acting_as(cast.lilis) as hers:
        hers.get(m.Partner, cast.kemasindo.id).area = "Cibadak"
    partner = ("partner", cast.kemasindo.id)
    for filters in (
        trail.Filters(user_id=cast.lilis.id),
        trail.Filters(day=date(2026, 11, 25)),
        trail.Filters(noun="partner", action=AuditAction.CHANGED),
        trail.Filters(kind=ActorKind.USER, noun="partner"),
    ):
        assert entries(trail.whole(filters, None)) == [partner]
    assert partner not in entries(
        trail.whole(trail.Filters(day=date(2026, 11, 24), action=AuditAction.CHANGED), None)
    )
    assert trail.whole(trail.Filters(kind=ActorKind.SCHEDULER), None).changes == []


def test_pages_follow_one_another_and_lose_and_repeat_nothing(cast, session):
    for number in range(120):
        make.tag(name=f"label {number}")
        if number % 7 == 0:
            session.commit()
    session.commit()
    seen, before, pages = [], None, 0
    while True:
        found = trail.whole(trail.Filters(noun="tag"), before)
        seen += [object_id for _noun, object_id in entries(found)]
        pages += 1
        if pages == 1:
            # Somebody works on meanwhile.
            make.tag(name="menyela")
            session.commit()
        if (before := found.older) is None:
            break
    assert pages == 3
    assert len(seen) == len(set(seen)) == 120


@pytest.mark.parametrize("text", ["", "x", "~", "2026-11-24~1", "2026-11-24T00:00+07:00~x", "99999-01-01~1"])
def test_a_place_that_is_none_is_the_newest(text):
    assert trail.cursor(text) is None


def test_it_costs_the_same_however_much_there_is(cast, session, statements):
    def ran():
        session.commit()
        with statements() as asked:
            trail.whole(trail.Filters(), None)
        return len(asked)

    few = ran()
    for _ in range(100):
        make.follow_up(cast.lebak, cast.lilis, partner=cast.kemasindo)
    assert ran() == few == 3


def test_every_noun_and_field_has_a_name_that_people_know():
    for mapper in Entity.registry.mappers:
        entity = mapper.class_
        if entity in audit.UNTRACKED:
            continue
        noun = entity.__tablename__
        assert noun in trail_words.NOUNS, f"queries/trail_words.py: what is a {noun} called?"
        for attribute in mapper.column_attrs:
            column = attribute.columns[0]
            if attribute.key in ("id", "version") or column.info.get("audit") is False:
                continue
            named = attribute.key in trail_words.FIELDS or (noun, attribute.key) in trail_words.OWN
            assert named, f"queries/trail_words.py: what is {attribute.key} of a {noun} called?"


def test_the_last_change_of_some_rows_tells_who_and_when(cast, session, clock):
    day = make.holiday(date(2026, 10, 4))
    session.commit()
    clock.set(system.now() + timedelta(days=1))
    day.name = "Hari jadi Banten"
    session.commit()
    assert trail.last_change("holiday", [day.id]) == {day.id: ("test", system.now())}
