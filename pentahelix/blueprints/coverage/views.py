"""The coverage matrix: all of it, its gaps, one cell, and the matrix as a spreadsheet and on paper."""

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from pentahelix.blueprints import handed
from pentahelix.blueprints.coverage import papers, words
from pentahelix.blueprints.coverage.actions import actions_of
from pentahelix.blueprints.coverage.narrowing import asked_regency, cut, narrowed
from pentahelix.blueprints.coverage.spreadsheet import spreadsheet
from pentahelix.exports import xlsx
from pentahelix.exports.coverage_pdf import coverage as coverage_paper
from pentahelix.permissions import requires
from pentahelix.principal import signed_in
from pentahelix.queries import coverage, coverage_cell
from pentahelix.queries.coverage_gaps import begun, candidates
from pentahelix.queries.page import page_number
from pentahelix.vocabulary import Helix

bp = Blueprint("coverage", __name__)


@bp.get("/coverage")
@requires("coverage.see")
def index() -> ResponseReturnValue:
    """?regency= narrows the matrix to one of the eight; the map always shows all of them."""
    whole, regency = coverage.matrix(), asked_regency(request.args)
    return render_template(
        "coverage/index.html",
        matrix=narrowed(whole, regency),
        whole=whole,
        regency=regency,
        province=whole.province,
        words=words,
        sides={helix: words.side(helix) for helix in Helix},
        candidates=candidates(),
    )


@bp.get("/coverage/gaps")
@requires("coverage.see")
def gaps() -> ResponseReturnValue:
    """All gaps, ranked; ?regency= narrows them."""
    regency = asked_regency(request.args)
    matrix = narrowed(coverage.matrix(), regency)
    page = cut(matrix.gaps, page_number(request.args.get("page")))
    return render_template(
        "coverage/gaps.html",
        page=page,
        clusters=len(matrix.rows),
        regency=regency,
        begun=begun({gap.cluster.id for gap in page.items}),
        candidates=candidates(),
        words=words,
    )


@bp.get("/coverage/<int:cluster_id>/<helix>")
@requires("coverage.see")
def cell(cluster_id: int, helix: str) -> ResponseReturnValue:
    """What a press on a cell shows."""
    if helix not in set(Helix):
        abort(404)
    page = coverage_cell.cell(cluster_id, Helix(helix))
    step = page.next_step.follow_up if page.next_step else None
    return render_template(
        "coverage/cell.html",
        page=page,
        step=step or begun({cluster_id}).get((cluster_id, page.cell.helix)),
        province=page.province,
        words=words,
        actions=actions_of(page),
    )


@bp.get("/coverage.xlsx")
@requires("coverage.see")
def export() -> ResponseReturnValue:
    matrix = narrowed(coverage.matrix(), asked_regency(request.args))
    book = spreadsheet(matrix, signed_in().language)
    return handed.out(book, xlsx.MEDIA_TYPE, xlsx.file_name(_("Cakupan"), matrix.day))


@bp.get("/coverage.pdf")
@requires("coverage.see")
def paper() -> ResponseReturnValue:
    """For the printer: a browser shows it first."""
    whole, regency = coverage.matrix(), asked_regency(request.args)
    data = papers.data_of(narrowed(whole, regency), whole, regency)
    name = xlsx.file_name(_("Cakupan"), whole.day, "pdf")
    return handed.out(coverage_paper(data), "application/pdf", name, to_be_saved=False)
