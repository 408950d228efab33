"""`python -m tests.benchmarks`: measure, tell, and keep what was told under var/bench."""

import os
import platform
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from statistics import median

import click

from tests.benchmarks import first_load, outbox, servers, table, worker
from tests.benchmarks.data import ENGINES, KEPT, SIZES, Engine, opened
from tests.benchmarks.pages import PAGES, Page, Visitors
from tests.benchmarks.table import MEMORY, OUTBOX, START, Measured, Table

#: Beside the pages, what can be measured.
MAIL, WORKER = "Outbox", "Worker"

FOOT = (
    "Both servers: gunicorn, one sync worker, asked in turn, a connection each, "
    f"`Accept-Encoding: {servers.ACCEPTED}`. "
    "Ratio: time of the page over time of the bare view, median of the rounds. 1 kB is 1,000 bytes. "
    f"A goal of time is missed by more than {table.SLACK - 1:.0%}."
)


@dataclass(frozen=True)
class Effort:
    rounds: int
    requests: int
    mails: int

    def __str__(self) -> str:
        return f"{self.rounds} rounds of {self.requests} requests"


@click.command()
@click.option("--engine", type=click.Choice([*ENGINES, "both"]), default="both", show_default=True)
@click.option("--size", type=click.Choice([*SIZES, "both"]), default="both", show_default=True)
@click.option("--only", multiple=True, help=f"Pages whose name has this in it, {MAIL} or {WORKER}.")
@click.option("--rounds", type=click.IntRange(min=1), default=7, show_default=True)
@click.option("--quick", is_flag=True, help="Five short rounds.")
@click.option("--browser/--no-browser", default=True, help="First loads by Chromium, or computed.")
def main(engine: str, size: str, only: Sequence[str], rounds: int, quick: bool, browser: bool) -> None:
    """How fast pages, mail and start are beside the barest ones."""
    effort = Effort(5, 5, 50) if quick else Effort(rounds, 20, 100)
    wanted = [page for page in PAGES if _is_wanted(page.name, only)]
    sizes = list(SIZES) if size == "both" else [size]
    for name in ENGINES if engine == "both" else [engine]:
        with opened(name) as kept:
            tables: list[Table] = []
            if wanted:
                tables += _pages(kept, wanted, sizes, effort, browser=browser)
            if _is_wanted(MAIL, only) or _is_wanted(WORKER, only):
                tables.append(_processes(kept, only, effort))
        _tell(name, tables, effort)


def _pages(
    kept: Engine, wanted: list[Page], sizes: list[str], effort: Effort, *, browser: bool
) -> Iterator[Table]:
    before: dict[Page, Measured] = {}
    for size in sizes:
        measured: dict[Page, Measured] = {}
        for clusters, province in SIZES[size].items():
            pages = [page for page in wanted if page.clusters == clusters]
            if pages:
                _say(f"{kept.name}: {size}, {clusters} clusters …")
                # What a first visit brings does not depend on the size.
                loading = first_load.measuring(browser=browser) if size == sizes[0] else nullcontext()
                measured |= measure(kept.copy(province), pages, effort, loading)
        for page, figures in measured.items():
            figures.growth = figures.ratio / before[page].ratio if page in before else None
        before = before or measured
        yield table.of_pages(f"Pages, {size}", {page: measured[page] for page in wanted})


def measure(
    url: str, pages: list[Page], effort: Effort, loading: AbstractContextManager[first_load.Measure | None]
) -> dict[Page, Measured]:
    """Each of the pages on the database at `url`."""
    measured = {}
    visitors = Visitors(url)
    try:
        with servers.both(url) as (ours, bare), loading as load:
            for page in pages:
                path, cookie = visitors.address(page), visitors.cookies[page.who]
                asked = servers.request(ours.port, path, cookie)
                answer = servers.fetch(ours.port, asked)
                assert answer.status == 200, f"{page.name}: {answer.status}"
                plain = servers.fetch(ours.port, servers.request(ours.port, path, cookie, accepted=""))
                race = (ours, asked), (bare, servers.request(bare.port, "/"))
                measured[page] = Measured(
                    rounds=servers.race(*race, effort.rounds, effort.requests),
                    statements=visitors.statements(page),
                    encoding=answer.headers.get("Content-Encoding", ""),
                    html=(len(plain.body), len(answer.body)),
                    load=load(ours.port, path, cookie) if load else None,
                )
                _say(f"  {page.name}: {measured[page].ratio:.2f}")
    finally:
        visitors.close()
    return measured


def _processes(kept: Engine, only: Sequence[str], effort: Effort) -> Table:
    told = table.of_processes()
    url = kept.copy(SIZES["normal"][400])
    if _is_wanted(MAIL, only):
        _say(f"{kept.name}: mail …")
        ours, bare = outbox.beside(url, min(effort.rounds, 5), effort.mails)
        shares = [mine / other for mine, other in zip(ours, bare, strict=True)]
        row = table.line("Outbox, median", median(ours), median(bare), OUTBOX, unit="mails/s", at_least=True)
        told.rows.append([*row[:3], f"{median(shares):.2f} ({min(shares):.2f}–{max(shares):.2f})", *row[4:]])
    if _is_wanted(WORKER, only):
        _say(f"{kept.name}: start and memory …")
        mine, other = worker.beside(url, min(effort.rounds, 5))
        told.rows.append(table.line("Start to first answer", mine.seconds, other.seconds, START, unit="s"))
        told.rows.append(table.line("Memory of a worker", mine.memory, other.memory, MEMORY, unit="MB"))
    return told


def _tell(engine: str, tables: Sequence[Table], effort: Effort) -> None:
    heading = f"{engine}, {effort}, {os.cpu_count()} cores, Python {platform.python_version()}"
    click.echo(f"\n{heading}\n")
    for each in tables:
        click.echo(each.plain())
    click.echo(FOOT)
    whole = [f"## {heading}\n", *(each.markdown() for each in tables), FOOT, ""]
    (KEPT / f"{engine}.md").write_text("\n".join(whole))


def _is_wanted(name: str, only: Sequence[str]) -> bool:
    return not only or any(word.lower() in name.lower() for word in only)


def _say(line: str) -> None:
    click.echo(line, err=True)


if __name__ == "__main__":
    main()
