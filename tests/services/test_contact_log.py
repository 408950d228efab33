"""The contact log: one line a contact, and the last contact follows it."""

from datetime import date

import pytest
from sqlalchemy import select

from pentahelix.extensions import db
from pentahelix.models import ClusterPartner, ContactLog
from pentahelix.refusals import Refused, WrongState
from pentahelix.services import contact_log
from pentahelix.services.contact_log import LogWish
from pentahelix.vocabulary import Channel, LastContactKind
from tests import factories as make
from tests.sign_in import principal_of

pytestmark = pytest.mark.both_engines

TODAY = date(2026, 11, 24)


def last_contact(partner, cluster):
    row = db.session.scalars(
        select(ClusterPartner).where(
            ClusterPartner.partner_id == partner.id, ClusterPartner.cluster_id == cluster.id
        )
    ).one()
    return row.last_contact_on, row.last_contact_kind


def write(cast, channel=Channel.TELEPHONE, **wish):
    return contact_log.write(
        cast.kemasindo, LogWish(cast.lebak.id, channel, **wish), principal_of(cast.lilis)
    )


def test_a_contact_is_of_today_unless_told_otherwise_and_counts_at_once(cast):
    entry = write(cast, Channel.WHATSAPP)
    assert (entry.contacted_on, entry.user_id, entry.line) == (TODAY, cast.lilis.id, None)
    assert last_contact(cast.kemasindo, cast.lebak) == (TODAY, LastContactKind.WHATSAPP)


def test_today_is_that_of_the_cluster(cast, clock):
    clock.set("2026-11-24T22:30+07:00")
    east = make.cluster(timezone="Asia/Jayapura")
    make.involvement(east, cast.kemasindo)
    entry = contact_log.write(cast.kemasindo, LogWish(east.id, Channel.VISIT), principal_of(cast.lilis))
    assert entry.contacted_on == date(2026, 11, 25)


def test_a_contact_is_not_of_tomorrow(cast):
    with pytest.raises(Refused, check=lambda no: no.field == "contacted_on"):
        write(cast, day=date(2026, 11, 25))


def test_an_older_entry_leaves_the_last_contact_as_it_is(cast):
    write(cast)
    write(cast, Channel.VISIT, day=date(2026, 11, 1))
    assert last_contact(cast.kemasindo, cast.lebak) == (TODAY, LastContactKind.TELEPHONE)


def test_what_is_taken_back_counts_no_more_until_it_is_restored(cast):
    entry = write(cast)
    contact_log.archive(entry)
    assert last_contact(cast.kemasindo, cast.lebak) == (None, None)
    with pytest.raises(WrongState):
        contact_log.archive(entry)
    with pytest.raises(WrongState):
        contact_log.edit(entry, LogWish(cast.lebak.id, Channel.MAIL))
    contact_log.restore(entry)
    assert last_contact(cast.kemasindo, cast.lebak) == (TODAY, LastContactKind.TELEPHONE)


def test_a_corrected_entry_moves_the_last_contact(cast):
    entry = write(cast)
    wish = LogWish(
        cast.lebak.id,
        Channel.VISIT,
        day=date(2026, 11, 20),
        contact_id=cast.hendrik.contact_id,
        line="Melihat dapur",
    )
    contact_log.edit(entry, wish)
    assert last_contact(cast.kemasindo, cast.lebak) == (date(2026, 11, 20), LastContactKind.VISIT)
    assert (entry.line, entry.contact_id) == ("Melihat dapur", cast.hendrik.contact_id)


def test_one_speaks_with_somebody_of_that_partner(cast):
    with pytest.raises(Refused, check=lambda no: no.field == "contact_id"):
        write(cast, contact_id=cast.siti.contact_id)
    gone = make.affiliation(cast.kemasindo, ends=TODAY)
    assert write(cast, contact_id=gone.contact_id).contact_id == gone.contact_id


def test_it_is_noted_in_a_cluster_that_the_partner_works_with(cast):
    with pytest.raises(Refused, check=lambda no: no.field == "cluster_id"):
        contact_log.write(cast.kemasindo, LogWish(cast.pandeglang.id, Channel.MAIL), principal_of(cast.lilis))


def test_nothing_is_noted_with_an_archived_partner(session, cast):
    cast.kemasindo.archived_at = make.clock.now()
    session.flush()
    with pytest.raises(WrongState):
        write(cast)


def test_a_contact_of_one_cluster_does_not_count_in_another(cast):
    make.involvement(cast.pandeglang, cast.kemasindo)
    write(cast)
    assert last_contact(cast.kemasindo, cast.pandeglang) == (None, None)


def test_a_coordinator_notes_only_for_own_clusters(cast, acting_as):
    make.involvement(cast.pandeglang, cast.kemasindo)
    with acting_as(cast.lilis) as hers:
        partner = hers.get(type(cast.kemasindo), cast.kemasindo.id)
        with pytest.raises(Refused):
            contact_log.write(partner, LogWish(cast.pandeglang.id, Channel.MAIL), principal_of(cast.lilis))
        contact_log.write(partner, LogWish(cast.lebak.id, Channel.MAIL), principal_of(cast.lilis))
    assert db.session.scalars(select(ContactLog.cluster_id)).all() == [cast.lebak.id]
