"""SFTP as a source, against a real server: its key is pinned, files are fetched and cleared away there."""

import io
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paramiko
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from canonical.failures import Misconfigured, Refused, Transient
from connectors import sftp
from connectors.base import Accepted, Endpoint, Polling
from tests.connectors.sftp_server import SftpServer

PEM = (serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption())


def private_key(made: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return made.private_bytes(*PEM)


ED25519 = private_key(ed25519.Ed25519PrivateKey.generate())
ECDSA = private_key(ec.generate_private_key(ec.SECP256R1()))


def as_paramiko(pem: bytes) -> paramiko.PKey:
    kind = paramiko.Ed25519Key if pem == ED25519 else paramiko.ECDSAKey
    return kind.from_private_key(io.StringIO(pem.decode()))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SftpServer]:
    (tmp_path / "out").mkdir()
    with SftpServer(tmp_path, as_paramiko(ED25519)) as server:
        yield server


def drop(server: SftpServer, name: str, body: bytes, *, at: int) -> None:
    (server.root / "out" / name).write_bytes(body)
    os.utime(server.root / "out" / name, (at, at))


def names(server: SftpServer) -> list[str]:
    return sorted(str(one.relative_to(server.root)) for one in server.root.rglob("*") if one.is_file())


def poll(server: SftpServer, *, secret: bytes = b"sesame", watermark: str | None = None, **changes: Any) -> list[tuple[str, bytes]]:
    options = {
        "host": "127.0.0.1", "port": server.port, "username": "hub", "host_key": server.pin, "allow_private": True,
        "path": "/out", "pattern": "*.edi", "quiet_seconds": 0, "timeout_seconds": 5, **changes,
    }  # fmt: skip
    kept = []
    for page in sftp.poll(Endpoint("files", "acme", "x12", polling=Polling(60.0, "sftp", (secret,), options)), watermark):
        kept += [(raw.headers["x-file-name"], raw.body) for raw in page.raws]
        assert page.settle is not None
        page.settle([Accepted("1", "malformed" if raw.body.startswith(b"bad") else "accepted") for raw in page.raws])
    return kept


def test_files_are_fetched_oldest_first_and_moved_away_on_the_server(server: SftpServer) -> None:
    large = os.urandom(300_000)
    drop(server, "b.edi", large, at=100)
    drop(server, "a.edi", b"second", at=200)
    drop(server, "c.edi", b"bad", at=300)
    drop(server, "notes.txt", b"not ours", at=50)
    (server.root / "out" / "link.edi").symlink_to("a.edi")
    assert poll(server) == [("b.edi", large), ("a.edi", b"second"), ("c.edi", b"bad")]
    assert names(server) == ["out/done/a.edi", "out/done/b.edi", "out/failed/c.edi", "out/notes.txt"]
    assert (server.root / "out" / "link.edi").is_symlink()
    drop(server, "a.edi", b"third", at=400)
    assert poll(server) == [("a.edi", b"third")]
    assert "out/done/a.2.edi" in names(server)


def test_files_may_be_deleted_on_the_server(server: SftpServer) -> None:
    drop(server, "a.edi", b"order", at=1)
    assert poll(server, after="delete") == [("a.edi", b"order")]
    assert names(server) == []


def test_a_server_with_another_key_than_the_pinned_one_is_told_no_password(server: SftpServer) -> None:
    other = paramiko.Ed25519Key.from_private_key(io.StringIO(private_key(ed25519.Ed25519PrivateKey.generate()).decode()))
    with pytest.raises(Refused, match="another host key than the pinned one"):
        poll(server, host_key=f"ssh-ed25519 {other.get_base64()}")
    assert server.passwords == []


def test_a_server_without_the_pinned_kind_of_key_is_told_no_password(server: SftpServer) -> None:
    with pytest.raises(Transient, match="no acceptable host key"):
        poll(server, host_key=f"ecdsa-sha2-nistp256 {as_paramiko(ECDSA).get_base64()}")
    assert server.passwords == []


@pytest.mark.parametrize("pem", [ED25519, ECDSA], ids=["ed25519", "ecdsa"])
def test_a_private_key_opens_too(server: SftpServer, pem: bytes) -> None:
    server.client_key = as_paramiko(pem)
    drop(server, "a.edi", b"order", at=1)
    assert poll(server, secret=pem, auth="key") == [("a.edi", b"order")]
    assert server.passwords == []


def test_a_wrong_password_is_refused(server: SftpServer) -> None:
    with pytest.raises(Refused, match="Authentication failed"):
        poll(server, secret=b"guess")


def test_a_secret_that_is_no_key_is_our_mistake(server: SftpServer) -> None:
    with pytest.raises(Misconfigured, match="a private key without a passphrase"):
        poll(server, secret=b"sesame", auth="key")


def test_a_server_inside_is_not_dialled_unless_the_endpoint_says_so(server: SftpServer) -> None:
    with pytest.raises(Misconfigured, match="an address this endpoint must not be sent to"):
        poll(server, allow_private=False)
    assert server.passwords == []


def test_a_folder_that_is_not_there_and_a_move_that_is_not_allowed_are_told(server: SftpServer) -> None:
    with pytest.raises(Transient, match="No such file"):
        poll(server, path="/nowhere")
    drop(server, "a.edi", b"order", at=1)
    server.read_only = True
    with pytest.raises(Refused, match="Permission denied"):
        poll(server)
    assert poll(server, after="leave") == [("a.edi", b"order")]


def test_a_server_that_is_gone_or_silent_is_tried_again(server: SftpServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Transient):
        poll(server, port=silent.getsockname()[1], timeout_seconds=0.3)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Transient, match="Connection refused"):
        poll(server, port=port)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"host_key": "SHA256:abc"}, "host_key: expected the server's public key"),
        ({"host_key": "ssh-ed25519 AAAAC3=="}, "host_key: expected the server's public key"),
        ({"port": 5432}, "port: expected port 22"),
        ({"port": 25}, "port: expected port 22"),
        ({"host": "a host"}, "host: expected a host name"),
    ],
)
def test_wrong_settings_are_told(server: SftpServer, changes: dict[str, Any], told: str) -> None:
    with pytest.raises(Misconfigured, match=told):
        poll(server, **changes)


def test_a_secret_must_be_there(server: SftpServer) -> None:
    with pytest.raises(Misconfigured, match="expected a secret under `poll: secrets`"):
        poll(server, secret=b"")
