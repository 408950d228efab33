"""How fields are drawn: what WTForms draws, with all attributes written at once.

It makes a formatted text of each attribute and asks each field for flags that none has, which took half the
time of a page with a form. Templates tell the widgets by the names of their classes, which are WTForms' own.
"""

from collections.abc import Iterable
from typing import Any

from markupsafe import Markup, escape
from wtforms import widgets


def attributes(given: dict[str, Any]) -> str:
    """As in `class="input" id="name"`, sorted; True stands by its name alone, False not at all."""
    return " ".join(
        name if value is True else f'{name}="{_quoted(value)}"'
        for name, value in sorted(given.items())
        if value is not False
    )


def _quoted(value: Any) -> str:
    # A text of the catalogue is safe, and may have quotation marks in it all the same.
    return str(escape(value)).replace('"', "&quot;")


def of_field(widget: Any, field: Any, given: dict[str, Any]) -> str:
    """The attributes of its input: those that are given, and what else the browser has to know."""
    flags = {name: value for name, value in vars(field.flags).items() if name in widget.validation_attrs}
    return attributes({"id": field.id, **flags, **given, "name": field.name})


def described_by(field: Any, hint: object = None) -> str:
    """The ids of what tells more about an input: its hint, its error, what somebody else wrote there."""
    theirs = getattr(field._form, "theirs", ())
    told = {
        "hint": hint or field.description,
        "error": field.errors,
        "theirs": field.name in theirs,
    }
    return " ".join(f"{field.id}-{what}" for what, is_there in told.items() if is_there)


def hidden(fields: Iterable[Any]) -> Markup:
    """Those of them that are not shown, one a line."""
    return Markup("\n").join(
        Markup(f"<input {attributes({'id': f.id, 'name': f.name, 'type': 'hidden', 'value': f._value()})}>")  # noqa: S704
        for f in fields
        if isinstance(f.widget, widgets.HiddenInput)
    )


class TextInput(widgets.TextInput):
    def __call__(self, field: Any, **given: Any) -> Markup:
        if "value" not in given:
            given["value"] = field._value()
        return Markup(f"<input {of_field(self, field, {'type': self.input_type, **given})}>")  # noqa: S704


class TelInput(TextInput):
    input_type = "tel"


class TextArea(widgets.TextArea):
    def __call__(self, field: Any, **given: Any) -> Markup:
        # The browser takes away the line break right after the tag.
        return Markup(f"<textarea {of_field(self, field, given)}>\r\n{escape(field._value())}</textarea>")  # noqa: S704


class Select(widgets.Select):
    """Lists are long, and what stands in them is plain: a value, a label, and which of them is chosen."""

    def __call__(self, field: Any, **given: Any) -> Markup:
        options = "".join(
            f'<option {"selected " if one.selected else ""}value="{_quoted(one.value)}">'
            f"{escape(one.label or one.value)}</option>"
            for one in field.iter_choices()
        )
        return Markup(f"<select {of_field(self, field, given)}>{options}</select>")  # noqa: S704
