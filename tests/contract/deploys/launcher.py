"""Another devflow, which changes an environment and is killed at a point on its way.

Its words are ROOT STATE RELEASE VERB PASSED POINT LIMIT: RELEASE is a pickled ``Release`` with what
points call each version, LIMIT how many bytes a file may have, 0 for no limit. Python itself tells
what is about to be done to files, to processes and to their signals (PEP 578), so that the product
has no hook for this. Each is written to PASSED before it is done; the process dies before it does
POINT.
"""

import os
import pickle
import resource
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Callable, Final, Mapping

from devflow.adapters.deploys.local import LocalDeploys
from devflow.commands.deploys.decide import give_all, take_back
from devflow.commands.deploys.rollback import roll_back
from devflow.craft.deploy.strategies.blue_green import come_up, take_over
from devflow.ports.deploys import Deploys, Release

ENV: Final = "development"
KEEP: Final = 1
# as Python calls what it does
FILES: Final = ("open", "os.mkdir", "os.remove", "os.rename", "shutil.rmtree")
SIGNALS: Final = ("os.kill", "os.killpg")
STARTS: Final = ("os.posix_spawn", "subprocess.Popen")
LOCK: Final = "lock"  # the kernel's, of which no byte is ever read
Verb = Callable[[Deploys, Release], None]


def switch(deploys: Deploys, release: Release) -> None:
    """The release comes up beside what serves, and takes over."""
    come_up(deploys, ENV, release)
    take_over(deploys, ENV, release.version, KEEP)


def promote(deploys: Deploys, release: Release) -> None:
    """As `devflow promote`."""
    list(give_all(deploys, ENV, {ENV: KEEP}))


def abort(deploys: Deploys, release: Release) -> None:
    """As `devflow abort`."""
    list(take_back(deploys, ENV, {ENV: KEEP}))


def rollback(deploys: Deploys, release: Release) -> None:
    """As `devflow rollback`."""
    list(roll_back(deploys, ENV))


VERBS: Final[Mapping[str, Verb]] = {
    "switch": switch,
    "promote": promote,
    "abort": abort,
    "rollback": rollback,
}


class Points:
    """What this process is about to do, by name and count; it ends before the one that is meant."""

    def __init__(
        self, state: str, passed: str, point: str, roles: Mapping[str, str] | None = None
    ) -> None:
        self._state = state
        # a folder is called as its version, and a point has one name whatever that is
        self._roles = roles or {}
        # opened before anything is watched
        self._passed = os.open(passed, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        self._point = point
        self._counts: Counter[str] = Counter()

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        name = self._name(event, args)
        if not name:
            return
        self._counts[name] += 1
        point = f"{name} #{self._counts[name]}"
        os.write(self._passed, f"{point}\n".encode())
        if point == self._point:
            # the hook is told of this too
            self._point = ""
            os.kill(os.getpid(), signal.SIGKILL)

    def _name(self, event: str, args: tuple[Any, ...]) -> str:
        """What is about to be done, and to what; empty for what changes nothing here."""
        if event in SIGNALS:
            # with 0 it is asked whether one is there
            return f"{event} {signal.Signals(args[1]).name}" if args[1] else ""
        if event in STARTS:
            return event
        if event not in FILES or not isinstance(args[0], str):
            return ""
        folder, _, file = args[0].rpartition("/")
        is_read = event == "open" and not args[2] & (os.O_WRONLY | os.O_RDWR)
        is_here = folder.startswith(self._state) and file != LOCK
        for version, role in self._roles.items():
            file = file.replace(version, role)
        return f"{event} {file}" if is_here and not is_read and _is_once(event, args) else ""


def _is_once(event: str, args: tuple[Any, ...]) -> bool:
    """``open`` with an opener is told twice: with a mode, and by the opener without one."""
    return event != "open" or args[1] is None


def main() -> int:
    root, state, release, verb, passed, point, limit_bytes = sys.argv[1:]
    told: tuple[Release, Mapping[str, str]] = pickle.loads(Path(release).read_bytes())
    if int(limit_bytes):
        # for whoever writes, a limit on files is what a full disk is
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit_bytes), int(limit_bytes)))
    deploys = LocalDeploys(Path(root), Path(state))
    sys.addaudithook(Points(state, passed, point, told[1]))
    print("begin", flush=True)
    VERBS[verb](deploys, told[0])
    return 0
