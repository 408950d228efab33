"""/healthz: whether the parts that nobody looks at still work."""

from typing import Any

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import case, func, or_, select
from sqlalchemy.exc import SQLAlchemyError

from pentahelix import clock, room
from pentahelix.blueprints.unstored import unstored
from pentahelix.extensions import db
from pentahelix.logs import log
from pentahelix.mail.outbox import WAITING
from pentahelix.models import Heartbeat, OutboxMessage
from pentahelix.permissions import public
from pentahelix.room import Room
from pentahelix.scheduler import HEARTBEAT
from pentahelix.vocabulary import MailFault, OutboxState

bp = Blueprint("health", __name__)

#: Ticks without a sign of life after which the scheduler counts as dead, and never less than a minute.
MISSED_TICKS = 4


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """200 while database and scheduler work and the disk is not full, else 503.

    Ages are seconds; null means that there is none.
    """
    try:
        facts = _facts()
    except SQLAlchemyError as error:
        log.error("health", exc_info=error)
        return jsonify(database="away"), 503
    settings = current_app.extensions["settings"]
    limit = max(60, MISSED_TICKS * settings.tick)
    age = facts["scheduler_heartbeat_age"]
    beats, disk = age is not None and age <= limit, room.of(settings)
    answer = jsonify(
        database="ok",
        scheduler="ok" if beats else "silent",
        disk=disk,
        disk_free_megabytes=room.megabytes(settings),
        **facts,
    )
    return unstored(answer), 200 if beats and disk != Room.FULL else 503


def _facts() -> dict[str, Any]:
    now = clock.now()
    beat = db.session.scalar(select(Heartbeat.at).where(Heartbeat.name == HEARTBEAT))
    was_tried = OutboxMessage.attempt > 0
    oldest = db.session.scalar(
        select(func.min(case((was_tried, OutboxMessage.made_at), else_=OutboxMessage.next_at))).where(
            OutboxMessage.state.in_((*WAITING, OutboxState.SENDING)),
            or_(was_tried, OutboxMessage.next_at <= now),
        )
    )
    parked = db.session.scalar(select(func.count()).where(OutboxMessage.state == OutboxState.PARKED))
    turned_away = db.session.scalar(
        select(func.count()).where(
            OutboxMessage.state.in_(WAITING), OutboxMessage.fault == MailFault.SERVER_REFUSES
        )
    )
    return {
        "scheduler_heartbeat_age": None if beat is None else round((now - beat).total_seconds()),
        # how long the mail that should have gone out first has been due; since it was made, once it was tried
        "outbox_oldest_age": None if oldest is None else round((now - oldest).total_seconds()),
        "outbox_parked": parked,
        # waiting because the mail server turns this installation away
        "outbox_turned_away": turned_away,
    }
