"""A checkout with a sandbox remote of its own, and the real CLI in it, as a person or a CI runner
would use it."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

from tests import forked
from tests.ports import free_port

TINY = Path(__file__).parent / "tiny"
PLAIN = Path(__file__).parent / "plain"
ROOT = Path(__file__).parents[2]
KEY = "SCRUM-95"
COMMAND_S = 240.0  # s; the longest command of the tiny story takes about 10 s on an idle machine


class Checkout:
    """A repository in ``folder``, and devflow in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / ".git" / "devflow"

    def git(self, *arguments: str) -> str:
        """git in the checkout; fails the test where git fails."""
        ran = subprocess.run(
            ["git", *arguments], cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.strip()

    def devflow(self, *arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
        """The real CLI as a process, that has devflow loaded already."""
        # what Python itself reads at its start
        if any(name.startswith("PYTHON") for name in env):
            return self.typed(*arguments, **env)
        return forked.devflow(self.folder, arguments, self.env(env), COMMAND_S)

    def devflow_of(
        self, python: Path, *arguments: str, **env: str
    ) -> "subprocess.CompletedProcess[str]":
        """The real CLI as somebody else's Python runs it; begun anew where it is not the tests'."""
        if python == Path(sys.executable):
            return self.devflow(*arguments, **env)
        return self.run([str(python), "-m", "devflow", *arguments], **env)

    def typed(self, *arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
        """The real CLI as a process of its own from the start."""
        return self.run([sys.executable, "-m", "devflow", *arguments], **env)

    def run(self, argv: list[str], **env: str) -> "subprocess.CompletedProcess[str]":
        """A program in the checkout, bounded in time."""
        return subprocess.run(
            argv,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=COMMAND_S,
            check=False,
            env=self.env(env),
        )

    def started(
        self, argv: list[str], output: IO[str] | None = None, **env: str
    ) -> "subprocess.Popen[bytes]":
        """A program in the checkout that goes on by itself, heard by nobody or by a file."""
        return subprocess.Popen(
            argv,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=output or subprocess.DEVNULL,
            stderr=subprocess.STDOUT if output else subprocess.DEVNULL,
            env=self.env(env),
        )

    def env(self, more: dict[str, str]) -> dict[str, str]:
        """What a program here gets: the tests' own environment, and more."""
        return {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **more}

    def ends(self, code: int, *arguments: str, **env: str) -> str:
        """The CLI, which has to end with this code; answers its output."""
        ran = self.devflow(*arguments, **env)
        assert (
            ran.returncode == code
        ), f"{arguments} ended with {ran.returncode}\n{ran.stdout[-6000:]}\n{ran.stderr[-3000:]}"
        return ran.stdout

    def status(self, key: str = KEY) -> dict[str, Any]:
        """`status --output json`."""
        status: dict[str, Any] = json.loads(self.ends(0, "status", key, "--output", "json"))
        return status

    def statuses(self) -> dict[str, str]:
        """Each entry's public status."""
        return {entry["name"]: entry["status"] for entry in self.status()["entries"]}

    def sandbox(self) -> dict[str, Any]:
        """`sandbox status --tokens --output json`."""
        asked = ("sandbox", "status", "--tokens", "--output", "json")
        status: dict[str, Any] = json.loads(self.ends(0, *asked))
        return status

    def write(self, path: str, text: str) -> None:
        """A developer's edit."""
        (self.folder / path).write_text(text)

    def edit(self, path: str, pattern: str, replacement: str) -> None:
        """A developer's edit of one place; the place has to be there."""
        file = self.folder / path
        text, count = re.subn(pattern, replacement, file.read_text(), count=1)
        assert count == 1, f"{pattern} is not in {path}"
        file.write_text(text)

    def close(self) -> None:
        """Ends everything that the checkout left running."""
        if self.state.is_dir():
            self.devflow("down")
            self.devflow("sandbox", "down")


def plain_checkout(folder: Path) -> Checkout:
    """The plain Python package as a repository on main."""
    shutil.copytree(PLAIN, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return first_commit(Checkout(folder))


def copied(folder: Path, to: Path) -> None:
    """A folder as it is, but for sockets, which belong to a process and cannot be copied."""

    def sockets(place: str, names: list[str]) -> list[str]:
        return [name for name in names if (Path(place) / name).is_socket()]

    shutil.copytree(folder, to, symlinks=True, ignore=sockets)


def tiny_checkout(folder: Path) -> Checkout:
    """The tiny project as a repository on main, on ports of its own; the sandbox comes with the
    first command."""
    shutil.copytree(TINY, folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "services" / "version.py", folder / "svc" / "version.py")
    checkout = Checkout(folder)
    checkout.edit("pipeline.yaml", "port: 40000", f"port: {free_port(PRODUCTION_ABOVE)}")
    return first_commit(checkout)


def first_commit(checkout: Checkout, base: str = "main") -> Checkout:
    """Everything in the folder as the one commit of its developer's base branch."""
    checkout.git("init", "--quiet", f"--initial-branch={base}")
    checkout.git("config", "user.name", "Jose Rubio")
    checkout.git("config", "user.email", "jose.rubio@acme.example")
    checkout.git("add", "--all")
    checkout.git("commit", "--quiet", "--message", "before the ticket")
    return checkout


# what its production adds to a port
PRODUCTION_ABOVE = (1000,)
KILLED = -signal.SIGKILL
