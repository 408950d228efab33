"""When reminders are owed: the province's rules, and what a cluster made of them for itself.

A rule is a kind, whether it is on, and its days. What the days count from depends on the kind: before an end
or a due date (below nought: after it), worked days before a session, days after an invitation or a due date,
days without contact. Nothing older than its rule is reminded of: a rule that is switched on, or is given
further days, is as young as that change; one that only loses days keeps its age.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zlib import crc32

from flask_babel import gettext as _
from sqlalchemy import Select, select, update
from sqlalchemy.exc import IntegrityError

from pentahelix import clock
from pentahelix.editing import Conflict
from pentahelix.extensions import db
from pentahelix.mail.outbox import WAITING
from pentahelix.models import Cluster, OutboxMessage, Reminder, ReminderRule
from pentahelix.prepared import prepared
from pentahelix.refusals import Refused, WrongState
from pentahelix.vocabulary import OutboxState, ReminderKind, ReminderState

#: What holds where nobody said otherwise, in the order in which pages tell of it.
DEFAULTS: dict[ReminderKind, tuple[int, ...]] = {
    ReminderKind.GUIDANCE: (3, 1),
    ReminderKind.NO_ANSWER: (2,),
    ReminderKind.AGREEMENT_ENDS: (180, 90, 30),
    ReminderKind.OBLIGATION: (30, 7, -1),
    ReminderKind.FOLLOW_UP_LATE: (1,),
    ReminderKind.ESCALATION: (7,),
    ReminderKind.PARTNER_SILENT: (90,),
    # On or off, without days.
    ReminderKind.QUIET_DAYS: (),
}

#: Kinds whose days are a list; the others have one number.
LISTS = frozenset({ReminderKind.GUIDANCE, ReminderKind.AGREEMENT_ENDS, ReminderKind.OBLIGATION})

#: The least and the most that a day of a kind may be.
RANGES: dict[ReminderKind, tuple[int, int]] = {
    ReminderKind.GUIDANCE: (1, 30),
    ReminderKind.NO_ANSWER: (1, 30),
    ReminderKind.AGREEMENT_ENDS: (1, 730),
    ReminderKind.OBLIGATION: (-90, 365),
    ReminderKind.FOLLOW_UP_LATE: (1, 30),
    ReminderKind.ESCALATION: (1, 90),
    ReminderKind.PARTNER_SILENT: (7, 730),
}

#: So many days a list may have.
MOST = 6


@dataclass(frozen=True)
class Rule:
    """A kind as it holds for a cluster, or the province."""

    is_on: bool
    days: tuple[int, ...]
    #: nothing older is reminded of
    made_at: datetime
    #: the cluster's own, not the province's
    is_own: bool = False

    @property
    def since(self) -> date:
        """The first day whose reminders are owed."""
        return clock.local(self.made_at, clock.PROVINCE_ZONE).date()


@dataclass(frozen=True)
class Wish:
    """What a kind shall be."""

    is_on: bool
    days: tuple[int, ...]


Rules = Mapping[ReminderKind, Rule]


def province() -> dict[ReminderKind, Rule]:
    return effective(None)


def effective(cluster_id: int | None) -> dict[ReminderKind, Rule]:
    """What holds in a cluster, in one statement."""
    rows = db.session.scalars(*_that_hold(cluster_id)).all()
    return _combined(_of(rows, None), _of(rows, cluster_id) if cluster_id is not None else {})


@prepared
def _that_hold(cluster_id: int | None) -> Select[ReminderRule]:
    of_both = ReminderRule.cluster_id.is_(None) | (ReminderRule.cluster_id == cluster_id)
    return select(ReminderRule).where(of_both)


def of_all(cluster_ids: Iterable[int]) -> dict[int, dict[ReminderKind, Rule]]:
    """What holds in each of these clusters, in one statement."""
    by_cluster: dict[int | None, list[ReminderRule]] = {}
    for row in db.session.scalars(select(ReminderRule)):
        by_cluster.setdefault(row.cluster_id, []).append(row)
    ours = _of(by_cluster.get(None, ()), None)
    return {
        cluster_id: _combined(ours, _of(by_cluster.get(cluster_id, ()), cluster_id))
        for cluster_id in cluster_ids
    }


def unwritten() -> set[ReminderKind]:
    """Kinds whose rule of the province is not written down yet, and therefore younger than anything."""
    there = db.session.scalars(select(ReminderRule.kind).where(ReminderRule.cluster_id.is_(None)))
    return set(DEFAULTS) - set(there)


def begin() -> None:
    """Write down the province's rules that are not there yet: reminders begin with this moment."""
    for kind in sorted(unwritten()):
        row = ReminderRule(
            cluster_id=None, kind=kind, is_on=True, days=list(DEFAULTS[kind]), made_at=clock.now()
        )
        try:
            with db.session.begin_nested():
                db.session.add(row)
        except IntegrityError:
            # Another scheduler was first.
            continue


