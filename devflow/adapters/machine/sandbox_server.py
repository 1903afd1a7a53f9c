"""The sandbox's process: brought up in the background, found again, copied for a dry run, ended.

Its file is there only while it can be connected to, so a file whose process is gone (after a kill)
counts as not running.
"""

import os
import shutil
import sys
import time
from pathlib import Path
from typing import Callable, Final, Sequence

import psutil
from pydantic import ValidationError

from devflow.adapters.machine import private, processes
from devflow.adapters.machine.identity import identity, known_identity
from devflow.adapters.machine.processes import MARKER, Process
from devflow.adapters.machine.room import full_place
from devflow.model.command_line import install_line
from devflow.model.errors import Unavailable
from devflow.model.sandbox import SandboxFacts

UP_WITHIN_S: Final = 20.0  # s; it takes about 0.5 s, more on a machine under load
POLL_S: Final = 0.02
# tests hold every request and answer against the official descriptions
_API_LOG: Final = "DEVFLOW_SANDBOX_API_LOG"
_FILE: Final = "sandbox.json"
_LOG: Final = "sandbox.log"
_NOT_COPIED: Final = (_FILE, _LOG)
# where this very devflow is imported from, also beside another that is installed
_OWN_CODE: Final = Path(__file__).parents[3]
# contents of the registry, which may be gigabytes
_BLOBS: Final = Path("registry") / "blobs"


class SandboxServer:
    """One sandbox by its state folder; ``seed`` are the options by which a new one knows whose it
    is."""

    def __init__(self, state_dir: Path, seed: Callable[[], Sequence[str]] = tuple) -> None:
        self.state_dir = state_dir
        self._seed = seed

    def facts(self) -> SandboxFacts | None:
        """What runs, ``None`` where nothing does."""
        try:
            facts = SandboxFacts.model_validate_json((self.state_dir / _FILE).read_bytes())
        except (OSError, ValidationError):
            return None
        return facts if self._process(facts) else None

    def up(self) -> SandboxFacts:
        """Brings it up where it does not run. Raises ``Unavailable`` with its last words,
        ``StorageFailed`` where its disk is full."""
        running = self.facts()
        if running:
            return running
        # one that was started before the repository was moved knows the old folder alone
        self._end_own()
        private.make_folder(self.state_dir)
        (self.state_dir / _FILE).unlink(missing_ok=True)
        log = self.state_dir / _LOG
        state = str(self.state_dir)
        argv = (sys.executable, "-m", "devflow.sandbox", "serve", "--state", state, *self._seed())
        variables = {MARKER: self._marker(identity(self.state_dir))}
        if _API_LOG in os.environ:
            variables[_API_LOG] = os.environ[_API_LOG]
        process = processes.spawn(argv, _OWN_CODE, log, variables)
        deadline = time.monotonic() + UP_WITHIN_S
        while time.monotonic() < deadline and processes.alive(process):
            running = self.facts()
            if running:
                return running
            time.sleep(POLL_S)
        full = full_place(self.state_dir)
        if full is not None:
            raise full
        raise Unavailable(
            f"the sandbox did not start: {_last_line(log) or 'it said nothing'}",
            where=str(log),
            hint=f"update devflow's checkout, then: {install_line('sandbox')}",
        )

    def down(self) -> bool:
        """Ends it; False where it did not run."""
        facts = self.facts()
        process = self._process(facts) if facts else None
        processes.end([process])
        return self._end_own() or process is not None

    def reset(self) -> None:
        """Ends it and forgets everything that was in it."""
        self.down()
        shutil.rmtree(self.state_dir, ignore_errors=True)

    def copied_to(self, folder: Path) -> "SandboxServer":
        """A sandbox with the same contents, for a dry run that must leave this one alone.

        The registry's blobs are led to, not copied: they are named by their digest, so that none
        is ever changed.
        """
        if self.state_dir.is_dir():
            shutil.copytree(self.state_dir, folder, dirs_exist_ok=True, ignore=self._left_out)
            blobs = self.state_dir.resolve() / _BLOBS
            if blobs.is_dir():
                (folder / _BLOBS).symlink_to(blobs, target_is_directory=True)
        return SandboxServer(folder, self._seed)

    def _end_own(self) -> bool:
        """Ends what was started for this folder, whatever it was called then."""
        own = known_identity(self.state_dir)
        process = processes.find(self._marker(own)) if own else None
        processes.end([process])
        return process is not None

    def _marker(self, own: str) -> str:
        return f"{own}:sandbox"

    def _left_out(self, folder: str, names: list[str]) -> set[str]:
        is_registry = Path(folder) == self.state_dir / _BLOBS.parent
        left_out = {_BLOBS.name, "uploads"} if is_registry else set(_NOT_COPIED)
        return left_out & set(names)

    def _process(self, facts: SandboxFacts) -> Process | None:
        try:
            candidate = psutil.Process(facts.pid)
            if str(self.state_dir) in candidate.cmdline():
                return processes.of_pid(facts.pid)
        except psutil.Error:
            return None
        return None


def _last_line(log: Path) -> str:
    if not log.exists():
        return ""
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else ""
