"""Signing somebody in without the page: the same row and the same cookie, without the slow password."""

from contextvars import Context

from flask import Flask, session as cookie
from werkzeug.http import parse_cookie
from werkzeug.test import TestResponse

from pentahelix import identity
from pentahelix.extensions import db
from pentahelix.models import Contact, User
from pentahelix.principal import Principal
from pentahelix.services import sign_ins
from pentahelix.unit_of_work import write
from tests.cast import PASSWORD
from tests.clients import Client

#: What such a session calls its browser.
DEVICE = "test"


def principal_of(user: User) -> Principal:
    """`user` as the one who asks, for what takes `by`."""
    person = sign_ins.principal_of(sign_ins.begin(user, DEVICE))
    assert person is not None, f"{user.name} may not sign in"
    return person


def cookie_of(app: Flask, user: User | Contact) -> tuple[str, str]:
    """Name and value of the cookie that a browser holds in which `user` has just signed in.

    A contact is then in the portal.
    """
    db.session.commit()
    # Reading first and writing then fails at once where the scheduler has written in between.
    write()
    if isinstance(user, User):
        key = sign_ins.begin(user, DEVICE)
    else:
        key = sign_ins.begin_contact(user.id, DEVICE)
    person = sign_ins.principal_of(key)
    assert person is not None, f"{user.name} may not sign in"
    db.session.commit()

    def begin() -> str:
        with app.test_request_context():
            identity.begin(person, key)
            response = app.response_class()
            app.session_interface.save_session(app, cookie, response)
            return response.headers["Set-Cookie"]

    # Outside the test's application context, which a request must not share.
    name = app.config["SESSION_COOKIE_NAME"]
    return name, parse_cookie(Context().run(begin))[name]


def sign_in(client: Client, user: User | Contact) -> None:
    """`client` is from now on the browser of `user`."""
    name, value = cookie_of(client.application, user)
    client.set_cookie(name, value)


def sign_in_by_form(client: Client, user: User, password: str = PASSWORD) -> TestResponse:
    """The way everybody comes in: slower, since the password is really checked."""
    return client.fill("/sign-in", email=user.email, password=password)
