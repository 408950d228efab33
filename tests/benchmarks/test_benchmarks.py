"""The parts of `make bench` work, in a tiny province and without a look at the clock."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pentahelix.demo.large import Size
from tests.benchmarks import first_load, outbox, table, worker
from tests.benchmarks.__main__ import Effort, measure
from tests.benchmarks.data import Postgresql, Sqlite
from tests.benchmarks.pages import PAGES
from tests.benchmarks.servers import Round
from tests.engines import folder_in_memory

TINY = Size(partners=60, contacts=120, clusters=4, activities=200)
ONCE = Effort(rounds=1, requests=1, mails=3)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Instead of var/bench."""
    folder = folder_in_memory("pentahelix-bench-")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def tiny(folder: Path) -> str:
    """The address of a database, on SQLite."""
    return Sqlite(folder).copy(TINY)


def test_every_page_is_asked_for_beside_the_bare_view_and_told(tiny: str) -> None:
    measured = measure(tiny, PAGES, ONCE, first_load.measuring(browser=False))
    assert list(measured) == PAGES
    for page, figures in measured.items():
        assert figures.ratio > 0, page.name
        assert figures.worked_ratio > 0, page.name
        assert figures.html[0] > figures.html[1] > 0, page.name
        assert figures.load is not None
        assert figures.load[1] > 1, page.name
    told = table.of_pages("Pages, tiny", measured)
    assert len(told.plain().splitlines()) == len(PAGES) + 3
    assert told.markdown().count("\n| ") == len(PAGES) + 2


def test_mails_leave_the_outbox_beside_those_of_a_bare_loop(tiny: str) -> None:
    ours, bare = outbox.beside(tiny, 2, ONCE.mails)
    assert len(ours) == len(bare) == 2


def test_workers_start_and_tell_their_memory(tiny: str) -> None:
    ours, bare = worker.beside(tiny, 1)
    assert ours.memory > bare.memory > 0


def test_a_database_is_filled_once_and_copied_afresh(folder: Path) -> None:
    sqlite = Sqlite(folder)
    copy = Path(sqlite.copy(TINY).removeprefix("sqlite:///"))
    filled = copy.read_bytes()
    copy.write_bytes(b"")
    (template,) = set(copy.parent.glob("*.db")) - {copy}
    made = template.stat().st_mtime_ns
    sqlite.copy(TINY)
    assert copy.read_bytes() == filled
    assert template.stat().st_mtime_ns == made


def test_postgresql_fills_a_template_and_copies_it(folder: Path) -> None:
    with closing(Postgresql(folder)) as postgresql:
        assert postgresql.copy(TINY) == postgresql.copy(TINY)


def test_a_goal_is_missed_beyond_the_slack() -> None:
    page = next(page for page in PAGES if page.name == "Partners")
    goal = page.goal

    def missed(ratio: float, statements: int, growth: float | None = None) -> list[str]:
        figures = table.Measured([Round(ratio, 1, ratio, 1)], statements, "br", (29_000, 4_000))
        figures.growth = growth
        return table.missed(page, figures)

    assert missed(goal.ratio * 1.14, goal.statements, 1.2) == []
    assert missed(goal.ratio * 1.16, goal.statements + 1, 1.3) == ["ratio", "SQL", "growth"]
