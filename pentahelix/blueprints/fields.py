"""What people write into forms, read as what it means.

A field says what is wrong in the words of the reader and shows again what was typed. What is left empty is
None, whatever the field. A field that may not stay empty has `Required()`; it is silent where what was typed
has already been refused, so that a broken date is never called missing.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, time
from typing import Any, ClassVar

from flask_babel import gettext as _, lazy_gettext as _l
from wtforms import Field
from wtforms.validators import StopValidation

from pentahelix import identifiers, phones, presentation
from pentahelix.blueprints.choices import EntitiesField, EntityField, WordField
from pentahelix.blueprints.widgets import TelInput, TextArea, TextInput

__all__ = [
    "DayField",
    "EmailField",
    "EntitiesField",
    "EntityField",
    "IntegerField",
    "LinkField",
    "LocalTimeField",
    "LongTextField",
    "NameField",
    "NibField",
    "NpsnField",
    "NpwpField",
    "PhoneField",
    "Required",
    "RupiahField",
    "TextField",
    "WordField",
]

LONGEST_EMAIL = 254
LONGEST_LINK = 2000
MOST_DIGITS = 15

ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
WRITTEN_DAY = re.compile(r"(\d{1,2})([/. -])(\d{1,2})\2(\d{4})", re.ASCII)
HOUR = re.compile(r"(\d{1,2})[.:](\d{2})(?:[.:]00)?", re.ASCII)
# Thousands are grouped by one sign, all of them; cents are none.
SUM = re.compile(
    r"(?:rp\.?\s*)?(\d{1,3}(?:([., ])\d{3}(?:\2\d{3})*)?|\d+)(?:[.,](?:00|-))?", re.ASCII | re.IGNORECASE
)
WHOLE = re.compile(r"-?(?:\d{1,3}(?:[.,]\d{3})+|\d+)", re.ASCII)


class Required:
    """May not stay empty."""

    field_flags: ClassVar[dict[str, bool]] = {"required": True}

    def __init__(self, message: Any = None) -> None:
        self.message = message or _l("Wajib diisi.")

    def __call__(self, form: Any, field: Field) -> None:
        if field.errors:
            raise StopValidation
        if field.data is None or field.data == []:
            raise StopValidation(self.message)


class Written(Field):
    """One line of text with a meaning: `read` finds it (ValueError with the message), `write` spells it."""

    widget: Any = TextInput()
    #: HTML attributes that help the keyboards of phones.
    attributes: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["render_kw"] = {**self.attributes, **(kwargs.get("render_kw") or {})}
        super().__init__(*args, **kwargs)

    def read(self, text: str) -> Any:
        return text

    def write(self, value: Any) -> str:
        return str(value)

    def words(self) -> str:
        """What the field holds, as a person reads it."""
        return self._value()

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        text = self.tidy(valuelist[0]) if valuelist else ""
        if _is_visible(text):
            self.data = self.read(text)

    def tidy(self, text: str) -> str:
        # A tab or a line's end comes along when a cell of a spreadsheet is pasted.
        return _storable(re.sub(r"[\t\r\n]+", " ", text.strip()))

    def _value(self) -> str:
        if self.raw_data and self.process_errors:
            return str(self.raw_data[0])
        return "" if self.data is None else self.write(self.data)


# ---------------------------------------------------------------------------------------------------------
# Text


class TextField(Written):
    """Kept as typed, blanks at its ends aside; too long is refused, never cut."""

    data: str | None

    def __init__(self, *args: Any, longest: int = 200, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.longest = longest

    def read(self, text: str) -> str:
        if len(text) > self.longest:
            raise ValueError(
                _(
                    "Terlalu panjang: paling banyak %(limit)s karakter, yang Anda tulis %(count)s.",
                    limit=presentation.number(self.longest),
                    count=presentation.number(len(text)),
                )
            )
        return text


class NameField(TextField):
    """The name of a person or an organisation: whatever people call themselves."""

    attributes = {"autocapitalize": "words", "spellcheck": "false"}


class LongTextField(TextField):
    """Several lines."""

    widget: Any = TextArea()

    def __init__(self, *args: Any, longest: int = 20_000, **kwargs: Any) -> None:
        super().__init__(*args, longest=longest, **kwargs)

    def tidy(self, text: str) -> str:
        return _storable(text.replace("\r\n", "\n").strip())


class LinkField(TextField):
    """The address of a page; "https://" may be left out."""

    attributes = {"inputmode": "url", "autocapitalize": "none", "spellcheck": "false"}

    def __init__(self, *args: Any, longest: int = LONGEST_LINK, **kwargs: Any) -> None:
        super().__init__(*args, longest=longest, **kwargs)

    def read(self, text: str) -> str:
        link = text if "://" in text else f"https://{text}"
        if not re.fullmatch(r"https?://[^\s/.]+(\.[^\s/.]+)+(/\S*)?", link, re.IGNORECASE):
            raise ValueError(_("Tautan tidak sah; tulis seperti https://contoh.id/rapat."))
        return super().read(link)


class EmailField(Written):
    """An address, kept to the letter: what stands before the @ may matter to whoever receives it."""

    data: str | None
    attributes = {
        "inputmode": "email",
        "autocomplete": "email",
        "autocapitalize": "none",
        "spellcheck": "false",
    }

    def read(self, text: str) -> str:
        from email_validator import EmailNotValidError, validate_email

        try:
            validate_email(text, check_deliverability=False, allow_smtputf8=False)
        except EmailNotValidError as exc:
            if len(re.findall(r"\S@\S", text)) > 1:
                raise ValueError(_("Tulis satu alamat surel saja.")) from exc
            raise ValueError(_("Alamat surel tidak sah; tulis seperti nama@sekolah.sch.id.")) from exc
        if len(text) > LONGEST_EMAIL:
            raise ValueError(_("Alamat surel tidak sah; tulis seperti nama@sekolah.sch.id."))
        return text


# ---------------------------------------------------------------------------------------------------------
# Days and hours


class PickerInput(TextInput):
    """The browser's own picker; a plain line where the picker would swallow what was typed."""

    def __call__(self, field: Any, **kwargs: Any) -> Any:
        if field.data is None and field._value():
            kwargs["type"] = "text"
        return super().__call__(field, **kwargs)


