"""How transactions end on PostgreSQL."""

import pytest
from sqlalchemy import text

from pentahelix.extensions import db

pytestmark = pytest.mark.parametrize("app", ["postgresql"], indirect=True)


def test_what_is_planned_is_kept_after_what_was_only_read(app):
    asked = text("SELECT count(*) FROM pg_prepared_statements")
    with app.app_context(), db.engine.connect() as connection:
        for _ in range(8):
            kept = connection.scalar(asked)
            connection.rollback()
    assert kept == 1


def test_what_was_changed_is_rolled_back(app):
    with app.app_context(), db.engine.connect() as connection:
        connection.execute(text("INSERT INTO tag (name, version) VALUES ('halal', 1)"))
        connection.rollback()
        assert connection.scalar(text("SELECT count(*) FROM tag WHERE name = 'halal'")) == 0
