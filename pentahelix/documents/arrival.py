"""A file on its way in, never more of it on our disk than the limit allows."""

import tempfile
from typing import IO, Any, cast

import flask
from flask import current_app


class Arriving:
    """What a browser sends as a file: a nameless temporary file of at most `limit` bytes.

    What goes beyond the limit, or finds no room, is read off the line and dropped, so that the other fields
    of the form arrive and it can be shown again with its reason.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        #: the disk took no more of it
        self.found_no_room = False
        self._file: Any = None

    @property
    def is_too_large(self) -> bool:
        return self.size > self.limit

    def write(self, chunk: bytes) -> int:
        self.size += len(chunk)
        if self.is_too_large:
            self.close()
        elif not self.found_no_room:
            self._keep(chunk)
        return len(chunk)

    def read(self, size: int = -1) -> bytes:
        return b"" if self._file is None else cast(bytes, self._file.read(size))

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0 if self._file is None else cast(int, self._file.seek(offset, whence))

    def tell(self) -> int:
        return 0 if self._file is None else cast(int, self._file.tell())

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _keep(self, chunk: bytes) -> None:
        try:
            if self._file is None:
                # Unbuffered: a buffer would tell of a full disk only when it is too late to say so.
                self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115
            rest = memoryview(chunk)
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError:
            self.found_no_room = True
            self.close()


class Request(flask.Request):
    """A request whose files are held to the limit of this installation."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._arriving: list[Arriving] = []

    def close(self) -> None:
        # Also where the request broke off in the middle of a file, of which Werkzeug knows nothing then.
        super().close()
        for file in self._arriving:
            file.close()

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        self._arriving.append(Arriving(current_app.extensions["settings"].upload_bytes))
        return cast(IO[bytes], self._arriving[-1])