def version(cluster_id: int | None) -> int:
    """Another number after each change of the rules that are a cluster's own, or the province's."""
    rows = db.session.execute(*_versions(cluster_id))
    return crc32(repr(sorted((kind.value, number) for kind, number in rows)).encode())


@prepared
def _versions(cluster_id: int | None) -> Select[ReminderKind, int]:
    where = ReminderRule.cluster_id.is_(None) if cluster_id is None else ReminderRule.cluster_id == cluster_id
    return select(ReminderRule.kind, ReminderRule.version).where(where)


# ── changing them ───────────────────────────────────────────────────────────────────────────────────────────


def edit(cluster_id: int | None, wishes: Mapping[ReminderKind, Wish | None], seen: int | None) -> None:
    """All rules of a cluster, or the province, at once, if they are still of the version `seen`.

    None is to inherit.
    """
    if seen != version(cluster_id):
        raise Conflict
    for kind, wish in wishes.items():
        if wish is not None:
            choose(cluster_id, kind, wish)
        elif cluster_id is not None:
            inherit(cluster_id, kind)


def choose(cluster_id: int | None, kind: ReminderKind, wish: Wish) -> None:
    """The rule of a cluster, or of the province (None), from now on; the same as before is no change."""
    _must_be_live(cluster_id)
    days = checked(kind, wish.days)
    before = effective(cluster_id)[kind]
    row = _row(cluster_id, kind)
    if (wish.is_on, days) == (before.is_on, before.days) and (row is not None or cluster_id is not None):
        return
    if row is None:
        row = ReminderRule(cluster_id=cluster_id, kind=kind)
        db.session.add(row)
    rule = as_chosen(before, Wish(wish.is_on, days))
    row.is_on, row.days, row.made_at = rule.is_on, list(rule.days), rule.made_at
    db.session.flush()
    _withdraw(cluster_id, kind, before)


def as_chosen(before: Rule, wish: Wish) -> Rule:
    """What becomes of a rule: it is young again where it wakes, or has days that it did not have."""
    grows = (wish.is_on and not before.is_on) or not set(wish.days) <= set(before.days)
    return Rule(wish.is_on, wish.days, clock.now() if grows else before.made_at, is_own=True)


def inherit(cluster_id: int, kind: ReminderKind) -> None:
    """Back to the province's rule, from now on."""
    _must_be_live(cluster_id)
    row = _row(cluster_id, kind)
    if row is None or _inherits(row):
        return
    before = effective(cluster_id)[kind]
    if DEFAULTS[kind]:
        # The row stays, without days of its own, and remembers that nothing older is reminded of.
        row.is_on, row.days, row.made_at = True, [], clock.now()
    else:
        db.session.delete(row)
    db.session.flush()
    _withdraw(cluster_id, kind, before)


