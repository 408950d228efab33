"""T6: guidance sessions under random hands, with crashes and double sends in between.

A person plans, invites, moves, calls off; the invited answer by their links, and now and then one of them
wants to be forgotten; the scheduler looks and mails leave. What was refused or broke off leaves no trace, and
what was accepted stands.
"""

import re
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, inspect, select
from sqlalchemy.exc import OperationalError

from pentahelix import audit, clock as system, models as m
from pentahelix.extensions import db
from pentahelix.mail import delivery, outbox
from pentahelix.mail.compose import Composed
from pentahelix.mail.recipients import Recipient
from pentahelix.services import erasure, reminders
from pentahelix.vocabulary import Answer, AuditAction, GuidanceStatus, MailKind, OutboxState
from tests import factories as make
from tests.cast import Cast
from tests.conftest import NOW
from tests.faults.hands import Hands, Sending
from tests.faults.saved import Saved
from tests.services.test_erasure import dumped
from tests.sign_in import cookie_of
from tests.sizes import sized

WIB = "+07:00"
#: Working days, far enough from each other that nothing about them wants a second look.
DAYS = ("2026-11-26", "2026-11-30", "2026-12-02", "2026-12-08", "2026-12-15")
HOURS = ("09:00", "13:00")

ASKING = {MailKind.NUDGE, MailKind.NO_ANSWER, MailKind.GUIDANCE_REMINDER}
#: May be mailed again about the same state of a session, at another hour.
AGAIN = {MailKind.NUDGE, MailKind.TIME_KEPT, MailKind.DELEGATE, MailKind.PROPOSAL, MailKind.LATE_ANSWER}
#: Nothing is on its way any more.
OVER = {OutboxState.KEPT, OutboxState.OBSOLETE}
#: Of everybody who can be invited, with a number.
NAME = "Qorisandro"
TRAILED = (m.GuidanceSession, m.Invitation, m.InvitationAnswer)

days, hours = st.sampled_from(DAYS), st.sampled_from(HOURS)


class Said(NamedTuple):
    answer: Answer
    note: str | None = None


SILENT = Said(Answer.NONE)


@dataclass
class Told:
    """What must be true of a session."""

    id: int
    sequence: int = 0
    #: the newest mail when it was called off or put away
    closed_at_mail: int | None = None
    #: by invitation, what stands, and all that was ever said
    standing: dict[int, Said] = field(default_factory=lambda: defaultdict(lambda: SILENT))
    said: dict[int, list[Said]] = field(default_factory=lambda: defaultdict(list))


sendings = st.sampled_from([Sending(0, 1), Sending(0, 2), Sending(0, 3), Sending(1, 1), Sending(1, 2)])


