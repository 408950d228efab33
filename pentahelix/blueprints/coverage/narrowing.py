"""Parts of the matrix: the rows of one regency, one page of the gaps."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pentahelix.blueprints.asked import word
from pentahelix.queries.coverage import Gap, Matrix
from pentahelix.queries.page import SIZE, Page, within
from pentahelix.vocabulary import Regency


def asked_regency(args: Mapping[str, str]) -> Regency | None:
    """That of ?regency=; what is none narrows nothing."""
    return word(Regency, args.get("regency"))


def narrowed(matrix: Matrix, regency: Regency | None) -> Matrix:
    """The rows of `regency`; all of them without one. Schools and partners stay those of the whole."""
    if regency is None:
        return matrix
    return replace(matrix, rows=[row for row in matrix.rows if row.cluster.regency == regency])


def cut(gaps: Sequence[Gap], number: int) -> Page:
    """Page `number` of all gaps; too high shows the last."""
    number = within(number, len(gaps))
    return Page(gaps[(number - 1) * SIZE : number * SIZE], number, len(gaps))
