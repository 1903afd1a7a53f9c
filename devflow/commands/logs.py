"""`logs`: what an entry's commands printed, the results that it kept beside that, and what went
wrong with it; or what the replicas of a service wrote.

An environment is often called as the entry that brings it: one word is the entry, and a second one
that is no ticket's key makes it the environment.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterable, Iterator

from devflow.commands.deploys import replica_logs
from devflow.config.validation import nearest
from devflow.model.command_line import command_line
from devflow.model.errors import UsageError
from devflow.model.events import Broke, Event, Recorded
from devflow.model.ids import is_ticket_key
from devflow.model.wording import size
from devflow.ui.words import clean_lines
from devflow.wiring.local import workspace_of
from devflow.wiring.options import Options
from devflow.wiring.output import write_json, write_lines
from devflow.wiring.told_runs import files_of
from devflow.wiring.workspace import Workspace, ticket_key


@dataclass(frozen=True)
class Wanted:
    """What was typed: an entry and perhaps its ticket, or an environment and its service; ``lines``
    and ``follow`` are for a service's replicas."""

    name: str
    second: str = ""
    lines: int | None = None
    follow: bool = False


@dataclass(frozen=True)
class EntryFiles:
    """An entry's files in the run's folder, and its errors as text."""

    entry: str
    results: tuple[Path, ...]
    logs: tuple[Path, ...]
    errors: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """The results by path and size, then each log as a whole, then the errors."""
        if self.results:
            yield f"== results of {self.entry}"
        for path in self.results:
            yield f"{path}  {size(path.stat().st_size)}"
        for path in self.logs:
            yield f"== {path}"
            yield path.read_text(encoding="utf-8", errors="replace").rstrip("\n")
        yield from self.errors

    def as_object(self) -> dict[str, Any]:
        """The object of ``--output json``: where everything is, without what the logs say."""
        return {
            "entry": self.entry,
            "results": [_sized(path) for path in self.results],
            "logs": [_sized(path) for path in self.logs],
            "errors": list(self.errors),
        }


def logs(options: Options, wanted: Wanted) -> int:
    """Prints an entry's results and whole logs, or says as JSON where they are; or prints what a
    service's replicas wrote. Answers the exit code; raises ``UsageError`` where there is no such
    thing, or nothing of it."""
    workspace = workspace_of(options, dry=True)
    if is_service(workspace, wanted):
        lines = replica_logs.LINES if wanted.lines is None else wanted.lines
        of_replicas = replica_logs.Wanted(wanted.name, wanted.second, lines, wanted.follow)
        return replica_logs.replica_logs(options, workspace, of_replicas)
    if wanted.lines is not None or wanted.follow:
        hint = command_line("logs", "ENVIRONMENT", "SERVICE")
        raise UsageError("--lines and --follow are for a service's replicas", hint=hint)
    files = entry_files(workspace, ticket_key(workspace, wanted.second), wanted.name)
    if options.output == "json":
        write_json(files.as_object())
        return 0
    for text in files.lines():
        # masked again once it is cleaned, which may put together what no terminal had shown so
        cleaned = "\n".join(clean_lines(workspace.mask(text)))
        write_lines(workspace.mask(cleaned).split("\n"))
    return 0


def is_service(workspace: Workspace, wanted: Wanted) -> bool:
    """Whether a service of an environment is meant. Raises ``UsageError`` for a second word that
    can be neither that nor a ticket."""
    if not wanted.second:
        return False
    if wanted.name in workspace.deploys.environments():
        services = replica_logs.services_of(workspace, wanted.name)
        return wanted.second in services or not is_ticket_key(wanted.second)
    if is_ticket_key(wanted.second):
        return False
    if wanted.name in workspace.plan.by_name:
        problem = f'nothing is deployed to "{wanted.name}"'
        problem += f', and "{wanted.second}" is not a ticket key'
        raise UsageError(problem, hint="a key looks like SCRUM-95")
    return True


def entry_files(workspace: Workspace, run: str, name: str) -> EntryFiles:
    """Everything of an entry that this run kept. Raises ``UsageError`` where there is no such
    entry, or nothing of it."""
    names = set(workspace.plan.by_name)
    if name not in names:
        problem = f'the pipeline has no entry "{name}"{nearest(name, names)}'
        raise UsageError(problem, hint=command_line("status"))
    results: list[Path] = []
    logs_: list[Path] = []
    for path in files_of(workspace.state_dir, run, name, names):
        kind = logs_ if path.suffix == ".log" else results
        kind.append(path)
    events = workspace.journal.events(run)
    errors = tuple(_error(event) for event in events if _is_of(event, name))
    if not results and not logs_ and not errors:
        measured_by = _taken_from(events, name)
        if measured_by in names:
            return entry_files(workspace, run, measured_by)
        raise UsageError(f"{name} has printed nothing in this run", hint=command_line("status"))
    return EntryFiles(name, tuple(results), tuple(logs_), errors)


def _taken_from(events: Iterable[Event], name: str) -> str:
    """The entry whose result this one shows, since it measured the same; empty where it measured
    by itself."""
    entry = ""
    for event in events:
        if isinstance(event, Recorded) and event.entry == name:
            result = (event.product or {}).get("result") or {}
            taken = result.get("taken") or {}
            entry = str(taken.get("entry", ""))
    return entry if entry != name else ""


def _sized(path: Path) -> dict[str, Any]:
    return {"path": str(path), "size_bytes": path.stat().st_size}


def _is_of(event: Event, name: str) -> bool:
    return isinstance(event, Broke) and event.entry == name


def _error(event: Event) -> str:
    assert isinstance(event, Broke)
    return f"== {event.at:%Y-%m-%d %H:%M:%S} {event.message}\n{event.trace}".rstrip()
