"""What pipeline.yaml may say, before anybody knows which steps exist.

Each entry keeps its path in the file, so that a later complaint (an unknown step, a wrong
parameter) still names line and column.
"""

import difflib
from dataclasses import dataclass, field
from graphlib import CycleError
from typing import Any, Final, Iterable, Literal, Mapping, TypeVar, get_args

from pydantic import Field, ValidationError

from devflow.config.yaml_source import VALUE_CHARS, Path, Source, cut, excerpt_of
from devflow.model.bounds.allowed import NotAllowed
from devflow.model.bounds.words import Name, NameOrNone
from devflow.model.declared.project import Project
from devflow.model.declared.services import in_order, is_service
from devflow.model.values import Value

T = TypeVar("T", bound=Value)
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
    """The whole file; ``groups`` are entries that overlap, most of them of one."""

    source: Source
    connect: Literal["sandbox", "real"]
    project: Project
    groups: tuple[tuple[EntrySpec, ...], ...]
    phases: tuple[str, ...] = field(default=())


def parse(name: str, text: str) -> Pipeline:
    """Checks the text of a pipeline file. Raises ``PipelineInvalid``."""
    source = Source(name, text)
    data = source.data
    if not isinstance(data, dict):
        raise source.error("a table of phases is expected", hint="begin with `devflow: 1`")
    for key in data:
        if key not in _TOP:
            name = cut(key, VALUE_CHARS)
            raise source.error(f'unknown key "{name}"{nearest(name, _TOP)}', (key,))
    if data.get("devflow") != 1 or data.get("devflow") is True:
        raise source.error("`devflow: 1` names the format and has to stand here", ("devflow",))
    connect = data.get("connect", "real")
    if connect not in ("sandbox", "real"):
        problem = f'connect is "sandbox" or "real", not {excerpt_of(connect)}'
        raise source.error(problem, ("connect",))
    project = validated(source, Project, data.get("project") or {}, ("project",))
    _refuse_lenders(source, project)
    _refuse_needs(source, project)
    groups = tuple(_without_twins(source, _groups(source, data.get("phases"))))
    return Pipeline(source, connect, project, groups, tuple(data["phases"]))


