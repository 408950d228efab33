"""Accounts, as the administrator keeps them."""

import pytest
from sqlalchemy import func, select

from pentahelix import clock as system, passwords
from pentahelix.models import Membership, User
from tests import factories as make
from tests.cast import PASSWORD
from tests.clients import forms_of, words
from tests.sign_in import sign_in_by_form


@pytest.fixture
def admin(browser_of, cast):
    return browser_of(cast.rudi)


def new(admin, **fields):
    given = {"name": "Yuyun Maryuningsih, S.Pd.", "role": "coordinator", "email": "yuyun@smkn1wrg.example"}
    return admin.fill("/admin/users/new", given | fields)


def made(session):
    return session.scalars(select(User).order_by(User.id.desc())).first()


# ---------------------------------------------------------------------------- making


def test_a_new_account_gets_a_password_that_is_shown_once_and_stored_nowhere(admin, cast, session, client):
    answer = new(
        admin,
        cluster_ids=[str(cast.lebak.id)],
        salutation="ibu",
        position="Ketua TeFa",
        password_way="generated",
    )
    user = made(session)
    assert (answer.status_code, answer.location) == (303, f"/admin/users/{user.id}")
    shown = admin.get(answer.location)
    assert shown.headers["Cache-Control"] == "no-store"
    password = shown.text.split('id="password" value="')[1].split('"')[0]
    assert password not in admin.get(answer.location).text
    assert passwords.weakness(password) is None
    assert (user.salutation, user.position, user.password_is_initial) == ("ibu", "Ketua TeFa", True)
    assert session.scalars(select(Membership.cluster_id).where(Membership.user_id == user.id)).all() == [
        cast.lebak.id
    ]
    assert sign_in_by_form(client, user, password).status_code == 303
    assert client.get("/").status_code == 303


def test_a_typed_password_is_not_shown_and_weak_ones_are_refused_with_the_rest_kept(admin, cast, session):
    refused = new(admin, password_way="typed", password="yuyunmaryuningsih")
    assert refused.status_code == 422
    assert "mudah ditebak" in words(refused)
    assert "yuyun@smkn1wrg.example" in refused.text
    assert "yuyunmaryuningsih" not in refused.text
    answer = admin.send(refused, {"password": "gerobak tarum nasi seribu"})
    assert answer.status_code == 303
    assert 'id="password"' not in admin.get(answer.location).text
    assert passwords.verify("gerobak tarum nasi seribu", made(session).password_hash)


def test_who_has_no_address_has_no_password_and_can_be_given_tasks(admin, cast, session):
    answer = new(admin, email="", cluster_ids=[str(cast.lebak.id)])
    assert answer.status_code == 303
    user = made(session)
    assert (user.email, user.password_hash) == (None, None)
    assert "tidak dapat masuk" in words(admin.get(answer.location))


def test_a_typed_password_without_an_address_asks_for_the_address(admin, cast):
    answer = new(admin, email="", password_way="typed", password="gerobak tarum nasi seribu")
    assert answer.status_code == 422
    assert "tanpa surel kata sandi tidak berguna" in words(answer)


@pytest.mark.parametrize("email", ["lilis@smkn1kalanganyar.example", "LILIS@smkn1kalanganyar.example"])
def test_an_address_belongs_to_one_account(admin, cast, email, session):
    before = session.scalar(select(func.count(User.id)))
    answer = new(admin, email=email)
    assert answer.status_code == 422
    assert f"sudah dipakai oleh {cast.lilis.name}" in words(answer)
    assert session.scalar(select(func.count(User.id))) == before


def test_the_form_sent_twice_makes_one_account(admin, cast, session):
    shown = admin.get("/admin/users/new")
    fields = {"name": "Sumiyati", "role": "kabid", "email": ""}
    first, second = admin.send(shown, fields), admin.send(shown, fields)
    assert first.location == second.location
    assert session.scalar(select(func.count(User.id)).where(User.name == "Sumiyati")) == 1


def test_what_is_missing_is_said_at_its_field(admin, cast):
    answer = new(admin, name="", role=None)
    assert answer.status_code == 422
    assert words(answer).count("Wajib diisi.") == 2
    assert "Dua isian perlu diperbaiki." in words(answer)
    assert 'value="yuyun@smkn1wrg.example"' in answer.text


def test_a_cluster_that_was_not_offered_is_refused(admin, cast, session):
    cast.pandeglang.archived_at = system.now()
    assert new(admin, cluster_ids=[str(cast.pandeglang.id)]).status_code == 422


# ---------------------------------------------------------------------------- changing


def edit(admin, user, **fields):
    return admin.fill(f"/admin/users/{user.id}/edit", fields)


