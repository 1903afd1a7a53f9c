"""What does not fit in a part of pipeline.yaml, as a person reads it: with its place, the value,
and what is allowed."""

import difflib
from typing import Any, Final, Iterable, Iterator, Mapping, TypeVar, get_args

from pydantic import ValidationError

from devflow.config.mistakes import Mistakes
from devflow.config.yaml_source import VALUE_CHARS, Path, Source, cut, excerpt_of
from devflow.model.bounds.allowed import NotAllowed
from devflow.model.errors import PipelineInvalid
from devflow.model.values import Value

T = TypeVar("T", bound=Value)
# what other tools' files call the command that is ``run`` here; by its letters "cmd" is near "cwd"
_CALLED_RUN_HERE: Final = ("cmd", "command", "exec", "script")


def validated(source: Source, model: type[T], data: object, path: Path) -> T:
    """The model made from a part of the file. Raises ``PipelineInvalid`` with everything that does
    not fit."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        found = Mistakes()
        found.add(_misfits(source, model, error.errors(include_url=False), path))
        found.refuse()
        raise


def _misfits(
    source: Source, model: type[Value], problems: Iterable[Any], path: Path
) -> Iterator[PipelineInvalid]:
    # an unknown key is nearly always the cause of a missing one
    ordered = sorted(problems, key=lambda problem: problem["type"] != "extra_forbidden")
    unknown = {one["loc"][:-1] for one in ordered if one["type"] == "extra_forbidden"}
    lacking: dict[Path, list[str]] = {}
    for one in ordered:
        if one["type"] == "missing":
            lacking.setdefault(one["loc"][:-1], []).append(str(one["loc"][-1]))
    places: set[str] = set()
    for problem in ordered:
        is_missing = problem["type"] == "missing"
        if is_missing and problem["loc"][:-1] in unknown:
            continue
        place = path + problem["loc"]
        message = _wording(problem, source.number(place))
        told = source.error(message, place, hint=_hint(problem, model, lacking))
        # of a value that may be of several kinds, what the first says against it
        if is_missing or told.where not in places:
            yield told
        places.add(told.where)


def nearest(name: str, names: Iterable[str]) -> str:
    """``, did you mean "x"?`` where a valid name is near, else nothing."""
    near = difflib.get_close_matches(name, list(names), n=1)
    return f', did you mean "{near[0]}"?' if near else ""


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


def _hint(problem: Any, model: type[Value], lacking: Mapping[Path, list[str]]) -> str:
    if problem["type"] != "extra_forbidden":
        return ""
    typed = str(problem["loc"][-1])
    # an unknown key where one is missing was most likely meant to be that
    missing = lacking.get(problem["loc"][:-1], [])
    if missing:
        near = nearest(typed, missing)
        return near.removeprefix(", ") or f"required and missing: {', '.join(missing)}"
    inner = _model_at(model, problem["loc"][:-1])
    names = [field.alias or name for name, field in inner.model_fields.items()]
    if typed in _CALLED_RUN_HERE and "run" in names:
        return 'did you mean "run"?'
    near = nearest(typed, names)
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
