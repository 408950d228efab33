"""The trail: everything that is changed, by whom, before and after, and nobody may change it."""

import hashlib

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from pentahelix import audit, clock
from pentahelix.extensions import db
from pentahelix.models import AuditEntry, AuditValue, Partner
from pentahelix.vocabulary import ActorKind, AuditAction
from tests import factories as make
from tests.cast import Cast

pytestmark = pytest.mark.both_engines


def _entries(session: Session, noun: str) -> list[AuditEntry]:
    return list(session.scalars(select(AuditEntry).where(AuditEntry.noun == noun).order_by(AuditEntry.id)))


def _values(session: Session, entry: AuditEntry) -> dict[str, tuple[str | None, str | None]]:
    rows = session.scalars(select(AuditValue).where(AuditValue.entry_id == entry.id))
    return {row.field: (row.before, row.after) for row in rows}


def test_a_new_row_is_in_the_trail_with_what_it_says(session: Session) -> None:
    cluster = make.cluster(name="Klaster Garam", short_name="Garam")
    (entry,) = _entries(session, "cluster")
    assert (entry.action, entry.object_id, entry.actor_kind) == (
        AuditAction.CREATED,
        cluster.id,
        ActorKind.COMMAND,
    )
    values = _values(session, entry)
    assert values["name"] == (None, "Klaster Garam")
    assert values["regency"] == (None, "36.02")
    assert "version" not in values
    assert "id" not in values


def test_a_change_tells_before_and_after_and_only_what_changed(session: Session, cast: Cast) -> None:
    cast.kemasindo.name = "CV Kemasindo Baru"
    session.commit()
    entry = _entries(session, "partner")[-1]
    assert entry.action == AuditAction.CHANGED
    assert _values(session, entry) == {"name": ("CV Kemasindo Lebak", "CV Kemasindo Baru")}


def test_a_change_of_a_value_never_read_still_tells_what_was_before(session: Session, cast: Cast) -> None:
    partner_id = cast.kemasindo.id
    session.commit()
    session.expire_all()
    fresh = session.get(Partner, partner_id)
    assert fresh is not None
    session.expire(fresh)
    fresh.address = "Jl. Baru 1"
    session.commit()
    assert _values(session, _entries(session, "partner")[-1]) == {"address": (None, "Jl. Baru 1")}


def test_archiving_and_restoring_have_their_own_words(session: Session, cast: Cast) -> None:
    for archived_at in (clock.now(), None):
        cast.kemasindo.archived_at = archived_at
        session.commit()
    assert [entry.action for entry in _entries(session, "partner")[-2:]] == [
        AuditAction.ARCHIVED,
        AuditAction.RESTORED,
    ]


def test_a_child_is_read_on_its_parents_page(session: Session, cast: Cast) -> None:
    entry = next(entry for entry in _entries(session, "affiliation") if entry.object_id == cast.hendrik.id)
    assert (entry.subject_noun, entry.subject_id) == ("contact", cast.hendrik.contact_id)


def test_entries_of_one_unit_of_work_share_a_change_id_and_the_next_has_another(session: Session) -> None:
    cluster = make.cluster()
    make.school(cluster)
    session.commit()
    make.school(cluster)
    session.commit()
    first = {entry.change_id for entry in (*_entries(session, "cluster"), _entries(session, "school")[0])}
    assert len(first) == 1
    assert _entries(session, "school")[1].change_id not in first


def test_secrets_and_derived_columns_stay_out(session: Session, cast: Cast) -> None:
    cast.lilis.password_hash = "geheim"
    session.flush()
    for entry in _entries(session, "user"):
        assert not {"password_hash", "sort_name"} & set(_values(session, entry))


def test_what_is_rolled_back_leaves_no_trail(session: Session, cast: Cast) -> None:
    before = len(_entries(session, "partner"))
    cast.kemasindo.name = "x"
    session.flush()
    session.rollback()
    assert len(_entries(session, "partner")) == before


def test_the_actor_is_kept_with_the_name_they_had(session: Session) -> None:
    with audit.acting(audit.Actor(ActorKind.SCHEDULER, None, "digest")):
        make.cluster()
    entry = _entries(session, "cluster")[-1]
    assert (entry.actor_kind, entry.actor_name) == (ActorKind.SCHEDULER, "digest")


def test_digests_prove_the_values_with_their_salt(session: Session) -> None:
    make.cluster(name="Klaster Garam")
    entry = _entries(session, "cluster")[-1]
    row = session.scalars(
        select(AuditValue).where(AuditValue.entry_id == entry.id, AuditValue.field == "name")
    ).one()
    assert entry.digests["name"][1] == hashlib.sha256(f"{row.salt}:Klaster Garam".encode()).hexdigest()


@pytest.mark.parametrize(
    "statement",
    [update(AuditEntry).values(actor_name="x"), delete(AuditEntry), update(AuditValue).values(after="x")],
)
def test_nobody_changes_the_trail(session: Session, statement: object) -> None:
    make.cluster()
    session.commit()
    with pytest.raises(DBAPIError), db.engine.begin() as connection:
        connection.execute(statement)  # type: ignore[call-overload]


def test_a_removed_row_tells_what_it_was(session: Session, cast: Cast) -> None:
    membership = make.membership(cast.ujang, cast.lebak)
    session.commit()
    session.delete(membership)
    session.commit()
    entry = _entries(session, "membership")[-1]
    assert entry.action == AuditAction.REMOVED
    assert _values(session, entry)["cluster_id"] == (str(cast.lebak.id), None)


def test_the_triggers_stand_after_the_migrations(session: Session) -> None:
    names = (
        session.connection().execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        if db.engine.dialect.name == "sqlite"
        else session.connection().execute(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"))
    )
    assert sum("audit" in name for (name,) in names) >= 3


def test_every_tracked_entity_has_an_id_to_be_named_by() -> None:
    from pentahelix.extensions import Entity

    for mapper in Entity.registry.mappers:
        if mapper.class_ not in audit.UNTRACKED:
            assert [column.name for column in mapper.primary_key] == ["id"], mapper
