"""Out of the outbox: claim a mail, send it, write down what became of it.

No transaction is open while the server talks: between two mails stands one, short, which writes down what
became of the first and claims the second, so that a mail costs one commit. A claim raises the attempt and
runs out by itself, so that whoever is killed holds nothing up; what a deliverer writes down counts only while
its claim is the latest. A mail is therefore never lost, and sent twice only where nobody can know whether the
server took it: between the final dot and our own commit.

The trail does not speak of mails on their way, and nobody's scope narrows them: a deliverer speaks to the
database itself, without the session, in statements that are put together once.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from secrets import SystemRandom
from typing import Any

from sqlalchemy import ColumnElement, Connection, Executable, func, select, update
from sqlalchemy.exc import SQLAlchemyError

from pentahelix import clock
from pentahelix.config import Settings
from pentahelix.database import WRITE
from pentahelix.extensions import db
from pentahelix.logs import log
from pentahelix.mail import validity
from pentahelix.mail.outbox import WAITING
from pentahelix.mail.transport import Line, Outcome, Verdict, longest
from pentahelix.models import OutboxMessage
from pentahelix.prepared import NOW, prepared
from pentahelix.vocabulary import MailFault, OutboxState

#: Minutes until the next try, the last one for all that follow; each is stretched or shortened by a fifth.
BACK_OFF = (1, 5, 15, 60, 240)
SPREAD = 0.2

#: So many tries fill 48 hours. They are counted, since time in which nobody tried says nothing.
TRIES = 16

#: How often a mail that may have arrived is sent once more.
MORE_AFTER_UNKNOWN = 2

#: A claim outlives the slowest conversation by so much.
LEASE = 1.25

#: After a mail was sent it is looked at once more, to take the personal links out of the copy (`masking`) …
WHOLE_FOR = timedelta(hours=48)
#: … and then never.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)

#: Nothing more becomes of it by itself. In the demo, mails are kept whole, to be read.
AT_REST = (OutboxState.SENT, OutboxState.REFUSED, OutboxState.PARKED, OutboxState.OBSOLETE)


@dataclass(frozen=True)
class Claim:
    """What its deliverer needs to know of a mail when the transaction is over."""

    id: int
    attempt: int
    owner: str
    unknowns: int
    is_secret: bool
    recipient: str
    content: bytes | None


CLAIM = tuple(getattr(OutboxMessage, field.name) for field in fields(Claim))


def deliver_due(settings: Settings, owner: str, go_on: Callable[[], bool] = lambda: True) -> int:
    """Send what is due, one mail after the other; how many were tried.

    `owner` is unlike that of any other deliverer. The round ends early where the server is not reached or
    the database does not take the outcome: every further mail would then be one that may be sent twice.
    """
    if not is_anything_due():
        return 0
    tried, term = 0, lease(settings)
    claim = claim_next(settings, owner) if go_on() else None
    if not settings.mail_url:
        while claim:
            tried += 1
            claim = settle(claim, {"state": OutboxState.KEPT}, term if go_on() else None)
        return tried
    with Line(settings) as line:
        while claim:
            tried += 1
            outcome = _send(line, claim)
            following = term if outcome.reached and go_on() else None
            try:
                claim = settle(claim, consequence(outcome, claim, settings), following)
            except SQLAlchemyError:
                log.exception("mail_unsettled", verdict=outcome.verdict.name)
                break
    return tried


def is_anything_due() -> bool:
    """The one question of an idle tick."""
    with db.engine.connect() as connection:
        return connection.scalar(*_any_due()) is not None


def claim_next(settings: Settings, owner: str) -> Claim | None:
    """The first mail of a round, once the claims of whoever is dead or late have lapsed."""
    with _writing() as connection:
        _let_lapse(connection, settings)
        return _claim(connection, owner, lease(settings))


def settle(claim: Claim, values: dict[str, Any], term: timedelta | None = None) -> Claim | None:
    """Write down what became of it, at once; the next mail, claimed for so long by the same commit."""
    if term is not None:
        try:
            with _writing() as connection:
                _write(connection, claim, values)
                return _claim(connection, claim.owner, term)
        except Exception:
            # Whatever is wrong with the next mail does not undo what became of this one.
            log.exception("mail_unclaimed", settled=claim.id)
    with _writing() as connection:
        _write(connection, claim, values)
    return None


def consequence(outcome: Outcome, claim: Claim, settings: Settings) -> dict[str, Any]:
    """What an outcome makes of the row."""
    now = clock.now()
    told = {"fault": outcome.fault, "error": (outcome.words or "")[:2000] or None}
    match outcome.verdict:
        case Verdict.ACCEPTED:
            return {"state": OutboxState.SENT, "sent_at": now, "next_at": now + WHOLE_FOR} | told
        case Verdict.REFUSED:
            return {"state": OutboxState.REFUSED} | told
        case Verdict.NOT_NOW if claim.attempt >= TRIES:
            return told | {"state": OutboxState.PARKED, "fault": MailFault.GAVE_UP}
        case Verdict.NOT_NOW:
            minutes = BACK_OFF[min(claim.attempt, len(BACK_OFF)) - 1]
            wait = timedelta(minutes=minutes * SystemRandom().uniform(1 - SPREAD, 1 + SPREAD))
            return {"state": OutboxState.QUEUED, "next_at": now + wait} | told
        case Verdict.UNKNOWN:
            unknowns = claim.unknowns + 1
            again = unknowns <= MORE_AFTER_UNKNOWN
            return {
                "state": OutboxState.UNKNOWN if again else OutboxState.PARKED,
                "unknowns": unknowns,
                "next_at": now + timedelta(seconds=settings.mail_unknown_seconds),
            } | told


def lease(settings: Settings) -> timedelta:
    return timedelta(seconds=longest(settings) * LEASE)


# ---------------------------------------------------------------------------------------------------------


def _send(line: Line, claim: Claim) -> Outcome:
    """A mail that cannot even be tried comes to rest like one that kills its deliverer, alone."""
    try:
        return line.send(claim.recipient, claim.content or b"")
    except Exception as error:
        log.exception("mail", message=claim.id)
        line.drop()
        return Outcome(Verdict.UNKNOWN, MailFault.UNKNOWN, f"{type(error).__name__}: {error}")


def _writing() -> AbstractContextManager[Connection]:
    return db.engine.execution_options(**{WRITE: True}).begin()


def _let_lapse(connection: Connection, settings: Settings) -> None:
    """Whoever held these claims is dead or late: their mails may have arrived."""
    lapsed = Outcome(Verdict.UNKNOWN, MailFault.UNKNOWN, "The deliverer did not come back.")
    for row in connection.execute(*_lapsed()).all():
        claim = Claim(*row)
        log.warning("mail_lapsed", message=claim.id, attempt=claim.attempt, owner=claim.owner)
        _write(connection, claim, consequence(lapsed, claim, settings))


def _claim(connection: Connection, owner: str, term: timedelta) -> Claim | None:
    """The mail that has been due for longest, now `owner`'s. What no longer holds is laid aside."""
    while row := connection.execute(*_taken(owner, clock.now() + term)).one_or_none():
        claim = Claim(*row)
        try:
            if validity.holds(connection, claim.id):
                return claim
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            # Not understood; left as it was, it would stand before all others again at the next tick.
            log.exception("mail", message=claim.id)
            _write(connection, claim, {"state": OutboxState.PARKED, "error": repr(error)})
        else:
            _write(connection, claim, {"state": OutboxState.OBSOLETE})
    return None