class DayField(Written):
    """A calendar day, from a picker or typed as dd/mm/yyyy."""

    data: date | None
    widget = PickerInput("date")

    def read(self, text: str) -> date:
        try:
            if found := ISO_DAY.fullmatch(text):
                day = date(int(found[1]), int(found[2]), int(found[3]))
            elif found := WRITTEN_DAY.fullmatch(text):
                day = date(int(found[4]), int(found[3]), int(found[1]))
            else:
                raise ValueError
            # A year of two digits, which pickers take for one of antiquity.
            if not 1900 <= day.year < 2200:
                raise ValueError
        except ValueError as exc:
            raise ValueError(_("Tanggal tidak sah; tulis hh/bb/tttt.")) from exc
        return day

    def write(self, value: date) -> str:
        return value.isoformat()

    def words(self) -> str:
        return self._value() if self.data is None else presentation.day_long(self.data)


class LocalTimeField(Written):
    """An hour on the clocks of the place where something happens."""

    data: time | None
    widget = PickerInput("time")

    def read(self, text: str) -> time:
        found = HOUR.fullmatch(text)
        if not found or int(found[1]) > 23 or int(found[2]) > 59:
            raise ValueError(_("Jam tidak sah; tulis jj.mm, misalnya 09.00."))
        return time(int(found[1]), int(found[2]))

    def write(self, value: time) -> str:
        return f"{value:%H:%M}"

    def words(self) -> str:
        return self._value() if self.data is None else presentation.hour_of(self.data)


# ---------------------------------------------------------------------------------------------------------
# Numbers


