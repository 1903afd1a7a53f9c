"""Repositories to measure in: one whose entries are bundled steps, one whose entries do nothing,
and one with a large journal."""

import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Mapping, Sequence

from devflow.adapters.journal.sqlite import SqliteJournal
from devflow.engine.fingerprint import EPOCH
from devflow.model.checks import Status
from devflow.model.events import Closed, Event, Opened, Recorded, Started
from devflow.model.summary import Summary, made_from

ROOT: Final = Path(__file__).parents[2]
KEY: Final = "SCRUM-95"
ENTRIES: Final = 29  # as many as a ticket's life has
SHELL: Final = '{uses: shell, with: {run: "true"}}'
LARGE: Final = 5_000  # entries
OTHER_RUNS: Final = 1_000
NOW: Final = datetime(2026, 1, 5, tzinfo=UTC)
_HEAD: Final = """\
devflow: 1
project:
  tracker: {project: SCRUM, url: "http://127.0.0.1:9"}
  host: {repository: acme/shop}
phases:
  work:
"""
# nobody is asked: whatever these open is never reached
_ENVIRON: Final = {"JIRA_PAT": "not-a-secret-1", "GITHUB_TOKEN": "not-a-secret-2", "NO_COLOR": "1"}


@dataclass(frozen=True)
class Place:
    """A repository, and the environment that commands get there."""

    folder: Path
    environ: Mapping[str, str]

    def devflow(self, *arguments: str) -> list[str]:
        """The command as a person types it, started as its script starts it."""
        code = "import sys; from devflow.cli.main import main; sys.exit(main())"
        return [sys.executable, "-c", code, *arguments]

    def ship(self) -> None:
        """Ships everything. Raises ``CalledProcessError`` where that fails."""
        argv = self.devflow("ship")
        subprocess.run(
            argv, cwd=self.folder, env=self.environ, check=True, stdout=subprocess.DEVNULL
        )


def bundled(folder: Path) -> Place:
    """Shipped, of steps that devflow brings."""
    place = _place(folder, _entries(SHELL, ENTRIES), ROOT)
    place.ship()
    return place


def of_nothing(folder: Path) -> Place:
    """Shipped, of entries that do nothing."""
    place = unshipped(folder, _entries("{uses: noop}", ENTRIES))
    place.ship()
    return place


def chain(folder: Path, entries: int) -> Place:
    """Not yet shipped, of entries that do nothing, one after the other."""
    return unshipped(folder, _entries("{uses: noop}", entries))


def unshipped(folder: Path, lines: Sequence[str]) -> Place:
    """Not yet shipped, of these lines of a phase, whose entries use ``noop``."""
    package = folder.with_name(f"{folder.name}-package")
    about = package / "noop-1.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: noop\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[devflow.steps]\nnoop = benchmarks.engine.noop:STEP\n")
    return _place(folder, lines, ROOT, package)


def large(folder: Path) -> Place:
    """A run of 5,000 recorded entries among 1,000 other runs."""
    place = _place(folder, _entries(SHELL, LARGE), ROOT)
    journal = SqliteJournal(folder / ".git" / "devflow" / "journal.db")
    for number in range(OTHER_RUNS):
        journal.append(_opened(f"OTHER-{number + 1}"))
    journal.append(_opened(KEY))
    for number in range(LARGE):
        for event in _events(f"entry_{number + 1}"):
            journal.append(event)
    pipeline = (folder / "pipeline.yaml").read_text()
    summary = Summary(made_from(pipeline), "SCRUM", "done", LARGE, LARGE, "")
    journal.append(Closed(at=NOW, run=KEY, exit_code=0), summary=summary)
    journal.close()
    return place


def _opened(run: str) -> Event:
    return Opened(at=NOW, run=run, command="ship", epoch=EPOCH)


def _events(entry: str) -> tuple[Event, ...]:
    mark = "0" * 64
    started = Started(at=NOW, run=KEY, entry=entry, fingerprint=mark, round=1, attempt=1)
    recorded = Recorded(
        at=NOW,
        run=KEY,
        entry=entry,
        step="shell",
        fingerprint=mark,
        round=1,
        by="make",
        product={},
        status=Status.PASSED,
    )
    return (started, recorded)


def _entries(options: str, entries: int) -> list[str]:
    return [f"    - entry_{number + 1}: {options}\n" for number in range(entries)]


def _place(folder: Path, lines: Sequence[str], *paths: Path) -> Place:
    folder.mkdir(parents=True)
    (folder / "pipeline.yaml").write_text(_HEAD + "".join(lines))
    me = ("-c", "user.name=bench", "-c", "user.email=bench@example.org")
    for git in (
        ("init", "--quiet", f"--initial-branch={KEY}-bench"),
        ("add", "--all"),
        (*me, "commit", "--quiet", "--message=first"),
    ):
        subprocess.run(["git", *git], cwd=folder, check=True)
    environ = {**os.environ, **_ENVIRON, "PYTHONPATH": os.pathsep.join(map(str, paths))}
    # as everywhere but where somebody forbids it, compiled modules are kept
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    return Place(folder, environ)
