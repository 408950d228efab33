"""T10: every page against what enemies write into its address; what a query may ask is found out by asking.

Whatever stands there, the answer is a page: never a failure, never a way outside.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import quote_plus

import pytest
from werkzeug.datastructures import ImmutableMultiDict

from tests.conftest import NOW
from tests.faults import hostile
from tests.faults.siege import Siege
from tests.pages import APART, ROLES, VISITOR, demo
from tests.sizes import sized

#: How many values each page gets.
SHARE = sized(2, 8, len(hostile.TYPED))

#: Where enemies would like to lead people.
OUTSIDE = (
    "https://jahat.example/", "//jahat.example/", "/\\jahat.example", "\\\\jahat.example",
    "/\t/jahat.example", "\t//jahat.example", " //jahat.example", "/%09/jahat.example",
    "///jahat.example", "javascript:alert(1)", "https:jahat.example", "http:///jahat.example",
    "/\r\nLocation: https://jahat.example", "//[jahat", "@jahat.example", ".jahat.example",
    "/.//jahat.example", "\x00//jahat.example", "//jahat%E3%80%82example",
)  # fmt: skip

#: Names that pages ask for only in some states, or from scripts.
ALSO = ("next", "page", "q", "cluster", "sort", "lang", "answer")


class Noted(ImmutableMultiDict[str, str]):
    """Notes what is asked of it."""

    asked: set[str] = set()

    def get(self, key, *args, **kwargs):
        self.asked.add(key)
        return super().get(key, *args, **kwargs)

    def getlist(self, key, *args, **kwargs):
        self.asked.add(key)
        return super().getlist(key, *args, **kwargs)

    def __contains__(self, key):
        self.asked.add(key)
        return super().__contains__(key)


@pytest.fixture(scope="module")
def siege() -> Iterator[Siege]:
    with ExitStack() as stack:
        app, session = stack.enter_context(demo(NOW))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(app.request_class, "parameter_storage_class", Noted)
        siege = Siege(app, session)
        siege.chosen = sized(1, 1, 2)
        stack.callback(siege.close)
        yield siege


@pytest.fixture(scope="module")
def pages(siege: Siege) -> list[tuple[str, str, list[str]]]:
    """Each page once, with whoever may open it, and what it asks of its query."""
    found, known = [], set()
    for role in (*ROLES[1:], VISITOR):
        for address in siege._chosen(role):
            path = address.partition("?")[0]
            if path in known or siege.endpoint(path) in APART:
                continue
            Noted.asked = set()
            if siege.client(role).get(address).status_code == 200:
                known.add(path)
                found.append((role, path, sorted({*Noted.asked, *ALSO} - {"csrf_token", "submission_id"})))
    return found


def test_t10_a_query_of_an_enemy_fails_no_page(siege, pages, figure):
    values, found, asked = list(hostile.TYPED), [], 0
    for number, (role, path, names) in enumerate(pages):
        client = siege.client(role)
        for step in range(SHARE):
            # Each name with a value of its own, so that every name meets every value in the end.
            chosen = {
                name: hostile.TYPED[values[(number * 5 + step + 7 * place) % len(values)]]
                for place, name in enumerate(names)
            }
            # No server takes an address of a megabyte.
            query = "&".join(f"{name}={quote_plus(value[:4000])}" for name, value in chosen.items())
            answer = client.get(f"{path}?{query}")
            asked += 1
            found += [f"{role} {path}?{query[:300]}: {fault}" for fault in hostile.faults(answer)]
            if answer.location and not _is_ours(answer.location):
                found.append(f"{path}?{query[:300]} leads to {answer.location[:80]}")
    figure(f"T10: {asked} hostile queries of {len(pages)} pages, {len(found)} faults")
    assert not found, "\n".join(found)
    assert len(pages) > 60


def test_t10_each_name_alone_fails_no_page(siege, pages):
    """What is wrong with one name may keep the others from being read."""
    values, found = list(hostile.TYPED), []
    for number, (role, path, names) in enumerate(pages):
        client = siege.client(role)
        # One name of each page at every change, all of them in `make faults`.
        for place, name in list(enumerate(names))[
            sized(slice(number % len(names), number % len(names) + 1), slice(None))
        ]:
            for step in range(sized(1, 1, len(values))):
                value = hostile.TYPED[values[(number + 11 * place + step) % len(values)]][:4000]
                answer = client.get(f"{path}?{name}={quote_plus(value)}")
                found += [f"{role} {path}?{name}={value[:60]!r}: {fault}" for fault in hostile.faults(answer)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("door", ["/sign-in", "/portal/sign-in", "/password/forgot"])
def test_t10_next_leads_nowhere_outside(siege, door):
    for wanted in OUTSIDE:
        answer = siege.client(VISITOR).get(f"{door}?next={quote_plus(wanted)}")
        assert not list(hostile.faults(answer)), wanted
        for role in ("coordinator", "partner"):
            sent_on = siege.client(role).get(f"{door}?next={quote_plus(wanted)}")
            assert sent_on.location is None or _is_ours(sent_on.location), wanted


@pytest.mark.parametrize(
    ("role", "path", "fields"),
    [
        ("visitor", "/sign-in/demo", {"user": "2"}),
        ("visitor", "/language", {"language": "en"}),
        ("kabid", "/clusters/choose", {"cluster_id": "1"}),
        ("visitor", "/sign-in", {"email": "kabid@dinas.example", "password": "emping-melinjo-gula-aren"}),
    ],
)
def test_t10_a_form_leads_nowhere_outside(siege, role, path, fields):
    for wanted in OUTSIDE:
        siege.put_back()
        client = siege.client(role)
        sent = hostile.body(
            {**fields, **client.envelope(), "next": wanted, "held_path": wanted, "held": "[]"}
        )
        answer = client.post(f"{path}?next={quote_plus(wanted)}", data=sent, content_type=hostile.FORM)
        assert not list(hostile.faults(answer)), wanted
        assert answer.location is None or _is_ours(answer.location), f"{wanted!r} leads to {answer.location}"
        # A page that carries the fields on posts them to this site.
        assert "jahat" not in " ".join(form.action for form in hostile.forms_of(answer)), wanted


def _is_ours(location: str) -> bool:
    """As browsers read it: backslashes are slashes, signs of control are nothing."""
    read = "".join(sign for sign in location if ord(sign) > 32).replace("\\", "/")
    return (read.startswith("/") and not read.startswith("//")) or read.startswith("http://localhost/")
