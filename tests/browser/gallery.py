"""Every page as it was answered on a walk, hung up again for a browser to look at.

The walk is made once in a run and language, whoever asks first. A page is then shown at its own address, with
its own headers, its stylesheet and its scripts; nothing that a browser does to it reaches a database.
"""

import fcntl
import pickle
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial, wraps
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple
from unittest.mock import patch

from flask import Flask, abort
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import TestResponse
from werkzeug.wrappers import Request, Response

from pentahelix import audit, clock
from pentahelix.demo import accounts
from pentahelix.demo.large import Size, fill
from pentahelix.extensions import db
from pentahelix.models import User
from pentahelix.scope import ALL, set_scope
from pentahelix.vocabulary import ActorKind, Language, Role
from tests import factories as make
from tests.clients import Client
from tests.engines import SqliteDatabase, folder_in_memory
from tests.pages import PARTNER, VISITOR, Visit, Walk, demo
from tests.sign_in import sign_in
from tests.sizes import LARGE, sized

#: What becomes of a page by itself, whatever it was to show; with 405 the ways that are open.
FAILURES = (400, 403, 404, 409, 413, 429, 500)


class Picture(NamedTuple):
    role: str
    #: the address, "POST " before it where a form was sent there
    name: str
    #: which route answered, and how: pages of one kind look alike but for their data
    kind: str
    status: int
    headers: list[tuple[str, str]]
    page: str

    @property
    def address(self) -> str:
        return self.name.removeprefix("POST ")

    def __str__(self) -> str:
        return f"{self.status} {self.role} {self.name}"


def pictures(language: Language, at: str, folder: Path) -> list[Picture]:
    """What is shown on a walk in a language; `folder` is common to all processes of the run."""
    kept = folder / f"pictures-{language}.pickle"
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_bytes(pickle.dumps(list(_walked(language, at))))
        found: list[Picture] = pickle.loads(kept.read_bytes())  # noqa: S301
    return found


def _walked(language: Language, at: str) -> Iterator[Picture]:
    """Each page once, for the first role that opens it; each refusal of a form once."""
    seen: set[tuple[object, ...]] = set()
    for world in (_full, _empty):
        with world(language, at) as walk:
            for visit in (*walk.pages(), *walk.refused(), *_signed_out(walk), *_failed(walk)):
                response = visit.response
                method, address = (
                    ("POST", visit.url[5:]) if visit.url.startswith("POST") else ("GET", visit.url)
                )
                route = walk.endpoint(address, method)
                # A form that is refused for another field looks the same, and so does whoever was signed out.
                if method == "GET":
                    key: tuple[object, ...] = (visit.url, world)
                else:
                    key = (route if response.status_code == 422 else visit.role, response.status_code)
                if key in seen or not _is_page(response):
                    continue
                seen.add(key)
                yield _picture(visit, f"{method} {route} {response.status_code} {world.__name__}")
    if LARGE:
        yield from _crowded(language, at)


def _picture(visit: Visit, kind: str) -> Picture:
    response = visit.response
    headers = [
        (name, text) for name, text in response.headers if name in ("Content-Type", "Content-Security-Policy")
    ]
    return Picture(visit.role, visit.url, kind, response.status_code, headers, response.text)


def _is_page(response: TestResponse) -> bool:
    """A whole one, at which somebody looks: no part for a script, no way elsewhere, no frame."""
    return response.mimetype == "text/html" and "<main" in response.text


@contextmanager
def _full(language: Language, at: str) -> Iterator[Walk]:
    with demo(at) as (app, session):
        yield Walk(app, session, language, chosen=sized(1, 2), most_led=sized(0, 2), nonsense=("ζζζ",))


@contextmanager
def _empty(language: Language, at: str) -> Iterator[Walk]:
    """Before anybody has entered anything: one cluster, its people, a partner's contact."""
    with _nothing(at) as app:
        cluster = make.cluster()
        for role in Role:
            make.user(*([cluster] if role == Role.COORDINATOR else []), role=role)
        emails = [account["email"] for account in accounts.all_accounts() if account["role"] == PARTNER]
        make.affiliation(make.partner(), make.contact(email=emails[0]))
        db.session.commit()
        yield Walk(app, db.session(), language, chosen=1, most_led=0, nonsense=())