class Lives(Hands, RuleBasedStateMachine):
    """Over the database of one test, put back before each run."""

    sessions = Bundle("sessions")
    # set by the test
    cast: Any
    saved: Saved
    clock: Any
    cookies: tuple[tuple[str, str], tuple[str, str]]
    #: the seats of those who can be invited at first
    seats: tuple[int, ...]
    sent: list[int]
    erased: list[int]

    def __init__(self) -> None:
        super().__init__()
        self.clock.set(NOW)
        self.saved.put_back()
        self.take_up(*self.cookies)
        self.people = list(self.seats)
        self.all: list[Told] = []
        #: by contact, the newest mail when their data were erased
        self.gone: dict[int, int] = {}
        self.replayed: dict[tuple[str, int], dict[str, str | None]] = defaultdict(dict)
        self.read_until = db.session.scalar(select(func.max(m.AuditEntry.id))) or 0
        self.number = 0

    # ---------------------------------------------------------------------------- what people do

    @initialize(target=sessions, day=days)
    def begin(self, day):
        return self._planned(day, "09:00", self.people, Sending(0, 1))

    @rule(target=sessions, day=days, hour=hours, who=st.integers(0, 3), sending=sendings)
    def plan(self, day, hour, who, sending):
        if len(self.all) > 2:
            return multiple()
        made = self._planned(day, hour, self.people[:who], sending)
        return made if made is not None else multiple()

    @rule(told=sessions, who=st.integers(0, 2), sending=sendings)
    def invite(self, told, who, sending):
        again = self._invitation(told, self.people[who])
        accepted = self._send(f"/guidance/{told.id}/invite", {"participant_ids": [self.people[who]]}, sending)
        if accepted and again is not None:
            told.standing[again.id] = SILENT

    @rule(told=sessions, who=st.integers(0, 2), sending=sendings)
    def take_back(self, told, who, sending):
        if (one := self._invitation(told, self.people[who])) is not None:
            self._send(f"/invitations/{one.id}/uninvite", {"version": one.version}, sending)

    @rule(
        told=sessions,
        who=st.integers(0, 2),
        answer=st.sampled_from([Answer.ATTENDING, Answer.PROPOSED, Answer.REPRESENTED, Answer.DECLINED]),
        day=days,
        on_behalf=st.booleans(),
        sending=sendings,
    )
    def answer(self, told, who, answer, day, on_behalf, sending):
        if (one := self._invitation(told, self.people[who])) is None:
            return
        self.number += 1
        said = Said(answer, f"Jawaban {self.number}")
        fields = {"answer": answer.value, "note": said.note, "delegate_name": "Maya", "delegate_email": "",
                  "proposed_day": day, "proposed_starts": "10:00"}  # fmt: skip
        if on_behalf:
            where, client = f"/invitations/{one.id}/answer", self.hers
            fields["version"] = one.version
        else:
            where, client = f"/u/{self._link(one.id)}", self.theirs
            self._rest()
        if self._send(where, fields, sending, client):
            told.standing[one.id] = said
            told.said[one.id].append(said)

    @rule(told=sessions, who=st.integers(0, 2), sending=sendings)
    def accept(self, told, who, sending):
        if (one := self._invitation(told, self.people[who])) is None:
            return
        if self._send(f"/invitations/{one.id}/accept", {"version": one.version}, sending):
            agreed = db.session.get_one(m.GuidanceSession, told.id).starts_at
            for other in self._invited(told):
                said = told.standing[other.id]
                proposed = self._last(other.id).proposed_starts_at if said.answer == Answer.PROPOSED else None
                coming = proposed == agreed and said.answer == Answer.PROPOSED
                told.standing[other.id] = Said(Answer.ATTENDING, said.note) if coming else SILENT

    @rule(told=sessions, who=st.integers(0, 2), sending=sendings)
    def keep(self, told, who, sending):
        if (one := self._invitation(told, self.people[who])) is None:
            return
        if self._send(f"/invitations/{one.id}/keep", {"version": one.version}, sending):
            told.standing[one.id] = SILENT

    @rule(told=sessions, day=days, hour=hours, sending=sendings)
    def move(self, told, day, hour, sending):
        fields = {"day": day, "starts": hour, "ends": f"{int(hour[:2]) + 2}:00"}
        if self._send(f"/guidance/{told.id}/reschedule", fields | self._version(told), sending):
            for one in self._invited(told):
                told.standing[one.id] = SILENT

    @rule(told=sessions, place=st.sampled_from(["Aula", "Bengkel"]), sending=sendings)
    def change_place(self, told, place, sending):
        fields = {"topic": "Desain kemasan", "kind": "technical", "mode": "in_person", "place": place}
        self._send(f"/guidance/{told.id}/edit", fields | self._version(told), sending)

    @rule(told=sessions, sending=sendings)
    def call_off(self, told, sending):
        if self._send(f"/guidance/{told.id}/cancel", {"reason": "Banjir"}, sending):
            told.closed_at_mail = self._newest_mail()

    @rule(told=sessions, sending=sendings)
    def put_away_or_back(self, told, sending):
        row = db.session.get_one(m.GuidanceSession, told.id)
        act = "restore" if row.is_archived else "archive"
        if self._send(f"/guidance/{told.id}/{act}", {}, sending) and row.status == GuidanceStatus.PLANNED:
            told.closed_at_mail = self._newest_mail() if act == "archive" else None

    @rule(told=sessions, sending=sendings)
    def nudge(self, told, sending):
        self._send(f"/guidance/{told.id}/nudge", {}, sending)

    @rule(who=st.integers(0, 2), sending=sendings)
    def erase(self, who, sending):
        """One whom they invite, or would, wants to be forgotten; somebody new takes the seat."""
        contact_id = db.session.get_one(m.Affiliation, self.people[who]).contact_id
        fields = {"is_asked": "y", "version": db.session.get_one(m.Contact, contact_id).version}
        assert self._send(f"/contacts/{contact_id}/erase", fields, sending, self.his)
        self.gone[contact_id] = self._newest_mail()
        for one in self._rows(m.Invitation, affiliation_id=self.people[who]):
            # That they answered, and how, stays; in which words is forgotten, by the trail as well.
            [told] = [told for told in self.all if told.id == one.guidance_id]
            told.standing[one.id] = told.standing[one.id]._replace(note=None)
            told.said[one.id] = [said._replace(note=None) for said in told.said[one.id]]
            for row in (one, *self._rows(m.InvitationAnswer, invitation_id=one.id)):
                empty = {name: getattr(row, name) for name in erasure.PERSONAL[type(row)]}
                self.replayed[row.__tablename__, row.id].update(empty)
        self.people[who] = somebody(self.cast, len(self.seats) + len(self.gone))
        db.session.commit()
        self._nothing_tells_of_the_gone()

    # ---------------------------------------------------------------------------- what runs by itself

    @rule(hours=st.sampled_from([1, 12, 25, 49]))
    def time_passes(self, hours):
        self.clock.set(system.now() + timedelta(hours=hours))

    @rule()
    def tick(self):
        self._apart(reminders.tick)

    @rule()
    def tick_that_breaks(self):
        """All that it wanted to keep is gone; the next one makes it."""
        before = self._everything()
        with self._breaking(), suppress(OperationalError):
            self._apart(reminders.tick)
        assert self._everything() == before

    @rule()
    def deliver(self):
        self._apart(lambda: delivery.deliver_due(self.app.extensions["settings"], "deliverer"))

    @rule()
    def a_deliverer_dies(self):
        """Right after its claim: what it had taken is somebody else's once the claim has run out."""
        self._apart(lambda: delivery.claim_next(self.app.extensions["settings"], "dead"))

    # ---------------------------------------------------------------------------- what must be true

    @invariant()
    def sequence_never_falls(self):
        for told in self.all:
            now = db.session.get_one(m.GuidanceSession, told.id).sequence
            assert now >= told.sequence
            told.sequence = now

    @invariant()
    def an_answer_is_never_lost(self):
        rows = {row.id: row for row in db.session.scalars(select(m.Invitation))}
        given = defaultdict(list)
        for row in db.session.scalars(select(m.InvitationAnswer).order_by(m.InvitationAnswer.id)):
            given[row.invitation_id].append(Said(row.answer, row.note))
        for told in self.all:
            ids = {number for number, row in rows.items() if row.guidance_id == told.id}
            assert {number: given[number] for number in ids} == {number: told.said[number] for number in ids}
            for number in ids:
                assert Said(rows[number].answer, rows[number].note) == told.standing[number]

    @invariant()
    def mail_is_of_what_happened_and_once(self):
        guidance_of = {row.id: row.guidance_id for row in db.session.scalars(select(m.Invitation))}
        sequence_of = {row.id: row.sequence for row in db.session.scalars(select(m.GuidanceSession))}
        closed = {told.id: told.closed_at_mail for told in self.all if told.closed_at_mail is not None}
        keys, once = set(), set()
        columns = (
            "id", "key", "kind", "state", "object_noun", "object_id", "sequence", "recipient",
            "recipient_contact_id",
        )  # fmt: skip
        for mail in db.session.execute(select(*(getattr(m.OutboxMessage, name) for name in columns))):
            assert mail.key not in keys
            keys.add(mail.key)
            if mail.recipient_contact_id in self.gone:
                assert mail.id <= self.gone[mail.recipient_contact_id], f"{mail.kind} to whom we forgot"
                assert mail.state in OVER
            if mail.object_noun != "invitation":
                continue
            about = guidance_of[mail.object_id]
            assert mail.sequence is None or mail.sequence <= sequence_of[about]
            if mail.kind in ASKING and about in closed:
                assert mail.id <= closed[about], f"{mail.kind} about a session that was called off"
            if mail.kind not in AGAIN | {MailKind.GUIDANCE_REMINDER}:
                fact = (mail.kind, mail.object_id, mail.sequence, mail.recipient)
                assert fact not in once
                once.add(fact)

    @invariant()
    def the_trail_tells_what_is(self):
        """Each entry once, in the order of writing, makes the rows as they are."""
        found = db.session.execute(
            select(m.AuditEntry.id, m.AuditEntry.noun, m.AuditEntry.object_id, m.AuditEntry.action)
            .where(m.AuditEntry.id > self.read_until)
            .order_by(m.AuditEntry.id)
        ).all()
        values = defaultdict(list)
        for value in db.session.scalars(select(m.AuditValue).where(m.AuditValue.entry_id > self.read_until)):
            values[value.entry_id].append(value)
        for number, noun, object_id, action in found:
            assert action != AuditAction.REMOVED
            for value in values[number]:
                told = self.replayed[noun, object_id]
                assert told.get(value.field) == value.before
                told[value.field] = value.after
            self.read_until = number
        for entity in TRAILED:
            columns = [
                one.key
                for one in inspect(entity).column_attrs
                if one.key not in ("id", "version") and one.columns[0].info.get("audit") is not False
            ]
            for row in db.session.scalars(select(entity)):
                told = self.replayed[entity.__tablename__, row.id]
                assert {name: told.get(name) for name in columns} == {
                    name: audit._text(getattr(row, name)) for name in columns
                }

    def teardown(self) -> None:
        """In the end nothing is on its way any more, and nobody was asked about what had been called off."""
        for _ in range(4):
            self.clock.set(system.now() + timedelta(hours=1))
            self.deliver()
        states = db.session.scalars(select(m.OutboxMessage.state).distinct())
        assert set(states) <= OVER
        self._nothing_tells_of_the_gone()
        self.erased.append(len(self.gone))
        self.sent.append(db.session.scalar(select(func.count(m.OutboxMessage.id))) or 0)

    # -------------------------------------------------------------------------------------------------

    def _nothing_tells_of_the_gone(self) -> None:
        """No table, the trail, the mails and the index of words among them."""
        if self.gone:
            there = select(m.Contact.name).join(m.Affiliation).where(m.Affiliation.id.in_(self.people))
            told = re.findall(rf"{NAME}(\d+)", dumped(db.session), re.IGNORECASE)
            assert set(map(int, told)) == {int(name.removeprefix(NAME)) for name in db.session.scalars(there)}

    def _rows(self, entity, **values):
        return db.session.scalars(select(entity).filter_by(**values)).all()

    def _planned(self, day, hour, people, sending):
        fields = {
            "cluster_id": self.cast.lebak.id,
            "topic": "Desain kemasan",
            "kind": "technical",
            "mode": "in_person",
            "day": day,
            "starts": hour,
            "ends": f"{int(hour[:2]) + 2}:00",
            "place": "Aula",
            "participant_ids": list(people),
        }
        before = db.session.scalar(select(func.count(m.GuidanceSession.id)))
        if not self._send("/guidance/new", fields, sending):
            return None
        rows = db.session.scalars(select(m.GuidanceSession.id).order_by(m.GuidanceSession.id)).all()
        assert len(rows) == before + 1
        told = Told(rows[-1])
        self.all.append(told)
        return told


