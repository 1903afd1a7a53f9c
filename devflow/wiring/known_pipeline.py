"""The entries of a pipeline that somebody has validated before: their names and places, without the
models that validate. A pipeline that is not as it should be raises ``LookupError``,
``AttributeError``, ``TypeError`` or ``ValueError``."""

from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, Final, Iterator, Mapping, NamedTuple

from devflow.adapters.git.head import head_at
from devflow.adapters.machine.text_file import read_pipeline
from devflow.config.yaml_source import Path, Source
from devflow.model.errors import PipelineInvalid
from devflow.steps import REGISTRY
from devflow.steps.index import INDEX, StepLine
from devflow.ui.outline import EntryLine, Outline, PhaseLine
from devflow.ui.pages.step_list import ListLine
from devflow.wiring.options import SANDBOX_NOTE, merged_in

if TYPE_CHECKING:
    from devflow.step import AnyStep

NOT_THERE: Final = (LookupError, AttributeError, TypeError, ValueError)
FILE_NAME: Final = "pipeline.yaml"
# what a pipeline that does not name them has, as its model says
BASE: Final = "main"
REMOTE: Final = "origin"


class KnownEntry(NamedTuple):
    """An entry as it is written, and the step that it uses."""

    name: str
    step: str
    required: bool
    phase: str
    group: str
    path: Path
    options: Mapping[str, Any]

    @property
    def line(self) -> StepLine:
        """What the index says of the step. Raises ``KeyError`` for another package's."""
        return INDEX[self.step]


def entries_of(source: Source) -> Iterator[KnownEntry]:
    """Every entry in the file's order; ``group`` names those that overlap."""
    number = 0
    for phase, items in source.data["phases"].items():
        for index, item in enumerate(items):
            path: Path = ("phases", phase, index)
            if isinstance(item, dict) and "parallel" in item:
                members = item["parallel"]
                group = str(number) if len(members) > 1 else ""
                for place, member in enumerate(members):
                    yield _entry(member, phase, group, (*path, "parallel", place))
            else:
                yield _entry(item, phase, "", path)
            number += 1


def steps_listed(folder: FilePath) -> list[ListLine] | None:
    """The entries of the folder's pipeline, then the steps that it does not use; ``None`` where it
    cannot be told so simply."""
    head = head_at(folder)
    if head is None:
        return None
    lines = []
    used = set()
    try:
        text = read_pipeline(head.root / FILE_NAME, head.root)
        for entry in entries_of(Source(FILE_NAME, text)):
            lines.append(ListLine(entry.line.number, entry.name, entry.line.title))
            used.add(entry.step)
    except (OSError, PipelineInvalid, *NOT_THERE):
        return None
    for step, line in INDEX.items():
        if step not in used:
            lines.append(ListLine(line.number, step, line.title))
    return lines


def used_as(source: Source, name: str) -> "tuple[AnyStep, KnownEntry | None]":
    """The step of the entry with this name or number, loaded now; else the step itself, where no
    entry uses it. Raises ``KeyError`` where there is neither."""
    used = set()
    for entry in entries_of(source):
        used.add(entry.step)
        if name in (entry.name, str(entry.line.number)):
            return REGISTRY[entry.step], entry
    for step, line in INDEX.items():
        if step not in used and name in (step, str(line.number)):
            return REGISTRY[step], None
    raise KeyError(name)


def landing_of(source: Source, state_dir: FilePath) -> tuple[str, str]:
    """The branch that tickets are merged into, and where."""
    project = source.data.get("project") or {}
    note = _note(source)
    return project.get("base", BASE), merged_in(note, state_dir, project.get("remote", REMOTE))


def _note(source: Source) -> str:
    return SANDBOX_NOTE if source.data.get("connect") == "sandbox" else ""


def outline_of(source: Source, run: str, title: str, branch: str, named: str) -> Outline:
    """The pipeline as screens want it; ``named`` is the ticket where commands have to name it."""
    entries = tuple(entries_of(source))
    note = _note(source)
    phases = []
    for phase in source.data["phases"]:
        lines = [_line(source, entry, note, named) for entry in entries if entry.phase == phase]
        phases.append(PhaseLine(phase, tuple(lines)))
    return Outline(run, title, note, branch, tuple(phases), named)


def _entry(item: Any, phase: str, group: str, path: Path) -> KnownEntry:
    if isinstance(item, str):
        return KnownEntry(item, item, True, phase, group, path, {})
    ((name, options),) = item.items()
    told: Mapping[str, Any] = options or {}
    step = told.get("uses") or name
    return KnownEntry(name, step, told.get("required", True), phase, group, (*path, name), told)


def _line(source: Source, entry: KnownEntry, note: str, named: str) -> EntryLine:
    step = entry.line
    return EntryLine(
        number=step.number,
        name=entry.name,
        title=step.title,
        required=entry.required,
        hands_over=step.hands_over,
        group=entry.group,
        where=source.where(entry.path),
        in_sandbox=note == SANDBOX_NOTE,
        named=named,
    )
