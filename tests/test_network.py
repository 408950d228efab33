"""The suite's own fence."""

import socket

import pytest

from tests.network import WorldReached


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("smtp.example", 25)])
def test_a_test_cannot_leave_the_machine(address):
    with pytest.raises(WorldReached):
        socket.create_connection(address, timeout=1)


def test_a_test_may_speak_to_this_machine():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        with socket.create_connection(server.getsockname()) as caller, server.accept()[0] as answered:
            assert answered.getpeername() == caller.getsockname()
