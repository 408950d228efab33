"""How much room is left where the database and the documents lie.

It is asked of the file system, and nothing is written for it. Of a database on a server we see no disk.
"""

import os
from enum import StrEnum
from pathlib import Path

from sqlalchemy import make_url

from pentahelix.config import Settings

MEGABYTE = 1024 * 1024
#: Megabytes, below which somebody is to make room.
SHORT_BELOW = 1024
#: Megabytes, below which nothing may be relied upon to be kept any more.
FULL_BELOW = 64


class Room(StrEnum):
    OK = "ok"
    SHORT = "short"
    FULL = "full"


def of(settings: Settings) -> Room:
    free = megabytes(settings)
    return Room.FULL if free < FULL_BELOW else Room.SHORT if free < SHORT_BELOW else Room.OK


def megabytes(settings: Settings) -> int:
    """Those left on the fuller of the disks; 0 also where one takes no further file, or is not there."""
    try:
        return min(_left(_existing(folder)) for folder in _folders(settings))
    except OSError:
        return 0


def _folders(settings: Settings) -> list[Path]:
    database = make_url(settings.database)
    is_file = database.get_backend_name() == "sqlite" and database.database not in (None, "", ":memory:")
    return [settings.documents, *([Path(database.database or "").parent] if is_file else ())]


def _existing(folder: Path) -> Path:
    """Of documents, the folder is made with the first one."""
    return next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())


def _left(folder: Path) -> int:
    disk = os.statvfs(folder)
    takes_files = disk.f_favail or not disk.f_files
    return disk.f_bavail * disk.f_frsize // MEGABYTE if takes_files else 0
