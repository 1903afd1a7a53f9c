"""F5 to F7, F15, F17, F19 and F21: what single tests of this tree try already, each a trial by its
name in pytest."""

import subprocess
import sys
from functools import cached_property, partial
from typing import Final, Iterator

from tests.faults.table import ROOT
from tests.faults.trial import Outcome, Trial

TRIAL_S: Final = 600.0  # s; a story of a fixture of its own takes a minute
# characters of what pytest says of a test that failed
TOLD: Final = 1500


class Cases:
    """A family made of tests: files, and what their names have to say."""

    def __init__(self, id_: str, fault: str, names: str, *files: str) -> None:
        self.id = id_
        self.fault = fault
        self._names = names
        self._files = files

    @cached_property
    def _tests(self) -> tuple[str, ...]:
        chosen = ["-k", self._names] if self._names else []
        ran = _pytest("--collect-only", "-q", *chosen, *self._files)
        # pytest names them from its own root, which is tests/
        return tuple(line for line in ran.stdout.splitlines() if "::" in line)

    def trials(self) -> Iterator[Trial]:
        for test in self._tests:
            yield Trial(test, partial(self._play, test))

    def more(self) -> Iterator[Trial]:
        return iter(())

    def _play(self, test: str) -> Outcome:
        ran = _pytest("-q", "--no-header", "--tb=short", f"tests/{test}")
        if ran.returncode == 0 and " skipped" in ran.stdout:
            return Outcome("not tried here: it was skipped")
        return Outcome("" if ran.returncode == 0 else ran.stdout[-TOLD:])

    def close(self) -> None:
        """Nothing was started."""


def _pytest(*arguments: str) -> "subprocess.CompletedProcess[str]":
    argv = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(
        argv, cwd=ROOT, capture_output=True, text=True, timeout=TRIAL_S, check=False
    )


CASES: Final = (
    Cases(
        "F5",
        "several ship at once on one ticket",
        "second_runner or told_who_holds",
        "tests/e2e/test_bad_input.py",
        "tests/contract/test_lock.py",
    ),
    Cases("F6", "holder killed", "killed_holder", "tests/contract/test_lock.py"),
    Cases(
        "F7",
        "disk full",
        "full_disk or cannot_be_written",
        "tests/contract/test_journal.py",
        "tests/contract/registry/test_faults.py",
        "tests/e2e/test_bad_input.py",
    ),
    Cases(
        "F15",
        "gates: restart, approval twice or by nobody's right, commit after approval",
        "",
        "tests/unit/steps/test_s25_production.py",
        "tests/unit/craft/review",
    ),
    Cases(
        "F17",
        "scanner, registry, engine, browser, interpreter missing",
        "unavailable or without_a_browser or not_installed or without_pre_commit",
        "tests/unit/steps",
        "tests/unit/craft",
        "tests/unit/engine",
        "tests/contract/test_interpreters.py",
        "tests/contract/test_web.py",
    ),
    Cases(
        "F19",
        "clock jumps, push cut off",
        "breaks_off or cut_off or lost_reply or clock",
        "tests/contract/repository",
        "tests/contract/test_journal_upgrade.py",
        "tests/contract/test_code_host.py",
    ),
    Cases(
        "F21",
        "path traversal, tar tricks, redirects, TLS off",
        "outside or never_a_path or redirect or tls or tar or other_site or leads_out or no_file",
        "tests/unit/config",
        "tests/unit/adapters",
        "tests/contract/repository",
        "tests/contract/registry",
        "tests/contract/test_web.py",
        "tests/contract/test_lock.py",
        "tests/contract/test_shell.py",
    ),
)
