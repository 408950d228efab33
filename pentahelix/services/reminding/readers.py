"""Who reads the digest: users with an address who want it, and the clusters that each of them is told of."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.logs import log
from pentahelix.models import Membership, OutboxMessage, User
from pentahelix.scope import live
from pentahelix.services.opt_outs import users_without
from pentahelix.services.reminding.book import Book
from pentahelix.services.reminding.items import Item
from pentahelix.vocabulary import MailKind, MailTopic, Role

#: When a digest may be made, by the clocks of its reader.
FROM, UNTIL = time(6, 30), time(12)

#: Of somebody who had no digest for longer, or never one, answers are told from so long ago.
ANSWERS_SINCE = timedelta(days=7)


@dataclass(frozen=True)
class Reader:
    """A user, and what of the day concerns them. Clusters that rest on `day` are left out."""

    user: User
    #: by their own clocks
    day: date
    #: the digest before this one
    since: datetime
    #: where they work
    cluster_ids: frozenset[int]
    #: all that are mailed on that day
    everywhere: frozenset[int]

    @property
    def id(self) -> int:
        return self.user.id

    @property
    def key(self) -> str:
        return f"{MailKind.DIGEST}:u:{self.user.id}:{self.day}"

    @property
    def is_kabid(self) -> bool:
        return self.user.role == Role.KABID

    @property
    def is_admin(self) -> bool:
        return self.user.role == Role.ADMIN

    @property
    def looks_at(self) -> frozenset[int]:
        """The clusters of which something may be told."""
        return self.everywhere if self.is_kabid or self.is_admin else self.cluster_ids

    def is_told(self, item: Item) -> bool:
        if item.to_kabid and self.is_kabid and item.cluster_id in self.everywhere:
            return True
        return item.to_coordinators and item.cluster_id in self.cluster_ids


def this_morning(book: Book, only: int | None = None) -> list[Reader]:
    """Those whose digest of today may be made now and is not; one statement outside of the morning."""
    now = clock.now()
    zones = [zone for zone in db.session.scalars(select(User.timezone).distinct()) if _is_morning(now, zone)]
    if not zones:
        return []
    wanted = _users().where(User.timezone.in_(zones))
    users = db.session.scalars(wanted.where(User.id == only) if only is not None else wanted).all()
    unwilling = users_without(MailTopic.DIGEST)
    member_of = memberships(only)
    earlier: dict[int, tuple[str, datetime]] = {
        row.recipient_user_id: (row.key, row.made_at) for row in db.session.execute(_last_digests(only))
    }
    working: dict[date, frozenset[int]] = {}
    readers = []
    for user in users:
        day = clock.today(user.timezone)
        if day not in working:
            working[day] = frozenset(each for each in book.zones if book.works(each, day))
        key, made_at = earlier.get(user.id, ("", now - ANSWERS_SINCE))
        own = member_of.get(user.id, frozenset()) & working[day]
        reader = Reader(user, day, made_at, own, working[day])
        if key != reader.key and user.id not in unwilling:
            readers.append(reader)
    return readers


def coordinators(book: Book) -> dict[int, list[User]]:
    """Who works in each of the clusters and reads digests."""
    member_of, unwilling = memberships(), users_without(MailTopic.DIGEST)
    found: dict[int, list[User]] = {cluster_id: [] for cluster_id in book.zones}
    for user in db.session.scalars(_users()):
        if user.id not in unwilling:
            for cluster_id in member_of.get(user.id, frozenset()) & found.keys():
                found[cluster_id].append(user)
    return found


def kabids() -> list[User]:
    unwilling = users_without(MailTopic.DIGEST)
    users = db.session.scalars(_users().where(User.role == Role.KABID))
    return [user for user in users if user.id not in unwilling]


def memberships(only: int | None = None) -> dict[int, frozenset[int]]:
    wanted = select(Membership.user_id, Membership.cluster_id).where(live(Membership))
    if only is not None:
        wanted = wanted.where(Membership.user_id == only)
    found: dict[int, set[int]] = {}
    for user_id, cluster_id in db.session.execute(wanted):
        found.setdefault(user_id, set()).add(cluster_id)
    return {user_id: frozenset(cluster_ids) for user_id, cluster_ids in found.items()}


def _is_morning(now: datetime, zone: str) -> bool:
    try:
        return FROM <= clock.local(now, zone).time() < UNTIL
    except (ValueError, KeyError):
        # A zone that this machine does not know keeps its own people waiting, and nobody else.
        log.error("zone", zone=zone)
        return False


def _users() -> Any:
    """In SQL what `recipients.user` says of one of them."""
    reachable = select(User).where(User.email.is_not(None), User.deactivated_at.is_(None))
    return reachable.order_by(User.sort_name, User.id)


def _last_digests(only: int | None) -> Any:
    wanted = select(
        OutboxMessage.recipient_user_id,
        # They end with the day, so that the last one is the greatest.
        func.max(OutboxMessage.key).label("key"),
        func.max(OutboxMessage.made_at).label("made_at"),
    ).where(OutboxMessage.kind == MailKind.DIGEST, OutboxMessage.made_at > clock.now() - ANSWERS_SINCE)
    if only is not None:
        wanted = wanted.where(OutboxMessage.recipient_user_id == only)
    return wanted.group_by(OutboxMessage.recipient_user_id)
