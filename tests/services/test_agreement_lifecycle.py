"""Agreements under random hands: whatever is tried, and by whom, only what the rules allow happens."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from pentahelix.extensions import db
from pentahelix.models import Agreement, AgreementParty, AgreementStep, AuditEntry, AuditValue, OutboxMessage
from pentahelix.principal import Principal
from pentahelix.refusals import Refused, WrongState
from pentahelix.services import agreement_steps as steps, agreements
from pentahelix.services.agreement_steps import Signatory, SigningWish
from pentahelix.services.agreements import AgreementWish, PartyWish
from pentahelix.vocabulary import AgreementKind, AgreementStatus as S, PartySide, Role
from tests.cast import Cast

TODAY = date(2026, 11, 24)
IN_PROCESS = (S.DRAFT, S.IN_DISCUSSION, S.LEGAL_REVIEW, S.AWAITING_SIGNATURE)
#: The table of the rules once more, by hand: verb → (role, from → to).
RULES = {
    "submit": (Role.COORDINATOR, {S.DRAFT: S.IN_DISCUSSION, S.IN_DISCUSSION: S.LEGAL_REVIEW}),
    "approve": (Role.KABID, {S.LEGAL_REVIEW: S.AWAITING_SIGNATURE}),
    "send_back": (Role.KABID, {S.LEGAL_REVIEW: S.IN_DISCUSSION}),
    "sign": (Role.COORDINATOR, {S.AWAITING_SIGNATURE: S.SIGNED}),
    "complete": (Role.COORDINATOR, {S.SIGNED: S.COMPLETED}),
    "terminate": (Role.KABID, {S.SIGNED: S.TERMINATED}),
    "abandon": (Role.COORDINATOR, dict.fromkeys(IN_PROCESS, S.ABANDONED)),
}
SIGNED_TODAY = SigningWish(TODAY, TODAY, None, True, ())
#: Words that a step asks for: said, or forgotten.
words = st.sampled_from(["Sesuai hasil rapat", "", "  "])
days = st.integers(min_value=-40, max_value=40).map(lambda number: TODAY + timedelta(days=number))

#: Lilis and Aminah have been coordinator and Kabid, one after the other.
LILIS, AMINAH = ("lilis", Role.COORDINATOR), ("aminah", Role.KABID)
COORDINATORS = [LILIS, ("aminah", Role.COORDINATOR)]
KABIDS = [AMINAH, ("lilis", Role.KABID)]
PEOPLE = [*COORDINATORS, *KABIDS, ("rudi", Role.ADMIN)]
coordinators, kabids = st.sampled_from(COORDINATORS), st.sampled_from(KABIDS)


@dataclass
class Told:
    """What must be true of an agreement."""

    id: int
    #: (from, to, who)
    story: list[tuple[S | None, S, int | None]]
    renews: "Told | None" = None
    is_archived: bool = False
    starts_on: date = TODAY
    ends_on: date | None = None
    signed_on: date = TODAY
    followers: list["Told"] = field(default_factory=list)

    @property
    def status(self) -> S:
        return self.story[-1][1]

    @property
    def submitted_by(self) -> int | None:
        return next((who for _, to, who in reversed(self.story) if to == S.LEGAL_REVIEW), None)

    @property
    def has_follower(self) -> bool:
        return any(not one.is_archived and one.status != S.ABANDONED for one in self.followers)


class Lifecycle(RuleBasedStateMachine):
    """Over the database of one test, which stays the same for all of its runs."""

    known = Bundle("known")
    #: set by the test
    cast: Cast

    def __init__(self) -> None:
        super().__init__()
        self.all: list[Told] = []

    @initialize(target=known, by=coordinators, far=st.integers(min_value=0, max_value=4))
    def begin(self, by, far):
        by = self._principal(by)
        made = agreements.make(self._wish(), by)
        told = self._keep(Told(made.id, [(None, S.DRAFT, by.user_id)]))
        for _ in range(far):
            self._go_on(told)
        return told

    @rule(told=known, far=st.integers(min_value=1, max_value=4))
    def as_meant(self, told, far):
        """Straight on, by the right people: what chance seldom finds."""
        for _ in range(far):
            self._go_on(told)

    @rule(told=known, by=coordinators, verb=st.sampled_from(["submit", "complete"]), said=words)
    def step(self, told, by, verb, said):
        verbs = {"submit": steps.submit, "complete": steps.complete}
        self._try(told, by, verb, True, lambda row, by: verbs[verb](row, by, said))

    @rule(told=known, by=kabids, said=words)
    def approve(self, told, by, said):
        self._try(told, by, "approve", True, lambda row, by: steps.approve(row, by, said))

    @rule(told=known, by=kabids, said=words)
    def send_back(self, told, by, said):
        self._try(told, by, "send_back", said.strip(), lambda row, by: steps.send_back(row, by, said))

    @rule(told=known, by=coordinators, said=words)
    def abandon(self, told, by, said):
        self._try(told, by, "abandon", said.strip(), lambda row, by: steps.abandon(row, said, by))

    @rule(told=known, by=kabids, said=words, on=days)
    def terminate(self, told, by, said, on):
        since = told.starts_on if told.starts_on <= TODAY else told.signed_on
        is_right = said.strip() and since <= on <= min(TODAY, told.ends_on or TODAY)
        self._try(told, by, "terminate", is_right, lambda row, by: steps.terminate(row, on, said, by))

    @rule(told=known)
    def nobody_else_may(self, told):
        """Whatever the table does not give to somebody is refused to them, in whatever state it is."""
        before, row = self._rows(), self._row(told)
        acts = {
            "submit": steps.submit,
            "approve": steps.approve,
            "send_back": lambda row, by: steps.send_back(row, by, "Lengkapi"),
            "sign": lambda row, by: steps.record_signing(row, SIGNED_TODAY, by),
            "complete": steps.complete,
            "terminate": lambda row, by: steps.terminate(row, TODAY, "Mitra tutup", by),
            "abandon": lambda row, by: steps.abandon(row, "Mitra mundur", by),
        }
        for verb, act in acts.items():
            for by in map(self._principal, PEOPLE):
                if not self._may(told, by, verb):
                    with pytest.raises(WrongState):
                        act(row, by)
        assert self._rows() == before

    @rule(
        told=known,
        by=coordinators,
        signed_on=days,
        starts_on=days,
        ends_on=st.none() | days,
        is_open_ended=st.booleans(),
        names=st.lists(st.sampled_from(["Siapa", " "]), min_size=2, max_size=2),
    )
    def sign(self, told, by, signed_on, starts_on, ends_on, is_open_ended, names):
        is_right = (
            signed_on <= TODAY
            and (ends_on is None) == is_open_ended
            and (ends_on is None or ends_on >= starts_on)
            and " " not in names
        )
        self._sign(told, by, is_right, SigningWish(signed_on, starts_on, ends_on, is_open_ended, ()), names)

    @rule(target=known, told=known, by=coordinators)
    def renew(self, told, by):
        by = self._principal(by)
        before = self._rows()
        is_right = (
            told.status == S.SIGNED
            and told.starts_on <= TODAY
            and not told.is_archived
            and not told.has_follower
        )
        if not is_right:
            with pytest.raises(WrongState):
                agreements.renew(self._row(told), by)
            assert self._rows() == before
            return told
        made = agreements.renew(self._row(told), by)
        following = Told(made.id, [(None, S.DRAFT, by.user_id)], renews=told)
        told.followers.append(following)
        return self._keep(following)

    @rule(told=known)
    def put_away_or_back(self, told):
        before = self._rows()
        row = self._row(told)
        is_taken = (
            told.is_archived
            and told.renews is not None
            and told.status != S.ABANDONED
            and told.renews.has_follower
        )
        if is_taken:
            with pytest.raises(WrongState):
                agreements.restore(row)
            assert self._rows() == before
            return
        if told.is_archived:
            agreements.restore(row)
        else:
            agreements.archive(row, confirmed=True)
        told.is_archived = not told.is_archived

    @invariant()
    def the_rows_tell_the_same_story(self):
        for told in self.all:
            row = self._row(told)
            assert (row.status, row.is_archived) == (told.status, told.is_archived)
            taken = db.session.execute(
                select(AgreementStep.from_status, AgreementStep.to_status, AgreementStep.user_id)
                .where(AgreementStep.agreement_id == told.id)
                .order_by(AgreementStep.id)
            )
            assert [tuple(one) for one in taken] == told.story

    def teardown(self):
        """Read from the trail alone, each went the same way."""
        for told in self.all:
            states = db.session.scalars(
                select(AuditValue.after)
                .join(AuditEntry, AuditEntry.id == AuditValue.entry_id)
                .where(
                    AuditEntry.noun == "agreement",
                    AuditEntry.object_id == told.id,
                    AuditValue.field == "status",
                )
                .order_by(AuditValue.id)
            )
            assert list(states) == [to for _, to, _ in told.story]
            kept = db.session.scalar(
                select(func.count()).where(
                    AuditEntry.noun == "agreement_step",
                    AuditEntry.subject_noun == "agreement",
                    AuditEntry.subject_id == told.id,
                )
            )
            assert kept == len(told.story)

    # -------------------------------------------------------------------------------------------------

    def _principal(self, person):
        name, role = person
        user = getattr(self.cast, name)
        return Principal(id=f"u:{user.id}", name=user.name, role=role, user_id=user.id)

    def _wish(self):
        return AgreementWish(
            kind=AgreementKind.PKS,
            title="Perjanjian Kerja Sama",
            cluster_ids=(self.cast.lebak.id,),
            parties=(
                PartyWish(PartySide.FIRST, office="Dinas Pendidikan"),
                PartyWish(PartySide.SECOND, partner_id=self.cast.kemasindo.id),
            ),
        )

    def _go_on(self, told):
        if told.status in (S.DRAFT, S.IN_DISCUSSION):
            self._try(told, LILIS, "submit", True, lambda row, by: steps.submit(row, by))
        elif told.status == S.LEGAL_REVIEW:
            self._try(told, AMINAH, "approve", True, lambda row, by: steps.approve(row, by))
        elif told.status == S.AWAITING_SIGNATURE:
            self._sign(told, LILIS, True, SIGNED_TODAY, ("Tati", "Hendrik"))

    def _sign(self, told, person, is_right, wish, names):
        rows = select(AgreementParty.id).where(AgreementParty.agreement_id == told.id)
        parties = db.session.scalars(rows.order_by(AgreementParty.id))
        signatories = tuple(Signatory(one, name) for one, name in zip(parties, names, strict=True))
        wish = replace(wish, signatories=signatories)
        if self._try(told, person, "sign", is_right, lambda row, by: steps.record_signing(row, wish, by)):
            told.signed_on, told.starts_on, told.ends_on = wish.signed_on, wish.starts_on, wish.ends_on
            if told.renews is not None and told.renews.status == S.SIGNED:
                told.renews.story.append((S.SIGNED, S.RENEWED, None))

    def _keep(self, told):
        self.all.append(told)
        return told

    def _row(self, told):
        return db.session.get_one(Agreement, told.id)

    def _may(self, told, by, verb):
        role, ways = RULES[verb]
        if role == Role.KABID and told.submitted_by == by.user_id:
            return False
        return told.status in ways and by.role == role and not told.is_archived

    def _try(self, told, person, verb, is_right, act):
        """Do it; where the rules say no, it says so too and nothing has been touched."""
        by = self._principal(person)
        may = self._may(told, by, verb)
        before = self._rows()
        if may and is_right:
            act(self._row(told), by)
            told.story.append((told.status, RULES[verb][1][told.status], by.user_id))
            return True
        with pytest.raises(Refused if may else WrongState):
            act(self._row(told), by)
        assert self._rows() == before
        return False

    def _rows(self):
        """All that a step could touch, as the database has it once everything is flushed."""
        db.session.flush()
        columns = select(*Agreement.__table__.c)
        ids = [told.id for told in self.all]
        return (
            db.session.execute(columns.where(Agreement.id.in_(ids)).order_by(Agreement.id)).all(),
            db.session.scalar(select(func.count()).select_from(Agreement)),
            db.session.scalar(select(func.count()).select_from(AuditEntry)),
            db.session.scalar(select(func.count()).select_from(OutboxMessage)),
        )


def test_whatever_is_tried_only_what_the_rules_allow_happens(cast):
    run_state_machine_as_test(
        type("Lives", (Lifecycle,), {"cast": cast}),
        # What was found is told as it was found: to make it smaller takes minutes.
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
