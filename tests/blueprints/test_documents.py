"""The documents of a record: uploading, new versions, handing out, putting away."""

import hashlib
import resource
from contextlib import contextmanager
from io import BytesIO

import pytest
from sqlalchemy import func, select

from pentahelix.documents.store import Store
from pentahelix.extensions import db
from pentahelix.models import AuditEntry, AuditValue, Contact, Document
from pentahelix.unit_of_work import is_writing
from pentahelix.vocabulary import AgreementStatus
from tests import factories as make, files
from tests.clients import forms_of, words

NOTHING_HERE = "Halaman ini tidak ada atau di luar tugas Anda."


@pytest.fixture(autouse=True)
def folder(app, tmp_path, monkeypatch):
    monkeypatch.setitem(app.extensions, "documents", Store.in_folder(tmp_path / "documents"))
    return tmp_path / "documents"


@pytest.fixture
def hers(cast, browser_of):
    return browser_of(cast.lilis)


@pytest.fixture
def hendrik(session, cast):
    """A contact of the partner that the meeting was with."""
    return session.get(Contact, cast.hendrik.contact_id)


@pytest.fixture
def meeting(cast):
    return make.meeting(cast.lebak, cast.kemasindo, title="Rapat kemasan")


@pytest.fixture
def path(meeting):
    return f"/meetings/{meeting.id}"


def upload(browser, path, content=None, name="mou.pdf", query="", **fields):
    content = files.pdf() if content is None else content
    answer = browser.fill(f"{path}/documents/new{query}", {"file": (BytesIO(content), name), **fields})
    # Of much that is sent, the test's client keeps a temporary file.
    answer.request.environ["wsgi.input"].close()
    return answer


def uploaded(session, browser, path, content=None, name="mou.pdf", query="", **fields):
    answer = upload(browser, path, content, name, query, **fields)
    assert answer.status_code == 303, words(answer)
    return newest(session)


def newest(session):
    return session.scalars(select(Document).order_by(Document.id.desc())).first()


def count(session):
    return session.scalar(select(func.count(Document.id)))


def kept(folder):
    return [file for file in folder.rglob("*") if file.is_file()]


