"""/style: every token, component and state on one page, in demo and test only."""

from datetime import timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from pentahelix import clock
from pentahelix.blueprints.style.contrast import ratio, tokens
from pentahelix.blueprints.style.forms import SampleForm
from pentahelix.permissions import public
from pentahelix.queries.page import Page
from pentahelix.vocabulary import CellState, Helix, Theme

bp = Blueprint("style", __name__)


@bp.get("/style")
@public
def show() -> ResponseReturnValue:
    theme = request.args.get("theme", "system")
    chosen = theme if theme in tuple(Theme) else Theme.SYSTEM
    today = clock.today()
    return render_template(
        "style.html",
        theme=chosen,
        themes=Theme,
        colours=tokens()["color"],
        contrasts=[name for name, pair in tokens()["contrast"].items() if "surface" in pair["on"]],
        simulated=tokens()["helix"],
        helices=Helix,
        states=CellState,
        on_surface=_on_surface,
        day=today + timedelta(days=2),
        plain_form=SampleForm(),
        refused_form=SampleForm.refused(),
        conflict_form=SampleForm.in_conflict(),
        pages=(Page(range(25), 1, 61), Page(range(25), 20, 1000, total_is_exact=False)),
    )


def _on_surface(name: str, theme: str) -> float:
    colours = tokens()["color"]
    return ratio(colours[name][theme], colours["surface"][theme])
