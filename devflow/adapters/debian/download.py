"""Packages with everything that they need, for any architecture, downloaded by apt-get with a state
of its own: no root is needed, and nothing of this machine's packages is read or changed."""

import errno
import fcntl
import os
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Iterator

from devflow.adapters.debian.apt_sources import mirrors
from devflow.adapters.machine.captured import NO_SECRETS, Captured
from devflow.adapters.machine.children import Processes, environment
from devflow.model.errors import StorageFailed, Unavailable

KEYRING: Final = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
SUITE: Final = "bookworm"  # the one whose Python is 3.11
DOWNLOAD_S: Final = 300.0  # s; 24 MB, and 9 MB of lists
LAST_LINES: Final = 4


class AptDownloads:
    """Downloads into a folder that it keeps lists and packages in."""

    def __init__(self, folder: Path, processes: Processes) -> None:
        self._folder = folder
        self._processes = processes

    def closure(self, architecture: str, packages: tuple[str, ...]) -> list[Path]:
        """The files of the packages and of all that they depend on, by name.

        Raises ``Unavailable`` where apt-get or Debian's key is not here, or an archive is out of
        reach.
        """
        if not KEYRING.exists():
            missing = f"Debian's packages cannot be verified without {KEYRING}"
            raise Unavailable(missing, hint="apt-get install debian-archive-keyring")
        place = self._folder / architecture
        archives = place / "cache" / "archives"
        for folder in (place / "lists" / "partial", archives / "partial"):
            folder.mkdir(parents=True, exist_ok=True)
        (place / "status").touch()
        sources = place / "sources.list"
        sources.write_text(_sources(), encoding="utf-8")
        for stale in archives.glob("*.deb"):
            stale.unlink()
        options = _options(place, architecture)
        self._run("apt-get", *options, "update")
        self._run("apt-get", *options, "--download-only", "install", *packages)
        return sorted(archives.glob("*.deb"))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Waits until no other process downloads here: apt-get has one set of files for each
        architecture, and each download begins by emptying it."""
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        with self._folder.with_name(f"{self._folder.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _run(self, *argv: str) -> None:
        words: list[str] = []
        sink = Captured(NO_SECRETS, words.append, None)
        variables = environment({"DEBIAN_FRONTEND": "noninteractive"})
        ended = self._processes.run(argv, self._folder, variables, DOWNLOAD_S, sink)
        sink.close()
        if ended.code != 0:
            said = " ".join(line.strip() for line in words[-LAST_LINES:])
            if os.strerror(errno.ENOSPC) in said:
                hint = "free some space, then type the same command again"
                full = "the disk is full: Debian's packages cannot be kept"
                raise StorageFailed(full, where=str(self._folder), hint=hint)
            problem = f"apt-get could not download Debian's packages: {ended.problem or said}"
            raise Unavailable(problem, hint="name a base image that a registry in reach has")


def _sources() -> str:
    main, security = mirrors()
    signed = f"[signed-by={KEYRING}]"
    return (
        f"deb {signed} {main[0]} {SUITE} main\n"
        f"deb {signed} {main[0]} {SUITE}-updates main\n"
        f"deb {signed} {security[0]} {SUITE}-security main\n"
    )


def _options(place: Path, architecture: str) -> list[str]:
    settings = {
        "APT::Architecture": architecture,
        "APT::Architectures::": architecture,
        "APT::Install-Recommends": "false",
        # the download is this user's own, also where that is root
        "APT::Sandbox::User": "root" if os.geteuid() == 0 else "",
        "Dir::State": str(place),
        "Dir::State::lists": str(place / "lists"),
        "Dir::State::status": str(place / "status"),
        "Dir::Cache": str(place / "cache"),
        "Dir::Etc::sourcelist": str(place / "sources.list"),
        "Dir::Etc::sourceparts": "/dev/null",
        "Debug::NoLocking": "true",
    }
    options = ["--quiet=2", "--yes"]
    for key, value in settings.items():
        options += ["-o", f"{key}={value}"]
    return options