@pytest.fixture(autouse=True)
def _quick_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what stands in them only to whom is asked here: the rest takes most of the time."""
    number = count(1)

    def compose(_kind: MailKind, to: Recipient, *_a: Any, **_k: Any) -> Composed:
        return Composed(f"Untuk {to.name}", f"<{next(number)}@localhost.example>", f"Yth. {to.name}".encode())

    monkeypatch.setattr(outbox, "compose", compose)


def somebody(cast: Cast, number: int) -> int:
    """The seat at Kemasindo of a person whose name stands nowhere else."""
    name = f"{NAME}{number}"
    contact = make.contact(name=name, email=f"{name}@mitra.example".lower())
    return make.affiliation(cast.kemasindo, contact, position=f"Wakil {name}").id


def test_t6_whatever_happens_to_a_session_nothing_is_lost_doubled_or_half_done(
    app, session, cast, engines, clock, figure
):
    seats = tuple(somebody(cast, number) for number in range(3))
    cookies = cookie_of(app, cast.lilis), cookie_of(app, cast.rudi)
    # The rules of reminding are written at the first look.
    with app.app_context():
        reminders.tick()
    saved = Saved(app, session, engines)
    sent, erased = [], []
    given = {"app": app, "cast": cast, "saved": saved, "clock": clock, "cookies": cookies, "seats": seats}
    examples, steps = sized((40, 20), (200, 30), (2000, 60))
    run_state_machine_as_test(
        type("Sessions", (Lives,), given | {"sent": sent, "erased": erased, "seen": set()}),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            # The same at each run.
            derandomize=True,
            deadline=None,
            database=None,
            # What was found is told as it was found: to make it smaller takes minutes.
            phases=[Phase.generate],
            # A step is a request with its commit, and some rules wait for others.
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
    figure(
        f"T6: {len(sent)} lives of {steps} steps, {sum(sent)} mails, 0 lost, 0 doubled, 0 half done,"
        f" {sum(erased)} persons erased, 0 traces of them"
    )
    assert sum(erased) > len(sent) / 4
