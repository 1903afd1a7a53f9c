"""`logs`: what an entry's commands printed, the results that it kept beside that, and what went
wrong with it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator

from devflow.commands.place import Workspace
from devflow.model.errors import UsageError
from devflow.model.events import Event
from devflow.model.wording import size


@dataclass(frozen=True)
class Kept:
    """An entry's files in the run's folder, and its errors as text."""

    entry: str
    results: tuple[Path, ...]
    logs: tuple[Path, ...]
    troubles: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """The results by path and size, then each log as a whole, then the errors."""
        if self.results:
            yield f"== results of {self.entry}"
            yield from (f"{path}  {size(path.stat().st_size)}" for path in self.results)
        for path in self.logs:
            yield f"== {path}"
            yield path.read_text(encoding="utf-8", errors="replace").rstrip("\n")
        yield from self.troubles

    def as_object(self) -> dict[str, Any]:
        """The object of ``--output json``: where everything is, without what the logs say."""
        files = {"results": self.results, "logs": self.logs}
        sized = {
            name: [{"path": str(one), "size_bytes": one.stat().st_size} for one in paths]
            for name, paths in files.items()
        }
        return {"entry": self.entry, **sized, "errors": list(self.troubles)}


def kept(place: Workspace, run: str, name: str) -> Kept:
    """Everything of an entry that this run kept. Raises ``UsageError`` where there is no such
    entry, or nothing of it."""
    names = {entry.name for entry in place.plan.entries}
    if name not in names:
        raise UsageError(f'the pipeline has no entry "{name}"', hint="devflow status")
    folder = place.state_dir / "logs" / run
    mine = [
        path
        for path in sorted(folder.glob("*"))
        if path.is_file() and _owner(path.name, names) == name
    ]
    troubles = tuple(text for event in place.journal.events(run) if (text := _trouble(event, name)))
    if not mine and not troubles:
        raise UsageError(f"{name} has printed nothing in this run", hint="devflow status")
    logs = tuple(path for path in mine if path.suffix == ".log")
    return Kept(name, tuple(path for path in mine if path not in logs), logs, troubles)


def _owner(file: str, names: set[str]) -> str:
    """The entry whose name a file begins with, the longest where several do: ``unit-slow.log`` is
    of ``unit-slow``."""
    owners = (name for name in names if file.startswith((f"{name}.", f"{name}-")))
    return max(owners, key=len, default="")


def _trouble(event: Event, name: str) -> str:
    if event.type != "broke" or event.entry != name:
        return ""
    return f"== {event.at:%Y-%m-%d %H:%M:%S} {event.message}\n{event.trace}".rstrip()
