"""The demo data, loaded on a Tuesday."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from pentahelix import clock
from pentahelix.demo import loader
from pentahelix.extensions import db
from pentahelix.scope import ALL, set_scope
from tests.conftest import NOW
from tests.engines import SqliteDatabase


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteDatabase]:
    """Loaded once, and only read afterwards."""
    database = SqliteDatabase(tmp_path_factory.mktemp("demo"))
    with clock.frozen(NOW), database.app.app_context():
        loader.load(clock.today())
    yield database
    database.close()


@pytest.fixture
def loaded(house: SqliteDatabase) -> Iterator[Session]:
    with house.app.app_context():
        set_scope(db.session(), ALL)
        yield db.session()
        db.session.rollback()
