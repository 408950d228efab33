"""A request is a unit of work: what it keeps, what it drops, and what a form sent twice gets."""

import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask, flash, redirect
from flask.typing import ResponseReturnValue
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from wtforms import StringField

from pentahelix import permissions, scope
from pentahelix.blueprints.forms import Form
from pentahelix.editing import expect_version
from pentahelix.extensions import db
from pentahelix.models import Setting, Submission, User
from pentahelix.permissions import public, requires
from pentahelix.refusals import Refused, WrongState
from pentahelix.vocabulary import Role
from tests import factories as make
from tests.clients import Client
from tests.conftest import Clock, new_client
from tests.engines import SqliteDatabase
from tests.sign_in import sign_in


class ThingForm(Form):
    key = StringField("Kunci")
    value = StringField("Nilai")


def _add_pages(app: Flask) -> None:
    @app.route("/things", methods=["GET", "POST"])
    @public
    def things() -> ResponseReturnValue:
        form = ThingForm()
        if form.validate_on_submit():
            with form.refusals():
                if form.value.data == "refuse":
                    db.session.add(Setting(key="half", value="done"))
                    db.session.flush()
                    raise Refused("value", "Tidak boleh.")
                if form.value.data == "meanwhile":
                    # What an UPDATE says that finds another version: somebody else was a moment earlier.
                    raise StaleDataError("expected to update 1 row")
                if form.value.data == "state":
                    raise WrongState("Sudah diarsipkan.")
                db.session.add(Setting(key=form.key.data, value=form.value.data))
                db.session.flush()
                flash("Tersimpan.")
                return redirect("/things", 303)
        return f"{form.errors} {form.value.data} {form.sent_before}", form.status

    @app.route("/things/<int:thing_id>/edit", methods=["GET", "POST"])
    @public
    def edit(thing_id: int) -> ResponseReturnValue:
        thing = db.session.scalars(select(Setting).where(Setting.id == thing_id)).one()
        form = ThingForm(obj=thing)
        if form.validate_on_submit():
            with form.refusals():
                expect_version(thing, form.expected_version())
                thing.value = form.value.data
                db.session.flush()
                return redirect("/things", 303)
        return f"{form.version.data} theirs={form.theirs} mine={form.value.data}", form.status

    @app.get("/writes-on-get")
    @public
    def writes_on_get() -> str:
        db.session.add(Setting(key="get", value=1))
        db.session.flush()
        return "done"

    @app.post("/own")
    @requires("own.account")
    def own() -> str:
        return "yours"


def _add_a_page_that_refuses_a_second_time(app: Flask) -> None:
    @app.post("/once")
    @public
    def once() -> ResponseReturnValue:
        if db.session.scalar(select(Setting.id)) is not None:
            raise WrongState("Sudah ada.")
        form = ThingForm()
        if form.validate_on_submit():
            db.session.add(Setting(key="once", value=form.value.data))
            db.session.flush()
            return redirect("/things", 303)
        return "", form.status


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteDatabase]:
    database = SqliteDatabase(Path(tmp_path_factory.mktemp("requests")))
    _add_pages(database.app)
    _add_a_page_that_refuses_a_second_time(database.app)
    yield database
    database.close()


@pytest.fixture
def app(database: SqliteDatabase) -> Flask:
    database.reset()
    return database.app


def _things(session: Session) -> dict[str, object]:
    session.rollback()
    return {row.key: row.value for row in session.scalars(select(Setting))}


def test_an_accepted_form_is_kept(client: Client, session: Session) -> None:
    assert client.press("/things", key="a", value="1").status_code == 303
    assert _things(session) == {"a": "1"}


def test_a_get_changes_nothing_even_when_its_view_writes(client: Client, session: Session) -> None:
    assert client.get("/writes-on-get").status_code == 200
    assert _things(session) == {}


