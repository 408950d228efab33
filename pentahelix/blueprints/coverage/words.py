"""What the matrix says in words: its title, the fact of a cell, why it is so, the rule of the day."""

from dataclasses import dataclass

from flask_babel import gettext as _

from pentahelix import presentation
from pentahelix.presentation import ngettext
from pentahelix.principal import Principal
from pentahelix.queries.coverage import Gap, Matrix
from pentahelix.queries.coverage_gaps import Candidates
from pentahelix.queries.coverage_next import NextStep, Step
from pentahelix.queries.coverage_rule import Cell, Reason
from pentahelix.services.settings import Province
from pentahelix.vocabulary import CellState, Helix, Regency, Role

#: From what holds to what is missing: the order of the legend.
STATES = (CellState.ALIVE, CellState.BOUND, CellState.AT_RISK, CellState.PROSPECT, CellState.EMPTY)

#: So many clusters fit on one page of paper, and are a short way on a phone.
ONE_PAGE = 12

#: The eight where they lie, in three columns; Pandeglang spans two rows.
MAP = (
    Regency.KOTA_CILEGON, Regency.SERANG, Regency.TANGERANG,
    Regency.PANDEGLANG, Regency.KOTA_SERANG, Regency.KOTA_TANGERANG,
    Regency.LEBAK, Regency.KOTA_TANGERANG_SELATAN,
)  # fmt: skip


def title(matrix: Matrix) -> str:
    """As in "28 dari 40 sisi kemitraan sudah terikat": the page's answer."""
    if not matrix.total:
        return str(_("Cakupan kemitraan"))
    text: str = ngettext(
        "%(bound)s dari %(num)s sisi kemitraan sudah terikat",
        "%(bound)s dari %(num)s sisi kemitraan sudah terikat",
        matrix.total,
        bound=presentation.number(matrix.bound),
    )
    return text


def lead(matrix: Matrix, regency: Regency | None, person: Principal) -> str:
    """Of what, of how much, as of when."""
    if regency:
        whose, counts = str(regency.label), [_clusters(matrix)]
    else:
        whose = _("Provinsi Banten")
        if person.role is Role.COORDINATOR:
            whose = _("Klaster Anda") if len(matrix.rows) > 1 else matrix.rows[0].cluster.name
        counts = [
            _clusters(matrix),
            ngettext("%(num)s SMK", "%(num)s SMK", matrix.schools),
            ngettext("%(num)s mitra", "%(num)s mitra", matrix.partners),
        ]
    return " · ".join((whose, *counts, presentation.as_of(matrix.at)))


def _clusters(matrix: Matrix) -> str:
    text: str = ngettext("%(num)s klaster", "%(num)s klaster", len(matrix.rows))
    return text


def side(helix: Helix) -> str:
    """The word of a side, short enough for a column."""
    return str(_("DUDI") if helix is Helix.INDUSTRY else helix.label)


def fact(cell: Cell) -> str:
    """What stands under the state: "3 mitra", "1 dari 3 mitra", "habis 12 hari", "2 terlambat"."""
    if cell.state is CellState.EMPTY:
        return ""
    text: str
    if cell.state is CellState.AT_RISK:
        number = cell.number or 0
        if cell.reason is Reason.LATE:
            text = ngettext("%(num)s terlambat", "%(num)s terlambat", number)
        else:
            text = ngettext("habis %(num)s hari", "habis %(num)s hari", number)
            text = text if number else _("habis hari ini")
        return text
    if 0 < cell.bound_partners < cell.partners:
        text = _("%(part)s dari %(whole)s mitra", part=cell.bound_partners, whole=cell.partners)
        return text
    text = ngettext("%(num)s mitra", "%(num)s mitra", cell.partners)
    return f"{text} · {str(cell.in_process.label).lower()}" if cell.in_process else text


@dataclass(frozen=True)
class Face:
    """How a cell looks and what it is called."""

    state: CellState
    fact: str
    #: as in "berisiko, habis 12 hari"
    said: str


def face(cell: Cell) -> Face:
    shown = fact(cell)
    said = ", ".join(filter(None, (str(cell.state.label).lower(), shown.replace(" · ", ", "))))
    return Face(cell.state, shown, said)


