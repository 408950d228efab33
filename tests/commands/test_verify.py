"""`flask verify`"""

from contextvars import Context

import pytest

from pentahelix.documents.store import Store
from pentahelix.services import documents
from pentahelix.services.documents import DocumentWish
from pentahelix.vocabulary import DocumentKind
from tests import factories as make, files
from tests.sign_in import principal_of


@pytest.fixture
def store(app, tmp_path, monkeypatch):
    store = Store.in_folder(tmp_path / "documents")
    monkeypatch.setitem(app.extensions, "documents", store)
    return store


@pytest.fixture
def verify(app, session):
    def run():
        session.commit()
        # Outside the test's application context, whose database session a command would take for its own.
        return Context().run(lambda: app.test_cli_runner().invoke(args=["verify"]))

    return run


@pytest.fixture
def document(cast, store):
    """An uploaded file of a meeting."""
    meeting = make.meeting(cast.lebak, cast.kemasindo)
    received = documents.receive(files.pdf(), "mou.pdf")
    wish = DocumentWish(DocumentKind.EVIDENCE, "MoU")
    return documents.attach(meeting, received, wish, principal_of(cast.lilis))


def path_of(store, document):
    return store.folder / document.storage_key


def test_documents_that_have_their_files_are_in_order(verify, document):
    result = verify()
    assert (result.exit_code, result.output) == (0, "1 documents, 0 at fault; 0 files left over.\n")


def test_a_new_installation_is_in_order(verify, store):
    result = verify()
    assert (result.exit_code, result.output) == (0, "0 documents, 0 at fault; 0 files left over.\n")


def test_a_file_that_is_gone_is_named(verify, store, document):
    path_of(store, document).unlink()
    result = verify()
    assert result.exit_code == 1
    assert f"document {document.id}, mou.pdf: its file is missing ({document.storage_key})" in result.output


def test_a_file_that_was_altered_is_named(verify, store, document):
    path_of(store, document).write_bytes(files.pdf("palsu"))
    result = verify()
    assert result.exit_code == 1
    assert "mou.pdf: its file is not what was uploaded" in result.output


def test_a_file_that_a_refused_form_left_behind_is_named(app, verify, store, document):
    left = documents.receive(files.pdf("dua"), "mou.pdf")
    result = verify()
    assert result.exit_code == 1
    assert f"file {left.storage_key}: belongs to no document" in result.output
    assert "1 documents, 0 at fault; 1 files left over." in result.output
