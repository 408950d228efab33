"""The migrations, up and down and up again, on both engines: the schema that they make is the models' own."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from pentahelix import database, ddl, migrations
from pentahelix.extensions import Entity, db
from tests.engines import Engines


@contextmanager
def empty_database(name: str, engines: Engines, folder: Path) -> Iterator[str]:
    """The address of a database in which nothing is."""
    if name == "sqlite":
        yield f"sqlite:///{folder / 'empty.db'}"
        return
    server: Any = engines["postgresql"]
    maintenance = server.maintenance
    with maintenance.connect() as connection:
        connection.execute(text("CREATE DATABASE empty TEMPLATE template0"))
    try:
        yield maintenance.url.set(database="empty").render_as_string(hide_password=False)
    finally:
        with maintenance.connect() as connection:
            connection.execute(text("DROP DATABASE empty WITH (FORCE)"))


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, engines: Engines, tmp_path: Path) -> Iterator[str]:
    with empty_database(request.param, engines, tmp_path) as address:
        yield address


@pytest.fixture
def house(address: str) -> Iterator[Flask]:
    """Just enough of an application for `flask db`, on the empty database."""
    house = Flask(__name__)
    house.config["SQLALCHEMY_DATABASE_URI"] = address
    house.config["SQLALCHEMY_ENGINE_OPTIONS"] = database.engine_options(address)
    db.init_app(house)
    migrations.register(house)
    with house.app_context():
        database.prepare(db.engine)
        yield house
        db.session.remove()
        db.engine.dispose()


def up(house: Flask) -> None:
    command.upgrade(house.extensions["migrate"].migrate.get_config(), "head")


def down(house: Flask) -> None:
    command.downgrade(house.extensions["migrate"].migrate.get_config(), "base")


def schema(connection: Connection) -> list[str]:
    """Everything that a database says it is made of, without Alembic's own note."""
    if connection.dialect.name == "sqlite":
        return _sqlite_schema(connection)
    questions = (
        "SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable,"
        " character_maximum_length, column_default, collation_name)"
        " FROM information_schema.columns WHERE table_schema = 'public'",
        "SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid))"
        " FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'",
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        "SELECT proname || prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
        "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'",
    )
    rows = [row for question in questions for row in connection.scalars(text(question)).all()]
    return sorted(row for row in rows if "alembic_version" not in row)


def _sqlite_schema(connection: Connection) -> list[str]:
    """The order of columns and of constraints within a table means nothing."""
    made = connection.execute(
        text("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'alembic_version'")
    ).all()
    facts = []
    for kind, name, sql in made:
        if kind != "table" or sql.startswith("CREATE VIRTUAL"):
            facts.append(sql)
            continue
        facts += [f"{name} {check}" for check in re.findall(r"CONSTRAINT ck_\w+ CHECK.*", sql)]
        for question in (
            'SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(:name)',
            'SELECT "from", "table", "to" FROM pragma_foreign_key_list(:name)',
            "SELECT i.origin, i.partial, group_concat(c.name) FROM pragma_index_list(:name) i,"
            " pragma_index_info(i.name) c GROUP BY i.name",
        ):
            facts += [f"{name} {tuple(row)}" for row in connection.execute(text(question), {"name": name})]
    return sorted(fact.rstrip(", ") for fact in facts)


