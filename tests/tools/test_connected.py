"""The health check of containers that serve no HTTP."""

import socket

import pytest

from tools import connected


def test_held_connection_is_healthy_and_a_closed_one_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            assert connected.main([str(port)]) == 0
    assert connected.main([str(port), "1"]) == 1
    assert capsys.readouterr().out == f"no open connection to port 1, {port}\n"


def test_listening_alone_is_not_a_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert connected.main([str(server.getsockname()[1])]) == 1