def _write(connection: Connection, claim: Claim, values: dict[str, Any]) -> None:
    """Only the latest claim writes; whoever is late finds that the mail is somebody else's now."""
    freed = {"owner": None, "lease_until": None} | values
    if claim.is_secret and values["state"] in AT_REST:
        freed["content"] = None
    written = connection.execute(*_written(claim.id, claim.attempt, claim.owner, freed)).first()
    if written is None:
        log.warning("mail_late", message=claim.id, attempt=claim.attempt, owner=claim.owner)


# ---------------------------------------------------------------------------------------------------------


def _due(*states: OutboxState) -> tuple[ColumnElement[bool], ...]:
    """A claim stands at the instant when it runs out."""
    return OutboxMessage.state.in_(states), OutboxMessage.next_at <= NOW


@prepared
def _any_due() -> Executable:
    return select(OutboxMessage.id).where(*_due(*WAITING, OutboxState.SENDING)).limit(1)


@prepared
def _lapsed() -> Executable:
    # PostgreSQL, here and below: what another deliverer writes at this moment is not waited for.
    return select(*CLAIM).where(*_due(OutboxState.SENDING)).with_for_update(skip_locked=True)


@prepared
def _taken(by: str, until: datetime) -> Executable:
    # State by state, for then the index gives the first one without sorting all that wait.
    first = [
        select(OutboxMessage.id)
        .where(*_due(state))
        .order_by(OutboxMessage.next_at, OutboxMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
        # What may have arrived has waited for longest.
        for state in reversed(WAITING)
    ]
    return (
        update(OutboxMessage)
        .where(OutboxMessage.id == func.coalesce(*first))
        .values(
            state=OutboxState.SENDING,
            owner=by,
            lease_until=until,
            next_at=until,
            attempt=OutboxMessage.attempt + 1,
        )
        .returning(*CLAIM)
    )


@prepared
def _written(mail_id: int, tries: int, by: str, values: dict[str, Any]) -> Executable:
    return (
        update(OutboxMessage)
        .where(
            OutboxMessage.id == mail_id,
            OutboxMessage.attempt == tries,
            OutboxMessage.owner == by,
            OutboxMessage.state == OutboxState.SENDING,
        )
        .values(values)
        .returning(OutboxMessage.id)
    )
