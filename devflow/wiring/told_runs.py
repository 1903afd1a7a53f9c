"""A run as its events and its row tell it; nothing of the engine is loaded."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Collection, Iterator

from devflow.adapters.git.head import Head, head_at
from devflow.adapters.journal.sqlite import SqliteJournal
from devflow.config.yaml_source import Source
from devflow.model.checks import Status
from devflow.model.errors import PipelineInvalid, StorageFailed
from devflow.ui.board import Board, board_of
from devflow.ui.outline import Outline
from devflow.wiring.known_pipeline import FILE_NAME, NOT_THERE, landing_of, outline_of
from devflow.wiring.summaries import RunLine, run_line


@dataclass(frozen=True)
class ToldRun:
    """A run for a screen to draw."""

    outline: Outline
    board: Board
    running: bool

    @property
    def is_a_persons_turn(self) -> bool:
        """Whether the working tree has to be looked at too."""
        if self.running:
            return False
        handed_over = [line for line in self.outline.entries if line.hands_over]
        if not handed_over:
            return False
        state = self.board.heard(handed_over[0].name)
        return state.status in (Status.PENDING, Status.WAITING)


def told_run(folder: Path, typed: str) -> ToldRun | None:
    """The run that is meant; ``None`` where its row is not of this pipeline and this devflow, or
    the journal is not as it was written."""
    head = head_at(folder)
    line = run_line(head, typed) if head else None
    if head is None or line is None:
        return None
    try:
        return _told(head, line)
    except (PipelineInvalid, StorageFailed, *NOT_THERE):
        return None


def has_journal(folder: Path) -> bool:
    """Whether any run of the checkout was written down, as far as it can be told."""
    head = head_at(folder)
    return head is None or (head.common_dir / "devflow" / "journal.db").exists()


def _told(head: Head, line: RunLine) -> ToldRun | None:
    journal = SqliteJournal(head.common_dir / "devflow" / "journal.db", read_only=True)
    board = board_of(journal.events(line.run))
    if board.damage:
        return None
    summary = line.summary
    source = Source(FILE_NAME, line.pipeline)
    outline = outline_of(source, line.run, summary.title, summary.branch, line.named)
    base, remote = landing_of(source, head.common_dir / "devflow")
    outline = replace(outline, base=base, remote=remote)
    outline = with_logs(outline, head.common_dir / "devflow")
    now = board.without(frozenset(summary.outdated.splitlines()))
    if not line.running:
        now = now.at_rest()
    return ToldRun(outline, now, line.running)


def files_of(state_dir: Path, run: str, name: str, names: Collection[str]) -> Iterator[Path]:
    """What an entry kept in this run, its logs and its results; ``names`` are all the entries."""
    for path in sorted((state_dir / "logs" / run).glob("*")):
        if path.is_file() and _owner(path.name, names) == name:
            yield path


def _owner(file: str, names: Collection[str]) -> str:
    """The entry whose name a file begins with, the longest where several do: ``unit-slow.log`` is
    of ``unit-slow``."""
    owners = [name for name in names if file.startswith((f"{name}.", f"{name}-"))]
    return max(owners, key=len, default="")


def with_logs(outline: Outline, state_dir: Path) -> Outline:
    """The outline whose entries know what they have printed."""
    names = frozenset(line.name for line in outline.entries)

    def has_log(name: str) -> bool:
        return any(True for _ in files_of(state_dir, outline.ticket, name, names))

    phases = []
    for phase in outline.phases:
        lines = [replace(line, has_log=partial(has_log, line.name)) for line in phase.entries]
        phases.append(replace(phase, entries=tuple(lines)))
    return replace(outline, phases=tuple(phases))
