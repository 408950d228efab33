"""The rules of reminders: inherited from the province, chosen by a cluster, never older than their making."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from pentahelix import clock as system
from pentahelix.models import AuditEntry, OutboxMessage, Reminder, ReminderRule
from pentahelix.refusals import Refused, WrongState
from pentahelix.services import reminder_rules as rules
from pentahelix.services.reminder_rules import DEFAULTS, Wish
from pentahelix.vocabulary import MailKind, OutboxState, ReminderKind, ReminderState
from tests import factories as make

pytestmark = pytest.mark.both_engines

ENDS, QUIET = ReminderKind.AGREEMENT_ENDS, ReminderKind.QUIET_DAYS


@pytest.fixture(autouse=True)
def _begun(session, cast):
    rules.begin()
    session.commit()


def test_without_any_rows_the_defaults_hold_and_nothing_is_old_enough_to_be_reminded_of(session, cast, clock):
    for row in session.scalars(select(ReminderRule)):
        session.delete(row)
    session.flush()
    found = rules.effective(cast.lebak.id)
    assert {kind: rule.days for kind, rule in found.items()} == DEFAULTS
    assert all(rule.made_at == system.now() and not rule.is_own for rule in found.values())
    assert rules.unwritten() == set(DEFAULTS)


def test_the_provinces_rules_are_written_down_once(session, cast, clock):
    clock.set("2026-11-25T07:00+07:00")
    rules.begin()
    rows = session.scalars(select(ReminderRule)).all()
    assert sorted(row.kind for row in rows) == sorted(DEFAULTS)
    assert {row.made_at.isoformat() for row in rows} == {"2026-11-24T00:00:00+00:00"}


def test_a_cluster_inherits_and_may_choose_for_itself_alone(session, cast):
    rules.choose(cast.lebak.id, ENDS, Wish(True, (60, 365)))
    rules.choose(cast.lebak.id, QUIET, Wish(False, ()))
    own, other = rules.effective(cast.lebak.id), rules.effective(cast.pandeglang.id)
    assert (own[ENDS].days, own[ENDS].is_own, own[QUIET].is_on) == ((365, 60), True, False)
    assert (other[ENDS].days, other[ENDS].is_own, other[QUIET].is_on) == ((180, 90, 30), False, True)
    assert rules.of_all([cast.lebak.id, cast.pandeglang.id]) == {
        cast.lebak.id: own,
        cast.pandeglang.id: other,
    }


def test_what_a_cluster_inherits_follows_the_province(session, cast):
    rules.choose(None, ENDS, Wish(True, (120,)))
    assert rules.effective(cast.lebak.id)[ENDS].days == (120,)
    rules.choose(None, ENDS, Wish(False, (120,)))
    assert not rules.effective(cast.lebak.id)[ENDS].is_on


def test_to_choose_what_holds_anyhow_makes_no_own_rule(session, cast):
    rules.choose(cast.lebak.id, ENDS, Wish(True, (30, 90, 180)))
    assert not rules.effective(cast.lebak.id)[ENDS].is_own


@pytest.mark.parametrize(
    ("wish", "is_young"),
    [
        (Wish(True, (90, 30)), False),
        (Wish(True, (180, 90, 60, 30)), True),
        (Wish(False, (180, 90, 30)), False),
    ],
)
def test_only_further_days_make_a_rule_young(session, cast, clock, wish, is_young):
    begun = system.now()
    clock.set("2026-12-01T09:00+07:00")
    rules.choose(cast.lebak.id, ENDS, wish)
    assert (rules.effective(cast.lebak.id)[ENDS].made_at == begun) is not is_young


def test_a_rule_that_wakes_or_is_inherited_again_never_speaks_of_the_past(session, cast, clock):
    rules.choose(cast.lebak.id, ENDS, Wish(False, (180, 90, 30)))
    clock.set("2026-12-01T09:00+07:00")
    rules.choose(cast.lebak.id, ENDS, Wish(True, (180, 90, 30)))
    assert rules.effective(cast.lebak.id)[ENDS].made_at == system.now()
    rules.choose(cast.lebak.id, ENDS, Wish(True, (30,)))
    clock.set("2026-12-09T09:00+07:00")
    rules.inherit(cast.lebak.id, ENDS)
    again = rules.effective(cast.lebak.id)[ENDS]
    assert (again.days, again.is_own, again.made_at) == ((180, 90, 30), False, system.now())
    rules.choose(None, ENDS, Wish(True, (45,)))
    assert rules.effective(cast.lebak.id)[ENDS].days == (45,)


def test_quiet_days_are_inherited_again_by_taking_the_own_rule_away(session, cast):
    rules.choose(cast.lebak.id, QUIET, Wish(False, ()))
    rules.inherit(cast.lebak.id, QUIET)
    assert rules.effective(cast.lebak.id)[QUIET].is_on
    assert not rules.effective(cast.lebak.id)[QUIET].is_own


@pytest.mark.parametrize(
    ("kind", "days"),
    [
        (ENDS, ()),
        (ENDS, (0,)),
        (ENDS, (731,)),
        (ENDS, (1, 2, 3, 4, 5, 6, 7)),
        (ReminderKind.GUIDANCE, (31,)),
        (ReminderKind.NO_ANSWER, (1, 2)),
        (ReminderKind.PARTNER_SILENT, (6,)),
        (ReminderKind.OBLIGATION, (-91,)),
    ],
)
def test_days_that_make_no_sense_are_refused_at_their_field(session, cast, kind, days):
    with pytest.raises(Refused) as no:
        rules.choose(cast.lebak.id, kind, Wish(True, days))
    assert no.value.field == f"{kind}_days"


@pytest.mark.parametrize(
    ("kind", "days"),
    [
        (ENDS, (730, 6, 5, 4, 3, 1)),
        (ReminderKind.GUIDANCE, (30, 1)),
        (ReminderKind.PARTNER_SILENT, (7,)),
        (ReminderKind.OBLIGATION, (365, -90)),
    ],
)
def test_the_limits_of_the_days_are_days_that_one_may_choose(session, cast, kind, days):
    rules.choose(cast.lebak.id, kind, Wish(True, days))
    assert rules.effective(cast.lebak.id)[kind].days == days


def test_an_archived_clusters_rules_stay_as_they_are(session, cast):
    cast.lebak.archived_at = system.now()
    session.flush()
    with pytest.raises(WrongState):
        rules.choose(cast.lebak.id, ENDS, Wish(False, (30,)))


def test_a_change_is_in_the_trail_and_raises_the_version(session, cast):
    before = rules.version(cast.lebak.id)
    rules.choose(cast.lebak.id, ENDS, Wish(True, (60,)))
    own = rules.version(cast.lebak.id)
    assert own != before
    rules.choose(cast.lebak.id, ENDS, Wish(True, (45,)))
    assert rules.version(cast.lebak.id) != own
    assert session.scalars(select(AuditEntry).where(AuditEntry.noun == "reminder_rule")).all()


def test_a_rule_switched_off_takes_back_what_it_had_waiting(session, cast):
    _carry(
        session, cast.lebak, cast.hendrik, {3: OutboxState.QUEUED, 1: OutboxState.QUEUED, 2: OutboxState.SENT}
    )
    rules.choose(cast.lebak.id, ReminderKind.GUIDANCE, Wish(True, (1,)))
    assert _states(session) == [OutboxState.OBSOLETE, OutboxState.QUEUED, OutboxState.SENT]
    rules.choose(cast.lebak.id, ReminderKind.GUIDANCE, Wish(False, (1,)))
    assert _states(session) == [OutboxState.OBSOLETE, OutboxState.OBSOLETE, OutboxState.SENT]
    reasons = session.scalars(select(Reminder.reason).order_by(Reminder.id)).all()
    assert reasons == ["rule", "rule", None]


def test_a_cluster_s_own_rule_takes_back_nothing_of_another_cluster(session, cast):
    _carry(session, cast.pandeglang, cast.siti, {3: OutboxState.QUEUED})
    rules.choose(cast.lebak.id, ReminderKind.GUIDANCE, Wish(True, (1,)))
    assert _states(session) == [OutboxState.QUEUED]
    rules.choose(None, ReminderKind.GUIDANCE, Wish(True, (1,)))
    assert _states(session) == [OutboxState.OBSOLETE]


def _carry(session, cluster, affiliation, states):
    """Reminders of a session, by the days before it, whose mails are in these states."""
    guidance = make.guidance(cluster, starts_at=system.now() + timedelta(days=9))
    invitation = make.invitation(guidance, affiliation)
    for days, state in states.items():
        session.add(
            Reminder(
                key=f"session:{guidance.id}:0:{days}:i:{invitation.id}",
                kind=ReminderKind.GUIDANCE,
                cluster_id=cluster.id,
                object_noun="invitation",
                object_id=invitation.id,
                nominal_on=system.today(),
                state=ReminderState.CARRIED,
                message_id=make.mail(kind=MailKind.GUIDANCE_REMINDER, state=state).id,
                made_at=system.now(),
            )
        )
    session.flush()


def _states(session):
    session.expire_all()
    return session.scalars(select(OutboxMessage.state).order_by(OutboxMessage.id)).all()


def test_all_clusters_rules_are_one_statement(session, cast, statements):
    ids = [cast.lebak.id, cast.pandeglang.id]
    with statements() as ran:
        rules.of_all(ids)
    assert len(ran) == 1
