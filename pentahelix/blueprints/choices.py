"""Choosing from a list: words of a vocabulary, and records that were offered.

What was not offered is refused like anything else that is not in the list, whether it exists or not.
"""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _, lazy_gettext as _l
from wtforms.fields import SelectFieldBase
from wtforms.fields.choices import Choice  # type: ignore[attr-defined]
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget, RadioInput

from pentahelix.blueprints.widgets import Select

CHOOSE = _l("Pilih dari daftar")


class ChoiceField(SelectFieldBase):
    """One of `choices`, pairs of value and label, or None.

    `blank` is the label of "none of them"; without one a list has no such line. `cards` draws radio buttons.
    """

    widget: Any = Select()

    def __init__(self, *args: Any, blank: Any = CHOOSE, cards: bool = False, **kwargs: Any) -> None:
        if cards:
            kwargs = {"widget": ListWidget(prefix_label=False), "option_widget": RadioInput(), **kwargs}
            blank = None if blank is CHOOSE else blank
        super().__init__(*args, **kwargs)
        if cards:
            # By this templates know that one excludes the other.
            self.type = "RadioField"
        self.blank = blank
        self.choices: list[tuple[str, Any]] = []

    def read(self, value: str) -> Any:
        return value

    def iter_choices(self) -> Iterator[Any]:
        if self.blank is not None:
            yield Choice("", self.blank, self.data is None, {})
        for value, label in self.choices:
            yield Choice(value, label, self._is_chosen(value), {})

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = self.read(valuelist[0]) if valuelist and valuelist[0] else None

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and str(self.data) not in {value for value, _label in self.choices}:
            raise ValidationError(_("Pilih dari daftar."))

    def _is_chosen(self, value: str) -> bool:
        return self.data is not None and str(self.data) == value


class WordField(ChoiceField):
    """A word of a vocabulary; `only` leaves some of them to choose from."""

    def __init__(
        self, *args: Any, vocabulary: type[StrEnum], only: Iterable[StrEnum] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.vocabulary = vocabulary
        self.choices = [(word.value, getattr(word, "label", word.value)) for word in only or vocabulary]

    def read(self, value: str) -> StrEnum:
        try:
            return self.vocabulary(value)
        except ValueError as exc:
            raise ValueError(_("Pilih dari daftar.")) from exc


class EntityField(ChoiceField):
    """The id of one of the records that were offered; `row` is the record."""

    data: int | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows: dict[str, Any] = {}

    def offer(self, rows: Iterable[Any], label: Callable[[Any], Any] = lambda row: row.name) -> None:
        self.rows = {str(row.id): row for row in rows}
        self.choices = [(value, label(row)) for value, row in self.rows.items()]

    @property
    def row(self) -> Any | None:
        return self.rows.get(str(self.data))

    def process_data(self, value: Any) -> None:
        self.data = getattr(value, "id", value)

    def read(self, value: str) -> int:
        return _id(value)


class EntitiesField(EntityField):
    """The ids of any number of the records that were offered, in their order; `chosen` are the records."""

    data: list[int]  # type: ignore[assignment]
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, blank=None, **kwargs)

    @property
    def chosen(self) -> list[Any]:
        return [self.rows[str(number)] for number in self.data if str(number) in self.rows]

    def process_data(self, value: Any) -> None:
        self.data = [getattr(row, "id", row) for row in value or ()]

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = []
        self.data = list(dict.fromkeys(_id(value) for value in valuelist if value))

    def pre_validate(self, form: Any) -> None:
        if any(str(number) not in self.rows for number in self.data):
            raise ValidationError(_("Pilih dari daftar."))

    def _is_chosen(self, value: str) -> bool:
        return any(str(number) == value for number in self.data)


def _id(value: str) -> int:
    if not (value.isascii() and value.isdecimal() and len(value) < 19):
        raise ValueError(_("Pilih dari daftar."))
    return int(value)
