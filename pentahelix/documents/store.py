"""Where files are kept: an object store, today a folder. What is put there is never written again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from obstore.store import ObjectStore


class Missing(Exception):
    """No file is kept under this key."""


class Unstored(Exception):
    """The store did not take a file, of which nothing is kept: it is full, away, or may not be written."""


@dataclass(frozen=True)
class Reading:
    """A file that is being read."""

    size: int
    chunks: Iterator[bytes]


class Store:
    """Files by key. `opened` gives the object store when it is first needed, so that a fork comes before.

    Any store of obstore will do (S3Store in place of LocalStore). `folder` is where its files lie, if they
    lie in one.
    """

    def __init__(self, opened: Callable[[], ObjectStore], folder: Path | None = None) -> None:
        self._opened = opened
        self.folder = folder

    @classmethod
    def in_folder(cls, folder: Path) -> Self:
        def opened() -> ObjectStore:
            from obstore.store import LocalStore

            return LocalStore(folder.absolute(), mkdir=True)

        return cls(opened, folder.absolute())

    @cached_property
    def _objects(self) -> ObjectStore:
        return self._opened()

    def put(self, key: str, content: bytes) -> None:
        """Keep a new file, on the disk when this returns; Unstored where that fails or the key is taken."""
        import obstore
        from obstore.exceptions import AlreadyExistsError, BaseError

        try:
            obstore.put(self._objects, key, content, mode="create", use_multipart=False)
            self._reach_the_disk(key)
        except (AlreadyExistsError, ValueError) as error:
            raise Unstored(str(error)) from error
        except (BaseError, OSError) as error:
            self._forget(key)
            raise Unstored(str(error)) from error

    def read(self, key: str) -> Reading:
        """The file, to be read piece by piece; Missing where there is none, or none that can be read."""
        import obstore
        from obstore.exceptions import BaseError

        try:
            found = obstore.get(self._objects, key)
        except (BaseError, OSError, ValueError) as error:
            raise Missing(str(error)) from error
        return Reading(found.meta["size"], (bytes(chunk) for chunk in found))

    def keys(self) -> Iterator[str]:
        """The keys of all files."""
        import obstore

        for found in obstore.list(self._objects):
            yield from (one["path"] for one in found)

    def _reach_the_disk(self, key: str) -> None:
        """A row that survives a power cut names a file that does."""
        if self.folder is not None:
            path = self.folder / key
            for place in (path, path.parent, path.parent.parent):
                number = os.open(place, os.O_RDONLY)
                try:
                    os.fsync(number)
                finally:
                    os.close(number)

    def _forget(self, key: str) -> None:
        import obstore
        from obstore.exceptions import BaseError

        try:
            obstore.delete(self._objects, key)
        except (BaseError, OSError):
            return
