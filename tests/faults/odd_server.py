"""A mail server on loopback that does at each step what a test says, however wrong that is.

    with OddServer.open({"RCPT": "550 5.1.1 No such user"}) as server:
        deliver(server.url)

What it was given whole stands in `mails`, whether it said so or not.
"""

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto
from itertools import cycle
from threading import Event, Lock, Thread
from typing import BinaryIO, Self


class Odd(Enum):
    #: says nothing any more, and listens to nothing
    SILENT = auto()
    #: breaks off without a word
    RESET = auto()
    #: takes the mail, says so and is gone
    CLOSES = auto()
    #: says one letter after the other, and never comes to an end
    DRIPS = auto()
    #: says the beginning of a line and is gone
    FALTERS = auto()


#: A reply, something odd, or what a function makes of the line that was said.
Act = str | Odd | Callable[[str], "str | Odd"]

#: Steps without a verb: the greeting, within the mail (before its end), and the final dot.
GREETING, MIDDLE, DOT = "GREETING", "MIDDLE", "."

WELL: dict[str, Act] = {
    GREETING: "220 odd.example",
    "EHLO": "250 odd.example",
    "MAIL": "250 Fine",
    "RCPT": "250 Fine",
    "DATA": "354 Go on",
    DOT: "250 Taken",
    "RSET": "250 Fine",
    "QUIT": "221 Bye",
}


class _Over(Exception):
    """This conversation is."""


class OddServer:
    def __init__(self, acts: dict[str, Act]) -> None:
        self.acts = {**WELL, **acts}
        #: (recipient, bytes) of each mail that came as far as its final dot
        self.mails: list[tuple[str, bytes]] = []
        self.connections = 0
        #: set once a client waits for somebody who says nothing
        self.waiting = Event()
        self._closing = Event()
        self._lock = Lock()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"smtp://127.0.0.1:{self._socket.getsockname()[1]}"

    @classmethod
    @contextmanager
    def open(cls, acts: dict[str, Act] | None = None) -> Iterator[Self]:
        server = cls(acts or {})
        listening = Thread(target=server._listen, daemon=True)
        listening.start()
        try:
            yield server
        finally:
            server._closing.set()
            server._socket.shutdown(socket.SHUT_RDWR)
            server._socket.close()
            listening.join()

    def _listen(self) -> None:
        while not self._closing.is_set():
            try:
                connection = self._socket.accept()[0]
            except OSError:
                return
            with self._lock:
                self.connections += 1
            Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as heard, suppress(OSError, _Over):
            self._act(connection, GREETING, "")
            recipient = ""
            while line := heard.readline():
                said = line.decode(errors="replace").strip()
                verb = said[:4].upper().replace("HELO", "EHLO")
                if verb == "RCPT":
                    recipient = said[said.index("<") + 1 : said.rindex(">")]
                self._act(connection, verb, said)
                if verb == "QUIT":
                    return
                if verb == "DATA" and str(self.acts["DATA"]).startswith("354"):
                    self._take(connection, heard, recipient)

    def _take(self, connection: socket.socket, heard: BinaryIO, recipient: str) -> None:
        if MIDDLE in self.acts:
            heard.readline()
            self._act(connection, MIDDLE, recipient)
        lines = []
        while (line := heard.readline()) != b".\r\n":
            if not line:
                raise _Over
            lines.append(line[1:] if line.startswith(b".") else line)
        with self._lock:
            self.mails.append((recipient, b"".join(lines)))
        self._act(connection, DOT, recipient)

    def _act(self, connection: socket.socket, step: str, said: str) -> None:
        act = self.acts.get(step, "502 What?")
        match act(said) if callable(act) else act:
            case Odd.SILENT:
                self.waiting.set()
                self._closing.wait()
                raise _Over
            case Odd.RESET:
                # Without lingering the other side is told at once, and rudely.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.close()
                raise _Over
            case Odd.CLOSES:
                connection.sendall(b"250 Taken\r\n")
                connection.shutdown(socket.SHUT_RDWR)
                raise _Over
            case Odd.DRIPS:
                for letter in cycle("250-Well\r\n"):
                    connection.sendall(letter.encode())
                    if self._closing.wait(0.02):
                        raise _Over
            case Odd.FALTERS:
                connection.sendall(b"250")
                connection.shutdown(socket.SHUT_RDWR)
                raise _Over
            case str() as reply:
                connection.sendall(reply.encode() + b"\r\n")
