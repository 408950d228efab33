"""The coverage matrix as a workbook: the matrix, a row for each cell with its reason, the rule of the day."""

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _, pgettext

from pentahelix import presentation
from pentahelix.blueprints.coverage import words
from pentahelix.clock import PROVINCE_ZONE
from pentahelix.exports.xlsx import Column, Kind, Sheet, workbook_of
from pentahelix.queries.coverage import Matrix
from pentahelix.queries.coverage_rule import Cell, Reason
from pentahelix.services.settings import LABELS
from pentahelix.vocabulary import CellState, Helix

#: The settings that the rule reads.
THRESHOLDS = ("alive_days", "at_risk_days", "late_days")


def spreadsheet(matrix: Matrix, language: str) -> bytes:
    sheets = [_matrix(matrix), _cells(matrix), _rule(matrix)]
    return workbook_of(words.title(matrix), sheets, language, presentation.as_of(matrix.at))


def _matrix(matrix: Matrix) -> Sheet:
    columns = (
        Column(_("Klaster")),
        Column(_("Kabupaten/kota")),
        *(Column(words.side(helix)) for helix in Helix),
        Column(_("Terikat"), Kind.NUMBER),
    )
    faces = words.Faces()

    def written(cell: Cell) -> str:
        face = faces.of(cell)
        return " · ".join(filter(None, (str(face.state.label), face.fact)))

    rows = (
        (row.cluster.name, str(row.cluster.regency.label), *map(written, row.cells), row.bound)
        for row in matrix.rows
    )
    count = len(matrix.rows)
    sums = (_("%(bound)s dari %(total)s", bound=matrix.bound_by_helix[helix], total=count) for helix in Helix)
    return Sheet(_("Cakupan"), columns, rows, (_("Klaster terikat"), None, *sums, matrix.bound))


def _cells(matrix: Matrix) -> Sheet:
    columns = (
        Column(_("Klaster")),
        Column(_("Kabupaten/kota")),
        Column(_("Unsur")),
        Column(_("Keadaan")),
        Column(_("Alasan")),
        Column(pgettext("menu", "Mitra"), Kind.NUMBER),
        Column(_("Mitra terikat"), Kind.NUMBER),
        Column(_("Hari sampai habis"), Kind.NUMBER),
        Column(_("Tindak lanjut terlambat"), Kind.NUMBER),
        Column(_("Kerja sama dalam proses")),
    )

    def rows() -> Iterator[tuple[Any, ...]]:
        for row in matrix.rows:
            for cell in row.cells:
                yield (
                    row.cluster.name,
                    row.cluster.regency.label,
                    cell.helix.label,
                    cell.state.label,
                    words.why(cell, matrix.province),
                    cell.partners,
                    cell.bound_partners,
                    cell.number if cell.reason is Reason.ENDING else None,
                    cell.number if cell.reason is Reason.LATE else None,
                    cell.in_process and cell.in_process.label,
                )

    return Sheet(_("Sisi kemitraan"), columns, rows())


def _rule(matrix: Matrix) -> Sheet:
    columns = (Column(_("Keadaan")), Column(_("Aturan")))
    at = f"{presentation.day(matrix.at)}, {presentation.clock_time(matrix.at, PROVINCE_ZONE)}"
    rows: list[tuple[str, str]] = [
        (str(state.label), words.rule(state, matrix.province)) for state in CellState
    ]
    rows += [
        (_("Urutan"), words.order()),
        *((str(LABELS[key]), words.days(getattr(matrix.province, key))) for key in THRESHOLDS),
        (_("Per"), at),
    ]
    return Sheet(_("Aturan"), columns, rows)
