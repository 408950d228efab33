"""The pages, a package per feature."""

from importlib import import_module
from typing import Any
from uuid import uuid4

from flask import Flask, current_app, g
from flask_wtf.csrf import generate_csrf

from pentahelix import clock, principal, room
from pentahelix.blueprints import errors, widgets
from pentahelix.blueprints.chosen import bars_of_this_request
from pentahelix.config import Settings
from pentahelix.queries.bars import Bars
from pentahelix.room import Room
from pentahelix.vocabulary import Role

FEATURES = (
    "home",
    "partners",
    "contacts",
    "clusters",
    "schools",
    "products",
    "agreements",
    "meetings",
    "guidance",
    "contributions",
    "documents",
    "coverage",
    "followups",
    "reminders",
    "reply",
    "optout",
    "portal",
    "outbox",
    "search",
    "accounts",
    "admin",
    "offline",
    "health",
)


def register(app: Flask, settings: Settings) -> None:
    only_here = []
    if settings.env in ("demo", "test"):
        only_here.append("style")
    if settings.is_demo and not settings.mail_url:
        only_here.append("mailbox")
    for feature in (*FEATURES, *only_here):
        app.register_blueprint(import_module(f"pentahelix.blueprints.{feature}.views").bp)
    errors.register(app)
    app.context_processor(_context)
    # Globals rather than context: macros are imported without it.
    app.jinja_env.globals.update(
        csrf_token=_csrf_token, new_submission_id=lambda: str(uuid4()), described_by=widgets.described_by
    )


def _csrf_token() -> str:
    """That of this request, which many buttons of a page carry."""
    token: str = g.get("csrf_token") or generate_csrf()
    return token


def _context() -> dict[str, Any]:
    """What every template knows; the bars ask the database, unless that is what has failed."""
    person = None if g.get("without_database") else principal.current()
    shown = bars_of_this_request() if person else Bars(None, 0)
    settings: Settings = current_app.extensions["settings"]
    left = room.of(settings) if person is not None and person.role is Role.ADMIN else Room.OK
    return {
        "settings": settings,
        "person": person,
        "today": clock.today(person.timezone if person else clock.PROVINCE_ZONE),
        "waiting_count": shown.waiting + (left != Room.OK),
        # what the admin is told of the disk
        "short_of_room": left if left != Room.OK else None,
        "chosen_cluster": shown.cluster,
        "request_id": g.get("request_id", ""),
    }
