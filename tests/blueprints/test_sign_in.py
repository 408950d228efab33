"""Coming in and going out."""

from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from pentahelix import clock as system, create_app, editing, passwords
from pentahelix.blueprints import held
from pentahelix.config import Settings
from pentahelix.extensions import db
from pentahelix.models import Attempt, SignIn, Submission
from pentahelix.services import sign_ins
from tests import factories as make
from tests.cast import PASSWORD
from tests.clients import forms_of, words
from tests.conftest import new_client
from tests.sign_in import sign_in_by_form

NO_MATCH = "Surel atau kata sandi tidak cocok."


def wrong(client, email="lilis@smkn1kalanganyar.example", **more):
    return client.fill("/sign-in", email=email, password="salah-sekali-lagi", **more)


# ---------------------------------------------------------------------------- coming in


def test_who_knows_the_password_comes_in(client, cast, session):
    answer = sign_in_by_form(client, cast.lilis)
    assert (answer.status_code, answer.location) == (303, "/")
    assert words(client.get("/profile")).count(cast.lilis.name)
    assert session.scalar(select(SignIn.user_id)) == cast.lilis.id


def test_the_address_is_found_however_it_is_capitalised(client, cast):
    assert (
        client.fill("/sign-in", email="Lilis@SMKN1kalanganyar.example", password=PASSWORD).status_code == 303
    )


def test_a_wrong_password_is_refused_and_the_address_kept(client, cast):
    answer = wrong(client)
    assert answer.status_code == 422
    assert NO_MATCH in words(answer)
    assert 'value="lilis@smkn1kalanganyar.example"' in answer.text
    assert "salah-sekali-lagi" not in answer.text


@pytest.fixture
def hashes(monkeypatch):
    """How often a password was checked: what the answer's delay is made of."""
    counted = []
    real = passwords.verify
    monkeypatch.setattr(passwords, "verify", lambda *given: counted.append(1) or real(*given))
    return counted


def test_whether_an_account_exists_shows_neither_in_the_answer_nor_in_the_work(client, cast, session, hashes):
    cast.ujang.deactivated_at = system.now()
    make.user(email="tanpa@dinas.example", password_hash=None)
    answers = []
    for email in (cast.lilis.email, "siapa@dinas.example", cast.ujang.email, "tanpa@dinas.example"):
        hashes.clear()
        answer = wrong(new_client(client.application), email)
        answers.append((answer.status_code, len(hashes), words(answer)))
    assert len(set(answers)) == 1
    assert answers[0][:2] == (422, 1)


def test_a_closed_account_is_refused_with_the_right_password_too(client, cast):
    cast.lilis.deactivated_at = system.now()
    assert NO_MATCH in words(sign_in_by_form(client, cast.lilis))


def test_what_is_left_empty_is_said_at_its_field(client, cast, session):
    answer = client.fill("/sign-in", email="", password="")
    assert answer.status_code == 422
    assert "<title>Galat: Masuk" in answer.text
    assert words(answer).count("Wajib diisi.") == 2
    assert session.scalar(select(func.count(Attempt.id))) == 0


def test_a_hash_of_cheaper_parameters_is_renewed_on_the_way_in(client, cast, session):
    before = cast.lilis.password_hash
    passwords.configure(time_cost=2, memory_kib=16, parallelism=1)
    try:
        sign_in_by_form(client, cast.lilis)
    finally:
        passwords.configure(time_cost=1, memory_kib=8, parallelism=1)
    assert cast.lilis.password_hash != before
    assert passwords.verify(PASSWORD, cast.lilis.password_hash)


