"""A button that does one thing to a record and leads back to a page."""

from collections.abc import Callable

from flask import redirect
from flask.typing import ResponseReturnValue

from pentahelix.blueprints import held
from pentahelix.blueprints.forms import ButtonForm
from pentahelix.blueprints.notices import notice


def press(
    act: Callable[[], object],
    said: str,
    to: str,
    undo: str | None = None,
    refused: Callable[[ButtonForm], ResponseReturnValue] = held.again,
) -> ResponseReturnValue:
    """Do it, say so, and go `to` a page; `refused` shows why it was not done, with a way to repeat it."""
    form = ButtonForm()
    if form.validate_on_submit():
        with form.refusals():
            act()
            notice(said, undo=undo)
            return redirect(to, 303)
    return refused(form)
