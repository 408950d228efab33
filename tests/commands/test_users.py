"""`flask user …`"""

from contextvars import Context

import pytest
from sqlalchemy import func, select

from pentahelix import passwords
from pentahelix.models import AuditEntry, User
from tests import factories as make

GOOD = "gerobak tarum nasi seribu"


@pytest.fixture
def run(app, session):
    def run(*words, typed=None):
        session.commit()
        # Outside the test's application context, whose database session a command would take for its own.
        invoke = app.test_cli_runner().invoke
        result = Context().run(lambda: invoke(args=["user", *words], input=typed))
        session.expire_all()
        return result

    return run


def add(run, *more, email="rudi@dinas.example", typed=f"{GOOD}\n"):
    return run("add", "--email", email, "--name", "Rudi Hartono", "--password-stdin", *more, typed=typed)


def accounts(session):
    return session.scalars(select(User)).all()


def test_a_new_installation_has_no_account(run, session):
    assert accounts(session) == []
    assert run("list").output == ""


def test_the_first_administrator_is_made_and_can_sign_in(run, session):
    result = add(run, "--admin", "--salutation", "bapak")
    assert (result.exit_code, result.output) == (0, "rudi@dinas.example can sign in now.\n")
    (user,) = accounts(session)
    assert (user.role, user.name, user.salutation, user.password_is_initial) == (
        "admin",
        "Rudi Hartono",
        "bapak",
        False,
    )
    assert passwords.verify(GOOD, user.password_hash)
    assert session.scalar(select(AuditEntry.actor_name).where(AuditEntry.noun == "user")) == "user add"


def test_the_password_is_asked_for_twice_and_not_echoed(run, session):
    result = run("add", "--admin", "--email", "a@dinas.example", "--name", "Rudi", typed=f"{GOOD}\n{GOOD}\n")
    assert result.exit_code == 0
    assert GOOD not in result.output
    assert run(
        "add", "--admin", "--email", "b@dinas.example", "--name", "Rudi", typed=f"{GOOD}\nother\n"
    ).exit_code


@pytest.mark.parametrize("weak", ["", "pendek", "password123", "rudihartono"])
def test_a_weak_password_is_refused(run, session, weak):
    result = add(run, "--admin", typed=f"{weak}\n")
    assert result.exit_code == 1
    assert "Too weak a password" in result.output
    assert accounts(session) == []


def test_a_role_has_to_be_said_and_an_address_has_to_be_one(run, session):
    assert add(run).exit_code == 2
    assert add(run, "--admin", email="rudi").exit_code == 2
    assert accounts(session) == []


def test_an_address_has_one_account(run, session):
    add(run, "--role", "kabid")
    result = add(run, "--admin", email="Rudi@dinas.example")
    assert result.exit_code == 1
    assert "belongs to an account already" in result.output
    assert session.scalar(select(func.count(User.id))) == 1


def test_another_password_ends_the_sessions(run, session, browser_of):
    user = make.user(role="admin", email="rudi@dinas.example")
    client = browser_of(user)
    result = run("password", "rudi@dinas.example", "--password-stdin", typed=f"{GOOD}\n")
    assert (result.exit_code, client.get("/profile").status_code) == (0, 303)
    assert passwords.verify(GOOD, user.password_hash)
    assert run("password", "siapa@dinas.example", "--password-stdin", typed=f"{GOOD}\n").exit_code == 1


def test_the_list_tells_who_there_is(run, session):
    make.user(name="Sumiyati", email=None)
    assert run("list").output.split() == ["coordinator", "no", "password", "-", "Sumiyati"]
