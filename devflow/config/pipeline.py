"""What pipeline.yaml may say, before anybody knows which steps exist.

Each entry keeps its path in the file, so that a later complaint (an unknown step, a wrong
parameter) still names line and column.
"""

from dataclasses import dataclass, field
from graphlib import CycleError
from typing import Any, Final, Iterable, Iterator, Literal, Mapping

from pydantic import Field

from devflow.config.excerpt import VALUE_CHARS, cut, excerpt_of
from devflow.config.mistakes import Mistakes
from devflow.config.validation import nearest, validated
from devflow.config.yaml_source import Path, Source
from devflow.model.bounds.words import Name, NameOrNone
from devflow.model.declared.project import Project
from devflow.model.declared.services import in_order, is_service
from devflow.model.errors import PipelineInvalid
from devflow.model.values import Value

FILE_NAME: Final = "pipeline.yaml"
_TOP: Final = ("devflow", "connect", "project", "phases")


class EntryOptions(Value):
    """What may stand behind an entry's name."""

    uses: NameOrNone = ""
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    required: bool = True
    deferred: bool = False
    needs: dict[Name, Name] = {}


class _Named(Value):
    entry: Name


@dataclass(frozen=True)
class EntrySpec:
    """One entry as it was written."""

    name: str
    options: EntryOptions
    phase: str
    path: Path

    @property
    def step(self) -> str:
        """The step's name: ``uses``, or the entry's own name."""
        return self.options.uses or self.name


@dataclass(frozen=True)
class Pipeline:
    """The whole file; ``groups`` are entries that overlap, most of them of one. ``is_project_read``
    is false where the project's part is wrong: nothing can be held to it then."""

    source: Source
    connect: Literal["sandbox", "real"]
    project: Project
    groups: tuple[tuple[EntrySpec, ...], ...]
    phases: tuple[str, ...] = field(default=())
    is_project_read: bool = True


def parse(name: str, text: str, mistakes: Mistakes | None = None) -> Pipeline:
    """Checks the text of a pipeline file. Raises ``PipelineInvalid`` with every mistake; where
    ``mistakes`` are collected only for what is no pipeline at all, and what is right is answered.
    """
    found = Mistakes() if mistakes is None else mistakes
    source = Source(name, text, found)
    data = source.data
    if not isinstance(data, dict):
        hint = "begin with `devflow: 1`"
        found.stop(source.error("a mapping of phases is expected", hint=hint))
    found.add(_top_level(source, data))
    project, is_project_read = _project(source, data, found)
    phases = data.get("phases")
    groups: tuple[tuple[EntrySpec, ...], ...] = ()
    # what is called otherwise was told, and is what is missing
    if phases is not None or set(data) <= set(_TOP):
        groups = tuple(_without_twins(source, _groups(source, phases, found), found))
    if mistakes is None:
        found.refuse()
    names = tuple(phases) if isinstance(phases, dict) else ()
    return Pipeline(source, _connect(data), project, groups, names, is_project_read)


def _project(source: Source, data: Mapping[str, Any], found: Mistakes) -> tuple[Project, bool]:
    """The project, and whether it is one that entries can be held to."""
    project = Project()
    before = len(found)
    # of what stands twice the one that was not read may be what another part names
    is_certain = source.is_certain(("project",))
    with found.noted():
        project = validated(source, Project, data.get("project") or {}, ("project",))
        if is_certain:
            found.add(_lenders(source, project))
            found.add(_needs(source, project))
    return project, is_certain and len(found) == before


def _connect(data: Mapping[str, Any]) -> Any:
    return data.get("connect", "real")


def _top_level(source: Source, data: Mapping[str, Any]) -> Iterator[PipelineInvalid]:
    for key in data:
        if key not in _TOP and source.told_of_key((key,)) is None:
            name = cut(key, VALUE_CHARS)
            yield source.error(f'unknown key "{name}"{nearest(name, _TOP)}', (key,))
    if data.get("devflow") != 1 or data.get("devflow") is True:
        yield source.error("`devflow: 1` names the format and has to stand here", ("devflow",))
    if _connect(data) not in ("sandbox", "real"):
        problem = f'connect is "sandbox" or "real", not {excerpt_of(_connect(data))}'
        yield source.error(problem, ("connect",))