def test_a_refused_form_leaves_nothing_behind_and_keeps_what_was_typed(
    client: Client, session: Session
) -> None:
    answer = client.press("/things", key="a", value="refuse")
    assert answer.status_code == 422
    assert "Tidak boleh." in answer.text
    assert "refuse" in answer.text
    assert _things(session) == {}
    assert session.scalar(select(func.count()).select_from(Submission)) == 0


def test_the_wrong_state_answers_409(client: Client) -> None:
    answer = client.press("/things", key="a", value="state")
    assert answer.status_code == 409
    assert "Sudah diarsipkan." in answer.text


def test_a_form_sent_twice_makes_one_record_and_gives_the_same_answer(
    client: Client, session: Session
) -> None:
    sent = client.envelope() | {"key": "a", "value": "1"}
    answers = [client.post("/things", data=sent) for _ in range(5)]
    assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {(303, "/things")}
    assert session.scalar(select(func.count()).select_from(Setting)) == 1


def test_a_form_sent_twice_gets_the_same_answer_though_its_record_no_longer_allows_it(client: Client) -> None:
    sent = client.envelope() | {"value": "satu"}
    answers = [client.post("/once", data=sent) for _ in range(2)]
    assert [(answer.status_code, answer.location) for answer in answers] == [(303, "/things")] * 2
    differently = client.post("/once", data=sent | {"value": "dua"})
    assert differently.status_code == 409
    assert 'value="dua"' in differently.text
    assert client.press("/once", value="tiga").status_code == 409


def test_a_form_sent_again_a_day_later_is_still_the_same(
    client: Client, clock: Clock, session: Session
) -> None:
    sent = client.envelope() | {"key": "a", "value": "1"}
    client.post("/things", data=sent)
    clock.set("2026-11-25T07:00+07:00")
    assert (
        client.post(
            "/things", data=sent | client.envelope() | {"submission_id": sent["submission_id"]}
        ).status_code
        == 303
    )
    assert session.scalar(select(func.count()).select_from(Setting)) == 1


def test_the_same_form_with_other_text_is_told_that_it_was_saved_before(
    client: Client, session: Session
) -> None:
    sent = client.envelope() | {"key": "a", "value": "1"}
    client.post("/things", data=sent)
    answer = client.post("/things", data=sent | {"value": "2"})
    assert answer.status_code == 409
    assert " 2 /things" in answer.text
    assert _things(session) == {"a": "1"}


def test_eight_at_once_make_one_record(app: Flask, session: Session) -> None:
    client = new_client(app)
    sent = client.envelope() | {"key": "a", "value": "1"}
    cookie = client.get_cookie("phx")
    assert cookie is not None
    start = threading.Barrier(8)
    statuses: list[int] = []

    def send() -> None:
        mine = new_client(app)
        mine.set_cookie("phx", cookie.value)
        start.wait()
        statuses.append(mine.post("/things", data=sent).status_code)

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [303] * 8
    assert _things(session) == {"a": "1"}


def test_another_person_with_the_same_form_id_is_another_form(app: Flask, session: Session) -> None:
    cluster = make.cluster()
    people: list[User] = [make.user(cluster, role=Role.COORDINATOR) for _ in range(2)]
    key = str(uuid4())
    for number, person in enumerate(people):
        client = new_client(app)
        sign_in(client, person)
        answer = client.press("/things", submission_id=key, key=str(number), value="x")
        assert answer.status_code == 303
    assert set(_things(session)) == {"0", "1"}


def test_the_second_of_two_editors_is_told_and_sees_both_texts(client: Client, session: Session) -> None:
    thing = make.setting("a", "alt")
    first = client.get(f"/things/{thing.id}/edit").text.split()[0]
    thing.value = "ihre"
    session.commit()
    answer = client.press(f"/things/{thing.id}/edit", key="a", value="meine", version=first)
    assert answer.status_code == 409
    assert "theirs={'value': 'ihre'} mine=meine" in answer.text
    fresh = answer.text.split()[0]
    assert client.press(f"/things/{thing.id}/edit", key="a", value="beide", version=fresh).status_code == 303
    assert _things(session) == {"a": "beide"}


