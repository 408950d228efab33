"""A dry run: whom the rules of a cluster will mail on which days, if everything stays as it is now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import select

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import FollowUp, GuidanceSession, Reminder, User
from pentahelix.scope import live
from pentahelix.services.opt_outs import users_without
from pentahelix.services.reminder_rules import DEFAULTS, Rule
from pentahelix.services.reminding import items, letters, readers
from pentahelix.services.reminding.book import Book
from pentahelix.services.reminding.items import Item
from pentahelix.vocabulary import OPEN_FOLLOW_UPS, MailTopic, ReminderKind

AHEAD = timedelta(days=60)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Foretold:
    """One reminder on one day, and who gets it."""

    day: date
    kind: ReminderKind
    #: of the rule: before (below nought: after) the day, or since it
    days: int
    title: str
    names: tuple[str, ...]


def of(cluster_id: int, rules: Mapping[ReminderKind, Rule] | None = None) -> list[Foretold]:
    """The next sixty days of a cluster under its rules, or under others; a dozen statements."""
    book = Book.opened(cluster_id)
    if cluster_id not in book.zones:
        return []
    if rules is not None:
        book = replace(book, rules={cluster_id: rules})
    until = book.today(cluster_id) + AHEAD
    found = [*_letters(book, cluster_id), *_items(book, cluster_id), *_late(book, cluster_id)]
    order = list(DEFAULTS)
    return sorted(
        (foretold for foretold in found if foretold.day <= until),
        key=lambda foretold: (foretold.day, order.index(foretold.kind), foretold.title),
    )


def _letters(book: Book, cluster_id: int) -> Iterator[Foretold]:
    here = GuidanceSession.cluster_id == cluster_id
    groups: dict[tuple[date, ReminderKind, int, int], list[letters.Letter]] = {}
    for letter in letters.coming(letters.all_of(book, here)):
        day = clock.local(letter.sends_at, book.zones[cluster_id]).date()
        groups.setdefault((day, letter.kind, letter.days, letter.guidance_id), []).append(letter)
    for (day, kind, days, _guidance_id), group in groups.items():
        yield Foretold(day, kind, days, group[0].topic, tuple(sorted(letter.name for letter in group)))


def _items(book: Book, cluster_id: int) -> Iterator[Foretold]:
    everybody = {user.id: user for user in readers.coordinators(book)[cluster_id]}
    above = {user.id: user for user in readers.kabids()}
    found = [item for item in items.all_of(book, AHEAD) if item.cluster_id == cluster_id]
    told = set(
        db.session.scalars(
            select(Reminder.key).where(
                Reminder.cluster_id == cluster_id,
                Reminder.user_id.in_([*everybody, *above]),
                Reminder.nominal_on >= min((item.nominal_on for item in found), default=date.max),
            )
        )
    )
    morning = _next_morning(book, cluster_id)
    groups: dict[str, list[str]] = {}
    for user in {**above, **everybody}.values():
        theirs = [item for item in found if _concerns(item, user.id, everybody, above)]
        come = [item for item in theirs if item.sends_on <= morning]
        now, _overtaken = items.owed(come, told, user.id)
        for item in (*now, *(item for item in theirs if item.sends_on > morning)):
            groups.setdefault(item.key, []).append(user.name)
    for item in found:
        if names := groups.get(item.key):
            day = book.sends_on(cluster_id, max(item.sends_on, morning), before=False)
            yield Foretold(day, item.kind, item.days, item.title, tuple(names))


def _concerns(item: Item, user_id: int, everybody: Mapping[int, User], above: Mapping[int, User]) -> bool:
    return (item.to_coordinators and user_id in everybody) or (item.to_kabid and user_id in above)


def _late(book: Book, cluster_id: int) -> Iterator[Foretold]:
    """The first morning of each; after it every morning until it is done."""
    rule = book.on(cluster_id, ReminderKind.FOLLOW_UP_LATE)
    if rule is None:
        return
    morning, unwilling = _next_morning(book, cluster_id), users_without(MailTopic.DIGEST)
    rows = db.session.execute(
        select(FollowUp, User)
        .join(User, User.id == FollowUp.owner_user_id)
        .where(
            FollowUp.cluster_id == cluster_id,
            FollowUp.status.in_(OPEN_FOLLOW_UPS),
            FollowUp.due_on <= morning + AHEAD,
            User.email.is_not(None),
            User.deactivated_at.is_(None),
            live(FollowUp),
        )
        .order_by(FollowUp.due_on, FollowUp.id)
    )
    for follow_up, owner in rows:
        first = max(
            follow_up.due_on + timedelta(days=rule.days[0]), follow_up.snoozed_until or date.min, morning
        )
        if owner.id not in unwilling:
            day = book.sends_on(cluster_id, first, before=False)
            yield Foretold(day, ReminderKind.FOLLOW_UP_LATE, rule.days[0], follow_up.title, (owner.name,))


def _next_morning(book: Book, cluster_id: int) -> date:
    """The day of the next digest."""
    now = clock.local(clock.now(), book.zones[cluster_id])
    day = now.date() if now.time() < readers.FROM else now.date() + ONE_DAY
    return book.sends_on(cluster_id, day, before=False)
