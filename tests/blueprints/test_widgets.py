"""Fields are drawn as WTForms draws them."""

from typing import Any

import pytest
from markupsafe import Markup
from wtforms import Form, HiddenField, StringField, TelField, TextAreaField, widgets
from wtforms.validators import DataRequired

from pentahelix.blueprints import widgets as ours
from pentahelix.blueprints.choices import ChoiceField

HOSTILE = """<b>"a" & 'b'</b>"""


class Sample(Form):
    line = StringField(validators=[DataRequired()])
    phone = TelField()
    text = TextAreaField()
    chosen = ChoiceField()
    secret = HiddenField()


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"class": "input", "required": False, "aria-invalid": "true", "autofocus": True, "hidden": False},
        {"rows": 3, "placeholder": HOSTILE, "title": Markup('"aman"')},
        {"id": "another"},
    ],
)
@pytest.mark.parametrize(
    ("name", "own", "theirs"),
    [
        ("line", ours.TextInput(), widgets.TextInput()),
        ("line", ours.TextInput("date"), widgets.TextInput("date")),
        ("phone", ours.TelInput(), widgets.TelInput()),
        ("text", ours.TextArea(), widgets.TextArea()),
        ("chosen", ours.Select(), widgets.Select()),
    ],
)
def test_an_input_is_drawn_as_by_wtforms(name: str, own: Any, theirs: Any, given: dict[str, Any]) -> None:
    field = Sample(data={"line": HOSTILE, "phone": None, "text": HOSTILE, "chosen": '"'})[name]
    if isinstance(field, ChoiceField):
        field.choices = [("a", "A & B"), ('"', HOSTILE), ("c", "")]
    assert own(field, **given) == theirs(field, **given)


def test_what_is_hidden_is_drawn_as_by_wtforms_and_nothing_else_is() -> None:
    form = Sample(data={"secret": HOSTILE, "line": "x"})
    assert ours.hidden(form) == form.secret()