class Faces:
    """The faces of a whole matrix: most of its cells look like another one, which is put into words once."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Face] = {}

    def of(self, cell: Cell) -> Face:
        key = (cell.state, cell.partners, cell.bound_partners, cell.reason, cell.number, cell.in_process)
        if key not in self._known:
            self._known[key] = face(cell)
        return self._known[key]


def short_rule(state: CellState, province: Province) -> str:
    """What a state means, in the words of the legend."""
    said: dict[CellState, str] = {
        CellState.ALIVE: _("kegiatan ≤ %(days)s hari", days=province.alive_days),
        CellState.BOUND: _("ada perjanjian"),
        CellState.AT_RISK: _("habis/terlambat"),
        CellState.PROSPECT: _("ada calon"),
        CellState.EMPTY: _("tanpa mitra"),
    }
    return said[state]


def rule(state: CellState, province: Province) -> str:
    """What a state means exactly."""
    said: dict[CellState, str] = {
        CellState.ALIVE: _(
            "Terikat, dan ada kegiatan dengan mitra yang terikat dalam %(days)s hari terakhir: rapat atau "
            "bimbingan teknis yang dihadirinya, atau kontribusi yang diserahkannya.",
            days=province.alive_days,
        ),
        CellState.BOUND: _("Ada mitra dengan perjanjian yang berlaku hari ini di klaster itu."),
        CellState.AT_RISK: _(
            "Terikat, tetapi perjanjiannya habis dalam %(ending)s hari dan belum ada penerus yang "
            "ditandatangani atau menunggu tanda tangan, atau tindak lanjutnya terlambat lebih dari "
            "%(late)s hari.",
            ending=province.at_risk_days,
            late=province.late_days,
        ),
        CellState.PROSPECT: _("Ada mitra atau calon mitra, belum ada perjanjian yang berlaku."),
        CellState.EMPTY: _("Tidak ada mitra dari unsur ini di klaster itu."),
    }
    return said[state]


def order() -> str:
    return str(
        _(
            "Diperiksa berurutan: kosong, penjajakan, berisiko, aktif, terikat. Yang pertama cocok yang "
            "berlaku. Judul dan jumlah menghitung berisiko, aktif, dan terikat."
        )
    )


def why(cell: Cell, province: Province) -> str:
    """Why a cell is what it is, in a sentence without links."""
    text: str
    if cell.state is CellState.EMPTY:
        text = _("Belum ada mitra dari unsur ini.")
    elif cell.state is CellState.PROSPECT:
        text = ngettext(
            "%(num)s mitra, belum ada perjanjian yang berlaku.",
            "%(num)s mitra, belum ada perjanjian yang berlaku.",
            cell.partners,
        )
        if cell.in_process:
            text += " " + _("Kerja sama dalam proses: %(status)s.", status=str(cell.in_process.label).lower())
    elif cell.reason is Reason.ENDING:
        text = _("Perjanjian berakhir hari ini, belum ada penerusnya.")
        if cell.number:
            text = ngettext(
                "Perjanjian habis %(num)s hari lagi, belum ada penerusnya.",
                "Perjanjian habis %(num)s hari lagi, belum ada penerusnya.",
                cell.number,
            )
    elif cell.state is CellState.AT_RISK:
        text = ngettext(
            "%(num)s tindak lanjut terlambat lebih dari %(days)s hari.",
            "%(num)s tindak lanjut terlambat lebih dari %(days)s hari.",
            cell.number or 0,
            days=province.late_days,
        )
    elif cell.state is CellState.ALIVE:
        text = _(
            "Perjanjian berlaku, dan ada kegiatan dalam %(days)s hari terakhir.", days=province.alive_days
        )
    else:
        text = _(
            "Perjanjian berlaku, tetapi tidak ada kegiatan dalam %(days)s hari terakhir.",
            days=province.alive_days,
        )
    return text


def step_title(step: NextStep) -> str:
    """What a cell's state asks for, in the imperative: on its button, or as the title of a follow-up."""
    partner = step.partner.name if step.partner else ""
    text: str
    match step.step:
        case Step.FIND_PARTNER:
            text = _("Cari mitra")
        case Step.PROPOSE:
            text = _("Ajukan kerja sama dengan %(partner)s", partner=partner)
        case Step.PUSH:
            text = _("Dorong kerja sama dengan %(partner)s", partner=partner)
        case Step.PLAN:
            text = _("Rencanakan bimtek atau rapat dengan %(partner)s", partner=partner)
        case Step.RENEW:
            text = _("Perpanjang kerja sama dengan %(partner)s", partner=partner)
        case _:
            text = ""
    return text


def days(number: int) -> str:
    text: str = ngettext("%(num)s hari", "%(num)s hari", number)
    return text


def area(regency: Regency) -> str:
    """As in "Kab. Lebak"."""
    return str(regency.label).replace("Kabupaten ", "Kab. ")


def tile(regency: Regency) -> tuple[str, str]:
    """The two lines of a tile: "Kab.", "Lebak"."""
    first, _space, rest = area(regency).replace("Tangerang Selatan", "Tangsel").partition(" ")
    return first, rest


def tile_number(bound: int, total: int) -> str:
    """Of one cluster "3", of several "7/10"; a dash where there is none."""
    return "–" if not total else str(bound) if total == len(Helix) else f"{bound}/{total}"


def gap_line(gap: Gap, candidates: Candidates) -> str:
    """As in "Media · penjajakan", "Pemerintah · kosong", "Perguruan tinggi · 3 calon"."""
    said = str(gap.cell.state.label).lower()
    if near := candidates_of(gap, candidates):
        said = ngettext("%(num)s calon", "%(num)s calon", near)
    return f"{side(gap.cell.helix)} · {said}"


def candidates_of(gap: Gap, candidates: Candidates) -> int:
    """Partners of that side in the regency of a cluster that has none."""
    if gap.cell.state is not CellState.EMPTY:
        return 0
    return candidates.get((gap.cell.helix, gap.cluster.regency), 0)


def step(bound: int, total: int) -> int:
    """How dark a tile is, of four steps: none of its sides bound, less than half, most, nearly all."""
    if not bound:
        return 0
    return 1 if bound / total < 0.5 else 2 if bound / total < 0.8 else 3