CROWD = Size(partners=10_000, contacts=20_000, clusters=40, activities=20_000)
#: What grows with a province.
LONG = (
    "/today", "/agenda", "/waiting", "/partners", "/contacts", "/meetings", "/follow-ups", "/agreements",
    "/guidance", "/contributions", "/clusters", "/clusters/1", "/coverage", "/coverage/gaps",
    "/coverage/1/industry", "/search?q=dinas", "/partners/14", "/guidance/1",
    "/meetings/new", "/guidance/new",
)  # fmt: skip


def _crowded(language: Language, at: str) -> Iterator[Picture]:
    """The long pages in a province of 10,000 partners, as its first coordinator and the Kabid see them."""
    with _nothing(at) as app:
        fill(CROWD, seed=1, today=clock.today())
        for role in (Role.COORDINATOR, Role.KABID):
            person = db.session.scalars(select(User).where(User.role == role).order_by(User.id)).first()
            assert person is not None
            person.language = language
            client = Client(app, app.response_class, use_cookies=True)
            sign_in(client, person)
            for url in LONG:
                visit = Visit(role, url, client.get(url))
                # Who may not come in was looked at before.
                if visit.response.status_code == 200:
                    yield _picture(visit, f"GET {url} {role} crowded")


@contextmanager
def _nothing(at: str) -> Iterator[Flask]:
    folder = folder_in_memory("pentahelix-empty-")
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        stack.enter_context(clock.frozen(at))
        database = SqliteDatabase(folder, env="demo")
        stack.callback(database.close)
        stack.enter_context(database.app.app_context())
        stack.enter_context(audit.acting(audit.Actor(ActorKind.COMMAND, None, "test")))
        set_scope(db.session(), ALL)
        yield database.app


def _signed_out(walk: Walk) -> Iterator[Visit]:
    """Forms sent by somebody whose session has ended: what was typed is carried along."""
    for role, url, form in walk.forms.values():
        if role != VISITOR:
            client = walk.client(VISITOR)
            written = {name: "Ditulis" for name in form.names if form.kinds[name] in ("text", "textarea")}
            fields = {**form.fields, **client.envelope(), **written}
            yield Visit(VISITOR, f"POST {url}", client.post(url, data=fields))


def _failed(walk: Walk) -> Iterator[Visit]:
    """Whatever happens to a page and to what was typed on one."""

    def locked() -> None:
        raise OperationalError("SELECT", {}, Exception("database is locked"))

    for role in (VISITOR, Role.COORDINATOR):
        client, url = walk.client(role), "/partners/new" if role != VISITOR else "/sign-in"
        views: dict[str, Any] = walk.app.view_functions
        endpoint = str(walk.endpoint(url))
        view = views[endpoint]
        with patch.dict(views):
            for status in FAILURES:
                # Open to the same people as what stood there.
                views[endpoint] = wraps(view)(partial(abort, status))
                yield Visit(role, f"{url}?{status}", client.get(url))
            views[endpoint] = wraps(view)(locked)
            yield Visit(role, f"{url}?503", client.get(url))
            yield Visit(role, f"POST {url}", client.post(url, data={**client.envelope(), "name": "Ditulis"}))
        yield Visit(role, "/language?405", client.get("/language"))


# ---------------------------------------------------------------------------- hung up


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_: Any, **__: Any) -> None:
        """Whatever was asked for is no news."""


class Gallery:
    """A server of one picture at a time, and of the files that go with it."""

    def __init__(self, app: Flask) -> None:
        self.picture: Picture | None = None
        self._app = app
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=_Quiet)
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def _answer(self, environ: Any, start: Any) -> Iterable[bytes]:
        asked = Request(environ)
        shown = self.picture
        if shown is not None and asked.full_path.rstrip("?") == shown.address.partition("#")[0]:
            return Response(shown.page, shown.status, shown.headers)(environ, start)
        if asked.headers.get("Sec-Fetch-Dest") == "iframe":
            # A mail, which has tests of its own.
            return Response("<!doctype html><title>Surel</title><a href='/'>Buka</a>", mimetype="text/html")(
                environ, start
            )
        return self._app(environ, start)

    @classmethod
    @contextmanager
    def opened(cls, app: Flask) -> Iterator["Gallery"]:
        gallery = cls(app)
        thread = Thread(target=gallery._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield gallery
        finally:
            gallery._server.shutdown()
            thread.join()
            gallery._server.server_close()
