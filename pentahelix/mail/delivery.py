"""Out of the outbox: claim a mail, send it, write down what became of it.

Three short steps, and no transaction is open while the server talks. A claim raises the attempt and runs out
by itself, so that whoever is killed holds nothing up; what a deliverer writes down counts only while its
claim is the latest. A mail is therefore never lost, and sent twice only where nobody can know whether the
server took it: between the final dot and our own commit.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import SystemRandom
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from pentahelix import clock
from pentahelix.config import Settings
from pentahelix.extensions import db
from pentahelix.logs import log
from pentahelix.mail import validity
from pentahelix.mail.outbox import WAITING
from pentahelix.mail.transport import Line, Outcome, Verdict, longest
from pentahelix.models import OutboxMessage
from pentahelix.unit_of_work import unit_of_work
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
    content: bytes

    @classmethod
    def of(cls, message: OutboxMessage) -> "Claim":
        return cls(
            id=message.id,
            attempt=message.attempt,
            owner=message.owner or "",
            unknowns=message.unknowns,
            is_secret=message.is_secret,
            recipient=message.recipient,
            content=message.content or b"",
        )


def deliver_due(settings: Settings, owner: str, go_on: Callable[[], bool] = lambda: True) -> int:
    """Send what is due, one mail after the other; how many were tried.

    `owner` is unlike that of any other deliverer. The round ends early where the server is not reached or
    the database does not take the outcome: every further mail would then be one that may be sent twice.
    """
    if not is_anything_due():
        return 0
    tried = 0
    if not settings.mail_url.get_secret_value():
        while go_on() and (claim := claim_next(settings, owner)):
            tried += 1
            settle(claim, {"state": OutboxState.KEPT})
        return tried
    with Line(settings) as line:
        while go_on() and (claim := claim_next(settings, owner)):
            tried += 1
            outcome = _send(line, claim)
            try:
                settle(claim, consequence(outcome, claim, settings))
            except SQLAlchemyError as error:
                log.error("mail_unsettled", message=claim.id, verdict=outcome.verdict.name, exc_info=error)
                break
            if not outcome.reached:
                break
    return tried


def is_anything_due() -> bool:
    """The one question of an idle tick."""
    try:
        return db.session.scalar(select(OutboxMessage.id).where(*_due()).limit(1)) is not None
    finally:
        db.session.remove()


def claim_next(settings: Settings, owner: str) -> Claim | None:
    """The mail that has been due for longest, now `owner`'s. What no longer holds is laid aside."""
    with unit_of_work(f"scheduler:{owner}") as session:
        _let_lapse(session, settings)
        while (message := _take(session, settings, owner)) is not None:
            claim = Claim.of(message)
            try:
                if validity.holds(message):
                    return claim
            except (ValueError, LookupError, TypeError, AttributeError) as error:
                # Not understood; left as it was, it would stand before all others again at the next tick.
                log.exception("mail", message=claim.id)
                _write(session, claim, {"state": OutboxState.PARKED, "error": repr(error)})
            else:
                _write(session, claim, {"state": OutboxState.OBSOLETE})
    return None


def settle(claim: Claim, values: dict[str, Any]) -> None:
    """Write down what became of it, at once."""
    with unit_of_work(f"scheduler:{claim.owner}") as session:
        _write(session, claim, values)


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
        return line.send(claim.recipient, claim.content)
    except Exception as error:
        log.exception("mail", message=claim.id)
        line.drop()
        return Outcome(Verdict.UNKNOWN, MailFault.UNKNOWN, f"{type(error).__name__}: {error}")


def _due(*states: OutboxState) -> tuple[ColumnElement[bool], ...]:
    """A claim stands at the instant when it runs out."""
    among = states or (*WAITING, OutboxState.SENDING)
    return OutboxMessage.state.in_(among), OutboxMessage.next_at <= clock.now()


def _let_lapse(session: Session, settings: Settings) -> None:
    """Whoever held these claims is dead or late: their mails may have arrived."""
    lapsed = Outcome(Verdict.UNKNOWN, MailFault.UNKNOWN, "The deliverer did not come back.")
    for message in session.scalars(select(OutboxMessage).where(*_due(OutboxState.SENDING))).all():
        claim = Claim.of(message)
        log.warning("mail_lapsed", message=claim.id, attempt=claim.attempt, owner=claim.owner)
        _write(session, claim, consequence(lapsed, claim, settings))


def _take(session: Session, settings: Settings, owner: str) -> OutboxMessage | None:
    until = clock.now() + lease(settings)
    first = (
        select(OutboxMessage.id)
        .where(*_due(*WAITING))
        .order_by(OutboxMessage.next_at, OutboxMessage.id)
        .limit(1)
        # PostgreSQL: what another deliverer takes at this moment is not waited for.
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    return session.scalars(
        update(OutboxMessage)
        .where(OutboxMessage.id == first)
        .values(
            state=OutboxState.SENDING,
            owner=owner,
            lease_until=until,
            next_at=until,
            attempt=OutboxMessage.attempt + 1,
        )
        .returning(OutboxMessage)
        .execution_options(synchronize_session=False, populate_existing=True)
    ).one_or_none()


def _write(session: Session, claim: Claim, values: dict[str, Any]) -> None:
    """Only the latest claim writes; whoever is late finds that the mail is somebody else's now."""
    freed = {"owner": None, "lease_until": None} | values
    if claim.is_secret and values["state"] in AT_REST:
        freed["content"] = None
    written = session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.id == claim.id,
            OutboxMessage.attempt == claim.attempt,
            OutboxMessage.owner == claim.owner,
            OutboxMessage.state == OutboxState.SENDING,
        )
        .values(freed)
        .returning(OutboxMessage.id)
        .execution_options(synchronize_session=False)
    ).first()
    if written is None:
        log.warning("mail_late", message=claim.id, attempt=claim.attempt, owner=claim.owner)
