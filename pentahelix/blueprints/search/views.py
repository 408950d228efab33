"""One search over everything that a person may see."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from pentahelix.blueprints.search import results
from pentahelix.permissions import requires
from pentahelix.queries import search
from pentahelix.queries.page import page_number

bp = Blueprint("search", __name__)


@bp.get("/search")
@requires("search")
def index() -> ResponseReturnValue:
    """?q= is what was typed; ?noun= shows all of one noun, a page at a time."""
    typed = request.args.get("q", "").replace("\0", "").strip()
    word = request.args.get("noun", "")
    if typed and word in results.NOUNS:
        page = search.page_of(word, typed, page_number(request.args.get("page")))
        section = results.section(search.Group(word, page.items, page.total), typed)
        return render_template("search/noun.html", typed=typed, section=section, page=page)
    groups = [results.section(group, typed) for group in search.find(typed)]
    return render_template("search/index.html", typed=typed, sections=groups, nouns=results.NOUNS.values())