def validated(source: Source, model: type[T], data: object, path: Path) -> T:
    """The model made from a part of the file. Raises ``PipelineInvalid`` at the first thing that
    does not fit."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        # an unknown key is nearly always the cause of a missing one
        first = min(
            error.errors(include_url=False),
            key=lambda problem: problem["type"] != "extra_forbidden",
        )
        place = path + first["loc"]
        message = _wording(first, source.number(place))
        raise source.error(message, place, hint=_hint(first, model)) from None


def nearest(name: str, names: Iterable[str]) -> str:
    """``, did you mean "x"?`` where a valid name is near, else nothing."""
    near = difflib.get_close_matches(name, list(names), n=1)
    return f', did you mean "{near[0]}"?' if near else ""


def _groups(source: Source, phases: object) -> Iterable[tuple[EntrySpec, ...]]:
    if not isinstance(phases, dict) or not phases:
        raise source.error("`phases:` is a table of lists of entries", ("phases",))
    for phase, items in phases.items():
        if not isinstance(items, list):
            raise source.error(f'phase "{phase}" is a list of entries', ("phases", phase))
        for index, item in enumerate(items):
            path: Path = ("phases", phase, index)
            if isinstance(item, dict) and "parallel" in item:
                yield _parallel(source, item, phase, path)
            else:
                yield (_entry(source, item, phase, path),)


def _parallel(
    source: Source, item: Mapping[str, Any], phase: str, path: Path
) -> tuple[EntrySpec, ...]:
    members = item["parallel"]
    if len(item) > 1 or not isinstance(members, list) or not members:
        raise source.error("`parallel:` stands alone and holds a list of entries", path)
    return tuple(
        _entry(source, member, phase, (*path, "parallel", index))
        for index, member in enumerate(members)
    )


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


def _refuse_lenders(source: Source, project: Project) -> None:
    """Raises ``PipelineInvalid`` for a service that runs from the image of one that has none of its
    own: it is not there, or borrows itself."""
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
        raise source.error(problem, path, hint=hint)


def _refuse_needs(source: Source, project: Project) -> None:
    """Raises ``PipelineInvalid`` for a service that needs one that is not there, one that needs
    itself by any way, and a URL in a variable that it is not given."""
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
                raise source.error(
                    problem, ("project", "services", name, "needs", index), hint=hint
                )
    try:
        in_order({name: one.needs for name, one in services.items()})
    except CycleError as error:
        circle = list(error.args[1])
        # each one of the circle stands before the one that needs it
        path = ("project", "services", str(circle[-1]), "needs")
        problem = f"each of these needs the next to be started first: {', '.join(circle[::-1])}"
        raise source.error(problem, path) from None


def _without_twins(
    source: Source, groups: Iterable[tuple[EntrySpec, ...]]
) -> Iterable[tuple[EntrySpec, ...]]:
    """The groups as they come, so that the second of two is refused before all others are read."""
    seen: set[str] = set()
    for group in groups:
        for entry in group:
            if entry.name in seen:
                raise source.error(
                    f'entry "{entry.name}" stands twice',
                    entry.path,
                    hint="give one of them another name and `uses:`",
                )
            seen.add(entry.name)
        yield group


def _wording(problem: Any, number: str) -> str:
    """pydantic's finding as a person reads it: the value, and what is allowed; a ``number`` as it
    was written, which says 3.10 where its value is 3.1."""
    kind = problem["type"]
    value = problem.get("input")
    name = _called(problem["loc"])
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind == "string_type" and is_number:
        written = number or value
        return f'{written} is a number where text is meant: write "{written}" in quotes'
    if kind == "extra_forbidden":
        return f'unknown key "{name}"'
    if kind == "missing":
        return f'"{name}" is missing'
    message = _complaint(problem)
    return f"{name}: {message}" if name else message


def _complaint(problem: Any) -> str:
    value = excerpt_of(problem.get("input"))
    error = problem.get("ctx", {}).get("error")
    if isinstance(error, NotAllowed):
        return f"{value} is not allowed here, but {error}"
    # what a step's own rule says, without pydantic's "Value error"
    if isinstance(error, ValueError):
        return str(error)
    message = str(problem["msg"])
    return f"{message[0].lower()}{message[1:]}, not {value}"


def _called(loc: Path) -> str:
    """The last part of a location as a person says it: ``port``, ``paths[1]``, ``services``."""
    # pydantic adds the key and [key] where a table's key is wrong, which is the value then
    parts = loc[:-2] if loc[-1:] == ("[key]",) else loc
    name = ""
    for part in reversed(parts):
        if isinstance(part, str):
            return cut(part, VALUE_CHARS) + name
        name = f"[{part}]{name}"
    return name


def _hint(problem: Any, model: type[Value]) -> str:
    if problem["type"] != "extra_forbidden":
        return ""
    inner = _model_at(model, problem["loc"][:-1])
    names = [field.alias or name for name, field in inner.model_fields.items()]
    near = nearest(str(problem["loc"][-1]), names)
    return near.removeprefix(", ") if near else f"keys that exist: {', '.join(names) or 'none'}"


def _model_at(model: type[Value], loc: Path) -> type[Value]:
    """The model that holds the key a location ends in; keys of tables and indexes of lists have
    none of their own."""
    for segment in loc:
        field = next(
            (item for name, item in model.model_fields.items() if segment in (name, item.alias)),
            None,
        )
        inner = _value_in(field.annotation) if field else None
        model = inner or model
    return model


def _value_in(annotation: Any) -> type[Value] | None:
    if isinstance(annotation, type) and issubclass(annotation, Value):
        return annotation
    return next((found for arg in get_args(annotation) if (found := _value_in(arg))), None)
