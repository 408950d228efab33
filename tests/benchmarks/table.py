"""What was measured, as a table to read and as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from tests.benchmarks import first_load
from tests.benchmarks.pages import FIRST_LOAD, Page
from tests.benchmarks.servers import Round

#: A ratio misses its goal only by more than so much: measured twice, it differs by less.
SLACK = 1.15

#: Goals beside those of pages.
OUTBOX, START, MEMORY = 0.4, 2.4, 1.5


@dataclass
class Measured:
    """One page at one size."""

    rounds: list[Round]
    statements: int
    encoding: str
    html: tuple[int, int]
    load: first_load.Load | None = None
    #: how it grew from the normal size to this one
    growth: float | None = None

    @property
    def ratio(self) -> float:
        return median(self.ratios)

    @property
    def ratios(self) -> list[float]:
        return [each.ratio for each in self.rounds]

    @property
    def worked_ratio(self) -> float:
        return median(each.worked_ratio for each in self.rounds)

    @property
    def milliseconds(self) -> tuple[float, float]:
        """Of the page and of the bare view."""
        page, bare = (median(getattr(each, side) for each in self.rounds) for side in ("page", "bare"))
        return page * 1000, bare * 1000


@dataclass
class Table:
    """Named columns, the first of words and the others of figures."""

    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)

    def plain(self) -> str:
        widths = [max(map(len, column)) for column in zip(self.columns, *self.rows, strict=True)]
        lines = [self.title, ""]
        for row in [self.columns, *self.rows]:
            cells = (
                cell.rjust(width) if number else cell.ljust(width)
                for number, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            lines.append("  ".join(cells).rstrip())
        return "\n".join(lines) + "\n"

    def markdown(self) -> str:
        def line(cells: Sequence[str]) -> str:
            return f"| {' | '.join(cells)} |"

        rule = line(["---", *["--:"] * (len(self.columns) - 1)])
        return "\n".join([f"### {self.title}", "", line(self.columns), rule, *map(line, self.rows)]) + "\n"


def of_pages(title: str, measured: dict[Page, Measured]) -> Table:
    columns = [
        "page", "as", "ms", "bare ms", "ratio", "min–max", "by CPU", "goal", "SQL", "goal", "HTML kB",
        "sent kB", "goals", "first load kB", "files", "growth", "goal", "missed",
    ]  # fmt: skip
    table = Table(title, columns)
    for page, figures in measured.items():
        html = page.goal.html
        table.rows.append(
            [
                page.name,
                page.who,
                *(f"{each:.1f}" for each in figures.milliseconds),
                f"{figures.ratio:.2f}",
                f"{min(figures.ratios):.2f}–{max(figures.ratios):.2f}",
                f"{figures.worked_ratio:.2f}",
                f"{page.goal.ratio:g}",
                str(figures.statements),
                str(page.goal.statements),
                _kb(figures.html[0]),
                f"{_kb(figures.html[1])} {figures.encoding}",
                f"{_kb(html[0])}/{_kb(html[1])}" if html else "–",
                _kb(figures.load[0]) if figures.load else "–",
                str(figures.load[1]) if figures.load else "–",
                f"{figures.growth:.2f}" if figures.growth else "–",
                f"{page.goal.growth:g}",
                ", ".join(missed(page, figures)) or "–",
            ]
        )
    return table


def missed(page: Page, figures: Measured) -> list[str]:
    """Which goals are; those of time with some slack."""
    goal = page.goal
    html = goal.html or figures.html
    load = figures.load or FIRST_LOAD
    found = {
        "ratio": figures.ratio > goal.ratio * SLACK,
        "SQL": figures.statements > goal.statements,
        "HTML": figures.html[0] > html[0],
        "sent": figures.html[1] > html[1],
        "first load": load[0] > FIRST_LOAD[0],
        "files": load[1] > FIRST_LOAD[1],
        "growth": (figures.growth or 0) > goal.growth * SLACK,
    }
    return [name for name, is_missed in found.items() if is_missed]


def of_processes() -> Table:
    return Table("Mail and start", ["what", "ours", "bare", "ours/bare", "goal", "missed"])


def line(what: str, ours: float, bare: float, goal: float, *, unit: str, at_least: bool = False) -> list[str]:
    share = ours / bare
    is_missed = share < goal / SLACK if at_least else share > goal * SLACK
    return [
        what,
        f"{ours:.3g} {unit}",
        f"{bare:.3g} {unit}",
        f"{share:.2f}",
        f"{'≥' if at_least else '≤'} {goal:g}",
        "yes" if is_missed else "–",
    ]


def _kb(size: int) -> str:
    return f"{size / 1000:.1f}"