@pytest.mark.parametrize(
    ("next", "leads_to"),
    [
        ("/profile/sessions?x=1", "/profile/sessions?x=1"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("profile", "/"),
        ("/a\nb", "/"),
    ],
)
def test_only_pages_of_this_site_are_gone_on_to(client, cast, next, leads_to):
    shown = client.get("/sign-in", query_string={"next": next})
    answer = client.send(shown, {"email": cast.lilis.email, "password": PASSWORD})
    assert answer.location == leads_to


def test_a_page_that_needs_a_sign_in_leads_there_and_back(client, cast):
    away = client.get("/profile/sessions?a=b")
    assert away.status_code == 303
    answer = client.send(client.get(away.location), {"email": cast.lilis.email, "password": PASSWORD})
    assert answer.location == "/profile/sessions?a=b"


def test_the_page_of_sign_in_is_stored_nowhere(client, cast):
    assert client.get("/sign-in").headers["Cache-Control"] == "no-store"
    assert wrong(client).headers["Cache-Control"] == "no-store"
    assert sign_in_by_form(client, cast.lilis).headers["Cache-Control"] == "no-store"


def test_who_is_in_already_is_led_on(browser_of, cast):
    assert browser_of(cast.lilis).get("/sign-in?next=/profile").location == "/profile"


def test_a_session_does_not_outlive_the_sign_in_of_a_visitor(client, cast):
    client.get("/sign-in")
    with client.session_transaction() as before:
        token = before["csrf_token"]
    sign_in_by_form(client, cast.lilis)
    with client.session_transaction() as after:
        assert after.get("csrf_token") != token


# ---------------------------------------------------------------------------- limits


def test_c8_the_sixth_try_is_told_to_wait_with_the_address_kept(client, cast, hashes):
    for _ in range(5):
        assert wrong(client).status_code == 422
    hashes.clear()
    answer = sign_in_by_form(client, cast.lilis)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "61"
    assert "Coba lagi dalam 1 menit." in words(answer)
    assert f'value="{cast.lilis.email}"' in answer.text
    assert not hashes


def test_c8_waiting_is_enough(client, cast, clock):
    for _ in range(5):
        wrong(client)
    clock.set(system.now() + timedelta(seconds=61))
    assert sign_in_by_form(client, cast.lilis).status_code == 303


def test_c8_an_unknown_address_waits_alike(client, cast):
    for _ in range(5):
        wrong(client, "siapa@dinas.example")
    known = [wrong(client) for _ in range(6)][-1]
    unknown = wrong(client, "siapa@dinas.example")
    assert (known.status_code, words(known)) == (unknown.status_code, words(unknown)) == (429, words(known))


def test_c8_a_forged_forwarding_header_gives_no_new_tries(client, cast):
    for number in range(5):
        shown = client.get("/sign-in")
        form = forms_of(shown)[0].fields | {"email": cast.lilis.email, "password": "salah"}
        client.post("/sign-in", data=form, headers={"X-Forwarded-For": f"10.0.{number}.1"})
    assert wrong(client).status_code == 429


def test_c8_a_success_forgets_the_failures(client, cast, session):
    for _ in range(4):
        wrong(client)
    sign_in_by_form(client, cast.lilis)
    assert session.scalar(select(func.count(Attempt.id))) == 0


def test_c8_the_owners_device_is_not_locked_by_others_on_the_same_network(app, cast):
    own = new_client(app)
    sign_in_by_form(own, cast.lilis)
    own.press("/sign-out")
    stranger = new_client(app)
    for _ in range(5):
        wrong(stranger)
    assert sign_in_by_form(stranger, cast.lilis).status_code == 429
    assert sign_in_by_form(own, cast.lilis).status_code == 303


def test_c8_a_forged_device_cookie_is_worth_nothing(client, cast):
    client.set_cookie("phx-device", "a" * 27)
    for _ in range(5):
        wrong(client)
    assert sign_in_by_form(client, cast.lilis).status_code == 429


def test_a_stale_page_of_sign_in_is_not_counted_and_keeps_the_address(client, cast, session):
    shown = client.get("/sign-in")
    client.delete_cookie("phx")
    answer = client.send(shown, {"email": cast.lilis.email, "password": PASSWORD})
    assert answer.status_code == 422
    assert f'value="{cast.lilis.email}"' in answer.text
    assert session.scalar(select(func.count(Attempt.id))) == 0
    assert client.send(answer, {"password": PASSWORD}).status_code == 303


def test_no_quick_digest_of_a_password_is_kept(app):
    """What a form was sent with is kept as a SHA-256, which would give a password away."""

    def digest(password):
        with app.test_request_context(method="POST", data={"name": "Lilis", "new_password": password}):
            return editing.digest()

    assert digest("satu") == digest("dua")


# ---------------------------------------------------------------------------- a form sent without a session


def note_of(client, cast):
    return {
        **client.envelope(),
        "language": "id",
        "theme": "dark",
        "timezone": "Asia/Jakarta",
        "position": "Ketua\r\n1",
    }


def test_e4_a_form_sent_after_the_session_ended_is_carried_through_signing_in(client, cast, session):
    typed = {
        "submission_id": uuid4().hex,
        "title": "Rapat “A” & <b>",
        "notes": "satu\r\ndua",
        "password": "x",
    }
    asked = client.post("/meetings/new?partner=3", data=typed)
    assert asked.status_code == 401
    assert asked.headers["Cache-Control"] == "no-store"
    assert "Yang Anda ketik tetap ada" in words(asked)
    again = client.send(asked, {"email": cast.lilis.email, "password": "salah"}, form="/sign-in")
    assert again.status_code == 422
    waiting = client.send(again, {"email": cast.lilis.email, "password": PASSWORD}, form="/sign-in")
    assert waiting.status_code == 200
    assert "Lanjutkan menyimpan" in words(waiting)
    (form,) = [form for form in forms_of(waiting) if form.action.startswith("/meetings")]
    assert form.action == "/meetings/new?partner=3"
    token = form.fields.pop("csrf_token")
    assert {name: values[0].replace("\r", "") for name, values in form.fields.items()} == {
        "submission_id": typed["submission_id"], "title": "Rapat “A” & <b>", "notes": "satu\ndua",
    }  # fmt: skip
    assert token != client.get_cookie("phx")


def test_e4_what_was_carried_is_saved_once_under_the_same_submission(browser_of, cast, session):
    client = browser_of(cast.lilis)
    shown = client.get("/profile")
    sign_ins.revoke(cast.lilis.id)
    asked = client.send(shown, {"position": "Ketua TeFa"})
    assert asked.status_code == 401
    waiting = client.send(asked, {"email": cast.lilis.email, "password": PASSWORD}, form="/sign-in")
    saved = client.send(waiting)
    assert (saved.status_code, saved.location) == (303, "/profile")
    assert cast.lilis.position == "Ketua TeFa"
    twice = client.send(waiting)
    assert twice.status_code == 303
    (key,) = [form.fields["submission_id"][0] for form in forms_of(shown) if "position" in form.names]
    assert (
        session.scalar(select(func.count()).select_from(Submission).where(Submission.key == UUID(key))) == 1
    )


def test_c115_what_one_person_typed_is_never_sent_in_the_name_of_another(browser_of, cast, session):
    client = browser_of(cast.lilis)
    shown = client.get("/profile")
    sign_ins.revoke(cast.lilis.id)
    asked = client.send(shown, {"position": "Ketua TeFa"})
    refused = client.send(asked, {"email": cast.ujang.email, "password": PASSWORD}, form="/sign-in")
    assert refused.status_code == 422
    assert "dibuat dengan akun lain" in words(refused)
    assert client.get("/profile").status_code == 303
    waiting = client.send(refused, {"email": cast.lilis.email, "password": PASSWORD}, form="/sign-in")
    assert client.send(waiting).status_code == 303
    assert (cast.lilis.position, cast.ujang.position) == ("Ketua TeFa", None)


def test_a_session_that_was_idle_for_too_long_still_tells_whose_text_it_is(browser_of, cast, clock):
    client = browser_of(cast.lilis)
    shown = client.get("/profile")
    asked = None
    with aged_cookie(client):
        asked = client.send(shown, {"position": "Ketua"})
    assert asked.status_code == 401
    assert forms_of(asked)[0].fields["held_by"] == [f"u:{cast.lilis.id}"]


@contextmanager
def aged_cookie(client):
    """The cookie's own time stamp is over: 14 days without a request."""
    client.application.config["PERMANENT_SESSION_LIFETIME"] = timedelta(seconds=-1)
    try:
        yield
    finally:
        client.application.config["PERMANENT_SESSION_LIFETIME"] = timedelta(days=14)


def test_too_long_a_text_is_not_carried_and_the_page_says_so(client, cast):
    answer = client.post("/meetings/new", data={"notes": "x" * (held.LIMIT + 1)})
    assert answer.status_code == 401
    assert "terlalu panjang untuk dibawa" in words(answer)
    assert "x" * 100 not in answer.text


# ---------------------------------------------------------------------------- the demonstration


@pytest.fixture
def demo(app, cast, session):
    """The demonstration's application on the database of the test."""
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    session.commit()
    demo = create_app(Settings.for_tests(env="demo", database_url=url))
    yield new_client(demo)
    with demo.app_context():
        db.engine.dispose()


def test_the_demonstration_signs_in_with_one_press(demo, cast):
    page = demo.get("/sign-in")
    mine = [form for form in forms_of(page) if form.fields.get("user") == [str(cast.lilis.id)]]
    assert [form.action for form in mine] == ["/sign-in/demo"]
    answer = demo.post("/sign-in/demo", data=mine[0].fields)
    assert (answer.status_code, answer.location) == (303, "/")
    assert cast.lilis.name in words(demo.get("/profile"))


def test_the_demonstration_does_not_count(demo, cast, session):
    for _ in range(7):
        demo.get("/sign-in")
        demo.press("/sign-in/demo", user=cast.lilis.id)
        demo.press("/sign-out")
    assert session.scalar(select(func.count(Attempt.id))) == 0


def test_nobody_comes_in_without_a_token_of_the_page(demo, cast):
    assert demo.post("/sign-in/demo", data={"user": cast.lilis.id}).status_code == 422
    assert demo.get("/profile").status_code == 303


@pytest.mark.parametrize("user", ["", "x", "999999", "-1", "1" * 18])
def test_an_account_that_is_not_there_is_not_found(demo, user):
    demo.get("/sign-in")
    assert demo.press("/sign-in/demo", user=user).status_code == 404


def test_in_no_other_mode_does_such_a_thing_exist(client, cast, tmp_path):
    assert "Akun contoh" not in client.get("/sign-in").text
    production = create_app(
        Settings(
            env="production", secret_key="k" * 40, base_url="https://pentahelix.example",
            database_url=f"sqlite:///{tmp_path}/x.db",
        )
    )  # fmt: skip
    for app in (client.application, production):
        assert "accounts.sign_in_demo" not in app.view_functions
    assert client.press("/sign-in/demo", user=cast.lilis.id).status_code == 401


# ---------------------------------------------------------------------------- going out


def test_c111_after_signing_out_nothing_private_is_left(browser_of, cast):
    client = browser_of(cast.lilis)
    private = client.get("/profile")
    assert "no-cache" in private.headers["Cache-Control"]
    answer = client.press("/sign-out")
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get("/profile").status_code == 303
    assert "Anda sudah keluar." in words(client.get("/sign-in"))


def test_c115_what_somebody_else_has_not_sent_yet_stays_on_the_device(browser_of, cast):
    answer = browser_of(cast.lilis).press("/sign-out", keep="1")
    assert answer.headers["Clear-Site-Data"] == '"cache"'


def test_signing_out_ends_the_session_itself_not_only_the_cookie(browser_of, cast):
    client, other = browser_of(cast.lilis), browser_of(cast.lilis)
    stolen = client.get_cookie("phx").value
    client.press("/sign-out")
    client.set_cookie("phx", stolen)
    assert client.get("/profile").status_code == 303
    assert other.get("/profile").status_code == 200


def test_signing_out_everywhere_ends_all_sessions(browser_of, cast):
    client, other, ujang = browser_of(cast.lilis), browser_of(cast.lilis), browser_of(cast.ujang)
    assert client.press("/sign-out/everywhere").headers["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get("/profile").status_code == other.get("/profile").status_code == 303
    assert ujang.get("/profile").status_code == 200


def test_a_stale_button_of_signing_out_is_offered_again(browser_of, cast):
    client = browser_of(cast.lilis)
    answer = client.post("/sign-out")
    assert answer.status_code == 422
    assert client.post("/sign-out", data=forms_of(answer)[0].fields).status_code == 303


def test_signing_out_twice_is_no_fault(browser_of, cast):
    client = browser_of(cast.lilis)
    client.press("/sign-out")
    assert client.post("/sign-out").location == "/sign-in"


def test_the_button_of_signing_out_can_ask_about_what_is_unsent(browser_of, cast):
    assert "data-signs-out" in browser_of(cast.lilis).get("/profile").text


# ---------------------------------------------------------------------------- the language of a visitor


def test_a_visitor_chooses_the_language_and_the_browser_keeps_it(client, cast):
    answer = client.send(client.get("/sign-in?next=/profile"), form="/language")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=%2Fprofile")
    assert '<html lang="en"' in client.get("/sign-in").text


def test_an_address_elsewhere_is_not_gone_to_after_the_choice(client):
    client.get("/sign-in")
    assert client.press("/language", language="en", next="https://evil.example").location == "/"


def test_a_language_that_we_do_not_speak_is_refused(client):
    client.get("/sign-in")
    assert client.press("/language", language="fr").status_code == 422


def test_after_signing_out_the_page_goes_on_in_the_persons_language(browser_of, cast):
    cast.lilis.language = "en"
    client = browser_of(cast.lilis)
    client.press("/sign-out")
    assert '<html lang="en"' in client.get("/sign-in").text


def test_a_session_that_was_ended_elsewhere_leaves_the_browser_in_the_persons_language(
    browser_of, cast, session
):
    client = browser_of(cast.lilis)
    # Changed on another device: this one has never been told.
    cast.lilis.language = "en"
    session.flush()
    assert '<html lang="en"' in client.get("/today").text
    sign_ins.revoke(cast.lilis.id)
    assert '<html lang="en"' in client.get("/today", follow_redirects=True).text
    assert '<html lang="en"' in client.press("/follow-ups/new", title="Kirim contoh").text


def test_one_field_alone_is_focused(client):
    assert client.get("/sign-in").text.count("autofocus") == 1
