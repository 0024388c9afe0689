"""An SFTP server as a source of files. Its host key is pinned: a server with another one is told nothing, not even who asks."""

import base64
import binascii
import io
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Literal

import httpcore
import paramiko
from pydantic import AfterValidator, Field

from canonical.failures import Failure, Misconfigured, Refused, Transient
from connectors.base import Endpoint, Polled
from connectors.dialling import Deadline, Dialler
from connectors.file_fetching import FileSettings, Found, fetch, free_name
from connectors.settings import poll_secret_of, polling_of
from connectors.urls import usable_host, usable_port

KEY_KINDS = {
    "ssh-ed25519": ("ssh-ed25519",),
    "ecdsa-sha2-nistp256": ("ecdsa-sha2-nistp256",),
    "ecdsa-sha2-nistp384": ("ecdsa-sha2-nistp384",),
    "ecdsa-sha2-nistp521": ("ecdsa-sha2-nistp521",),
    "ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256"),
}
"""Kinds of host keys, and which signatures are asked of a server that has one."""
PRIVATE_KEYS = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)
FAILURES: tuple[tuple[type[Exception], type[Failure]], ...] = (
    (paramiko.AuthenticationException, Refused),
    (PermissionError, Refused),
    (paramiko.SSHException, Transient),
    (httpcore.ConnectError, Transient),
    (httpcore.ConnectTimeout, Transient),
    (EOFError, Transient),
    (OSError, Transient),
)


def _host_key(text: str) -> str:
    kind, _, encoded = text.partition(" ")
    try:
        blob = base64.b64decode(encoded.split(" ")[0], validate=True)
    except binascii.Error:
        blob = b""
    if kind not in KEY_KINDS or not blob.startswith(len(kind).to_bytes(4, "big") + kind.encode()):
        raise ValueError("expected the server's public key as `ssh-keyscan` prints it: `ssh-ed25519 AAAA...`")
    return f"{kind} {base64.b64encode(blob).decode()}"


class SftpSettings(FileSettings):
    """path: the folder on the server. host_key: the server's public key, as in `ssh-ed25519 AAAA...`.

    auth: whether the secret is a password or a private key (PEM or OpenSSH, without a passphrase). timeout_seconds: for each
    step. allow_private: the server is inside our own network.
    """

    host: Annotated[str, AfterValidator(usable_host)]
    port: Annotated[int, AfterValidator(lambda port: usable_port(port, own=22))] = 22
    username: Annotated[str, Field(min_length=1)]
    host_key: Annotated[str, AfterValidator(_host_key)]
    auth: Literal["password", "key"] = "password"
    allow_private: bool = False
    timeout_seconds: Annotated[float, Field(gt=0, le=120)] = 30.0


def poll(endpoint: Endpoint, watermark: str | None) -> Iterator[Polled]:
    settings = polling_of(endpoint, SftpSettings)
    with _connected(settings, poll_secret_of(endpoint)) as client:
        yield from fetch(endpoint, settings, Server(client, settings), watermark)


@dataclass(frozen=True, slots=True)
class Server:
    client: paramiko.SFTPClient
    settings: SftpSettings

    def listed(self) -> list[Found]:
        with _told(self.settings):
            looks = self.client.listdir_attr(self.settings.path)
        return [
            Found(look.filename, look.st_size or 0, look.st_mtime or 0)
            for look in looks
            if stat.S_ISREG(look.st_mode or stat.S_IFREG) and not look.filename.startswith(".") and "/" not in look.filename
        ]

    def read(self, name: str, most: int) -> bytes | None:
        with _told(self.settings):
            try:
                with self.client.open(self._at(name), "rb") as file:
                    file.prefetch(most - 1)
                    return bytes(file.read(most))
            except FileNotFoundError:
                return None

    def move(self, name: str, folder: str) -> None:
        with _told(self.settings):
            if folder not in self.client.listdir(self.settings.path):
                self.client.mkdir(self._at(folder))
            target = self._at(folder)
            self.client.rename(self._at(name), f"{target}/{free_name(name, self.client.listdir(target))}")

    def delete(self, name: str) -> None:
        with _told(self.settings):
            self.client.remove(self._at(name))

    def _at(self, name: str) -> str:
        return f"{self.settings.path.rstrip('/')}/{name}"


@contextmanager
def _connected(settings: SftpSettings, secret: bytes) -> Iterator[paramiko.SFTPClient]:
    """A session with the pinned server. Refused where it has another key or does not let us in."""
    with _told(settings):
        deadline = Deadline()
        deadline.set(settings.timeout_seconds)
        transport = paramiko.Transport(
            Dialler(deadline, _resolvers(), allow_private=settings.allow_private).connected(settings.host, settings.port)
        )
    with closing(transport):
        with _told(settings):
            _prove(transport, settings)
            _log_in(transport, settings, secret)
            client = paramiko.SFTPClient.from_transport(transport)
        if client is None:
            raise Refused(f"{settings.host}: the server opens no session")
        client.get_channel().settimeout(settings.timeout_seconds)
        yield client


def _prove(transport: paramiko.Transport, settings: SftpSettings) -> None:
    """The server proves that it holds the pinned key, before it learns anything."""
    kind, _, encoded = settings.host_key.partition(" ")
    transport.get_security_options().key_types = KEY_KINDS[kind]
    transport.banner_timeout = transport.auth_timeout = settings.timeout_seconds
    transport.start_client(timeout=settings.timeout_seconds)
    if transport.get_remote_server_key().asbytes() != base64.b64decode(encoded):
        raise Refused(f"{settings.host}: the server has another host key than the pinned one")


def _log_in(transport: paramiko.Transport, settings: SftpSettings, secret: bytes) -> None:
    missing = (
        transport.auth_password(settings.username, secret.decode(), fallback=False)
        if settings.auth == "password"
        else transport.auth_publickey(settings.username, _private_key(secret))
    )
    if missing:
        raise Refused(f"{settings.host}: the server also asks for {', '.join(missing)}")


def _private_key(secret: bytes) -> paramiko.PKey:
    for kind in PRIVATE_KEYS:
        try:
            return kind.from_private_key(io.StringIO(secret.decode("ascii", "replace")))
        except (paramiko.SSHException, ValueError):
            continue
    raise Misconfigured("expected the secret to be a private key without a passphrase")


@contextmanager
def _told(settings: SftpSettings) -> Iterator[None]:
    """What can go wrong on the way becomes a kind of failure; the server's words are kept short."""
    try:
        yield
    except tuple(kind for kind, _ in FAILURES) as error:
        kind = next(failure for type_, failure in FAILURES if isinstance(error, type_))
        raise kind(f"{settings.host} port {settings.port}: {(str(error) or type(error).__name__)[:200]}") from error


@cache
def _resolvers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=2, thread_name_prefix="sftp-resolver")
