"""A private RabbitMQ node from the installed server: loopback only, no plugins, own Erlang name, cookie and port mapper."""

import os
import re
import signal
import socket
from functools import cached_property
from pathlib import Path

from tools.services import finding
from tools.services.service import USER, Service

PROTOCOL_HEADER = b"AMQP\x00\x00\x09\x01"
METHOD_FRAME = b"\x01"
LOOPBACK = "127.0.0.1"

CONFIG = """\
listeners.tcp.1 = {host}:{port}
loopback_users = none
default_user = {user}
default_pass = {password}
default_vhost = {user}
disk_free_limit.absolute = 64MB
log.console = false
"""


class RabbitMQ(Service):
    """One node. Its own port, then one for Erlang's distribution and one for Erlang's port mapper (epmd)."""

    kind = "rabbitmq"

    @property
    def url(self) -> str:
        return f"amqp://{USER}:{self.settings['password']}@{LOOPBACK}:{self.port}/{USER}"

    @cached_property
    def home(self) -> Path:
        """The installed server's folder, as finding.rabbitmq_home() gave it."""
        found = finding.rabbitmq_home()
        if found is None:
            raise FileNotFoundError("RabbitMQ is not installed")
        return found

    @property
    def title(self) -> str:
        version = re.search(r"\d+\.\d+\.\d+", self.home.name)
        return f"RabbitMQ {version[0]}" if version else "RabbitMQ"

    def _launch(self) -> None:
        self._write_configuration()
        env = self._environment()
        self._spawn("epmd", [finding.epmd(), "-address", LOOPBACK, "-port", str(self.port + 2)], env=env)
        self._spawn("node", [str(self.home / "sbin" / "rabbitmq-server")], env=env)

    def _ready(self) -> bool:
        return answers_amqp(self.port)

    def _end(self) -> None:
        self._stop_process("node", signal.SIGTERM, seconds=20)
        self._stop_process("epmd", signal.SIGTERM, seconds=5)

    def _data(self) -> Path:
        return self.directory / "data"

    def _write_configuration(self) -> None:
        text = CONFIG.format(host=LOOPBACK, port=self.port, user=USER, password=self.settings["password"])
        (self.directory / "home").mkdir(mode=0o700, exist_ok=True)
        (self.directory / "rabbitmq.conf").touch(mode=0o600)
        (self.directory / "rabbitmq.conf").write_text(text)
        (self.directory / "rabbitmq-env.conf").write_text("")
        for name in ("enabled_plugins", "advanced.config"):
            (self.directory / name).write_text("[].\n")

    def _environment(self) -> dict[str, str]:
        """What the server's scripts read. Without a notify socket, RUNNING_UNDER_SYSTEMD only means: no shell in between."""
        here = self.directory
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(here / "home"),
            "ERL_EPMD_PORT": str(self.port + 2),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "RABBITMQ_NODENAME": f"orderlane{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(self.port + 1),
            "RABBITMQ_CONF_ENV_FILE": str(here / "rabbitmq-env.conf"),
            "RABBITMQ_CONFIG_FILE": str(here / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(here / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(here / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(here / "data"),
            "RABBITMQ_LOG_BASE": str(here / "log"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +B i",
            "RUNNING_UNDER_SYSTEMD": "true",
        }


def answers_amqp(port: int) -> bool:
    """Whether a broker serves clients: the listener is the last thing it starts, and a header is answered by a method frame."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=2) as probe:
            probe.sendall(PROTOCOL_HEADER)
            return probe.recv(1) == METHOD_FRAME
    except OSError:
        return False