def test_an_edit_without_a_version_is_a_conflict(client: Client, session: Session) -> None:
    thing = make.setting("a", "alt")
    assert client.press(f"/things/{thing.id}/edit", key="a", value="neu").status_code == 409


def test_a_form_without_a_record_that_meets_a_change_of_the_same_moment_is_a_conflict(
    client: Client, session: Session
) -> None:
    answer = client.press("/things", key="a", value="meanwhile")
    assert answer.status_code == 409
    assert "Orang lain mengubah catatan ini." in answer.text
    assert "meanwhile" in answer.text
    assert _things(session) == {}


def test_without_a_token_the_text_is_kept_and_nothing_is_written(client: Client, session: Session) -> None:
    answer = client.post("/things", data={"key": "a", "value": "getippt", "submission_id": str(uuid4())})
    assert answer.status_code == 422
    assert "getippt" in answer.text
    assert "terlalu lama terbuka" in answer.text
    assert _things(session) == {}


def test_when_the_commit_fails_the_text_comes_back_and_no_notice_lies(
    client: Client, session: Session
) -> None:
    def fail(of: Session) -> None:
        if scope.SCOPE not in of.info:  # a visitor's request; the test's own session has a scope
            raise OperationalError("COMMIT", {}, Exception("database or disk is full"))

    event.listen(Session, "before_commit", fail)
    try:
        sent = client.envelope() | {"key": "a", "value": "langer Text"}
        answer = client.post("/things", data=sent)
    finally:
        event.remove(Session, "before_commit", fail)
    assert answer.status_code == 503
    assert "langer Text" in answer.text
    assert sent["submission_id"] in answer.text
    assert _things(session) == {}
    assert "Tersimpan." not in client.get("/nowhere", follow_redirects=True).text


def test_a_visitor_is_asked_to_sign_in_whether_the_page_exists_or_not(client: Client) -> None:
    for path in ("/today", "/nowhere", "/partners/999999"):
        answer = client.get(path)
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/sign-in?next=")
    for path in ("/own", "/nowhere"):
        assert client.press(path).status_code == 401


@pytest.mark.parametrize("number", ["2147483648", "9" * 30, "9" * 5000])
def test_a_number_that_no_row_has_leads_to_no_page(app: Flask, session: Session, number: str) -> None:
    client = new_client(app)
    assert client.get(f"/guidance/{number}").status_code == 303
    sign_in(client, make.user(make.cluster()))
    for path in (f"/guidance/{number}", f"/partners/{number}/edit", f"/outbox/{number}/html"):
        assert client.get(path).status_code == 404
    assert client.press(f"/guidance/{number}/nudge").status_code == 404


def test_what_one_may_not_do_looks_like_what_does_not_exist(app: Flask, session: Session) -> None:
    client = new_client(app)
    sign_in(client, make.user(make.cluster()))
    foreign, missing = client.get("/admin/users"), client.get("/nowhere")
    assert (foreign.status_code, foreign.text) == (missing.status_code, missing.text) == (404, missing.text)


def test_a_view_that_says_nothing_about_permissions_stops_the_start(app: Flask) -> None:
    bare = Flask("bare")
    bare.add_url_rule("/x", "x", lambda: "x")
    with pytest.raises(RuntimeError, match="neither"):
        permissions.refuse_unlisted(bare)


def test_another_host_name_is_refused_with_a_page(app: Flask) -> None:
    """As when a proxy does not pass the name on: no failure of ours, which somebody would look for."""
    app.config["TRUSTED_HOSTS"] = ["pentahelix.example"]
    for path in ("/", "/sign-in", "/static/nothing"):
        answer = app.test_client().get(path, headers={"Host": "other.example"})
        assert answer.status_code == 400
        assert "Permintaan tidak dapat dibaca" in answer.text


def test_who_is_sent_to_sign_in_has_a_number_of_their_own(app: Flask) -> None:
    client = app.test_client()
    numbers = [client.get("/").headers["X-Request-ID"] for _ in range(2)]
    assert all(numbers)
    assert numbers[0] != numbers[1]