def test_another_role_and_other_clusters_hold_from_the_next_request_on(admin, browser_of, cast):
    ujang = browser_of(cast.ujang)
    assert cast.pandeglang.name in words(ujang.get("/profile"))
    edit(admin, cast.ujang, cluster_ids=[str(cast.lebak.id)])
    page = words(ujang.get("/profile"))
    assert cast.lebak.name in page
    assert cast.pandeglang.name not in page
    assert ujang.get("/admin/users").status_code == 404
    edit(admin, cast.ujang, role="admin")
    assert ujang.get("/admin/users").status_code == 200


def test_a_membership_taken_away_and_given_back_is_the_same_row(admin, cast, session):
    (row,) = session.scalars(select(Membership).where(Membership.user_id == cast.ujang.id))
    edit(admin, cast.ujang, cluster_ids=None)
    assert row.archived_at is not None
    edit(admin, cast.ujang, cluster_ids=[str(cast.pandeglang.id)])
    assert row.archived_at is None
    assert session.scalar(select(func.count(Membership.id)).where(Membership.user_id == cast.ujang.id)) == 1


def test_a_membership_of_an_archived_cluster_stays_when_the_rest_is_edited(admin, cast, session):
    cast.pandeglang.archived_at = system.now()
    edit(admin, cast.ujang, position="Guru")
    (row,) = session.scalars(select(Membership).where(Membership.user_id == cast.ujang.id))
    assert row.archived_at is None


def test_who_loses_the_address_loses_password_and_sessions(admin, browser_of, cast):
    lilis = browser_of(cast.lilis)
    assert edit(admin, cast.lilis, email="").status_code == 303
    assert cast.lilis.password_hash is None
    assert lilis.get("/profile").status_code == 303


def test_two_administrators_at_one_account_the_second_is_told(admin, browser_of, cast):
    other = browser_of(make.user(role="admin"))
    first, second = (each.get(f"/admin/users/{cast.lilis.id}/edit") for each in (admin, other))
    admin.send(first, {"position": "Ketua"})
    answer = other.send(second, {"position": "Wakil ketua"})
    assert answer.status_code == 409
    assert "Tulisan orang lain Ketua" in words(answer)
    assert other.send(answer).status_code == 303
    assert cast.lilis.position == "Wakil ketua"


def test_who_joins_or_leaves_a_cluster_meanwhile_is_told_before_that_is_undone(admin, browser_of, cast):
    other, there = browser_of(make.user(role="admin")), f"/clusters/{cast.pandeglang.id}/coordinators"
    for act, told in (
        ("add", f"{cast.lebak.short_name}, {cast.pandeglang.short_name}"),
        ("remove", cast.lebak.short_name),
    ):
        shown = admin.get(f"/admin/users/{cast.lilis.id}/edit")
        assert other.press(f"{there}/{act}", user_id=str(cast.lilis.id)).status_code == 303
        answer = admin.send(shown, {"position": "Ketua"})
        assert answer.status_code == 409
        assert f"Tulisan orang lain {told} Jabatan" in words(answer)


def test_what_a_person_changes_by_the_way_is_no_conflict_for_their_administrator(
    admin, browser_of, cast, session, client, monkeypatch
):
    shown = admin.get(f"/admin/users/{cast.lilis.id}/edit")
    version = cast.lilis.version
    monkeypatch.setattr(passwords, "needs_rehash", lambda _kept: True)
    assert sign_in_by_form(client, cast.lilis).status_code == 303
    browser_of(cast.lilis).press("/language", language="en", next="/")
    session.refresh(cast.lilis)
    assert cast.lilis.version > version
    assert admin.send(shown, {"position": "Ketua"}).status_code == 303
    assert (cast.lilis.position, cast.lilis.language) == ("Ketua", "en")


def test_a_form_that_does_not_say_what_it_was_drawn_from_is_a_conflict(admin, cast):
    shown = admin.get(f"/admin/users/{cast.lilis.id}/edit")
    assert admin.send(shown, {"version": "", "position": "Ketua"}).status_code == 409
    edit(admin, cast.lilis, phone="081234567890")
    assert admin.send(shown, {"drawn": "", "position": "Ketua"}).status_code == 409


# ---------------------------------------------------------------------------- closing


def test_a_closed_account_is_out_at_once_and_comes_back_by_one_press(admin, browser_of, cast, client):
    lilis = browser_of(cast.lilis)
    page = f"/admin/users/{cast.lilis.id}"
    assert admin.send(admin.get(page), form="/deactivate").status_code == 303
    assert lilis.get("/profile").status_code == 303
    assert sign_in_by_form(client, cast.lilis).status_code == 422
    again = admin.get(page)
    assert "Akun ini nonaktif" in words(again)
    assert any(form.action.endswith("/reactivate") for form in forms_of(again))
    admin.press(f"{page}/reactivate")
    assert sign_in_by_form(client, cast.lilis).status_code == 303
    assert lilis.get("/profile").status_code == 303


