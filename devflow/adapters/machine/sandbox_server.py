"""The sandbox's process: brought up in the background, found again, copied for a dry run, ended.

Its file is there only while it can be connected to, so a file whose process is gone (after a kill)
counts as not running.
"""

import os
import shutil
import sys
import time
from pathlib import Path
from typing import Final

import psutil
from pydantic import ValidationError

from devflow.adapters.machine import processes
from devflow.adapters.machine.processes import Process
from devflow.model.errors import Unavailable
from devflow.model.sandbox import SandboxFacts

UP_WITHIN_S: Final = 20.0  # s; it takes about 0.5 s, more on a machine under load
_API_LOG: Final = (
    "DEVFLOW_SANDBOX_API_LOG"  # tests hold what was said against the official descriptions
)
_FILE: Final = "sandbox.json"
_NOT_COPIED: Final = (_FILE, "sandbox.log")


class SandboxServer:
    """One sandbox by its state folder."""

    def __init__(self, state_dir: Path) -> None:
        self.state_dir = state_dir

    def facts(self) -> SandboxFacts | None:
        """What runs, ``None`` where nothing does."""
        try:
            facts = SandboxFacts.model_validate_json((self.state_dir / _FILE).read_bytes())
        except (OSError, ValidationError):
            return None
        return facts if self._process(facts) else None

    def up(self) -> SandboxFacts:
        """Brings it up where it does not run. Raises ``Unavailable`` with its last words."""
        running = self.facts()
        if running:
            return running
        self.state_dir.mkdir(parents=True, exist_ok=True)
        (self.state_dir / _FILE).unlink(missing_ok=True)
        log = self.state_dir / "sandbox.log"
        argv = (sys.executable, "-m", "devflow.sandbox", "serve", "--state", str(self.state_dir))
        handed_on = {_API_LOG: os.environ[_API_LOG]} if _API_LOG in os.environ else {}
        process = processes.spawn(argv, Path(__file__).parents[2], log, handed_on)
        deadline = time.monotonic() + UP_WITHIN_S
        while time.monotonic() < deadline and processes.alive(process):
            running = self.facts()
            if running:
                return running
            time.sleep(0.02)
        last = (
            log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
            if log.exists()
            else []
        )
        raise Unavailable(
            f"the sandbox did not start: {' '.join(last) or 'it said nothing'}",
            where=str(log),
            hint="pip install 'devflow[sandbox]', then try again",
        )

    def down(self) -> bool:
        """Ends it; False where it did not run."""
        facts = self.facts()
        process = self._process(facts) if facts else None
        if process:
            processes.end([process])
        return process is not None

    def reset(self) -> None:
        """Ends it and forgets everything that was in it."""
        self.down()
        shutil.rmtree(self.state_dir, ignore_errors=True)

    def copied_to(self, folder: Path) -> "SandboxServer":
        """A sandbox of its own with the same contents, for a dry run that must leave this one
        alone."""
        if self.state_dir.is_dir():
            shutil.copytree(
                self.state_dir,
                folder,
                dirs_exist_ok=True,
                ignore=shutil.ignore_patterns(*_NOT_COPIED),
            )
        return SandboxServer(folder)

    def _process(self, facts: SandboxFacts) -> Process | None:
        try:
            found = psutil.Process(facts.pid)
            if str(self.state_dir) in found.cmdline():
                return Process(pid=facts.pid, started_s=found.create_time())
        except psutil.Error:
            return None
        return None
