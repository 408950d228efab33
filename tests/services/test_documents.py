"""Documents as a service: received before the transaction, attached in it."""

from io import BytesIO

import pytest

from pentahelix.documents.store import Store
from pentahelix.queries import documents as queries
from pentahelix.refusals import Refused, WrongState
from pentahelix.services import documents
from pentahelix.services.documents import DocumentWish
from pentahelix.vocabulary import DocumentKind
from tests import factories as make, files
from tests.sign_in import principal_of


@pytest.fixture(autouse=True)
def store(app, tmp_path, monkeypatch):
    store = Store.in_folder(tmp_path / "documents")
    monkeypatch.setitem(app.extensions, "documents", store)
    return store


@pytest.fixture
def lilis(cast):
    return principal_of(cast.lilis)


@pytest.fixture
def attach(lilis):
    def attach(owner, title="Bukti", kind=DocumentKind.EVIDENCE, replaces_id=None):
        received = documents.receive(files.pdf(title), f"{title}.pdf")
        return documents.attach(owner, received, DocumentWish(kind, title, replaces_id), lilis)

    return attach


def titles(owner):
    return [(line.document.title, [old.document.title for old in line.older]) for line in queries.of(owner)]


def test_a_file_may_come_as_bytes_or_as_a_stream(session):
    first = documents.receive(files.pdf(), "a.pdf")
    second = documents.receive(BytesIO(files.pdf()), "a.pdf")
    assert first.sha256 == second.sha256
    assert first.storage_key != second.storage_key


def test_a_file_keeps_the_ending_that_it_came_with(session):
    assert documents.receive(files.jpeg(), "foto.jpeg").file_name == "foto.jpeg"
    assert documents.receive(files.jpeg(), "foto").file_name == "foto.jpg"


def test_a_file_beyond_the_limit_is_not_kept(session, store):
    with pytest.raises(Refused, match="lebih besar dari 10 MB"):
        documents.receive(files.pdf() + bytes(10 * 1024 * 1024), "a.pdf")
    assert list(store.keys()) == []


def test_t18_nothing_lies_outside_the_folder_whatever_a_file_is_called(session, store, tmp_path):
    for name in (
        "../../evil.pdf",
        "/etc/cron.d/evil.pdf",
        "..\\evil.pdf",
        "\x00.pdf",
        "a" * 300 + ".pdf",
        "",
    ):
        documents.receive(files.pdf(), name)
    everything = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(everything) == 6
    assert {path.relative_to(store.folder).as_posix() for path in everything} == set(store.keys())


@pytest.mark.both_engines
def test_the_newest_version_stands_above_the_older_ones_and_the_latest_document_first(cast, attach):
    meeting = make.meeting(cast.lebak, cast.kemasindo)
    first = attach(meeting, "Naskah 1")
    attach(meeting, "Foto")
    second = attach(meeting, "Naskah 2", replaces_id=first.id)
    third = attach(meeting, "Naskah 3", replaces_id=second.id)
    assert (second.version_no, third.version_no) == (2, 3)
    assert titles(meeting) == [("Naskah 3", ["Naskah 2", "Naskah 1"]), ("Foto", [])]
    assert titles(make.meeting(cast.lebak, cast.kemasindo)) == []


def test_a_new_version_keeps_the_kind(cast, attach):
    meeting = make.meeting(cast.lebak, cast.kemasindo)
    first = attach(meeting, kind=DocumentKind.MATERIAL)
    assert attach(meeting, kind=DocumentKind.OTHER, replaces_id=first.id).kind == DocumentKind.MATERIAL


def test_a_version_replaces_the_newest_of_the_same_record_only(cast, attach):
    meeting, other = (make.meeting(cast.lebak, cast.kemasindo) for _number in range(2))
    first = attach(meeting)
    with pytest.raises(Refused):
        attach(other, replaces_id=first.id)
    attach(meeting, replaces_id=first.id)
    with pytest.raises(WrongState):
        attach(meeting, replaces_id=first.id)


def test_putting_away_the_newest_puts_away_the_document(cast, attach):
    meeting = make.meeting(cast.lebak, cast.kemasindo)
    first = attach(meeting)
    second = attach(meeting, replaces_id=first.id)
    with pytest.raises(WrongState):
        documents.archive(first)
    documents.archive(second)
    assert [line.is_archived for line in queries.of(meeting)] == [True]
    documents.restore(second)
    assert [line.is_archived for line in queries.of(meeting)] == [False]


def test_an_archived_record_takes_no_documents(session, cast, attach):
    meeting = make.meeting(cast.lebak, cast.kemasindo)
    meeting.archived_at = meeting.starts_at
    with pytest.raises(WrongState):
        attach(meeting)


def test_where_the_store_fails_the_reason_stands_at_the_field(session, app, tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setitem(app.extensions, "documents", Store.in_folder(tmp_path / "file" / "documents"))
    with pytest.raises(Refused, match="Berkas belum tersimpan") as no:
        documents.receive(files.pdf(), "a.pdf")
    assert no.value.field == "file"
