"""A real SFTP server over a folder, on 127.0.0.1, with the ways it may misbehave."""

import contextlib
import os
import socket
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paramiko
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_SUCCEEDED


class Door(paramiko.ServerInterface):
    def __init__(self, server: "SftpServer") -> None:
        self.server = server

    def get_allowed_auths(self, username: str) -> str:
        return "password,publickey"

    def check_auth_password(self, username: str, password: str) -> int:
        self.server.passwords.append(password)
        return AUTH_SUCCESSFUL if (username, password) == ("hub", self.server.password) else AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        return AUTH_SUCCESSFUL if username == "hub" and key == self.server.client_key else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED


class Files(paramiko.SFTPServerInterface):
    def __init__(self, server: paramiko.ServerInterface, *args: Any, **kwargs: Any) -> None:
        super().__init__(server, *args, **kwargs)
        assert isinstance(server, Door)
        self.server = server.server

    def _at(self, path: str) -> Path:
        return self.server.root / self.canonicalize(path).lstrip("/")

    def list_folder(self, path: str) -> Any:
        try:
            return [paramiko.SFTPAttributes.from_stat(one.lstat(), one.name) for one in self._at(path).iterdir()]
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> Any:
        handle = paramiko.SFTPHandle(flags)
        try:
            handle.readfile = self._at(path).open("rb")  # type: ignore[attr-defined]
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)
        return handle

    def stat(self, path: str) -> Any:
        return self._done(lambda: paramiko.SFTPAttributes.from_stat(self._at(path).stat()))

    def mkdir(self, path: str, attr: paramiko.SFTPAttributes) -> int:
        return self._done(self._at(path).mkdir)

    def rename(self, oldpath: str, newpath: str) -> int:
        if self.server.read_only:
            return int(paramiko.SFTP_PERMISSION_DENIED)
        return self._done(lambda: os.rename(self._at(oldpath), self._at(newpath)))  # noqa: PTH104

    def remove(self, path: str) -> int:
        return self._done(self._at(path).unlink)

    def _done(self, do: Any) -> Any:
        try:
            return do() or paramiko.SFTP_OK
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno or 0)


@dataclass
class SftpServer:
    """passwords: every one it was told."""

    root: Path
    host_key: paramiko.PKey
    password: str = "sesame"
    client_key: paramiko.PKey | None = None
    read_only: bool = False
    passwords: list[str] = field(default_factory=list)

    def __enter__(self) -> "SftpServer":
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    @property
    def pin(self) -> str:
        return f"{self.host_key.get_name()} {self.host_key.get_base64()}"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(connection)
            transport.add_server_key(self.host_key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, Files)
            with contextlib.suppress(paramiko.SSHException, EOFError, OSError):
                transport.start_server(server=Door(self))
