"""Reminders that the digest tells: agreements that end, obligations, silent partners, what is very late.

An item is told to each person once, under a key with its nominal day; it waits for the next digest as long as
it is still true, what lies in the past for a month. Of several days of one agreement or obligation only the
nearest is told.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from pentahelix import clock, rules
from pentahelix.extensions import db
from pentahelix.models import (
    Agreement,
    AgreementCluster,
    AgreementParty,
    ClusterPartner,
    FollowUp,
    Obligation,
    Partner,
    User,
)
from pentahelix.queries import agreements
from pentahelix.scope import live
from pentahelix.services.reminding.book import LONGEST_REST, Book
from pentahelix.vocabulary import OPEN_FOLLOW_UPS, ObligationStatus, ReminderKind

#: An end that is so near is told to the Kabid too.
ALSO_KABID = 30

#: What is past (a due date, a last contact) is told at most so long after its day had come.
AFTERWARDS = timedelta(days=30)


@dataclass(frozen=True)
class Item:
    """One thing to be told of one cluster, whether its day has come or not."""

    kind: ReminderKind
    #: of the thing itself; each reader's is followed by who they are
    key: str
    cluster_id: int
    noun: str
    object_id: int
    title: str
    #: of the rule: before (below nought: after) the day, or since it
    days: int
    #: the end, the due date, the last contact
    day: date
    nominal_on: date
    sends_on: date
    to_coordinators: bool = True
    to_kabid: bool = False
    #: who was to do it
    owner: str | None = None
    partner_id: int | None = None
    #: that owes it
    agreement_id: int | None = None

    @property
    def thing(self) -> tuple[str, int, date]:
        """Different days of the same thing share it."""
        return self.noun, self.object_id, self.day

    def key_of(self, user_id: int) -> str:
        return f"{self.key}:u:{user_id}"

    def row(self, user_id: int) -> dict[str, Any]:
        return {
            "key": self.key_of(user_id),
            "kind": self.kind,
            "cluster_id": self.cluster_id,
            "user_id": user_id,
            "object_noun": self.noun,
            "object_id": self.object_id,
            "nominal_on": self.nominal_on,
        }


class Due(NamedTuple):
    """One day of a rule about one thing, as an item tells of it."""

    days: int
    day: date
    nominal_on: date
    sends_on: date


def all_of(book: Book, ahead: timedelta = timedelta()) -> list[Item]:
    """What is to be told up to `ahead` from today, and was before; a statement a kind that is on."""
    today = clock.today()
    return [
        item
        for kind, question in QUESTIONS.items()
        if (days := book.days(kind))
        for item in question(book, kind, days, today, ahead)
        if item.nominal_on >= book.rules[item.cluster_id][item.kind].since
    ]


def come(book: Book, items: Iterable[Item], on: dict[int, date] | None = None) -> list[Item]:
    """Those whose day has come: today in their cluster, or `on` its day."""
    return [
        item
        for item in items
        if item.sends_on <= (on or {}).get(item.cluster_id, book.today(item.cluster_id))
    ]


def owed(items: Collection[Item], decided: Collection[str], user_id: int) -> tuple[list[Item], list[Item]]:
    """Of what has come and concerns one reader: what they are to be told, and what a nearer day overtook."""
    nearest: dict[tuple[str, int, date], Item] = {}
    for item in items:
        known = nearest.get(item.thing)
        if known is None or (item.nominal_on, -item.cluster_id) > (known.nominal_on, -known.cluster_id):
            nearest[item.thing] = item
    fresh = {item.key: item for item in items if item.key_of(user_id) not in decided}
    told = [item for item in nearest.values() if item.key in fresh]
    over = [item for key, item in fresh.items() if key != nearest[item.thing].key]
    return told, over


# ── the questions ───────────────────────────────────────────────────────────────────────────────────────────


def _agreements(
    book: Book, kind: ReminderKind, days: list[int], today: date, ahead: timedelta
) -> Iterator[Item]:
    until = today + ahead + timedelta(days=max(days)) + LONGEST_REST
    for row in db.session.execute(
        select(
            Agreement.id, Agreement.title, Agreement.ends_on, Agreement.signed_on, AgreementCluster.cluster_id
        )
        .join(AgreementCluster, AgreementCluster.agreement_id == Agreement.id)
        .where(
            AgreementCluster.cluster_id.in_(book.zones),
            Agreement.status.in_(agreements.BINDING),
            Agreement.ends_on.between(today, until),
            ~agreements.has_successor(),
            _has_a_partner_left(),
            live(Agreement),
        )
        .order_by(Agreement.ends_on, Agreement.id, AgreementCluster.cluster_id)
    ):
        for due in _before(book, row.cluster_id, kind, row.ends_on, today):
            if row.signed_on is None or due.nominal_on > row.signed_on:
                key = f"agreement:{row.id}:{row.ends_on}:{due.days}"
                yield Item(
                    kind,
                    key,
                    row.cluster_id,
                    "agreement",
                    row.id,
                    row.title,
                    *due,
                    to_kabid=due.days <= ALSO_KABID,
                )


def _obligations(
    book: Book, kind: ReminderKind, days: list[int], today: date, ahead: timedelta
) -> Iterator[Item]:
    first = today - AFTERWARDS + timedelta(days=min(min(days), 0)) - LONGEST_REST
    until = today + ahead + timedelta(days=max(max(days), 0)) + LONGEST_REST
    for row in db.session.execute(
        select(
            Obligation.id,
            Obligation.title,
            Obligation.due_on,
            Obligation.agreement_id,
            AgreementCluster.cluster_id,
        )
        .join(Agreement, Agreement.id == Obligation.agreement_id)
        .join(AgreementCluster, AgreementCluster.agreement_id == Agreement.id)
        .where(
            AgreementCluster.cluster_id.in_(book.zones),
            Obligation.status != ObligationStatus.FULFILLED,
            Obligation.due_on.between(first, until),
            Agreement.status.in_(agreements.BINDING),
            _has_a_partner_left(),
            live(Obligation),
            live(Agreement),
        )
        .order_by(Obligation.due_on, Obligation.id, AgreementCluster.cluster_id)
    ):
        for due in _before(book, row.cluster_id, kind, row.due_on, today):
            key = f"obligation:{row.id}:{row.due_on}:{due.days}"
            yield Item(
                kind,
                key,
                row.cluster_id,
                "obligation",
                row.id,
                row.title,
                *due,
                agreement_id=row.agreement_id,
            )


def _silent(book: Book, kind: ReminderKind, days: list[int], today: date, ahead: timedelta) -> Iterator[Item]:
    last = func.coalesce(ClusterPartner.last_contact_on, ClusterPartner.since)
    for row in db.session.execute(
        select(
            ClusterPartner.id,
            ClusterPartner.cluster_id,
            Partner.id.label("partner_id"),
            Partner.name,
            last.label("last"),
        )
        .join(Partner, Partner.id == ClusterPartner.partner_id)
        .where(
            ClusterPartner.cluster_id.in_(book.zones),
            rules.involved(today),
            last.between(*_long_enough_ago(days, today, ahead)),
            live(Partner),
        )
        .order_by(last, ClusterPartner.id)
    ):
        key = f"involvement:{row.id}:{row.last}"
        for due in _after(book, row.cluster_id, kind, row.last, today):
            yield Item(
                kind,
                key,
                row.cluster_id,
                "cluster_partner",
                row.id,
                row.name,
                *due,
                partner_id=row.partner_id,
            )


def _escalated(
    book: Book, kind: ReminderKind, days: list[int], today: date, ahead: timedelta
) -> Iterator[Item]:
    for row in db.session.execute(
        select(
            FollowUp.id,
            FollowUp.title,
            FollowUp.due_on,
            FollowUp.cluster_id,
            FollowUp.snoozed_until,
            User.name.label("owner"),
        )
        .join(User, User.id == FollowUp.owner_user_id)
        .where(
            FollowUp.cluster_id.in_(book.zones),
            FollowUp.status.in_(OPEN_FOLLOW_UPS),
            FollowUp.due_on.between(*_long_enough_ago(days, today, ahead)),
            live(FollowUp),
        )
        .order_by(FollowUp.due_on, FollowUp.id)
    ):
        if sleeps(row.snoozed_until, book.today(row.cluster_id) + ahead):
            continue
        key = f"followup:{row.id}:{row.due_on}"
        for due in _after(book, row.cluster_id, kind, row.due_on, today):
            yield Item(
                kind,
                key,
                row.cluster_id,
                "follow_up",
                row.id,
                row.title,
                *due,
                to_coordinators=False,
                to_kabid=True,
                owner=row.owner,
            )


#: What a digest tells of, and who asks for it.
QUESTIONS = {
    ReminderKind.AGREEMENT_ENDS: _agreements,
    ReminderKind.OBLIGATION: _obligations,
    ReminderKind.PARTNER_SILENT: _silent,
    ReminderKind.ESCALATION: _escalated,
}


def sleeps(snoozed_until: date | None, today: date) -> bool:
    """Put off: no mail speaks of it before that day."""
    return snoozed_until is not None and snoozed_until > today


def _before(book: Book, cluster_id: int, kind: ReminderKind, end: date, today: date) -> Iterator[Due]:
    """The days before an end, and below nought after it, that may still be told."""
    rule = book.on(cluster_id, kind)
    for number in rule.days if rule else ():
        nominal_on = end - timedelta(days=number)
        sends_on = book.sends_on(cluster_id, nominal_on, before=number >= 0)
        is_in_time = end >= today if number >= 0 else sends_on >= today - AFTERWARDS
        if is_in_time:
            yield Due(number, end, nominal_on, sends_on)


def _after(book: Book, cluster_id: int, kind: ReminderKind, since: date, today: date) -> Iterator[Due]:
    """The day on which more than the rule's days have passed, if it may still be told."""
    rule = book.on(cluster_id, kind)
    for number in rule.days if rule else ():
        nominal_on = since + timedelta(days=number + 1)
        sends_on = book.sends_on(cluster_id, nominal_on, before=False)
        if sends_on >= today - AFTERWARDS:
            yield Due(number, since, nominal_on, sends_on)


def _long_enough_ago(days: list[int], today: date, ahead: timedelta) -> tuple[date, date]:
    """From when to when something began that `_after` may tell of."""
    first = today - AFTERWARDS - timedelta(days=max(days)) - LONGEST_REST
    return first, today + ahead - timedelta(days=min(days))


def _has_a_partner_left() -> Any:
    """Not where all partners of an agreement have been put away."""
    party, partner = aliased(AgreementParty), aliased(Partner)
    of_it = and_(party.agreement_id == Agreement.id, party.partner_id.is_not(None))
    there = exists(select(party.id).where(of_it).correlate(Agreement))
    left = exists(
        select(party.id)
        .join(partner, partner.id == party.partner_id)
        .where(of_it, partner.archived_at.is_(None))
        .correlate(Agreement)
    )
    return or_(~there, left)
