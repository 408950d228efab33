"""What the server does for the browser's queue: it names the person, and says plainly what it has."""

from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import brotli
import pytest
from sqlalchemy import func, select

from pentahelix import clock
from pentahelix.models import FollowUp, Meeting
from tests import factories as make
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


def post(client, address, fields):
    return client.post(
        address, data={**fields, "csrf_token": client.get("/csrf").json["token"]}, headers=QUEUED
    )


def test_who_came_is_recorded_once_though_the_second_sending_carries_the_version_of_before(
    browser_of, cast, session
):
    guidance = make.guidance(cast.lebak, starts_at=clock.now() - timedelta(hours=3))
    invitation = make.invitation(guidance, cast.hendrik)
    fields = {
        "submission_id": str(uuid4()),
        "version": guidance.version,
        "attended_ids": invitation.id,
        "outcome": "Label lama diganti.",
    }
    client, address = browser_of(cast.lilis), f"/guidance/{guidance.id}/record"
    first, again = post(client, address, fields), post(client, address, fields)
    assert first.json == {"saved": f"/guidance/{guidance.id}", "said": ["Hasil bimbingan tercatat."]}
    assert again.json == {"saved": first.json["saved"], "said": ["Sudah tersimpan."]}
    assert post(client, address, {**fields, "submission_id": str(uuid4())}).status_code == 409


def test_a_report_that_arrives_again_after_the_follow_up_was_archived_is_the_same_yes(
    browser_of, cast, session
):
    step = make.follow_up(cast.lebak, cast.lilis)
    fields = {"submission_id": str(uuid4()), "result": "Sudah dikirim."}
    client, address = browser_of(cast.lilis), f"/follow-ups/{step.id}/done"
    first = post(client, address, fields)
    assert client.press(f"/follow-ups/{step.id}/archive").status_code == 303
    assert post(client, address, fields).json["saved"] == first.json["saved"] == f"/follow-ups/{step.id}"


@pytest.mark.parametrize(
    ("asked_on", "due"),
    [
        ("2026-11-21", date(2026, 11, 22)),
        ("2026-11-24", date(2026, 11, 25)),
        ("2027-11-24", date(2026, 11, 25)),
        ("", date(2026, 11, 25)),
        ("besok", date(2026, 11, 25)),
        ("0001-01-01", date(2026, 11, 25)),
    ],
)
def test_tomorrow_is_told_from_the_day_of_the_page_however_late_it_arrives(
    browser_of, cast, session, asked_on, due
):
    fields = {
        "submission_id": str(uuid4()),
        "cluster_id": cast.lebak.id,
        "title": "Kirim contoh label",
        "owner_user_id": cast.lilis.id,
        "due_in": "1",
        "priority": "medium",
        "asked_on": asked_on,
    }
    assert post(browser_of(cast.lilis), "/follow-ups/new", fields).status_code == 200
    assert session.scalars(select(FollowUp)).one().due_on == due


def test_a_page_of_a_new_follow_up_says_of_which_day_it_is(browser_of, cast):
    assert (
        'name="asked_on" type="hidden" value="2026-11-24"'
        in browser_of(cast.lilis).get("/follow-ups/new").text
    )


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


def test_what_keeps_a_form_weighs_less_than_eight_and_a_half_kilobytes():
    """All that the page of a form loads for it, compressed; what only waits comes later."""
    later = {"waiting.js", "leave.js", "file.js"}
    sent = [len(brotli.compress(module.read_bytes())) for module in MODULES if module.name not in later]
    assert sum(sent) < 8_500


def test_each_of_its_modules_is_short():
    assert [m.name for m in MODULES if len(m.read_text().splitlines()) >= 150] == []
