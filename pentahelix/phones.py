"""Phone numbers: what people write, E.164 as we keep it, and back.

A number that the numbering plan calls impossible is often right (landlines of small towns, new blocks of
mobile numbers), so Indonesian numbers are judged by their shape, those of other countries by the library.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

if TYPE_CHECKING:
    import phonenumbers

INDONESIA = 62
#: Numbers of which a worker remembers how they are written.
MOST_KEPT = 2048
#: Digits after +62: "0811-123-456" to "0895-0000-00000".
MOBILE_DIGITS = range(9, 13)
#: Digits after +62, area code included: "(0252) 20123" to "(0252) 2012-3456".
LANDLINE_DIGITS = range(7, 12)

NOTHING = {
    "",
    "-",
    "--",
    "–",
    "—",
    ".",
    "0",
    "tidak ada",
    "tdk ada",
    "tidak punya",
    "belum ada",
    "nihil",
    "kosong",
}
NOTHING |= {"n/a", "none", "no", "tidak"}

EXTENSION = re.compile(
    r"[,;]?\s*\b(?:ext|ekst|extension|ekstensi|pes|pesawat|x)[.:]?\s*(\d{1,7})\s*$", re.IGNORECASE
)
BETWEEN_TWO = re.compile(r"\d\D*(?:[/,;&|\n]|\b(?:atau|dan|or|and)\b)\D*\d", re.IGNORECASE)


class Fault(StrEnum):
    TWO_NUMBERS = "two_numbers"
    WORDS = "words"
    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    UNKNOWN = "unknown"


class PhoneNumberError(ValueError):
    """Not one phone number; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class PhoneNumber(NamedTuple):
    e164: str
    extension: str | None = None


def parse(text: str) -> PhoneNumber | None:
    """The one number in `text`; None where it says that there is none ("-", "tidak ada").

    Raises PhoneNumberError. Never takes the first of two numbers, and never leaves a word out.
    """
    text = text.strip().rstrip(",;")
    if text.casefold() in NOTHING:
        return None
    extension = None
    if found := EXTENSION.search(text):
        extension, text = found[1], text[: found.start()]
    if BETWEEN_TWO.search(text) or len(re.findall(r"\d{9,}", text)) > 1 or len(re.findall(r"\d", text)) > 17:
        raise PhoneNumberError(Fault.TWO_NUMBERS)
    if not re.fullmatch(r"[\d\s+().\-–‑]+", text):
        raise PhoneNumberError(Fault.WORDS)
    import phonenumbers

    try:
        number = phonenumbers.parse(re.sub(r"^00", "+", text), "ID")
    except phonenumbers.NumberParseException as exc:
        raise PhoneNumberError(_fault_of(exc, text)) from exc
    _check(number)
    return PhoneNumber(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), extension)


@lru_cache(MOST_KEPT)
def show(e164: str) -> str:
    """As people write it: "0812-3456-7890", "(0252) 201-234"; a number of another country with its code."""
    import phonenumbers

    number = _read(e164)
    if number.country_code != INDONESIA:
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    if landline := re.fullmatch(r"(\(0\d+\)) (\d+)", written):
        area, own = landline.groups()
        return f"{area} {own[:-4] if len(own) > 6 else own[:-3]}-{own[-4:] if len(own) > 6 else own[-3:]}"
    if is_mobile(e164):
        digits = f"0{number.national_number}"
        return f"{digits[:4]}-{digits[4:8]}-{digits[8:]}" if len(digits) > 10 else written
    return written


@lru_cache(MOST_KEPT)
def is_mobile(e164: str) -> bool:
    number = _read(e164)
    if number.country_code == INDONESIA:
        digits = str(number.national_number)
        return digits.startswith("8") and len(digits) in MOBILE_DIGITS and not digits.startswith("80")
    import phonenumbers

    return phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE


def whatsapp_link(e164: str, text: str | None = None) -> str | None:
    """An address that opens a chat, with `text` filled in; None for what cannot have WhatsApp."""
    if not is_mobile(e164):
        return None
    return f"https://wa.me/{e164.lstrip('+')}" + (f"?text={quote(text, safe='')}" if text else "")


def _read(e164: str) -> phonenumbers.PhoneNumber:
    import phonenumbers

    return phonenumbers.parse(e164, None)


def _check(number: phonenumbers.PhoneNumber) -> None:
    digits = str(number.national_number)
    if number.country_code != INDONESIA or digits.startswith(("80", "1")):
        import phonenumbers

        if not phonenumbers.is_valid_number(number):
            raise PhoneNumberError(Fault.UNKNOWN)
        return
    allowed = MOBILE_DIGITS if digits.startswith("8") else LANDLINE_DIGITS
    if len(digits) >= allowed.stop:
        raise PhoneNumberError(Fault.TOO_LONG)
    if len(digits) < allowed.start:
        raise PhoneNumberError(Fault.TOO_SHORT)


def _fault_of(exc: phonenumbers.NumberParseException, text: str) -> Fault:
    if exc.error_type == exc.TOO_LONG:
        return Fault.TOO_LONG
    if exc.error_type == exc.TOO_SHORT_NSN or len(re.findall(r"\d", text)) < 7:
        return Fault.TOO_SHORT
    return Fault.UNKNOWN
