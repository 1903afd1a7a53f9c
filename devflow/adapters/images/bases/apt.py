"""Debian packages of any architecture, by apt with a state of its own: no root, and nothing of the
machine's own packages is looked at or changed.

apt resolves the closure and verifies the archive's signature and every hash.
"""

import re
import shutil
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Mapping

from devflow.adapters.machine.children import Processes, environment
from devflow.model.errors import Unavailable

SUITE: Final = "bookworm"  # Debian 12, whose Python is 3.11
ARCHIVE: Final = "http://deb.debian.org/debian"
SECURITY: Final = "http://deb.debian.org/debian-security"
KEYRING: Final = "/usr/share/keyrings/debian-archive-keyring.gpg"
TIMEOUT_S: Final = 300.0  # s; 25 MB of packages and 10 MB of lists on a slow line
# what python:3.11-slim has of Python, a shell and certificates
PACKAGES: Final = (
    "base-files",
    "base-passwd",
    "ca-certificates",
    "coreutils",
    "dash",
    "findutils",
    "grep",
    "libc-bin",
    "libpython3.11-stdlib",
    "libstdc++6",
    "netbase",
    "python3-distutils",
    "python3-pip-whl",
    "python3.11-minimal",
    "sed",
    "tar",
    "tzdata",
)
_URI: Final = re.compile(r"^'(?P<uri>[^']+)' (?P<file>\S+) (?P<size>\d+)(?: (?P<hash>\S+))?")
_LAST_LINES: Final = 12


@dataclass(frozen=True)
class Package:
    """One package of the closure, as the archive names its file."""

    file: str
    size_bytes: int
    hash: str


class Apt:
    """apt-get for one architecture in a folder of ours."""

    def __init__(self, processes: Processes, folder: Path, architecture: str) -> None:
        self._processes = processes
        self._folder = folder
        self._architecture = architecture

    def closure(self) -> tuple[Package, ...]:
        """What would be fetched, by the archive's lists of now. Raises ``Unavailable``."""
        self._prepare()
        self._run("update", "-q")
        printed = self._run("install", "-qq", "-y", "--print-uris", *PACKAGES)
        found = [_URI.match(line) for line in printed.splitlines()]
        packages = [_package(match.groupdict()) for match in found if match]
        return tuple(sorted(packages, key=lambda package: package.file))

    def fetch(self) -> tuple[Path, ...]:
        """The closure's files, in the order of their names. Raises ``Unavailable``."""
        self._run("install", "-qq", "-y", "--download-only", *PACKAGES)
        return tuple(sorted((self._folder / "cache" / "archives").glob("*.deb")))

    def _prepare(self) -> None:
        for program in ("apt-get", KEYRING):
            if not shutil.which(program) and not Path(program).exists():
                problem = f"a base cannot be made of Debian packages here: {program} is missing"
                hint = "use a network that reaches the registry, or a machine with Debian's apt"
                raise Unavailable(problem, hint=hint)
        for name in ("state/lists/partial", "cache/archives/partial", "etc"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        (self._folder / "state" / "status").write_text("")
        sources = (
            f"{ARCHIVE} {SUITE} main",
            f"{ARCHIVE} {SUITE}-updates main",
            f"{SECURITY} {SUITE}-security main",
        )
        lines = [f"deb [signed-by={KEYRING}] {source}\n" for source in sources]
        (self._folder / "etc" / "sources.list").write_text("".join(lines))

    def _run(self, *arguments: str) -> str:
        options: list[str] = []
        for name, value in self._options().items():
            options += ["-o", f"{name}={value}"]
        output: deque[bytes] = deque()
        argv = ("apt-get", *options, *arguments)
        env = environment({"DEBIAN_FRONTEND": "noninteractive"})
        ended = self._processes.run(argv, self._folder, env, TIMEOUT_S, output.append)
        text = b"".join(output).decode("utf-8", "replace")
        if ended.code != 0:
            lines = text.strip().splitlines()[-_LAST_LINES:]
            problem = f"Debian's packages cannot be fetched: {ended.problem or ' '.join(lines)}"
            hint = f"check that {ARCHIVE} can be reached from here"
            raise Unavailable(problem, hint=hint, where=f"apt-get {arguments[0]}")
        return text

    def _options(self) -> Mapping[str, str]:
        here = str(self._folder)
        return {
            "Dir::State": f"{here}/state",
            "Dir::State::status": f"{here}/state/status",
            "Dir::Cache": f"{here}/cache",
            "Dir::Etc::sourcelist": f"{here}/etc/sources.list",
            "Dir::Etc::sourceparts": "-",
            "Dir::Etc::preferences": "-",
            "Dir::Etc::preferencesparts": "-",
            "APT::Architecture": self._architecture,
            "APT::Architectures": self._architecture,
            "APT::Install-Recommends": "false",
            # as root apt would become _apt, which may not enter a folder of ours
            "APT::Sandbox::User": "root",
            "Acquire::Languages": "none",
        }


def _package(found: Mapping[str, str]) -> Package:
    return Package(found["file"], int(found["size"]), found.get("hash") or "")
