"""The pages, a package per feature."""

from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

from flask import Flask, current_app, g
from flask_wtf.csrf import generate_csrf

from pentahelix import clock, principal
from pentahelix.blueprints import errors
from pentahelix.config import Settings
from pentahelix.queries import clusters, waiting

FEATURES = (
    "home",
    "partners",
    "contacts",
    "clusters",
    "meetings",
    "followups",
    "search",
    "accounts",
    "admin",
    "health",
)


def register(app: Flask, settings: Settings) -> None:
    for feature in (*FEATURES, *(("style",) if settings.env in ("demo", "test") else ())):
        if not (Path(__file__).parent / feature / "views.py").exists():
            continue
        app.register_blueprint(import_module(f"pentahelix.blueprints.{feature}.views").bp)
    errors.register(app)
    app.context_processor(_context)
    # Globals rather than context: macros are imported without it.
    app.jinja_env.globals.update(csrf_token=generate_csrf, new_submission_id=lambda: str(uuid4()))


def _context() -> dict[str, Any]:
    """What every template knows; the bars ask the database, unless that is what has failed."""
    person = None if g.get("without_database") else principal.current()
    return {
        "settings": current_app.extensions["settings"],
        "person": person,
        "today": clock.today(person.timezone if person else clock.PROVINCE_ZONE),
        "waiting_count": waiting.count(person) if person else 0,
        "chosen_cluster": clusters.chosen(person) if person else None,
        "request_id": g.get("request_id", ""),
    }
