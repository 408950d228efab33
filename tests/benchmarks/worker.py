"""How long a worker takes to its first answer, and how much memory it holds, beside a bare one."""

from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple

from tests.benchmarks import servers
from tests.benchmarks.servers import Server

#: How often each is asked before its memory is read.
ASKED = 50


class Worker(NamedTuple):
    seconds: float
    #: MB of 1,000,000 bytes: what only it holds and its share of what others hold, too
    memory: float


def beside(url: str, rounds: int) -> tuple[Worker, Worker]:
    """The median of ours and of the bare one, started in turn, each alone."""
    kinds: list[tuple[Callable[[str], Server], str]] = [
        (lambda url: servers.ours(url, real=True), "/sign-in"),
        (servers.bare, "/"),
    ]
    measured: list[list[Worker]] = [[], []]
    for _ in range(rounds):
        for side, (start, path) in enumerate(kinds):
            measured[side].append(_one(start(url), path))
    ours, bare = (
        Worker(median(one.seconds for one in side), median(one.memory for one in side)) for side in measured
    )
    return ours, bare


def _one(server: Server, path: str) -> Worker:
    try:
        seconds = server.wait_for(path)
        for _ in range(ASKED):
            servers.exchange(server.port, servers.request(server.port, path))
        return Worker(seconds, _memory(server.worker))
    finally:
        server.stop()


def _memory(process: int) -> float:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / 1e6
