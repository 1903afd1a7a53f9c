"""The row that the journal keeps of a run, for the run that a command is about; light enough for a
prompt."""

import sys
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

from devflow.adapters.git.head import Head
from devflow.adapters.journal.summary import only_run, read_summary
from devflow.adapters.machine.held import is_held
from devflow.adapters.machine.text_file import read_pipeline
from devflow.model.errors import PipelineInvalid
from devflow.model.ids import is_ticket_key, meant_by, tickets_in, tickets_like, tickets_of_project
from devflow.model.summary import Summary, made_from
from devflow.ui.words import clean, encodable

PIPELINE: Final = "pipeline.yaml"


class RunLine(NamedTuple):
    """A run, its row, the pipeline that the row was made from, whether somebody works on it, and
    its key where a command has to name it."""

    run: str
    summary: Summary
    pipeline: str
    running: bool
    named: str


def run_line(head: Head, typed: str) -> RunLine | None:
    """The row of the run that is meant; ``None`` where the events have to be read, or the person
    asked."""
    state_dir = head.common_dir / "devflow"
    journal = state_dir / "journal.db"
    try:
        pipeline = read_pipeline(head.root / PIPELINE, head.root)
        now = made_from(pipeline)
        for run in _candidates(head.branch, typed, journal):
            summary = read_summary(journal, run, now)
            if summary is not None and (typed or _is_meant(head.branch, run, summary.project)):
                running = is_held(_lock(state_dir, run))
                named = _to_be_named(head.branch, run, summary.project, journal) if typed else ""
                return RunLine(run, summary, pipeline, running, named)
    except (OSError, ValueError, PipelineInvalid):
        return None
    return None


def line_of(head: Head, typed: str) -> str | None:
    """One line for a prompt, as the stream's encoding has it; ``None`` as ``run_line``."""
    line = run_line(head, typed)
    if line is None:
        return None
    text = clean(line.summary.line(line.run, running=line.running))
    return encodable(text, sys.stdout.encoding or "utf-8")


def _candidates(branch: str, typed: str, journal: Path) -> tuple[str, ...]:
    """What was typed, the tickets that the branch may name, else the only run."""
    if typed:
        return (typed,) if is_ticket_key(typed) else ()
    return tickets_like(branch) or (only_run(journal),)


def _is_meant(branch: str, run: str, project: str) -> bool:
    """Whether the rule that asks the pipeline too comes to this run."""
    ours = tickets_of_project(branch, project) if project else tickets_in(branch)
    if ours:
        return ours == (run,)
    return not tickets_in(branch) and not tickets_like(branch)


def _to_be_named(branch: str, run: str, project: str, journal: Path) -> str:
    only = only_run(journal)
    meant = meant_by(branch, project, (only,) if only else ())
    return "" if meant == run else run


def _lock(state_dir: Path, run: str) -> Path:
    return state_dir / "locks" / f"{quote(run, safe='')}.lock"