@contextmanager
def files_of_at_most(size):
    """As on a disk that is full: no file grows beyond `size`."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def file_of(document):
    return f"/documents/{document.id}/file"


# ---------------------------------------------------------------------------- uploading


def test_a_document_is_uploaded_to_a_meeting_and_stands_on_its_page(session, cast, hers, path, folder):
    answer = upload(hers, path, name="Bahan paparan.pdf", title="Paparan kemasan", kind="material")
    assert (answer.status_code, answer.location) == (303, path)
    document = newest(session)
    assert (document.title, document.kind, document.version_no) == ("Paparan kemasan", "material", 1)
    assert (document.file_name, document.content_type) == ("Bahan paparan.pdf", "application/pdf")
    assert (document.size, document.sha256) == (len(files.pdf()), hashlib.sha256(files.pdf()).hexdigest())
    assert document.uploaded_by_user_id == cast.lilis.id
    (file,) = kept(folder)
    assert file.read_bytes() == files.pdf()
    assert file.name in document.storage_key
    assert "paparan" not in str(file).lower()
    page = words(hers.get(path))
    assert "Dokumen tersimpan." in page
    assert "Paparan kemasan Bahan · PDF · 1 kB · 24 Nov. · Lilis Nurhayati Agustin" in page


@pytest.mark.parametrize("noun", ["agreements", "contributions", "meetings", "guidance"])
def test_a_document_may_belong_to_each_kind_of_record(session, cast, hers, noun, folder):
    owner = {
        "agreements": lambda: make.agreement(cast.lebak, partners=(cast.kemasindo,)),
        "contributions": lambda: make.contribution(cast.lebak, cast.kemasindo),
        "meetings": lambda: make.meeting(cast.lebak, cast.kemasindo),
        "guidance": lambda: make.guidance(cast.lebak),
    }[noun]()
    answer = upload(hers, f"/{noun}/{owner.id}", files.office("docx"), "Naskah.docx")
    assert (answer.status_code, answer.location) == (303, f"/{noun}/{owner.id}")
    column = {"agreements": "agreement_id", "contributions": "contribution_id", "meetings": "meeting_id"}
    assert getattr(newest(session), column.get(noun, "guidance_id")) == owner.id
    assert hers.get(file_of(newest(session))).data == files.office("docx")


@pytest.mark.parametrize(
    ("status", "kind"), [(AgreementStatus.DRAFT, "draft"), (AgreementStatus.SIGNED, "signed")]
)
def test_what_is_uploaded_is_taken_for_signed_once_the_agreement_is(cast, hers, status, kind):
    agreement = make.agreement(cast.lebak, partners=(cast.kemasindo,), status=status)
    (form,) = [
        f for f in forms_of(hers.get(f"/agreements/{agreement.id}/documents/new")) if "kind" in f.names
    ]
    assert form.fields["kind"] == [kind]


def test_without_a_title_it_is_called_after_its_file(session, hers, path):
    assert uploaded(session, hers, path, name="Surat kuasa Bu Lilis.pdf").title == "Surat kuasa Bu Lilis"


def test_a_name_without_an_ending_gets_the_one_of_its_content(session, hers, path):
    assert uploaded(session, hers, path, files.jpeg(), "IMG 0012").file_name == "IMG 0012.jpg"


def test_without_a_file_the_form_says_so_and_keeps_the_rest(session, hers, path, folder):
    answer = hers.fill(f"{path}/documents/new", title="Paparan", kind="evidence")
    assert answer.status_code == 422
    assert "Pilih berkasnya." in words(answer)
    assert 'value="Paparan"' in answer.text
    assert (count(session), kept(folder)) == (0, [])


def test_a_form_that_is_refused_for_another_reason_asks_for_the_file_again(session, hers, path, folder):
    answer = upload(hers, path, title="x" * 201)
    assert answer.status_code == 422
    assert "Pilih berkasnya sekali lagi" in words(answer)
    assert (count(session), kept(folder)) == (0, [])


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("mou.svg", files.SVG, "Isi berkas ini SVG."),
        ("mou.pdf", files.HTML, "Isi berkas ini HTML, bukan PDF."),
        ("x.html", files.HTML, "Isi berkas ini HTML."),
        ("dokumen.pdf.exe", files.pdf(), "namanya berakhiran “.exe”"),
        ("dokumen.pdf.exe", b"MZ" + bytes(300), "program (EXE)"),
        ("kosong.docx", b"", "Berkas ini kosong"),
        ("kosong.pdf", b"", "Berkas ini kosong"),
    ],
)
def test_c77_what_pretends_is_refused_at_its_field(session, hers, path, folder, name, content, reason):
    answer = upload(hers, path, content, name, title="Tetap ada")
    assert answer.status_code == 422
    assert reason in words(answer)
    assert 'value="Tetap ada"' in answer.text
    assert (count(session), kept(folder)) == (0, [])


def test_c77_a_photo_with_a_web_page_inside_is_only_handed_out_to_be_saved(session, hers, path):
    document = uploaded(session, hers, path, files.jpeg(files.HTML), "foto.jpg")
    answer = hers.get(file_of(document))
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("name", "saved"),
    [
        # As browsers send a quote.
        (r"..\..\MoU %22akhir%22 (1) – final.pdf", "MoU%20_akhir_%20%281%29%20%E2%80%93%20final.pdf"),
        ("a" * 196 + ".pdf", "a" * 196 + ".pdf"),
        ("🎉🎉.pdf", "%F0%9F%8E%89%F0%9F%8E%89.pdf"),
        ("CON.pdf", "_CON.pdf"),
    ],
)
def test_c78_a_file_is_kept_under_our_own_name_and_saved_under_a_readable_one(
    session, hers, path, folder, name, saved
):
    document = uploaded(session, hers, path, name=name)
    header = hers.get(file_of(document)).headers["Content-Disposition"]
    assert header.endswith(f"; filename*=UTF-8''{saved}")
    (file,) = kept(folder)
    assert file.relative_to(folder).as_posix() == document.storage_key
    assert len(document.storage_key) == 35


def test_c78_two_files_of_one_name_both_live(session, hers, path, folder):
    first = uploaded(session, hers, path, files.pdf("satu"))
    second = uploaded(session, hers, path, files.pdf("dua"))
    assert first.file_name == second.file_name == "mou.pdf"
    assert hers.get(file_of(first)).data == files.pdf("satu")
    assert hers.get(file_of(second)).data == files.pdf("dua")
    assert len(kept(folder)) == 2


def test_a_file_above_the_limit_is_refused_and_the_rest_of_the_form_kept(session, hers, path, folder):
    answer = upload(
        hers, path, files.pdf() + bytes(10 * 1024 * 1024), title="Pindaian besar", kind="evidence"
    )
    assert answer.status_code == 422
    assert "Berkas ini lebih besar dari 10 MB." in words(answer)
    assert 'value="Pindaian besar"' in answer.text
    assert (count(session), kept(folder)) == (0, [])


def test_a_file_above_the_limit_of_other_forms_is_refused_the_same_way(session, hers, path, folder):
    answer = upload(hers, path, bytes(30 * 1024 * 1024), title="Film")
    assert answer.status_code == 422
    assert "Berkas ini lebih besar dari 10 MB." in words(answer)
    assert 'value="Film"' in answer.text


def test_what_is_too_large_to_be_read_at_all_gets_the_form_with_its_reason(session, hers, path, monkeypatch):
    monkeypatch.setattr("pentahelix.blueprints.documents.forms.READ_ON", 0.01)
    answer = upload(hers, path, bytes(1024 * 1024))
    assert answer.status_code == 413
    assert "Berkas ini lebih besar dari 10 MB." in words(answer)
    assert count(session) == 0


def test_a_file_of_exactly_the_limit_is_taken(session, hers, path):
    size = 10 * 1024 * 1024
    whole = files.pdf() + bytes(size - len(files.pdf()) - 64) + files.pdf()[-64:]
    assert uploaded(session, hers, path, whole).size == size


def test_the_same_form_sent_twice_makes_one_document_and_one_file(session, hers, path, folder):
    shown = hers.get(f"{path}/documents/new")
    for _time in range(2):
        answer = hers.send(shown, {"file": (BytesIO(files.pdf()), "mou.pdf"), "title": "MoU"})
        assert (answer.status_code, answer.location) == (303, path)
    assert count(session) == 1
    assert len(kept(folder)) == 1


def test_c110_pages_that_stood_open_for_hours_still_take_their_files(session, hers, path, clock):
    """C110: three tabs of one morning, sent one after the other three hours later."""
    tabs = [forms_of(hers.get(f"{path}/documents/new"))[-1].fields for _tab in range(3)]
    clock.set("2026-11-24T10:00+07:00")
    for number, fields in enumerate(tabs):
        chosen = {"file": (BytesIO(files.pdf(f"Naskah {number}")), f"naskah-{number}.pdf")}
        answer = hers.post(f"{path}/documents/new", data={**fields, **chosen})
        answer.request.environ["wsgi.input"].close()
        assert answer.status_code == 303, words(answer)
    assert count(session) == 3


def test_the_same_form_sent_with_another_file_is_told_so(session, hers, path, folder):
    shown = hers.get(f"{path}/documents/new")
    hers.send(shown, {"file": (BytesIO(files.pdf()), "mou.pdf")})
    answer = hers.send(shown, {"file": (BytesIO(files.pdf("lain")), "mou.pdf")})
    assert answer.status_code == 409
    assert "Formulir ini sudah pernah dikirim dengan isi lain." in words(answer)
    assert "formaction" not in answer.text
    assert (count(session), len(kept(folder))) == (1, 1)


def test_a_file_is_stored_while_no_transaction_is_open(session, hers, path, monkeypatch):
    open_then = []
    put = Store.put

    def noting(store, key, content):
        open_then.append((is_writing(), db.session().in_transaction()))
        put(store, key, content)

    monkeypatch.setattr(Store, "put", noting)
    uploaded(session, hers, path)
    assert open_then == [(False, False)]


def test_t14_a_full_disk_is_told_at_the_field_and_nothing_is_half_done(session, hers, path, folder):
    shown = hers.get(f"{path}/documents/new")
    file = (BytesIO(files.pdf() + bytes(200_000) + files.pdf()), "mou.pdf")
    with files_of_at_most(100_000):
        answer = hers.send(shown, {"file": file, "title": "Tetap ada"})
    assert answer.status_code == 422
    assert "Berkas belum tersimpan: penyimpanan di server penuh" in words(answer)
    assert 'value="Tetap ada"' in answer.text
    assert (count(session), kept(folder)) == (0, [])
    again = hers.send(answer, {"file": (BytesIO(files.pdf()), "mou.pdf")})
    assert again.status_code == 303
    assert (count(session), len(kept(folder))) == (1, 1)


# ---------------------------------------------------------------------------- versions


def test_a_new_version_replaces_the_newest_and_the_old_one_stays(session, hers, path):
    first = uploaded(session, hers, path, files.pdf("satu"), title="MoU", kind="evidence")
    second = uploaded(session, hers, path, files.pdf("dua"), query=f"?replaces={first.id}")
    assert (second.version_no, second.replaces_id, second.kind) == (2, first.id, "evidence")
    assert second.title == "MoU"
    page = words(hers.get(path))
    assert "Versi 2 tersimpan." in page
    assert "Dokumen 1 Unggah" in page
    assert "1 versi lama" in page
    assert page.index("versi 2") < page.index("1 versi lama") < page.index("versi 1 · PDF")
    assert hers.get(file_of(first)).data == files.pdf("satu")


def test_only_the_newest_version_may_be_replaced(session, hers, path, folder):
    first = uploaded(session, hers, path)
    shown = hers.get(f"{path}/documents/new?replaces={first.id}")
    uploaded(session, hers, path, query=f"?replaces={first.id}")
    assert hers.get(f"{path}/documents/new?replaces={first.id}").status_code == 409
    answer = hers.send(shown, {"file": (BytesIO(files.pdf()), "mou.pdf")})
    assert answer.status_code == 409
    assert "Ada versi yang lebih baru dari dokumen ini." in words(answer)
    assert count(session) == 2


def test_a_version_of_another_record_is_no_page(session, cast, hers, path):
    document = uploaded(session, hers, path)
    other = make.meeting(cast.lebak, cast.kemasindo)
    assert hers.get(f"/meetings/{other.id}/documents/new?replaces={document.id}").status_code == 404
    assert hers.get(f"{path}/documents/new?replaces=999").status_code == 404


def test_c117_the_trail_of_a_version_names_its_digest_and_not_where_it_lies(session, hers, path):
    document = uploaded(session, hers, path)
    values = dict(
        session.execute(
            select(AuditValue.field, AuditValue.after)
            .join(AuditEntry, AuditEntry.id == AuditValue.entry_id)
            .where(AuditEntry.noun == "document", AuditEntry.object_id == document.id)
        ).all()
    )
    assert values["sha256"] == document.sha256
    assert "storage_key" not in values


@pytest.mark.parametrize("noun", ["agreement", "contribution", "guidance_session", "meeting"])
def test_c117_the_trail_of_a_record_tells_of_its_documents_and_their_digests(cast, session, hers, noun):
    owner = {
        "agreement": lambda: make.agreement(cast.lebak, partners=(cast.kemasindo,)),
        "contribution": lambda: make.contribution(cast.lebak, cast.kemasindo),
        "guidance_session": lambda: make.guidance(cast.lebak),
        "meeting": lambda: make.meeting(cast.lebak, cast.kemasindo),
    }[noun]()
    document = make.document(owner, title="Naskah bermeterai")
    newer = make.document(owner, title="Naskah final", replaces_id=document.id, version_no=2)
    assert hers.press(f"/documents/{newer.id}/archive").status_code == 303
    page = words(hers.get(f"/trail/{noun}/{owner.id}"))
    assert f"Sidik berkas: {document.sha256}" in page
    assert "Menggantikan: Naskah bermeterai" in page
    assert "Diarsipkan Dokumen: Naskah final" in page


# ---------------------------------------------------------------------------- putting away


def test_a_document_is_archived_and_the_notice_takes_it_back(session, hers, path):
    document = uploaded(session, hers, path, title="Salah unggah")
    answer = hers.fill(path, form=f"/documents/{document.id}/archive")
    assert (answer.status_code, answer.location) == (303, path)
    page = hers.get(path)
    assert "Dokumen diarsipkan." in words(page)
    assert "Dokumen 0 Unggah" in words(page)
    assert "1 dokumen diarsipkan" in words(page)
    assert hers.get(file_of(document)).status_code == 200
    assert hers.press(f"/documents/{document.id}/restore").location == path
    assert "Dokumen 1 Unggah" in words(hers.get(path))


def test_an_archived_document_is_not_replaced_and_an_old_version_not_archived(session, hers, path):
    first = uploaded(session, hers, path)
    second = uploaded(session, hers, path, query=f"?replaces={first.id}")
    assert hers.press(f"/documents/{first.id}/archive").status_code == 409
    hers.press(f"/documents/{second.id}/archive")
    assert hers.get(f"{path}/documents/new?replaces={second.id}").status_code == 409
    assert hers.press(f"/documents/{second.id}/archive").status_code == 409


def test_the_documents_of_an_archived_record_are_read_and_not_changed(session, hers, path):
    document = uploaded(session, hers, path)
    hers.press(f"{path}/archive")
    page = words(hers.get(path))
    assert "mou Bahan · PDF" in page
    assert "Dokumen 1 Unggah" not in page
    assert hers.get(file_of(document)).status_code == 200
    assert hers.get(f"{path}/documents/new").status_code == 409
    for act in ("archive", "restore"):
        assert hers.press(f"/documents/{document.id}/{act}").status_code == 409
    fields = {"file": (BytesIO(files.pdf()), "mou.pdf"), "kind": "material"}
    assert hers.press(f"{path}/documents/new", fields).status_code == 409
    assert count(session) == 1


# ---------------------------------------------------------------------------- handing out


def test_c72_only_who_sees_the_record_gets_its_files(session, cast, hers, path, browser_of, client, hendrik):
    first = uploaded(session, hers, path)
    second = uploaded(session, hers, path, query=f"?replaces={first.id}")
    hers.press(f"/documents/{second.id}/archive")
    for document in (first, second):
        assert client.get(file_of(document)).status_code == 303
        for person in (cast.ujang, hendrik):
            answer = browser_of(person).get(file_of(document))
            assert (answer.status_code, answer.data == files.pdf()) == (404, False)
        for person in (cast.lilis, cast.aminah, cast.rudi):
            assert browser_of(person).get(file_of(document)).data == files.pdf()
    his = browser_of(cast.ujang)
    missing = words(his.get("/documents/50/file"))
    assert NOTHING_HERE in missing
    assert words(his.get(file_of(first))) == missing
    assert client.get("/documents/50/file").status_code == 303


def test_c72_who_may_not_see_or_edit_the_record_uploads_nothing(
    session, cast, hers, path, browser_of, client, hendrik
):
    def mou():
        return {"file": (BytesIO(files.pdf()), "mou.pdf"), "kind": "material"}

    document = uploaded(session, hers, path)
    for person in (cast.ujang, cast.aminah, cast.rudi, hendrik):
        theirs = browser_of(person)
        assert theirs.get(f"{path}/documents/new").status_code == 404
        assert theirs.press(f"{path}/documents/new", mou()).status_code == 404
        for act in ("archive", "restore"):
            assert theirs.press(f"/documents/{document.id}/{act}").status_code == 404
    assert client.get(f"{path}/documents/new").status_code == 303
    assert client.press(f"{path}/documents/new", mou()).status_code == 401
    assert count(session) == 1


def test_a_browser_that_has_the_file_is_not_sent_it_again(session, hers, path):
    document = uploaded(session, hers, path)
    etag = hers.get(file_of(document)).headers["ETag"]
    again = hers.get(file_of(document), headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    head = hers.head(file_of(document))
    assert (head.status_code, head.content_length, head.data) == (200, len(files.pdf()), b"")


def test_a_file_that_is_gone_from_the_store_has_a_page_that_says_so(session, hers, path, folder):
    document = uploaded(session, hers, path, title="MoU Kemasindo")
    kept(folder)[0].unlink()
    answer = hers.get(file_of(document))
    assert answer.status_code == 404
    assert "Berkas ini hilang dari penyimpanan" in words(answer)
    assert "MoU Kemasindo" in words(answer)


@pytest.mark.both_engines
def test_the_page_of_a_record_asks_the_same_however_many_documents_it_has(session, hers, path, statements):
    def asked():
        with statements() as ran:
            hers.get(path)
        return len(ran)

    uploaded(session, hers, path)
    hers.get(path)
    few = asked()
    for number in range(5):
        document = uploaded(session, hers, path, title=f"Bahan {number}")
        uploaded(session, hers, path, query=f"?replaces={document.id}")
    hers.get(path)
    assert asked() == few
