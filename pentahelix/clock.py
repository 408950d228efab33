"""What time it is: the one caller of the system clock.

An instant is an aware `datetime` in UTC, a calendar day a `date`. Which day it is depends on a zone, so
whoever asks for a day names one; the province's zone stands where nothing else is said.
"""

import time as system
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PROVINCE_ZONE = "Asia/Jakarta"
EASTERNMOST_ZONE = "Asia/Jayapura"
#: The clocks of the country, from west to east.
ZONES = (PROVINCE_ZONE, "Asia/Makassar", EASTERNMOST_ZONE)

#: Seconds between the system's clock and ours; not zero only where PHX_CLOCK was set.
_offset: float = 0.0
_frozen: datetime | None = None
_unasked: ContextVar[bool] = ContextVar("unasked", default=False)


def start_at(instant: datetime, started: float | None = None) -> None:
    """Let the clock run on from `instant`, as if it had been that at the system's time `started` (seconds).

    Several processes that are told the same two agree about the time; without `started` it is now.
    """
    global _offset
    _offset = instant.timestamp() - (system.time() if started is None else started)


def now() -> datetime:
    """This instant, in UTC."""
    if _unasked.get():
        raise RuntimeError("what is made here is kept, and it is not always the same time")
    return _now()


def _now() -> datetime:
    return _frozen or datetime.fromtimestamp(system.time() + _offset, UTC)


def today(zone: str = PROVINCE_ZONE) -> date:
    """The calendar day in `zone`."""
    return local(now(), zone).date()


def days_differ() -> bool:
    """Whether it is not the same day everywhere in Indonesia: in the last two hours of the province's day."""
    instant = _now()
    return len({local(instant, zone).date() for zone in (PROVINCE_ZONE, EASTERNMOST_ZONE)}) > 1


def local(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(ZoneInfo(zone))


def at(day: date, moment: time, zone: str) -> datetime:
    """The instant, in UTC, at which the clocks of `zone` show `moment` on `day`.

    A moment that a change to summer time leaves out becomes the first one after it; one that comes twice
    is the first of the two.
    """
    wall = datetime.combine(day, moment, ZoneInfo(zone))
    instant = wall.astimezone(UTC)
    skipped = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != wall.replace(tzinfo=None)
    if skipped:
        # Where the gap ends, the offset of before it gives way to that of after it.
        before = (wall - timedelta(days=1)).utcoffset() or timedelta()
        after = (wall + timedelta(days=1)).utcoffset() or timedelta()
        low = instant - (after - before)
        high = instant
        while high - low > timedelta(seconds=1):
            middle = low + (high - low) / 2
            if middle.astimezone(ZoneInfo(zone)).utcoffset() == before:
                low = middle
            else:
                high = middle
        return high.replace(microsecond=0)
    return instant


def system_seconds() -> float:
    """The system's own time, in seconds since 1970, for telling other processes when `start_at` was."""
    return system.time()


def pause(seconds: float) -> None:
    """Wait; for a process that waits for other processes."""
    system.sleep(seconds)


def monotonic() -> float:
    """Seconds that only ever grow, for durations."""
    return system.monotonic()


@contextmanager
def unasked() -> Iterator[None]:
    """Refuse whoever asks meanwhile what time it is."""
    token = _unasked.set(True)
    try:
        yield
    finally:
        _unasked.reset(token)


@contextmanager
def frozen(instant: str | datetime) -> Iterator[None]:
    """Stand still at `instant`, in this process: for tests and for loading data as of another day."""
    global _frozen
    before = _frozen
    moment = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    if moment.tzinfo is None:
        raise ValueError("an instant needs a zone")
    _frozen = moment.astimezone(UTC)
    try:
        yield
    finally:
        _frozen = before
