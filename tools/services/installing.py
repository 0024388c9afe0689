"""Installing the servers with apt-get (Debian and Ubuntu, as root), without letting them start a service of their own."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

POLICY = Path("/usr/sbin/policy-rc.d")
FORBID_STARTING = "#!/bin/sh\nexit 101\n"  # what Debian's invoke-rc.d reads as: do not start services


class InstallFailed(RuntimeError):
    """apt-get gave up; the message is its last line."""


def can_install() -> bool:
    return os.getuid() == 0 and shutil.which("apt-get") is not None


def install(packages: list[str], *, policy: Path = POLICY) -> None:
    """Install Debian packages. InstallFailed with apt's last line. The lists are fetched first: a new machine has none."""
    with services_held_back(policy):
        _apt("update")
        _apt("install", "--yes", "--no-install-recommends", *packages)


@contextmanager
def services_held_back(policy: Path = POLICY) -> Iterator[None]:
    """While inside, packages being installed start no services. A policy that is already there is left as it is."""
    if policy.exists():
        yield
        return
    policy.write_text(FORBID_STARTING)
    policy.chmod(0o755)
    try:
        yield
    finally:
        policy.unlink()


def _apt(*arguments: str) -> None:
    command = ["apt-get", "--quiet", "-o", "DPkg::Lock::Timeout=120", *arguments]
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
        raise InstallFailed(f"apt-get {arguments[0]}: {last}")