def triggers(connection: Connection) -> set[str]:
    if connection.dialect.name == "sqlite":
        return set(connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")))
    return set(connection.scalars(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")))


def test_up_down_and_up_again_makes_the_schema_of_the_models(house: Flask) -> None:
    up(house)
    with db.engine.connect() as connection:
        first = schema(connection)
    down(house)
    with db.engine.connect() as connection:
        assert schema(connection) == []
    up(house)
    with db.engine.connect() as connection:
        assert schema(connection) == first
    down(house)
    Entity.metadata.create_all(db.engine)
    with db.engine.connect() as connection:
        assert schema(connection) == first, "models.py and the migrations differ: write a migration"
    Entity.metadata.drop_all(db.engine)
    with db.engine.connect() as connection:
        assert schema(connection) == []


def test_alembic_sees_no_difference(house: Flask) -> None:
    up(house)

    def ours(name: str | None, kind: str, _parents: Any) -> bool:
        return kind not in ("table", "index") or name not in ddl.LEFT_ALONE

    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": ours})
        assert compare_metadata(context, Entity.metadata) == []
    command.check(house.extensions["migrate"].migrate.get_config())


def test_the_migrations_have_one_head() -> None:
    script = ScriptDirectory(str(migrations.FOLDER))
    assert len(script.get_heads()) == 1, "two branches of migrations: let one follow the other"


@pytest.fixture
def migrated(app: Flask) -> Iterator[Engine]:
    """The database that every other test begins with."""
    with app.app_context():
        yield db.engine


@pytest.mark.both_engines
def test_every_trigger_is_there_after_migrating(migrated: Engine) -> None:
    with migrated.connect() as connection:
        assert triggers(connection) == ddl.TRIGGERS[connection.dialect.name]


ENTRY = (
    "INSERT INTO audit_entry (id, change_id, at, actor_kind, actor_name, action, noun, object_id,"
    " subject_noun, subject_id, digests) VALUES (7, 'c', '2026-11-24 00:00:00', 'command', 'test', 'created',"
    " 'partner', 1, 'partner', 1, '{}')"
)
VALUE = "INSERT INTO audit_value (id, entry_id, field, after, salt) VALUES (7, 7, 'name', 'Kalimaya', 's')"


@pytest.fixture
def trail(migrated: Engine) -> Engine:
    """A migrated database with one entry of the trail and one value."""
    with migrated.begin() as connection:
        connection.execute(text(ENTRY))
        connection.execute(text(VALUE))
    return migrated


def refuses(engine: Engine, statement: str) -> bool:
    try:
        with engine.begin() as connection:
            connection.execute(text(statement))
    except DBAPIError as error:
        return "append-only" in str(error.orig)
    return False


@pytest.mark.both_engines
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor_name = 'somebody else'",
        "DELETE FROM audit_entry",
        "UPDATE audit_value SET after = 'something else'",
    ],
)
def test_the_trail_is_not_rewritten(trail: Engine, statement: str) -> None:
    assert refuses(trail, statement)


@pytest.mark.both_engines
def test_the_trail_is_not_replaced_on_the_way_in(trail: Engine) -> None:
    if trail.dialect.name == "sqlite":
        assert refuses(trail, ENTRY.replace("INSERT", "INSERT OR REPLACE"))
        assert refuses(trail, VALUE.replace("INSERT", "INSERT OR REPLACE"))
    else:
        assert refuses(trail, "TRUNCATE audit_entry CASCADE")


@pytest.mark.both_engines
def test_a_value_of_the_trail_can_be_erased(trail: Engine) -> None:
    with trail.begin() as connection:
        connection.execute(text("DELETE FROM audit_value"))
        assert connection.scalar(text("SELECT count(*) FROM audit_entry")) == 1


def found(connection: Connection, word: str) -> list[int]:
    if connection.dialect.name == "sqlite":
        question = "SELECT rowid FROM search_words WHERE search_words MATCH :word"
        return list(connection.scalars(text(question), {"word": f'"{word}"*'}))
    question = "SELECT id FROM search_text WHERE to_tsvector('simple', folded) @@ to_tsquery('simple', :word)"
    return list(connection.scalars(text(question), {"word": f"'{word}':*"}))


@pytest.mark.both_engines
def test_the_index_of_words_follows_its_rows(migrated: Engine) -> None:
    with migrated.begin() as connection:
        connection.execute(
            text("INSERT INTO search_text (id, noun, object_id, folded) VALUES (3, 'partner', 1, 'smkn 1')")
        )
        assert found(connection, "smk") == [3]
        connection.execute(text("UPDATE search_text SET folded = 'kalimaya rasa'"))
        assert found(connection, "smk") == []
        assert found(connection, "kalim") == [3]
        connection.execute(text("DELETE FROM search_text"))
        assert found(connection, "kalim") == []


def test_no_name_is_longer_than_postgresql_keeps(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        names = re.findall(r"\b(?:ck|fk|uq|pk|ix)_\w+", " ".join(schema(connection)))
    assert [name for name in names if len(name) > 63] == []


@pytest.mark.parametrize("address", ["postgresql"], indirect=True)
def test_a_migration_that_waits_for_a_lock_gives_up_by_itself(house: Flask) -> None:
    up(house)
    other = create_engine(house.config["SQLALCHEMY_DATABASE_URI"])
    with other.begin() as connection:
        connection.execute(text("LOCK TABLE partner IN ACCESS SHARE MODE"))
        with pytest.raises(DBAPIError, match="lock timeout"):
            down(house)
    other.dispose()
    with db.engine.connect() as connection:
        assert triggers(connection) == ddl.TRIGGERS["postgresql"], "half a migration is none"


def test_the_trail_of_before_names_a_contact_by_number_from_now_on(house: Flask) -> None:
    """0007: no line may be changed, and a name has to go on request."""
    columns = ENTRY.partition(" VALUES")[0]
    told = (
        " VALUES ({}, '{}', '2026-11-24 00:00:00', '{}', 'Hendrik Sasmita', 'changed', 'contact', 12,"
        " 'contact', 12, '{{}}')"
    )
    config = house.extensions["migrate"].migrate.get_config()
    command.upgrade(config, "0006")
    with db.engine.begin() as connection:
        for line in ((1, "his", "contact"), (2, "again", "link"), (3, "hers", "user")):
            connection.execute(text(columns + told.format(*line)))
    command.upgrade(config, "head")
    names = text("SELECT actor_name FROM audit_entry ORDER BY id")
    with db.engine.connect() as connection:
        assert connection.scalars(names).all() == ["c:12", "c:12", "Hendrik Sasmita"]
        assert triggers(connection) == ddl.TRIGGERS[connection.dialect.name]
    assert refuses(db.engine, "UPDATE audit_entry SET actor_name = 'somebody else'")