def _groups(source: Source, phases: object, found: Mistakes) -> Iterator[tuple[EntrySpec, ...]]:
    """The groups of every entry that can be read."""
    if not isinstance(phases, dict) or not phases:
        found.add([source.error("`phases:` is a mapping of lists of entries", ("phases",))])
        return
    for phase, items in phases.items():
        if not isinstance(items, list):
            found.add([source.error(f'phase "{phase}" is a list of entries', ("phases", phase))])
            continue
        for index, item in enumerate(items):
            members: Mapping[Path, Any] = {}
            with found.noted():
                members = _members(source, item, ("phases", phase, index))
            group = []
            for path, member in members.items():
                with found.noted():
                    group.append(_entry(source, member, phase, path))
            yield tuple(group)


def _members(source: Source, item: Any, path: Path) -> Mapping[Path, Any]:
    """What a group holds, by where it stands: one entry, or those that overlap."""
    if not isinstance(item, dict) or "parallel" not in item:
        return {path: item}
    members = item["parallel"]
    if len(item) > 1 or not isinstance(members, list) or not members:
        raise source.error("`parallel:` stands alone and holds a list of entries", path)
    return {(*path, "parallel", index): member for index, member in enumerate(members)}


def _entry(source: Source, item: object, phase: str, path: Path) -> EntrySpec:
    if isinstance(item, str):
        _refuse_name(source, item, path)
        return EntrySpec(item, EntryOptions(), phase, path)
    if isinstance(item, dict) and len(item) == 1:
        name = next(iter(item))
        _refuse_name(source, name, (*path, name))
        options = validated(source, EntryOptions, item[name] or {}, (*path, name))
        return EntrySpec(name, options, phase, (*path, name))
    raise source.error(
        "an entry is a name, or one name with its options",
        path,
        hint="- quality: {with: {max_complexity: 10}}",
    )


def _refuse_name(source: Source, name: str, path: Path) -> None:
    """An entry's name becomes part of marks, folders and statuses."""
    validated(source, _Named, {"entry": name}, path)


def _lenders(source: Source, project: Project) -> Iterator[PipelineInvalid]:
    """What is wrong with a service that runs from the image of one that has none of its own: it is
    not there, or borrows itself."""
    images = {name: one.image for name, one in project.services.items() if one.image is not None}
    own = [name for name, image in images.items() if not image.of]
    for name, image in images.items():
        if not image.of or image.of in own:
            continue
        path = ("project", "services", name, "image", "of")
        if image.of in images:
            problem = f"{name} runs from the image of {image.of}, which borrows one itself"
        elif image.of in project.services:
            problem = f"{name} runs from the image of {image.of}, which has none"
        else:
            problem = f'there is no service "{image.of}"{nearest(image.of, own)}'
        hint = f"services with an image of their own: {', '.join(own) or 'none'}"
        yield source.error(problem, path, hint=hint)


def _needs(source: Source, project: Project) -> Iterator[PipelineInvalid]:
    """What is wrong with a service that needs one that is not there, one that needs itself by any
    way, and a URL in a variable that it is not given."""
    services = project.services
    for name, service in services.items():
        for index, need in enumerate(service.needs):
            problem = ""
            if is_service(need) and need not in services:
                problem = f'there is no service "{need}"{nearest(need, services)}'
            elif need.startswith("$") and need[1:] not in (*service.env, *service.pass_env):
                problem = f"{need} is neither in env nor in pass_env of {name}"
            if problem:
                hint = f"services: {', '.join(services)}; what is elsewhere is host:port"
                path: Path = ("project", "services", name, "needs", index)
                yield source.error(problem, path, hint=hint)
    try:
        in_order({name: one.needs for name, one in services.items()})
    except CycleError as error:
        circle = list(error.args[1])
        # each one of the circle stands before the one that needs it
        problem = f"each of these needs the next to be started first: {', '.join(circle[::-1])}"
        yield source.error(problem, ("project", "services", str(circle[-1]), "needs"))


def _without_twins(
    source: Source, groups: Iterable[tuple[EntrySpec, ...]], found: Mistakes
) -> Iterator[tuple[EntrySpec, ...]]:
    """The groups as they come, each entry once."""
    seen: set[str] = set()
    for group in groups:
        alone = []
        for entry in group:
            if entry.name in seen:
                problem = f'entry "{entry.name}" stands twice'
                hint = "give one of them another name and `uses:`"
                found.add([source.error(problem, entry.path, hint=hint)])
            else:
                alone.append(entry)
            seen.add(entry.name)
        if alone:
            yield tuple(alone)
