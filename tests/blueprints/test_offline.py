"""What the server does for the browser's queue: it names the person, and says plainly what it has."""

from pathlib import Path
from uuid import uuid4

import brotli
import pytest
from sqlalchemy import func, select

from pentahelix.models import FollowUp, Meeting
from tests.clients import words

pytestmark = pytest.mark.both_engines

QUEUED = {"X-Pentahelix-Queue": "later"}


def test_a_visitor_is_nobody_and_gets_no_token(client):
    answer = client.get("/csrf")
    assert answer.json == {"user": None, "token": None}
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


def test_a_person_is_named_and_gets_a_token_that_opens_a_form(browser_of, cast):
    client = browser_of(cast.lilis)
    told = client.get("/csrf").json
    assert told["user"] == f"u:{cast.lilis.id}"
    sent = {"csrf_token": told["token"], "submission_id": str(uuid4()), "language": "en"}
    assert client.post("/language", data=sent).status_code == 303


def test_a_token_is_none_for_the_next_person_at_the_same_browser(browser_of, cast):
    lilis, ujang = browser_of(cast.lilis), browser_of(cast.ujang)
    sent = {"csrf_token": lilis.get("/csrf").json["token"], "submission_id": str(uuid4()), "language": "en"}
    assert ujang.post("/language", data=sent).status_code == 422


@pytest.fixture
def held(cast):
    """What the form of a meeting sends."""
    return {
        "submission_id": str(uuid4()),
        "cluster_id": cast.lebak.id,
        "partner_ids": cast.kemasindo.id,
        "day": "2026-11-24",
        "starts": "06:00",
        "mode": "in_person",
        "kind": "coordination",
        "notes": "Contoh kemasan kedua jadi.",
        "items-0-title": "Kirim berkas logo",
        "items-0-owner": cast.lilis.id,
        "items-0-due": "2026-12-01",
    }


def send(client, fields, headers=QUEUED):
    return client.post(
        "/meetings/new", data={**fields, "csrf_token": client.get("/csrf").json["token"]}, headers=headers
    )


def test_a_script_is_told_where_the_record_is_and_what_a_page_would_say(browser_of, cast, session, held):
    client = browser_of(cast.lilis)
    answer = send(client, held)
    assert answer.status_code == 200
    meeting = session.scalars(select(Meeting)).one()
    assert answer.json["saved"] == f"/meetings/{meeting.id}"
    assert answer.json["said"] == ["Rapat tercatat. 1 tindak lanjut masuk daftar."]
    assert "Rapat tercatat" not in words(client.get(answer.json["saved"])), "said once, not on the next page"


def test_who_waits_for_the_record_is_told_there(browser_of, cast, held):
    client = browser_of(cast.lilis)
    answer = send(client, held, {"X-Pentahelix-Queue": "now"})
    assert answer.json["said"] == []
    assert "Rapat tercatat" in words(client.get(answer.json["saved"]))


def test_the_same_entry_again_is_the_same_yes(browser_of, cast, session, held):
    client = browser_of(cast.lilis)
    first, again = send(client, held), send(client, held)
    assert again.json["saved"] == first.json["saved"]
    assert session.scalar(select(func.count()).select_from(Meeting)) == 1
    assert session.scalar(select(func.count()).select_from(FollowUp)) == 1


def test_a_refusal_stays_a_page(browser_of, cast, held):
    answer = send(browser_of(cast.lilis), {**held, "day": ""})
    assert answer.status_code == 422
    assert "Contoh kemasan kedua jadi." in answer.text


def test_without_a_session_nothing_is_taken(client, cast, session, held):
    assert client.post("/meetings/new", data=held, headers=QUEUED).status_code == 401
    assert session.scalar(select(func.count()).select_from(Meeting)) == 0


def test_a_form_of_a_person_is_still_redirected(browser_of, cast, held):
    assert send(browser_of(cast.lilis), held, {}).status_code == 303


def test_signing_out_leaves_what_lies_here_of_others(browser_of, cast):
    lilis, ujang = browser_of(cast.lilis), browser_of(cast.ujang)
    assert "storage" in lilis.press("/sign-out").headers["Clear-Site-Data"]
    assert "storage" not in ujang.press("/sign-out", keep="1").headers["Clear-Site-Data"]


def test_the_words_are_in_the_language_of_the_reader(browser_of, cast, session):
    assert "belum terkirim" in browser_of(cast.lilis).get("/unsent").text
    cast.ujang.language = "en"
    assert browser_of(cast.ujang).get("/unsent").status_code == 200


MODULES = sorted((Path(__file__).parents[2] / "static" / "js" / "offline").glob("*.js"))


def test_what_keeps_a_form_weighs_less_than_eight_kilobytes():
    """All that the page of a meeting loads for it, compressed as it is sent; what only waits comes later."""
    later = {"waiting.js", "leave.js", "file.js"}
    sent = [len(brotli.compress(module.read_bytes())) for module in MODULES if module.name not in later]
    assert sum(sent) < 8_000


def test_each_of_its_modules_is_short():
    assert [m.name for m in MODULES if len(m.read_text().splitlines()) >= 150] == []
