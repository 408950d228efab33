"""Both languages, complete: every text of every page is a message, and every message has its English."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple
from zoneinfo import available_timezones

import flask_babel
import pytest
from babel.messages.catalog import Catalog, Message
from babel.support import NullTranslations
from flask import Flask
from flask_babel import force_locale, ngettext

from pentahelix.areas import DISTRICTS
from pentahelix.demo.agreements import BY_OFFICE
from pentahelix.holidays import Calendar
from pentahelix.vocabulary import Language
from scripts import translations
from tests.conftest import NOW
from tests.pages import APART, BEHIND_AN_ACT, NONSENSE, Visit, Walk, demo
from tests.sizes import sized
from tests.texts import Text, texts

#: C104: a day whose number could be a month, on which the data is loaded and looked at.
TWELFTH = "2027-01-12T08:00+07:00"

#: What is typed where it does not belong, at every change; `make pages` types more.
SOME_NONSENSE = ("", "ζζζ")

# ---------------------------------------------------------------------------- the catalogues

Key = tuple[str | None, object]


@cache
def catalogue(language: str) -> Catalog:
    return translations.read(language)


@cache
def extracted() -> Catalog:
    return translations.extracted()


def key(message: Message) -> Key:
    return message.context, message.id


def messages(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def forms(text: object) -> list[str]:
    """A message, or its translation, in singular and plural."""
    return [str(form) for form in (text if isinstance(text, list | tuple) else (text,))]


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)[sd]|%[sd]", text))


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_a_catalogue_has_the_texts_of_the_code_and_no_others(language):
    kept, found = ({key(message) for message in messages(one)} for one in (catalogue(language), extracted()))
    assert kept == found, "run make translations"


def test_no_text_hides_in_another():
    """Whoever looks for texts does not look into an f-string."""
    calls = {"_", "_l", "gettext", "ngettext", "lazy_gettext", "lazy_ngettext", "pgettext", "lazy_pgettext"}
    hidden = [
        f"{module.name}:{inner.lineno}"
        for module in Path(translations.ROOT, "pentahelix").rglob("*.py")
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.JoinedStr)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.func.id in calls
    ]
    assert hidden == [], "translate before the f-string"


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_a_catalogue_is_compiled(language):
    place = translations.place_of(language)
    compiled = place.with_suffix(".mo")
    assert compiled.exists(), "run make translations"
    assert compiled.stat().st_mtime >= place.stat().st_mtime, "run make translations"


def test_every_text_has_its_english():
    missing = [message.id for message in messages(catalogue("en")) if not translations.is_translated(message)]
    assert missing == [], "write their English into pentahelix/translations/en/LC_MESSAGES/messages.po"


def test_the_messages_of_wtforms_and_all_plurals_are_indonesian():
    english = {message.id for message in messages(translations.from_wtforms())}
    silent = [
        message.id
        for message in messages(catalogue("id"))
        if (message.id in english or message.pluralizable) and not translations.is_translated(message)
    ]
    assert silent == [], "write them into pentahelix/translations/id/LC_MESSAGES/messages.po"


def test_what_is_indonesian_already_is_not_said_twice():
    english = {message.id for message in messages(translations.from_wtforms())}
    twice = [
        message.id
        for message in messages(catalogue("id"))
        if message.string and message.id not in english and not message.pluralizable
    ]
    assert twice == [], "change the text in the code; this catalogue is empty but for plurals and WTForms"


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_a_translation_fills_in_the_same_values(language):
    wrong = [
        form
        for message in messages(catalogue(language))
        for form in forms(message.string)
        if form and placeholders(form) != placeholders(forms(message.id)[-1])
    ]
    assert wrong == []
    assert [message.id for message in messages(catalogue(language)) if message.fuzzy] == []


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_c105_counts_have_the_right_form(app: Flask, language):
    """C105: 0, 1 and 2 of everything that is counted, in both languages; never "1 days" or "mitra(s)"."""
    one_of_many = re.compile(r"\b1 (?!has\b|waits\b|needs\b|is\b|this\b|was\b)\w+s\b")
    with app.test_request_context(), force_locale(language):
        for message in messages(catalogue(language)):
            if not message.pluralizable:
                continue
            singular, plural = forms(message.id)
            values = dict.fromkeys(placeholders(plural) - {"num", "", "min", "max"}, "x")
            said = [ngettext(singular, plural, n, **values, min=n, max=n) for n in (0, 1, 2)]
            assert not any("(s)" in text for text in said)
            if language == Language.ID:
                assert {re.sub(r"\b[012]\b", "n", text) for text in said} == {re.sub(r"\b1\b", "n", said[1])}
            else:
                assert not one_of_many.search(said[1]), said[1]
                assert re.sub(r"\b0\b", "2", said[0]) == said[2]


# ---------------------------------------------------------------------------- a language of brackets


class Pseudo(NullTranslations):
    """Says what it is given, in brackets: what stands outside of them was not translated."""

    def ugettext(self, text: str) -> str:
        return f"⟦{text}⟧"

    def ungettext(self, singular: str, plural: str, number: int) -> str:
        return f"⟦{singular if number == 1 else plural}⟧"

    def upgettext(self, _context: str, text: str) -> str:
        return self.ugettext(text)

    def unpgettext(self, _context: str, singular: str, plural: str, number: int) -> str:
        return self.ungettext(singular, plural, number)


#: What is written alike in every language.
SIGNS = re.compile(
    r"\b(Pentahelix|WIB|WITA|WIT)\b|\bRp(?=[\d.])|[\w.+-]{1,64}@\S+|https?://\S+|[\w.-]{1,64}\.example\b"
    r"|\.(txt|xlsx|pdf)\b|__\w+__|\b(MoU|PKS|IA|PDF|kB|MB)\b|/[IVX]+/(?=\d{4}\b)"
)
LATIN = re.compile(r"[A-Za-z]{2,}")


def names(language: str) -> set[str]:
    """Names that come with the program: of districts, zones, holidays, commands; they are no messages."""
    zones = {zone.replace("_", " ") for zone in available_timezones()}
    holidays = {name for year in range(2025, 2029) for name in Calendar().of_year(year, language).values()}
    cities = {zone.split("/")[-1] for zone in zones}
    return {*DISTRICTS.values(), *zones, *cities, *holidays, "demo", "test", BY_OFFICE}


def left_over(text: str, known: set[str]) -> str:
    """What of a text is neither a sign nor a name: empty, or in Latin letters."""
    if not LATIN.search(text):
        return ""
    parts = (part.strip() for part in re.split(r"[·:,()–—]", SIGNS.sub(" ", text)))
    return " · ".join(part for part in parts if part not in known and LATIN.search(part))


def outside_of_brackets(found: list[Text]) -> Iterator[Text]:
    """What of the texts stands in no brackets; a bracket of a sentence may close in a later text."""
    depth = 0
    for where, text in found:
        inner = depth if "[" not in where else 0
        outside = ""
        for part in re.split("([⟦⟧])", text):
            inner += {"⟦": 1, "⟧": -1}.get(part, 0)
            outside += part if inner == 0 and part != "⟧" else " "
        if "[" not in where:
            depth = inner
        yield Text(where, outside)
    if depth:
        yield Text("page", f"{depth} brackets were cut off")


class Seen(NamedTuple):
    #: each text that is no message, with the place where it was first seen
    unmarked: dict[str, str]
    failed: list[str]
    routes_missed: set[str]


@pytest.fixture(scope="module")
def in_brackets() -> Seen:
    """A walk in a language of brackets."""
    known = names("el")
    unmarked: dict[str, str] = {}
    failed: list[str] = []
    with demo(NOW, in_greek=True) as (app, session), pytest.MonkeyPatch.context() as patch:
        patch.setattr(flask_babel.Domain, "get_translations", lambda self: Pseudo())
        patch.setattr(app.extensions["babel"], "locale_selector", lambda: "el")
        walk = Walk(
            app, session, chosen=sized(2, 6), most_led=sized(2, 12), nonsense=sized(SOME_NONSENSE, NONSENSE)
        )
        # The first page of all is a way to another one.
        routes = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
        routes -= {*APART, *BEHIND_AN_ACT, "home.index"}
        for visit in everything(walk):
            routes.discard(walk.endpoint(visit.url) or "")
            if visit.response.status_code >= 500 and not visit.url.startswith("/healthz"):
                failed.append(f"{visit.response.status_code} {visit.role} {visit.url}")
            for where, text in outside_of_brackets(texts(visit.response)):
                if rest := left_over(text, known):
                    unmarked.setdefault(rest, f"<{where}> of {visit.role} {visit.url}")
    return Seen(unmarked, failed, routes)


def everything(walk: Walk) -> Iterator[Visit]:
    """What people read on the walk; who is sent on reads nothing."""
    for visit in chain(walk.pages(), walk.refused(), walk.accepted()):
        if not 300 <= visit.response.status_code < 400:
            yield visit


def test_every_text_of_every_page_is_a_message(in_brackets):
    lines = [f"{text!r} in {place}" for text, place in in_brackets.unmarked.items()]
    assert not lines, "\n".join(["mark these texts as messages:", *lines])


def test_nothing_on_the_walk_fails(in_brackets):
    assert in_brackets.failed == []


def test_the_walk_comes_everywhere(in_brackets):
    assert in_brackets.routes_missed == set(), (
        "link them from a page, or give tests.pages.QUERIES their query"
    )


# ---------------------------------------------------------------------------- one page, one language


@cache
def only_in(language: str) -> frozenset[str]:
    """The words that the texts of one language use and those of the other do not."""
    indonesian: set[str] = set()
    english: set[str] = set()
    for message in messages(catalogue("en")):
        theirs = forms(message.id) if message.id not in wtforms_messages() else []
        indonesian.update(word for form in theirs for word in words_of(form))
        english.update(word for form in forms(message.string) for word in words_of(form))
    return frozenset(indonesian - english if language == Language.ID else english - indonesian)


@cache
def wtforms_messages() -> frozenset[object]:
    return frozenset(message.id for message in messages(translations.from_wtforms()))


def words_of(text: str) -> list[str]:
    return re.findall(r"[a-z]{2,}", re.sub(r"%\(\w+\)[sd]", " ", text).lower())


@pytest.fixture(scope="module", params=list(Language))
def on_the_twelfth(request: pytest.FixtureRequest) -> tuple[Language, list[tuple[str, Text]]]:
    """What people read in one language on 12 January 2027, with its place; the data is in Greek letters."""
    language: Language = request.param
    with demo(TWELFTH, in_greek=True) as (app, session):
        walk = Walk(app, session, language, chosen=3, most_led=2, nonsense=SOME_NONSENSE)
        seen = {
            text: f"<{text.where}> of {visit.role} {visit.url}"
            for visit in everything(walk)
            if "POST /language" not in visit.url
            for text in texts(visit.response)
        }
    return language, [(place, text) for text, place in seen.items()]


def test_c13_no_page_speaks_the_other_language(on_the_twelfth):
    """C13: pages refused for letters in numbers, broken dates, foreign options, no token are among them."""
    language, read = on_the_twelfth
    other = only_in(Language.EN if language == Language.ID else Language.ID)
    known = names(language)
    foreign = [
        f"{sorted(strangers)} in {text.text[:160]!r} in {place}"
        for place, text in read
        # A page behind a link of a mail is asked for in the other language by its address.
        if "?lang=" not in place
        if (strangers := other.intersection(words_of(left_over(text.text, known))))
    ]
    assert not foreign, "\n".join(["not in the language of the page:", *foreign])


def test_c104_no_day_is_written_so_that_it_could_be_a_month(on_the_twelfth):
    """C104: never 01/12 or 2027-01-12, months by their names, each in its language."""
    language, read = on_the_twelfth
    number = re.compile(r"\b0?1[/.-]12\b|\b12[/.-]0?1\b|\b\d{4}-\d\d-\d\d\b")
    # What somebody typed is repeated to them in quotation marks, as it was typed.
    unquoted = ((place, re.sub("“[^”]*”", "", text.text)) for place, text in read)
    assert [f"{text[:160]!r} in {place}" for place, text in unquoted if number.search(text)] == []
    ours, others = ("Januari", "January") if language == Language.ID else ("January", "Januari")
    assert any(f"12 {ours} 2027" in text.text for _place, text in read)
    assert [
        f"{text.text[:160]!r} in {place}" for place, text in read if re.search(rf"\b{others}\b", text.text)
    ] == []


#: An address that hands out a file, with its numbers.
FILE = re.compile(r" (/\S+\.(?:xlsx|pdf))(?:\?\S*)?$")
HOURS = re.compile(
    r"\d\d[.:]\d\d(–\d\d[.:]\d\d)? (WIB|WITA|WIT|UTC)"
    # The reminders' hour, which is another one in each cluster.
    r"|08\.00 waktu klaster|08:00 cluster time"
)


def bare_hours(text: str) -> list[str]:
    return re.findall(r"(?<![\d.,])\d?\d[.:]\d\d(?![\d.,]|\d)", HOURS.sub(" ", text))


def test_no_page_tells_an_hour_without_its_zone(on_the_twelfth):
    """C13: on pages too; what somebody typed is repeated to them as they typed it."""
    _language, read = on_the_twelfth
    unquoted = (
        (place, re.sub("“[^”]*”", "", text.text))
        for place, text in read
        # What scripts reckon with, and the head of a meeting's form: the hour typed there, then its zone.
        if not re.search(r"\[data-|^<span> of coordinator [^?]*/meetings/(new|\d+/(edit|record))", place)
        if not FILE.search(place)
    )
    nameless = [f"{text[:160]!r} in {place}" for place, text in unquoted if bare_hours(text)]
    assert not nameless, "\n".join(nameless)


def test_no_file_tells_an_hour_without_its_zone_and_none_is_left_unread(app: Flask, on_the_twelfth):
    """The walk reads spreadsheets and papers like pages: their sheets, headers, footers and titles."""
    _language, read = on_the_twelfth
    handed = [(FILE.search(place), place, text.text) for place, text in read if FILE.search(place)]
    nameless = [f"{text[:160]!r} in {place}" for _file, place, text in handed if bare_hours(text)]
    assert nameless == [], "write hours with presentation.clock_time or presentation.span"
    seen = {re.sub(r"\d+", "1", file[1]) for file, _place, _text in handed if file}
    rules = {rule.rule for rule in app.url_map.iter_rules() if re.search(r"\.(xlsx|pdf)$", rule.rule)}
    assert seen == {re.sub("<[^>]+>", "1", rule) for rule in rules}
