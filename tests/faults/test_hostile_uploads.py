"""T18: every form that takes a file against every file that pretends, hides something, or is too much."""

import tracemalloc
from io import BytesIO

import pytest

from pentahelix.documents.store import Store
from pentahelix.extensions import db
from pentahelix.models import Document
from tests import factories as make, files
from tests.clients import words
from tests.documents.test_sniffing import REFUSED
from tests.faults import hostile
from tests.sizes import LARGE

#: Names that climb, hide their ending, do not end, or end a header; the content is a good PDF.
NAMES = {
    "a path that climbs": "../../../etc/cron.d/mou.pdf",
    "a path of Windows": r"..\..\windows\system32\mou.pdf",
    "a path from the root": "/etc/passwd.pdf",
    "three hundred letters": "m" * 296 + ".pdf",
    "three hundred letters of four bytes": "🎉" * 296 + ".pdf",
    "a direction turned": "mou\u202efdp.exe.pdf",
    "a NUL": "mou.pdf\0.pdf",
    "a header": 'mou"\r\nSet-Cookie: phx=x; .pdf',
    "markup": "<img src=x onerror=alert(1)>.pdf",
    "a template": "{{7*77777777}}.pdf",
    "a device": "CON.pdf",
    "dots": "....pdf",
    "nothing but an ending": ".pdf",
    "a stream of Windows": "mou.pdf::$DATA.pdf",
    "blanks at the end": "mou.pdf   ",
}

TOO_LARGE = files.pdf() + bytes(10 * 1024 * 1024)


@pytest.fixture(autouse=True)
def folder(app, tmp_path, monkeypatch):
    monkeypatch.setitem(app.extensions, "documents", Store.in_folder(tmp_path / "inside" / "documents"))
    return tmp_path / "inside" / "documents"


@pytest.fixture
def addresses(session, cast):
    """Each form that takes a file: of the four kinds of records, and of a next version."""
    agreement = make.agreement(cast.lebak, partners=(cast.kemasindo,))
    document = make.document(agreement)
    session.commit()
    return (
        f"/agreements/{agreement.id}/documents/new",
        f"/contributions/{make.contribution(cast.lebak, cast.kemasindo).id}/documents/new",
        f"/meetings/{make.meeting(cast.lebak, cast.kemasindo).id}/documents/new",
        f"/guidance/{make.guidance(cast.lebak).id}/documents/new",
        f"/agreements/{agreement.id}/documents/new?replaces={document.id}",
    )


@pytest.fixture
def hers(cast, browser_of):
    return browser_of(cast.lilis)


def test_t18_the_hostile_files_are_sixty():
    assert len(REFUSED) + len(NAMES) >= 60


def test_t18_no_form_takes_a_file_that_pretends_or_hides_something(session, hers, addresses, folder, figure):
    before, found, sent = _kept(folder), [], 0
    for number, (case, (content, ending, _reason)) in enumerate(REFUSED.items()):
        for place, address in enumerate(addresses):
            # Each file is tried by one form, in `make faults` by all.
            if LARGE or number % len(addresses) == place:
                answer = _upload(hers, address, content, f"mou{ending}")
                sent += 1
                told = hostile.told(answer.get_data(as_text=True))
                if (answer.status_code, "file" in told) != (422, True) or "Judul" not in answer.text:
                    found.append(f"{address} {case}: {answer.status_code} {told}")
                found += [f"{address} {case}: {fault}" for fault in hostile.faults(answer)]
    figure(f"T18: {sent} hostile uploads by {len(addresses)} forms, {len(found)} taken or failed")
    assert not found, "\n".join(found)
    assert _kept(folder) == before


def test_t18_whatever_a_file_is_called_it_stays_inside_and_is_handed_out_to_be_saved(
    session, hers, addresses, folder, tmp_path
):
    for number, (case, name) in enumerate(NAMES.items()):
        for place, address in enumerate(addresses[:4]):
            if not LARGE and number % 4 != place:
                continue
            answer = _upload(hers, address, files.pdf(f"{case} {place}"), name)
            assert answer.status_code in (303, 422), case
            assert not list(hostile.faults(answer)), case
            if answer.status_code == 303:
                assert not list(hostile.faults(hers.get(answer.location))), case
                session.rollback()
                newest = session.scalars(db.select(Document).order_by(Document.id.desc())).first()
                handed = hers.get(f"/documents/{newest.id}/file")
                assert handed.headers["Content-Disposition"].startswith("attachment; "), case
                assert handed.headers["X-Content-Type-Options"] == "nosniff"
                assert "Set-Cookie" not in handed.headers or "phx=x" not in handed.headers["Set-Cookie"]
    outside = [one for one in tmp_path.rglob("*") if one.is_file() and folder not in one.parents]
    assert outside == []


@pytest.mark.parametrize("number", range(5))
def test_t18_a_file_that_is_too_large_costs_little_memory_and_no_title(hers, addresses, folder, number):
    before = _kept(folder)
    tracemalloc.start()
    try:
        answer = _upload(hers, addresses[number], TOO_LARGE, "mou.pdf")
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert answer.status_code == 422
    assert "file" in hostile.told(answer.text)
    assert 'value="Tetap ada"' in answer.text
    assert most < 100 * 1024 * 1024
    assert _kept(folder) == before


def test_t18_text_where_a_file_belongs_and_a_file_where_text_belongs(hers, addresses):
    for address in addresses:
        text = hers.press(address, file="mou.pdf", title="Tetap ada", kind="other")
        assert text.status_code == 422
        assert "Pilih berkasnya." in words(text)
        assert 'value="Tetap ada"' in text.text
        file = hers.press(address, title=(BytesIO(b"Judul"), "judul.txt"), kind="other")
        assert file.status_code == 422
        two = hers.press(address, file=[(BytesIO(files.pdf()), "a.pdf"), (BytesIO(files.HTML), "b.html")])
        assert two.status_code in (303, 422)


def _upload(browser, address, content, name):
    fields = {"title": "Tetap ada", "kind": "other", "file": (BytesIO(content), name)}
    answer = browser.post(address, data={**browser.envelope(), **fields})
    # Of much that is sent, the test's client keeps a temporary file.
    answer.request.environ["wsgi.input"].close()
    return answer


def _kept(folder):
    return sorted(one.name for one in folder.rglob("*") if one.is_file())
