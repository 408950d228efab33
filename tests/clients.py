"""A person at a browser without JavaScript: opens pages, fills in their forms, presses their buttons."""

import re
from collections.abc import Iterable
from contextvars import Context
from copy import deepcopy
from html import unescape
from html.parser import HTMLParser
from secrets import token_hex
from typing import Any, Self
from urllib.parse import urljoin, urlsplit
from uuid import uuid4

from flask import has_app_context
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response

from pentahelix.extensions import db

Fields = dict[str, Any]

VOID = frozenset({"input", "br", "hr", "img", "meta", "link", "source", "wbr", "col", "area", "embed"})


class PageForm:
    """A form as it stands on a page, with the values that a browser would send."""

    def __init__(self, action: str, method: str, id: str | None = None) -> None:
        self.id = id
        self.action = action
        self.method = method
        self.fields: dict[str, list[str]] = {}
        self.names: set[str] = set()
        self.buttons: list[str] = []
        #: the type of each input, "select", "textarea"
        self.kinds: dict[str, str] = {}
        #: what can be chosen, where there is something to choose
        self.options: dict[str, list[str]] = {}
        #: fields that the page says are wrong
        self.wrong: set[str] = set()


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self._form: PageForm | None = None
        self._select: tuple[str, bool] | None = None
        self._first_option: str | None = None
        self._writing: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if tag == "form":
            self._form = PageForm(
                has.get("action") or "", (has.get("method") or "get").lower(), has.get("id")
            )
            self.forms.append(self._form)
        elif self._form is not None:
            self._control(self._form, tag, has)

    def _control(self, form: PageForm, tag: str, has: dict[str, str | None]) -> None:
        name = has.get("name") or ""
        if tag == "option" and self._select is not None:
            value = has.get("value") or ""
            form.options.setdefault(self._select[0], []).append(value)
            if "selected" in has:
                form.fields.setdefault(self._select[0], []).append(value)
            elif self._first_option is None:
                self._first_option = value
        elif tag == "button":
            form.buttons.append(name)
        elif name and "disabled" not in has:
            form.names.add(name)
            form.kinds[name] = (has.get("type") or "text") if tag == "input" else tag
            if has.get("aria-invalid") == "true":
                form.wrong.add(name)
            if tag == "select":
                self._select, self._first_option = (name, "multiple" in has), None
            elif tag == "textarea":
                self._writing = (name, [])
            elif tag == "input":
                self._input(form, name, has)

    def _input(self, form: PageForm, name: str, has: dict[str, str | None]) -> None:
        kind = has.get("type") or "text"
        if kind in ("checkbox", "radio"):
            form.options.setdefault(name, []).append(has.get("value", "on") or "")
            if "checked" in has:
                form.fields.setdefault(name, []).append(has.get("value", "on") or "")
        elif kind not in ("submit", "button", "image", "reset", "file"):
            form.fields.setdefault(name, []).append(has.get("value") or "")

    def handle_data(self, data: str) -> None:
        if self._writing is not None:
            self._writing[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if self._form is None:
            return
        if tag == "form":
            self._form = None
        elif tag == "select" and self._select is not None:
            name, multiple = self._select
            if not multiple and name not in self._form.fields and self._first_option is not None:
                self._form.fields[name] = [self._first_option]
            self._select = None
        elif tag == "textarea" and self._writing is not None:
            name, written = self._writing
            # As a browser: the line break right after the tag is none, and lines end in CR LF.
            text = "".join(written).replace("\r\n", "\n").removeprefix("\n")
            self._form.fields.setdefault(name, []).append(text.replace("\n", "\r\n"))
            self._writing = None


_FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
#: One that stands outside its form, names it and sends it to an address of its own.
_BUTTON = re.compile(r'<button\b[^>]*\bform="[^"]+"[^>]*>')


def forms_of(response: Response) -> list[PageForm]:
    """The forms of a page; after them, as forms of their own, the buttons that send one of them elsewhere."""
    page, reader = response.get_data(as_text=True), _FormReader()
    for form in _FORM.findall(page):
        reader.feed(form)
    return reader.forms + [_pressed(reader.forms, button) for button in _BUTTON.findall(page)]


def _pressed(forms: list[PageForm], button: str) -> PageForm:
    has = {name: unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', button)}
    (pressed,) = (deepcopy(form) for form in forms if form.id == has["form"])
    pressed.action = has["formaction"]
    if "name" in has:
        pressed.fields[has["name"]] = [has["value"]]
        pressed.names.add(has["name"])
        pressed.kinds[has["name"]] = "hidden"
    return pressed


def words(response: Response) -> str:
    """What a person reads on the page: the text of its body, white space folded."""
    page = response.get_data(as_text=True)
    page = re.sub(r"(?s)^.*?<body[^>]*>|<wbr>", "", page)
    page = re.sub(r"(?s)<(script|style|template|svg)\b.*?</\1>", " ", page)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


class Client(FlaskClient):
    """What the test has made so far is committed before a request, what the request made is seen after it.

    A request runs in a context of its own. Inside the test's application context Flask would hand the
    test's `g` and its database session to the view, and the view would see the test's scope.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if has_app_context():
            db.session.commit()
        response: TestResponse = Context().run(super().open, *args, **kwargs)
        if has_app_context():
            db.session.expire_all()
        return response

    def __enter__(self) -> Self:
        raise TypeError("a request's context is gone when its answer is there; look at the answer instead")

    def fill(
        self, page: str, fields: Fields | None = None, *, form: str | None = None, **more: Any
    ) -> TestResponse:
        """Open `page`, write `fields` into its form, send it as a browser would.

        `form` is the end of the form's action where the page has several. A value of None leaves the field
        out, as an unticked box; a list sends it several times. A field that the form does not have is an
        error of the test.
        """
        shown = self.get(page)
        assert shown.status_code == 200, f"{page} answered {shown.status_code}"
        return self.send(shown, {**(fields or {}), **more}, form=form)

    def send(
        self, shown: TestResponse, fields: Fields | None = None, *, form: str | None = None
    ) -> TestResponse:
        """Send the form of a page that is already open, as often as one likes."""
        chosen = _the_form(shown, form)
        data: dict[str, Any] = dict(chosen.fields)
        for name, value in (fields or {}).items():
            assert name in chosen.names or name in chosen.buttons, (
                f"no field {name}; there are {sorted(chosen.names)}"
            )
            if value is None:
                data.pop(name, None)
            else:
                data[name] = value
        address = urljoin(shown.request.url, chosen.action)
        return self.post(urlsplit(address)._replace(scheme="", netloc="", fragment="").geturl(), data=data)

    def press(self, address: str, fields: Fields | None = None, **more: Any) -> TestResponse:
        """Post to `address` as the button of a page does: with a good token and a fresh submission."""
        return self.post(address, data={**self.envelope(), **(fields or {}), **more})

    def envelope(self) -> Fields:
        """The hidden fields that every form carries."""
        return {"csrf_token": self.token(), "submission_id": str(uuid4())}

    def token(self) -> str:
        """A CSRF token of this person's session."""
        with self.session_transaction() as cookie:
            raw = cookie.setdefault("csrf_token", token_hex(20))
        secret: str = self.application.config["SECRET_KEY"]
        return str(URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps(raw))


def _the_form(shown: TestResponse, action: str | None) -> PageForm:
    posting = [form for form in forms_of(shown) if form.method == "post"]
    if action is not None:
        chosen = [form for form in posting if urlsplit(form.action).path.endswith(action)]
    else:
        # The page's own form: not a one-button form of the shell or of a row, nor the visitor's language.
        posting = [form for form in posting if urlsplit(form.action).path != "/language"]
        chosen = [form for form in posting if form.names - {"csrf_token", "submission_id", "version"}]
    assert len(chosen) == 1, f"{len(chosen)} forms fit; there are {_names(posting)}"
    return chosen[0]


def _names(forms: Iterable[PageForm]) -> list[str]:
    return [form.action or "(the page itself)" for form in forms]
