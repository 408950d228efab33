"""Failed tries, counted so that guessing becomes slow for whoever guesses and for nobody else.

A try is counted before it is made, in a short transaction of its own: whatever becomes of the request around
it, the try stays counted, and several at once are counted one after the other. A success forgets them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from math import ceil
from zlib import crc32

from sqlalchemy import ColumnElement, and_, delete, func, select
from sqlalchemy.orm import Session

from pentahelix import clock
from pentahelix.extensions import db
from pentahelix.models import Attempt
from pentahelix.unit_of_work import apart
from pentahelix.vocabulary import AttemptKind

#: Failures that cost nothing yet, within WINDOW; each further one makes the next wait 1, 2, 4 … minutes.
FREE = 5
WINDOW = timedelta(minutes=15)
LONGEST_PAUSE = timedelta(minutes=15)

#: From devices that never signed in to the account, wherever they are.
STRANGERS = 20
STRANGERS_WINDOW = timedelta(hours=1)

#: From one network, whatever the account.
NETWORK = 100

#: Behind one personal link within WINDOW, whoever presses and whatever becomes of it.
LINK = 20

KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Try:
    """Somebody is about to try a secret."""

    kind: AttemptKind
    #: the account's address as typed, lower case; the digest of a personal link
    subject: str
    #: where from, see `network_of`
    network: str
    #: the browser has signed in to this account before
    is_known_device: bool = False


def network_of(address: str | None) -> str:
    """The neighbourhood of an address that one person commands: /24, or /64 of IPv6."""
    try:
        ip = ip_address(address or "")
    except ValueError:
        return "unknown"
    if ip.version == 6 and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return str(ip_network((ip, 24 if ip.version == 4 else 64), strict=False))


def begin(attempt: Try) -> timedelta | None:
    """Count the try; or tell how long one waits before it, then it is neither counted nor to be made."""
    now = clock.now()
    with apart() as session:
        _one_at_a_time(session, attempt)
        session.execute(
            delete(Attempt).where(Attempt.network == attempt.network, Attempt.made_at < now - KEPT)
        )
        until = _blocked_until(session, attempt, now)
        if until is None or until <= now:
            session.add(
                Attempt(
                    kind=attempt.kind,
                    subject=attempt.subject,
                    network=attempt.network,
                    is_known_device=attempt.is_known_device,
                    made_at=now,
                )
            )
            return None
    return until - now


def forget(attempt: Try) -> None:
    """The try succeeded: it and the failures before it, from the same place at the same account, are gone."""
    db.session.execute(
        delete(Attempt).where(
            Attempt.kind == attempt.kind,
            Attempt.subject == attempt.subject,
            Attempt.network == attempt.network,
        )
    )


def minutes(wait: timedelta) -> int:
    """Whole minutes, as one says it; never too few."""
    return max(1, ceil(wait / timedelta(minutes=1)))


def _blocked_until(session: Session, attempt: Try, now: datetime) -> datetime | None:
    """The latest of the limits. The owner's own device answers for its own failures only."""
    of_account = and_(Attempt.kind == attempt.kind, Attempt.subject == attempt.subject)
    if attempt.kind == AttemptKind.LINK:
        return _full_until(session, of_account, LINK, WINDOW)
    beside = session.scalars(
        select(Attempt.made_at)
        .where(
            of_account,
            Attempt.network == attempt.network,
            Attempt.is_known_device.is_(attempt.is_known_device),
            Attempt.made_at > now - KEPT,
        )
        .order_by(Attempt.made_at, Attempt.id)
    )
    limits = [pause_until(beside)]
    if not attempt.is_known_device:
        strange = and_(of_account, Attempt.is_known_device.is_(False))
        here = and_(Attempt.kind == attempt.kind, Attempt.network == attempt.network)
        limits += [
            _full_until(session, strange, STRANGERS, STRANGERS_WINDOW),
            _full_until(session, here, NETWORK, WINDOW),
        ]
    return max((limit for limit in limits if limit is not None), default=None)


def pause_until(failures: Iterable[datetime]) -> datetime | None:
    """When the next try may be made after `failures`, oldest first."""
    until: datetime | None = None
    pauses = 0
    near: list[datetime] = []
    for at in failures:
        if until is not None and at > until + WINDOW:
            # Quiet for as long as the window: what was before no longer counts.
            until, pauses, near = None, 0, []
        near = [*(other for other in near if other > at - WINDOW), at]
        if pauses or len(near) >= FREE:
            until = at + min(timedelta(minutes=2 ** min(pauses, 10)), LONGEST_PAUSE)
            pauses += 1
    return until


def _full_until(
    session: Session, which: ColumnElement[bool], most: int, window: timedelta
) -> datetime | None:
    """When there will again be fewer than `most` within `window`."""
    first = session.scalars(
        select(Attempt.made_at).where(which).order_by(Attempt.made_at.desc()).offset(most - 1).limit(1)
    ).first()
    return None if first is None else first + window


def _one_at_a_time(session: Session, attempt: Try) -> None:
    """Let tries at one account wait for each other; SQLite has one writer anyway."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(crc32(attempt.subject.encode()))))
