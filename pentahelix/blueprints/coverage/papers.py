"""The coverage matrix as a paper, in the language of the reader."""

from flask import current_app
from flask_babel import gettext as _

from pentahelix import presentation
from pentahelix.blueprints.coverage import words
from pentahelix.clock import PROVINCE_ZONE
from pentahelix.exports.coverage_pdf import Cell, CoverageData, Gap, Row, Tile
from pentahelix.principal import signed_in
from pentahelix.queries.coverage import Matrix, Row as MatrixRow
from pentahelix.queries.coverage_gaps import candidates
from pentahelix.vocabulary import Helix, Regency, Role

#: How many gaps stand on the paper, one a cluster.
GAPS = 8


def data_of(matrix: Matrix, whole: Matrix, regency: Regency | None) -> CoverageData:
    """`matrix` is the part of `whole` that lies in `regency`; the map shows the whole."""
    faces, helices = words.Faces(), list(Helix)
    gaps = matrix.gap_per_cluster[:GAPS]
    near = candidates()

    def row(found: MatrixRow) -> Row:
        cells = [
            Cell(face.state.value, str(face.state.label), face.fact) for face in map(faces.of, found.cells)
        ]
        place = [words.area(found.cluster.regency), *([_("percontohan")] if found.cluster.is_pilot else [])]
        return Row(found.cluster.short_name, " · ".join(place), cells, found.bound)

    return CoverageData(
        title=words.title(matrix),
        lead=words.lead(matrix, regency, signed_in()),
        sides=[words.side(helix) for helix in helices],
        rows=[row(found) for found in matrix.rows],
        sums=[
            _("%(bound)s dari %(total)s", bound=matrix.bound_by_helix[helix], total=len(matrix.rows))
            for helix in helices
        ],
        total=f"{matrix.bound}/{matrix.total}",
        legend=[
            (state.value, f"{matrix.states[state]} {state.label}", words.short_rule(state, matrix.province))
            for state in words.STATES
        ],
        gaps=[
            Gap(helices.index(gap.cell.helix), gap.cluster.short_name, words.gap_line(gap, near))
            for gap in gaps
        ],
        gaps_shown=_("%(bound)s dari %(total)s", bound=len(gaps), total=len(matrix.gaps)),
        # Only who sees all clusters can say of a regency that it has none.
        tiles=[] if signed_in().role is Role.COORDINATOR else [_tile(whole, place) for place in words.MAP],
        footnote=_("Dicetak oleh %(name)s, %(when)s", name=signed_in().name, when=_at(whole)),
        banner=_("Data contoh") if current_app.extensions["settings"].env == "demo" else "",
    )


def _tile(whole: Matrix, place: Regency) -> Tile:
    bound, total = whole.by_regency.get(place, (0, 0))
    return Tile(*words.tile(place), words.tile_number(bound, total), words.step(bound, total))


def _at(matrix: Matrix) -> str:
    return f"{presentation.day(matrix.at)}, {presentation.clock_time(matrix.at, PROVINCE_ZONE)}"