def test_the_last_administrator_is_never_lost(admin, cast, session):
    page = f"/admin/users/{cast.rudi.id}"
    make.user(role="admin", email=None)
    make.user(role="admin", deactivated_at=system.now())
    closed = admin.press(f"{page}/deactivate")
    demoted = edit(admin, cast.rudi, role="kabid")
    mute = edit(admin, cast.rudi, email="")
    assert [closed.status_code, demoted.status_code, mute.status_code] == [409, 422, 422]
    for answer in (closed, demoted, mute):
        assert "satu-satunya admin" in words(answer)
    assert (cast.rudi.role, cast.rudi.is_active, cast.rudi.email) == ("admin", True, "admin@dinas.example")


def test_with_a_second_one_an_administrator_may_go(admin, cast):
    make.user(role="admin")
    assert admin.press(f"/admin/users/{cast.rudi.id}/deactivate").status_code == 303
    assert admin.get("/admin/users").status_code == 303


def test_a_new_password_for_somebody_ends_their_sessions(admin, browser_of, cast, client):
    lilis = browser_of(cast.lilis)
    answer = admin.fill(f"/admin/users/{cast.lilis.id}/password")
    password = admin.get(answer.location).text.split('id="password" value="')[1].split('"')[0]
    assert lilis.get("/profile").status_code == 303
    assert sign_in_by_form(client, cast.lilis, PASSWORD).status_code == 422
    assert sign_in_by_form(client, cast.lilis, password).status_code == 303
    assert client.get("/profile").location == "/profile/password"


def test_who_cannot_sign_in_for_want_of_an_address_is_led_to_where_it_is_written(admin, cast):
    nobody = make.user(email=None)
    page = admin.get(f"/admin/users/{nobody.id}")
    assert "tidak dapat masuk: belum ada surel" in words(page)
    assert f'href="/admin/users/{nobody.id}/edit#email"' in page.text


def test_nobody_without_an_address_gets_a_password(admin, cast):
    nobody = make.user(email=None)
    page = admin.get(f"/admin/users/{nobody.id}/password")
    assert "belum mempunyai alamat surel" in words(page)
    answer = admin.press(f"/admin/users/{nobody.id}/password", password_way="generated")
    assert answer.status_code == 409


# ---------------------------------------------------------------------------- the list


def test_the_list_is_searched_filtered_and_sorted(admin, cast):
    cast.lilis.position = "Wakil Kepala Sekolah"
    make.user(name="Drs. Zainal Abidin", deactivated_at=system.now())
    page = words(admin.get("/admin/users")).partition("Semua peran")[2]
    assert "1–4 dari 4 akun" in page
    assert "Zainal" not in page
    # Under the name, not under the title.
    assert page.index("Aminah") < page.index("Lilis") < page.index("Rudi") < page.index("Ujang")
    assert "Zainal" in words(admin.get("/admin/users?standing=closed"))
    for query in ("q=lil", "q=kalanganyar", "q=wakil+kepala", "role=coordinator&sort=-name"):
        assert cast.lilis.name in words(admin.get(f"/admin/users?{query}"))
    assert cast.lilis.name not in words(admin.get("/admin/users?role=kabid"))
    assert "Tidak ada akun yang cocok" in words(admin.get("/admin/users?q=%25"))


@pytest.mark.parametrize(
    "query", ["page=x", "page=-1", "page=0", "sort=password_hash", "role=%00", "q='%22%00", "page=99999"]
)
def test_c71_an_odd_address_shows_the_list(admin, cast, query):
    assert admin.get(f"/admin/users?{query}").status_code == 200


def test_the_list_costs_the_same_with_one_account_and_with_sixty(admin, cast, statements, session):
    with statements() as few:
        admin.get("/admin/users")
    for _ in range(60):
        make.user(cast.lebak)
    session.commit()
    with statements() as many:
        admin.get("/admin/users?page=3")
    assert len(few) == len(many) <= 8


@pytest.mark.parametrize("who", ["aminah", "lilis"])
def test_for_others_than_administrators_none_of_it_exists(browser_of, cast, who):
    client = browser_of(getattr(cast, who))
    missing = words(client.get("/no-such-page"))
    for path in ("", "/new", f"/{cast.lilis.id}", f"/{cast.lilis.id}/edit", f"/{cast.lilis.id}/password"):
        answer = client.get(f"/admin/users{path}")
        assert (answer.status_code, words(answer)) == (404, missing)
    for act in ("deactivate", "reactivate"):
        assert client.press(f"/admin/users/{cast.ujang.id}/{act}").status_code == 404
    assert cast.ujang.is_active


def test_an_account_that_is_not_there_is_not_found(admin):
    for path in ("", "/edit", "/password"):
        assert admin.get(f"/admin/users/999999{path}").status_code == 404
