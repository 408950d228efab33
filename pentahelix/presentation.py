"""How days, hours, sums and names are written on pages, in the language of the reader: filters for templates.

Days and hours are shown in the zone that they belong to; what is an instant therefore needs a zone.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import quote

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from flask import Flask, g
from flask_babel import force_locale, get_locale, gettext as _, ngettext as babel_ngettext, pgettext
from markupsafe import Markup, escape

from pentahelix import clock, identifiers, phones, principal, rules
from pentahelix.vocabulary import Language, Salutation

INDONESIAN = Locale("id")
MOST_KEPT = 4000
#: Signs of a word that is never parted: it fits beside others on the narrowest phone.
LONGEST_WHOLE = 20
ZONE_LETTERS = {
    "Asia/Jakarta": "WIB",
    "Asia/Pontianak": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Jayapura": "WIT",
}
#: One of each, as people choose among them.
ZONES = {
    "Asia/Jakarta": "WIB (Jakarta)",
    "Asia/Makassar": "WITA (Makassar)",
    "Asia/Jayapura": "WIT (Jayapura)",
}

#: First words that nobody is called by alone.
NOT_ALONE = {"muhammad", "mohammad", "mohamad", "mochamad", "muhamad", "tubagus", "raden", "ratu", "abdul"}
TITLES = {"dr", "drs", "dra", "ir", "h", "hj", "prof", "kh", "rd", "tb"}


class Person(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def salutation(self) -> str | None: ...


# ---------------------------------------------------------------------------------------------------------
# Whoever reads


_ABSENT: Any = object()


@contextmanager
def as_read_by(language: Language, timezone: str | None) -> Iterator[None]:
    """The language and the clock of a reader who did not ask for the page: of whoever is written to."""
    before = g.get("viewers_zone", _ABSENT)
    g.viewers_zone = timezone
    try:
        with force_locale(language):
            yield
    finally:
        if before is _ABSENT:
            g.pop("viewers_zone")
        else:
            g.viewers_zone = before


# ---------------------------------------------------------------------------------------------------------
# Days


def day(value: date, zone: str = clock.PROVINCE_ZONE) -> str:
    """As in "Kamis, 26 November 2026"."""
    return _written(_day_of(value, zone), "EEEE, d MMMM y", _language())


def day_long(value: date, zone: str = clock.PROVINCE_ZONE) -> str:
    """As in "26 November 2026", where the weekday says nothing: agreements, past years."""
    return _written(_day_of(value, zone), "d MMMM y", _language())


def day_short(value: date, zone: str = clock.PROVINCE_ZONE) -> str:
    """As in "Kam., 26 Nov.", with the year where it is not this one."""
    value, language = _day_of(value, zone), _language()
    return f"{_shortened(value, 'EEE', 'EEEE', language)}, {_day_and_month(value, language)}"


def date_short(value: date, zone: str = clock.PROVINCE_ZONE) -> str:
    """As in "26 Nov.", with the year where it is not this one."""
    return _day_and_month(_day_of(value, zone), _language())


def month(value: date) -> str:
    """As in "November 2026"."""
    return _written(value, "MMMM y", _language())


def days_ago(value: date, zone: str = clock.PROVINCE_ZONE) -> str:
    """One of "hari ini", "kemarin", "3 hari lalu"; for what is to come "besok", "3 hari lagi"."""
    count = (clock.today(zone) - _day_of(value, zone)).days
    if abs(count) < 2:
        near: str = _("hari ini") if count == 0 else _("kemarin") if count == 1 else _("besok")
        return near
    past: str = ngettext("%(num)s hari lalu", "%(num)s hari lalu", count)
    return past if count > 0 else _days_to_come(-count)


def days_late(due: date, zone: str = clock.PROVINCE_ZONE) -> str:
    """As in "Terlambat 4 hari"; nothing on the day itself and before."""
    count = (clock.today(zone) - due).days
    if count < 1:
        return ""
    late: str = ngettext("Terlambat %(num)s hari", "Terlambat %(num)s hari", count)
    return late


def days_left(end: date, zone: str = clock.PROVINCE_ZONE) -> str:
    """One of "25 hari lagi", "berakhir hari ini", "berakhir 3 hari lalu"."""
    count = (end - clock.today(zone)).days
    if count > 0:
        return _days_to_come(count)
    now: str = _("berakhir hari ini")
    past: str = ngettext("berakhir %(num)s hari lalu", "berakhir %(num)s hari lalu", -count)
    return past if count else now


# ---------------------------------------------------------------------------------------------------------
# Hours


def hour(instant: datetime, zone: str) -> str:
    """As in "09.00", where the zone stands beside it."""
    return hour_of(clock.local(instant, zone).time())


def hour_of(moment: time) -> str:
    return f"{moment:%H.%M}" if _is_indonesian() else f"{moment:%H:%M}"


def clock_time(instant: datetime, zone: str) -> str:
    """As in "09.00 WIB", with the hour of the reader's own zone in brackets where it differs."""
    viewer = _viewers_zone(instant, zone)
    shown = f"{hour(instant, zone)} {zone_letters(instant, zone)}"
    return f"{shown} ({hour(instant, viewer)} {zone_letters(instant, viewer)})" if viewer else shown


