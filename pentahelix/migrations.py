"""The migrations: which one is the newest, and Alembic for whoever runs them.

A web worker asks for the newest only, which the files tell: Alembic would be a sixth of its start.
"""

import re
from pathlib import Path

from flask import Flask

from pentahelix.extensions import db

FOLDER = Path(__file__).resolve().parent.parent / "migrations"

_MADE = re.compile(r"""^revision = ["'](\w+)["']$""", re.MULTILINE)
_FOLLOWED = re.compile(r"""^down_revision = ["'](\w+)["']$""", re.MULTILINE)


def newest() -> str:
    """The revision that this code needs: the one that no other follows."""
    scripts = [script.read_text("utf-8") for script in (FOLDER / "versions").glob("*.py")]
    made, followed = (
        {revision for script in scripts for revision in pattern.findall(script)}
        for pattern in (_MADE, _FOLLOWED)
    )
    (last,) = made - followed
    return str(last)


def register(app: Flask) -> None:
    """Make `flask db` work on `app`."""
    from flask_migrate import Migrate

    Migrate(app, db, directory=str(FOLDER))


def upgrade(app: Flask) -> None:
    """Bring the database of `app`, whose context is open, to the newest."""
    from flask_migrate import upgrade

    register(app)
    upgrade(str(FOLDER))
