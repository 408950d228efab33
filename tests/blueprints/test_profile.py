"""A person's own account: the password, the devices, language, theme and zone."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from pentahelix import clock as system, passwords
from pentahelix.models import Attempt, AuditEntry, SignIn
from pentahelix.services import users
from tests.cast import PASSWORD
from tests.clients import forms_of, words
from tests.sign_in import sign_in_by_form

NEW = "gerobak tarum nasi seribu"


def change(client, current=PASSWORD, new=NEW, again=None):
    return client.fill(
        "/profile/password", current_password=current, new_password=new, again_password=again or new
    )


# ---------------------------------------------------------------------------- the password


def test_a_new_password_holds_and_the_old_one_no_longer(browser_of, cast, client):
    answer = change(browser_of(cast.lilis))
    assert (answer.status_code, answer.location) == (303, "/profile")
    assert sign_in_by_form(client, cast.lilis).status_code == 422
    assert sign_in_by_form(client, cast.lilis, NEW).status_code == 303
    assert cast.lilis.password_changed_at == system.now()


def test_changing_it_ends_the_sessions_of_other_devices(browser_of, cast):
    client, other = browser_of(cast.lilis), browser_of(cast.lilis)
    change(client)
    assert client.get("/profile").status_code == 200
    assert other.get("/profile").status_code == 303


def test_the_change_is_in_the_trail_and_the_hash_is_not(browser_of, cast, session):
    change(browser_of(cast.lilis))
    (entry,) = session.scalars(
        select(AuditEntry).where(AuditEntry.noun == "user", AuditEntry.action == "changed")
    )
    assert set(entry.digests) == {"password_changed_at"}
    assert entry.actor_name == cast.lilis.name


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"current": "salah-sekali-lagi"}, "Kata sandi sekarang tidak cocok."),
        ({"new": "pendek"}, "paling sedikit 10 karakter"),
        ({"new": "password123"}, "mudah ditebak"),
        ({"new": "LilisNurhayati"}, "mudah ditebak"),
        ({"new": "kulinerlebak"}, "mudah ditebak"),
        ({"again": "gerobak tarum nasi seratus"}, "Tidak sama dengan kata sandi baru"),
        ({"new": PASSWORD}, "Sama dengan kata sandi sekarang."),
        ({"current": ""}, "Wajib diisi."),
    ],
)
def test_a_bad_password_is_refused_at_its_field(browser_of, cast, typed, said, session):
    before = cast.lilis.password_hash
    answer = change(browser_of(cast.lilis), **typed)
    assert answer.status_code == 422
    assert said in words(answer)
    assert "<title>Galat:" in answer.text
    assert cast.lilis.password_hash == before
    for secret in ("salah-sekali-lagi", "gerobak", PASSWORD):
        assert secret not in answer.text


def test_the_form_sent_twice_tells_twice_that_it_is_changed(browser_of, cast):
    client = browser_of(cast.lilis)
    shown = client.get("/profile/password")
    typed = {"current_password": PASSWORD, "new_password": NEW, "again_password": NEW}
    assert client.send(shown, typed).status_code == 303
    assert client.send(shown, typed).status_code == 303


def test_c8_a_stolen_session_cannot_guess_the_password(browser_of, cast, session):
    client = browser_of(cast.lilis)
    for _ in range(5):
        change(client, current="salah-sekali-lagi")
    answer = change(client)
    assert answer.status_code == 429
    assert "Coba lagi dalam 1 menit." in words(answer)
    assert session.scalar(select(func.count(Attempt.id))) == 5


def test_a_password_that_somebody_else_chose_is_replaced_before_anything_else(client, cast, session):
    users.set_password(cast.lilis, passwords.digest("pinjaman untuk sementara"))
    sign_in_by_form(client, cast.lilis, "pinjaman untuk sementara")
    asked = client.get("/profile")
    assert (asked.status_code, asked.location) == (303, "/profile/password")
    assert "dipilihkan oleh admin" in words(client.get("/profile/password"))
    assert change(client, current="pinjaman untuk sementara").status_code == 303
    assert client.get("/profile").status_code == 200
    assert not cast.lilis.password_is_initial


def test_what_was_typed_is_taken_even_before_the_password_is_replaced(client, cast):
    users.set_password(cast.lilis, passwords.digest("pinjaman untuk sementara"))
    sign_in_by_form(client, cast.lilis, "pinjaman untuk sementara")
    fields = {"language": "id", "theme": "dark", "timezone": "Asia/Jakarta", "version": cast.lilis.version}
    assert client.press("/profile", fields).status_code == 303
    assert cast.lilis.theme == "dark"


# ---------------------------------------------------------------------------- the devices


def test_the_devices_are_listed_latest_first_and_this_one_is_marked(browser_of, cast, session, clock):
    browser_of(cast.lilis)
    clock.set(system.now() + timedelta(hours=3))
    client = browser_of(cast.lilis)
    page = words(client.get("/profile/sessions"))
    assert "2 perangkat sedang masuk" in page
    assert page.index("10.00 WIB") < page.index("Perangkat ini") < page.index("07.00 WIB")


def test_a_device_is_called_by_what_its_browser_says(client, cast, session):
    agent = (
        "Mozilla/5.0 (Linux; Android 14; SM-A145F) AppleWebKit/537.36 Chrome/126.0.0.0 Mobile Safari/537.36"
    )
    form = forms_of(client.get("/sign-in"))[0].fields | {"email": cast.lilis.email, "password": PASSWORD}
    client.post("/sign-in", data=form, headers={"User-Agent": agent})
    assert session.scalar(select(SignIn.device)) == "Chrome, Android"


def test_another_device_is_signed_out_from_here(browser_of, cast, session):
    other, client = browser_of(cast.lilis), browser_of(cast.lilis)
    first = session.scalar(select(func.min(SignIn.id)))
    answer = client.press(f"/profile/sessions/{first}/end")
    assert answer.location == "/profile/sessions"
    assert other.get("/profile").status_code == 303
    assert client.get("/profile").status_code == 200


def test_the_session_of_somebody_else_is_not_there(browser_of, cast, session):
    browser_of(cast.ujang)
    client = browser_of(cast.lilis)
    theirs = session.scalar(select(SignIn.id).where(SignIn.user_id == cast.ujang.id))
    foreign, missing = (client.press(f"/profile/sessions/{number}/end") for number in (theirs, 999_999))
    assert foreign.status_code == missing.status_code == 404
    assert words(foreign) == words(missing)


# ---------------------------------------------------------------------------- language, theme, zone


def profile(client, **fields):
    return client.fill("/profile", **fields)


def test_language_theme_zone_and_the_rest_are_kept(browser_of, cast):
    client = browser_of(cast.lilis)
    answer = profile(
        client,
        language="en",
        theme="dark",
        timezone="Asia/Jayapura",
        position="Ketua",
        phone="0812-3456-7890",
    )
    assert answer.status_code == 303
    page = client.get("/profile").text
    assert '<html lang="en" data-theme="dark"' in page
    lilis = cast.lilis
    assert (lilis.timezone, lilis.position, lilis.phone) == ("Asia/Jayapura", "Ketua", "+6281234567890")


def test_the_zones_of_indonesia_come_first(browser_of, cast):
    page = browser_of(cast.lilis).get("/profile?world=1").text
    wib, wita, wit = (page.index(name) for name in ("WIB (Jakarta)", "WITA (Makassar)", "WIT (Jayapura)"))
    assert wib < wita < wit < page.index('value="Africa/Abidjan"')
    assert page.count('value="Asia/Jakarta"') == 1


def test_the_hundreds_of_zones_elsewhere_are_listed_for_who_asks_and_the_own_one_stays_offered(
    browser_of, cast
):
    lilis = browser_of(cast.lilis)
    assert 'value="Europe/Amsterdam"' not in lilis.get("/profile").text
    assert profile(lilis, timezone="Europe/Amsterdam").status_code == 422
    assert lilis.fill("/profile?world=1", timezone="Europe/Amsterdam").status_code == 303
    page = lilis.get("/profile").text
    assert '<option selected value="Europe/Amsterdam">' in page
    assert 'value="Europe/Berlin"' not in page


@pytest.mark.parametrize("fields", [{"timezone": "Mars/Olympus"}, {"language": "fr"}, {"theme": "pink"}])
def test_a_choice_that_was_not_offered_is_refused(browser_of, cast, fields):
    client = browser_of(cast.lilis)
    assert profile(client, **fields).status_code == 422


def test_a_number_that_is_none_is_refused_at_its_field_with_the_rest_kept(browser_of, cast):
    answer = profile(browser_of(cast.lilis), phone="tidak tahu", position="Ketua")
    assert answer.status_code == 422
    assert 'value="tidak tahu"' in answer.text
    assert 'value="Ketua"' in answer.text


def test_two_windows_at_one_profile_the_second_is_told(browser_of, cast):
    one, other = browser_of(cast.lilis), browser_of(cast.lilis)
    first, second = one.get("/profile"), other.get("/profile")
    one.send(first, {"position": "Ketua"})
    answer = other.send(second, {"position": "Wakil ketua"})
    assert answer.status_code == 409
    assert "Orang lain mengubah catatan ini." in words(answer)
    assert "Ketua" in words(answer)
    assert 'value="Wakil ketua"' in answer.text
    assert other.send(answer).status_code == 303
    assert cast.lilis.position == "Wakil ketua"


def test_a_change_that_is_no_matter_of_the_form_is_said_without_texts_to_compare(browser_of, cast, session):
    client = browser_of(cast.lilis)
    shown = client.get("/profile")
    cast.lilis.name = "Lilis N. Agustin, S.E."
    answer = client.send(shown)
    assert answer.status_code == 409
    assert "Tekan tombolnya sekali lagi" in words(answer)
    assert client.send(answer).status_code == 303


@pytest.mark.parametrize("who", ["rudi", "aminah", "lilis"])
def test_everybody_has_a_profile_that_tells_role_and_clusters(browser_of, cast, who):
    page = words(browser_of(getattr(cast, who)).get("/profile"))
    assert getattr(cast, who).name in page
    if who == "lilis":
        assert cast.lebak.name in page
        assert cast.pandeglang.name not in page


def test_a_profile_costs_few_statements(browser_of, cast, statements):
    client = browser_of(cast.lilis)
    with statements() as ran:
        client.get("/profile")
    assert len(ran) <= 7


def test_a_visitor_has_none_of_these_pages(client, cast):
    for path in ("/profile", "/profile/password", "/profile/sessions"):
        assert client.get(path).status_code == 303
    for path in ("/profile", "/profile/password", "/profile/sessions/1/end", "/sign-out/everywhere"):
        assert client.post(path).status_code == 401