def span(start: datetime, end: datetime, zone: str) -> str:
    """As in "09.00–11.30 WIB", with the hours of the reader's own zone in brackets where they differ."""
    viewer = _viewers_zone(start, zone)
    shown = _span(start, end, zone)
    return f"{shown} ({_span(start, end, viewer)})" if viewer else shown


def as_of(instant: datetime) -> str:
    """As in "per Selasa, 24 November 2026, pukul 07.00 WIB", by the province's clock."""
    at = clock_time(instant, clock.PROVINCE_ZONE)
    return str(_("per %(day)s, pukul %(time)s", day=day(instant), time=at))


def zone_letters(instant: datetime, zone: str) -> str:
    """One of "WIB", "WITA", "WIT"; elsewhere the distance, as in "UTC+2"."""
    if zone in ZONE_LETTERS:
        return ZONE_LETTERS[zone]
    distance = clock.local(instant, zone).utcoffset()
    return f"UTC{distance.total_seconds() / 3600:+g}" if distance else "UTC"


# ---------------------------------------------------------------------------------------------------------
# Numbers


def number(value: int | float | Decimal) -> str:
    """As in "1.234,5"."""
    return _counted(value, _language())


def ngettext(one: str, many: str, count: int, **filled: object) -> str:
    """That of Flask-Babel, with the number written as numbers are: "2.000 mitra"."""
    text: str = babel_ngettext(one, many, _Count(count), **filled)
    return text


def rupiah(value: int) -> str:
    """As in "Rp4.500.000"."""
    return ("−" if value < 0 else "") + f"Rp{number(abs(value))}"


def rupiah_short(value: int) -> str:
    """As in "Rp38,2 jt" and "Rp1,2 miliar"; below a million in full."""
    if abs(value) < 1_000_000:
        return rupiah(value)
    text: str
    if abs(millions := _tenths(value, 1_000_000)) < 1000:
        text = _("Rp%(amount)s jt", amount=number(millions))
    else:
        text = _("Rp%(amount)s miliar", amount=number(_tenths(value, 1_000_000_000)))
    return text