def checked(kind: ReminderKind, days: Sequence[int]) -> tuple[int, ...]:
    """The days in their order, each once, or a refusal."""
    if not DEFAULTS[kind]:
        return ()
    field = f"{kind}_days"
    least, most = RANGES[kind]
    if not days:
        raise Refused(field, _("Tulis sedikitnya satu hari, atau matikan pengingat ini."))
    if kind not in LISTS and len(set(days)) > 1:
        raise Refused(field, _("Tulis satu bilangan saja."))
    if len(set(days)) > MOST:
        raise Refused(field, _("Paling banyak %(limit)s hari yang berbeda.", limit=MOST))
    if any(not least <= day <= most for day in days):
        limits = {"least": max(least, 1), "most": most}
        raise Refused(field, _("Tulis hari dari %(least)s sampai %(most)s.", **limits))
    return tuple(sorted(set(days), reverse=True))


# ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _of(rows: Iterable[ReminderRule], cluster_id: int | None) -> dict[ReminderKind, ReminderRule]:
    return {row.kind: row for row in rows if row.cluster_id == cluster_id}


def _combined(
    ours: Mapping[ReminderKind, ReminderRule], theirs: Mapping[ReminderKind, ReminderRule]
) -> dict[ReminderKind, Rule]:
    rules = {}
    for kind, days in DEFAULTS.items():
        row, own = ours.get(kind), theirs.get(kind)
        rule = Rule(True, days, clock.now()) if row is None else _rule(row)
        if own is not None and _inherits(own):
            rule = Rule(rule.is_on, rule.days, max(rule.made_at, own.made_at))
        elif own is not None:
            rule = Rule(own.is_on, tuple(own.days), own.made_at, is_own=True)
        rules[kind] = rule
    return rules


def _rule(row: ReminderRule) -> Rule:
    return Rule(row.is_on, tuple(row.days), row.made_at)


def _inherits(row: ReminderRule) -> bool:
    return bool(DEFAULTS[row.kind]) and not row.days


def _row(cluster_id: int | None, kind: ReminderKind) -> ReminderRule | None:
    where = ReminderRule.cluster_id.is_(None) if cluster_id is None else ReminderRule.cluster_id == cluster_id
    return db.session.scalars(select(ReminderRule).where(where, ReminderRule.kind == kind)).first()


def _must_be_live(cluster_id: int | None) -> None:
    if cluster_id is not None:
        cluster = db.session.scalars(select(Cluster).where(Cluster.id == cluster_id)).one()
        if cluster.is_archived:
            raise WrongState(_("Klaster ini diarsipkan; aturannya tidak dapat diubah."))


def _withdraw(cluster_id: int | None, kind: ReminderKind, before: Rule) -> None:
    """What waits to be sent by days that the rule no longer has stays here. Digests tell of many things."""
    touched = [cluster_id] if cluster_id is not None else list(db.session.scalars(select(Cluster.id)))
    rules = of_all(touched)
    for each in touched:
        rule = rules[each][kind]
        gone = set(before.days) - set(rule.days if rule.is_on else ())
        if not gone:
            continue
        carried = select(Reminder).where(
            Reminder.cluster_id == each,
            Reminder.kind == kind,
            Reminder.state == ReminderState.CARRIED,
            Reminder.message_id.in_(select(OutboxMessage.id).where(OutboxMessage.state.in_(WAITING))),
        )
        for reminder in db.session.scalars(carried):
            if reminder.user_id is None and offset_of(reminder.key, kind) in {None, *gone}:
                _obsolete(reminder)
    db.session.flush()


def offset_of(key: str, kind: ReminderKind) -> int | None:
    """The days of a session's reminder, which stand in its key ("session:3:0:1:i:9")."""
    return int(key.split(":")[3]) if kind == ReminderKind.GUIDANCE else None


def _obsolete(reminder: Reminder) -> None:
    db.session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == reminder.message_id, OutboxMessage.state.in_(WAITING))
        .values(state=OutboxState.OBSOLETE)
        .execution_options(synchronize_session=False)
    )
    reminder.state, reminder.reason = ReminderState.OBSOLETE, "rule"
