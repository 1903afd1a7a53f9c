"""What runs before a command in its checkout, or what it has left there another time.

What is kept holds for the words of the setup, the files of its key, and the version of the runtime
that made it; nothing is kept of a setup that failed or that changed files of the tree.
"""

import hashlib
import json
import os
import shlex
import shutil
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable, Final, Mapping, Sequence

from devflow.adapters.machine.kept_folders import KeptFolders
from devflow.adapters.machine.text_file import real_path
from devflow.adapters.toolchain.programs import search_path
from devflow.model.errors import Locked, StepFailed, StorageFailed, system_words
from devflow.model.output.telling import telling_line
from devflow.model.wording import duration
from devflow.ports.shell import Ran, Setup

# s; as long as one that is being made by somebody else is waited for
WAIT_S: Final = 600.0
FROM_CACHE: Final = "from the cache"

Run = Callable[[Sequence[str]], Ran]
"""Runs a program to its end where the command will run."""


@dataclass(frozen=True)
class Ready:
    """How it came to be there; ``failed`` is the setup that did not end well."""

    words: str = ""
    failed: Ran | None = None


@dataclass(frozen=True)
class Checkout:
    """A checkout: where it is, in which of its folders and with which variables the command runs.

    ``changed`` tells which files of the tree are no longer as they are in it.
    """

    top: Path
    folder: Path
    env: Mapping[str, str]
    changed: Callable[[], tuple[str, ...]]


def set_up(kept: KeptFolders, setup: Setup, checkout: Checkout, run: Run) -> Ready:
    """Makes the checkout ready. Raises ``OSError`` and ``StepFailed`` where what is kept cannot be
    read."""
    if not setup.keep:
        return _made(setup, checkout, run)
    key = _key(setup, checkout, run)
    try:
        with kept.held(key, WAIT_S):
            if kept.put_back(key, checkout.top):
                return Ready(FROM_CACHE)
            ready = _made(setup, checkout, run)
            if ready.failed is None:
                # without a place for it the next checkout is set up anew
                with suppress(OSError):
                    kept.keep(key, checkout.top, setup.keep)
            return ready
    except (Locked, StorageFailed):
        # a cache that cannot be used keeps nothing from being measured
        return _made(setup, checkout, run)


def _made(setup: Setup, checkout: Checkout, run: Run) -> Ready:
    ran = run(setup.argv)
    name = f"setup: {setup.argv[0]}"
    if ran.problem:
        return _failed(ran, f"{name} {ran.problem}")
    if ran.exit_code:
        return _failed(ran, f"{name} ended with {ran.exit_code}: {telling_line(ran.output)}")
    changed = checkout.changed()
    if changed:
        return _failed(ran, f"{name} changed files of the tree: {', '.join(changed)}")
    return Ready(f"ran in {duration(ran.duration_s)}")


def _failed(ran: Ran, problem: str) -> Ready:
    return Ready(failed=replace(ran, exit_code=None, problem=problem, in_setup=True))


def _key(setup: Setup, checkout: Checkout, run: Run) -> str:
    """Everything that what it makes may depend on, in one word."""
    digests = {}
    for path in setup.key:
        file = real_path(checkout.top / path)
        if not file.is_relative_to(checkout.top):
            raise StepFailed(f"{path} leads out of the repository", where="setup_key")
        try:
            content = file.read_bytes()
        except OSError as error:
            problem = f"setup_key: {path} cannot be read: {system_words(error)}"
            raise StepFailed(f"{problem}, see: ls -l {shlex.quote(path)}") from error
        digests[path] = hashlib.sha256(content).hexdigest()
    runtime = run(setup.runtime) if setup.runtime else None
    program = shutil.which(setup.argv[0], path=search_path()) or setup.argv[0]
    machine = os.uname()
    inside = checkout.folder.relative_to(checkout.top)
    described = {
        "setup": [program, *setup.argv],
        "keep": setup.keep,
        "key": digests,
        "cwd": str(inside),
        "env": dict(checkout.env),
        "runtime": [runtime.exit_code, runtime.output] if runtime else [],
        "machine": [machine.sysname, machine.machine],
    }
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()