def file_size(size: int) -> str:
    """As in "340 kB" and "1,2 MB"; never nothing."""
    if (kilobytes := -(-size // 1024)) < 1024:
        return f"{number(kilobytes)} kB"
    return f"{number(_tenths(size, 1024 * 1024))} MB"


# ---------------------------------------------------------------------------------------------------------
# People


def bare_name(name: str) -> str:
    """The name without the titles before and the degrees after it, if anything is then left."""
    words = name.split(",")[0].split()
    while len(words) > 1 and (words[0].endswith(".") or words[0].lower() in TITLES):
        words = words[1:]
    return " ".join(words) or name


def with_position(name: str, position: str | None) -> str:
    """As in "Siti Aminah (Kepala Bidang SMK)"."""
    return f"{bare_name(name)} ({position})" if position else bare_name(name)


def initials(name: str) -> str:
    """As in "RM": two letters at most, titles and legal forms left out."""
    words = [word for word in bare_name(name).split() if word[0].isalnum()] or name.split()
    named = [word for word in words if word.lower().strip(".") not in {"pt", "cv", "ud"}] or words
    return "".join(word[0] for word in named[:2]).upper()


def address_name(person: Person) -> str:
    """How somebody is greeted: "Ibu Lilis", or "Bapak/Ibu Lilis" where the form of address is unknown."""
    words = bare_name(person.name).split()
    short = words[: 2 if len(words[0].strip(".")) < 3 or words[0].lower() in NOT_ALONE else 1]
    return f"{_salutation(person)} {' '.join(short)}"


def formal_name(person: Person) -> str:
    """How somebody is written to, as in "Ibu Lilis Nurhayati Agustin, S.E.", titles and all."""
    return f"{_salutation(person)} {person.name}"


def you(person: Person) -> str:
    """How somebody is spoken to within a sentence: "Ibu", "Bapak/Ibu"; "you" in English."""
    return _salutation(person) if _is_indonesian() else str(pgettext("di dalam kalimat", "Anda"))


# ---------------------------------------------------------------------------------------------------------
# Text


def map_link(place: str | None) -> str | None:
    """An address that finds the place on a map; None for what is no place but an address already."""
    if not place or "://" in place:
        return None
    return f"https://www.google.com/maps/search/?api=1&query={quote(place, safe='')}"


def paragraphs(text: str) -> Markup:
    """What somebody typed, as paragraphs and lines."""
    blocks = [block for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()) if block]
    return Markup("\n").join(
        Markup("<p>{}</p>").format(Markup("<br>").join(escape(line) for line in block.split("\n")))
        for block in blocks
    )


def whole(text: str) -> str:
    """With no line ending within "2026-11-24" or "SMK-1", where a hyphen would allow it; words are parted."""
    if "-" not in text or hasattr(text, "__html__"):
        return text
    parts = re.split(r"(?<!\S)(\S*-\d\S*)", text)
    return Markup("").join(
        Markup('<span class="nowrap">{}</span>').format(part)
        if at % 2 and len(part) <= LONGEST_WHOLE
        else part
        for at, part in enumerate(parts)
    )


FILTERS = (
    day, day_long, day_short, date_short, month, days_ago, days_late, days_left,
    clock_time, span, zone_letters, number, rupiah, rupiah_short, file_size,
    bare_name, initials, formal_name, you, map_link, paragraphs, whole,
)  # fmt: skip


def register(app: Flask) -> None:
    for function in FILTERS:
        app.add_template_filter(function)
    app.add_template_filter(phones.show, "phone")
    app.add_template_filter(phones.whatsapp_link, "wa_link")
    app.add_template_test(rules.is_left_alone, "left_alone")
    app.add_template_global(lambda: as_of(clock.now()), "as_of_now")
    app.add_template_filter(identifiers.show_npwp, "npwp")


# ---------------------------------------------------------------------------------------------------------


def _language() -> str:
    return (get_locale() or INDONESIAN).language


def _day_of(value: date, zone: str) -> date:
    return clock.local(value, zone).date() if isinstance(value, datetime) else value


# A page has some hundreds of days and numbers, and the next page mostly the same.


@lru_cache(MOST_KEPT)
def _written(value: date, pattern: str, language: str) -> str:
    return format_date(value, pattern, locale=language)


@lru_cache(MOST_KEPT, typed=True)
def _counted(value: int | float | Decimal, language: str) -> str:
    return format_decimal(value, locale=language)


@lru_cache(MOST_KEPT)
def _shortened(value: date, short: str, full: str, language: str) -> str:
    """Indonesian marks what is cut short with a dot: "Nov.", but "Mei"."""
    shown, whole = (_written(value, pattern, language) for pattern in (short, full))
    return f"{shown}." if language == "id" and shown != whole else shown


def _day_and_month(value: date, language: str) -> str:
    year = "" if value.year == clock.today().year else f" {value.year}"
    return f"{value.day} {_shortened(value, 'MMM', 'MMMM', language)}{year}"


class _Count(int):
    """Written with its thousands apart: "1.495 hari lagi"."""

    def __str__(self) -> str:
        return number(int(self))


def _days_to_come(count: int) -> str:
    text: str = ngettext("%(num)s hari lagi", "%(num)s hari lagi", count)
    return text


def _tenths(value: int, unit: int) -> Decimal:
    return (Decimal(value) / unit).quantize(Decimal("0.1"), ROUND_HALF_UP)


def _is_indonesian() -> bool:
    return _language() == "id"


def _span(start: datetime, end: datetime, zone: str) -> str:
    return f"{hour(start, zone)}–{hour(end, zone)} {zone_letters(start, zone)}"


def _viewers_zone(instant: datetime, zone: str) -> str | None:
    """The zone of whoever reads, where its clocks show another hour than those of `zone`."""
    viewer = principal.current()
    theirs: str | None = g.get("viewers_zone", viewer.timezone if viewer else None)
    if theirs is None:
        return None
    same = clock.local(instant, theirs).utcoffset() == clock.local(instant, zone).utcoffset()
    return None if same else theirs


def _salutation(person: Person) -> str:
    return str(Salutation(person.salutation).label) if person.salutation else _("Bapak/Ibu")