class IntegerField(Written):
    data: int | None
    attributes = {"inputmode": "numeric", "autocomplete": "off"}

    def __init__(self, *args: Any, least: int = 0, most: int = 2**31 - 1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.least = least
        self.most = most

    def read(self, text: str) -> int:
        if not WHOLE.fullmatch(text) or len(text) > 20:
            raise ValueError(_("Tulis bilangan bulat dengan angka, misalnya 12."))
        value = int(re.sub(r"[.,]", "", text))
        if value < self.least:
            raise ValueError(_("Paling sedikit %(limit)s.", limit=presentation.number(self.least)))
        if value > self.most:
            raise ValueError(_("Paling banyak %(limit)s.", limit=presentation.number(self.most)))
        return value


class RupiahField(Written):
    """Whole rupiah: "4500000", "4.500.000", "Rp 4.500.000,00"."""

    data: int | None
    attributes = {"inputmode": "numeric", "autocomplete": "off"}

    def read(self, text: str) -> int:
        found = SUM.fullmatch(text)
        if not found and not re.search(r"\d", text):
            raise ValueError(_("Tulis angka saja, misalnya 4.500.000."))
        if not found:
            raise ValueError(_("Jumlah tidak sah; tulis rupiah tanpa sen, misalnya 4.500.000."))
        digits = re.sub(r"\D", "", found[1]).lstrip("0") or "0"
        if len(digits) > MOST_DIGITS:
            raise ValueError(_("Jumlah ini terlalu besar; periksa banyaknya angka nol."))
        return int(digits)

    def write(self, value: int) -> str:
        return presentation.number(value)

    def words(self) -> str:
        return self._value() if self.data is None else presentation.rupiah(self.data)


# ---------------------------------------------------------------------------------------------------------
# Numbers that are names


class PhoneField(Written):
    """One telephone number, as E.164; `extension` is what was dialled after it, if anything."""

    data: str | None
    widget = TelInput()
    attributes = {"inputmode": "tel", "autocomplete": "off"}
    extension: str | None = None

    MESSAGES: ClassVar[Mapping[phones.Fault, Any]] = {
        phones.Fault.TWO_NUMBERS: _l("Ada lebih dari satu nomor di sini; tulis satu nomor saja."),
        phones.Fault.WORDS: _l("Tulis nomornya saja, tanpa kata; misalnya 0812-3456-7890."),
        phones.Fault.TOO_LONG: _l("Nomor ini terlalu panjang; periksa banyaknya angka."),
        phones.Fault.TOO_SHORT: _l("Nomor ini terlalu pendek; periksa banyaknya angka."),
        phones.Fault.UNKNOWN: _l("Nomor tidak dikenal; tulis seperti 0812-3456-7890 atau (0252) 201-234."),
    }

    def read(self, text: str) -> str | None:
        try:
            number = phones.parse(text)
        except phones.PhoneNumberError as exc:
            raise ValueError(self.MESSAGES[exc.fault]) from exc
        self.extension = number.extension if number else None
        return number.e164 if number else None

    def write(self, value: str) -> str:
        shown = phones.show(value)
        return f"{shown} ext. {self.extension}" if self.extension else shown


class DigitsField(Written):
    """A number that the state gives, of a fixed count of digits."""

    data: str | None
    attributes = {"inputmode": "numeric", "autocomplete": "off"}

    parse: ClassVar[Any]
    WRONG: ClassVar[Any]

    def read(self, text: str) -> str | None:
        if text.casefold() in phones.NOTHING:
            return None
        try:
            return str(self.parse(text))
        except identifiers.IdentifierError as exc:
            raise ValueError(self.message(exc)) from exc

    def message(self, exc: identifiers.IdentifierError) -> str:
        if exc.fault == identifiers.Fault.PERSONAL:
            return str(_("Ini nomor perorangan (NIK); NPWP orang tidak dicatat di sini."))
        if exc.fault == identifiers.Fault.NOT_DIGITS:
            return str(_("Tulis dengan angka saja."))
        written = _("Yang Anda tulis %(count)s angka.", count=exc.digits)
        return f"{self.WRONG} {written}"


class NibField(DigitsField):
    WRONG = _l("NIB terdiri atas 13 angka.")
    parse = staticmethod(identifiers.nib)


class NpsnField(DigitsField):
    WRONG = _l("NPSN terdiri atas 8 angka.")
    parse = staticmethod(identifiers.npsn)


class NpwpField(DigitsField):
    WRONG = _l("NPWP terdiri atas 15 atau 16 angka.")
    parse = staticmethod(identifiers.npwp)

    def write(self, value: str) -> str:
        return identifiers.show_npwp(value)


# ---------------------------------------------------------------------------------------------------------


def _is_visible(text: str) -> bool:
    """Whether there is anything to read; marks of direction and width alone are nothing."""
    return any(unicodedata.category(letter)[0] not in "CZ" for letter in text)


def _storable(text: str) -> str:
    """The text itself; ValueError where it holds what is no text (NUL and its kin)."""
    if any(unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\t\r\n" for letter in text):
        raise ValueError(_("Ada tanda yang tidak dapat disimpan; hapus dan ketik ulang."))
    return text
