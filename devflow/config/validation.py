"""What does not fit in a part of pipeline.yaml, as a person reads it: with its place, the value,
and what is allowed."""

import difflib
from datetime import date
from typing import Any, Final, Iterable, Iterator, Mapping, Sequence, TypeVar, get_args

from pydantic import ValidationError

from devflow.config.excerpt import VALUE_CHARS, cut, excerpt_of
from devflow.config.mistakes import Mistakes
from devflow.config.yaml_source import Path, Source
from devflow.model.bounds.allowed import NotAllowed
from devflow.model.errors import PipelineInvalid
from devflow.model.values import Value

T = TypeVar("T", bound=Value)
# what other tools' files call the command that is ``run`` here; by its letters "cmd" is near "cwd"
_CALLED_RUN_HERE: Final = ("cmd", "command", "exec", "script")
# by the first word of pydantic's name for the problem
_KINDS: Final = {
    "string": "text",
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "finite": "a number that is not infinite",
    "bool": "true or false",
    "date": "a date",
    "datetime": "a date with a time",
    "time": "a time",
    "none": "nothing",
    **dict.fromkeys(("list", "tuple", "set", "frozen"), "a list"),
    **dict.fromkeys(("dict", "mapping", "model", "dataclass"), "a mapping"),
}
_BOUNDS: Final = {
    "too_short": "a {of} of {min_length} or more",
    "too_long": "a {of} of {max_length} at most",
    "string_too_short": "text of {min_length} characters or more",
    "string_too_long": "text of {max_length} characters at most",
    "string_pattern_mismatch": "text that matches {pattern}",
    "greater_than": "a number above {gt}",
    "greater_than_equal": "a number from {ge}",
    "less_than": "a number below {lt}",
    "less_than_equal": "a number up to {le}",
    "multiple_of": "a multiple of {multiple_of}",
}


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
    lacking: dict[Path, list[str]] = {}
    for one in ordered:
        if one["type"] == "missing":
            lacking.setdefault(one["loc"][:-1], []).append(str(one["loc"][-1]))
    placed = [(one, source.known(path + one["loc"])) for one in ordered]
    places: set[str] = set()
    for problem, place in _of_their_own(model, placed):
        told = _told_before(source, problem, place)
        if told is None:
            is_kind = _names_kind(model, problem, place)
            name = _called(problem["loc"][:-1] if is_kind else problem["loc"])
            message = _wording(problem, name, source.written(place))
            told = source.error(message, place, hint=_hint(problem, model, lacking))
        # of a value that may be of several kinds, what the first says against it
        if problem["type"] == "missing" or told.where not in places:
            yield told
        places.add(told.where)


def _of_their_own(
    model: type[Value], placed: Sequence[tuple[Any, Path]]
) -> Iterator[tuple[Any, Path]]:
    """The problems that do not only follow from another one, with their places."""
    unknown: set[Path] = set()
    around: set[Path] = set()
    for problem, place in placed:
        around.update(place[:depth] for depth in range(len(place)))
        if problem["type"] == "extra_forbidden":
            unknown.add(problem["loc"][:-1])
    for problem, place in placed:
        if problem["type"] == "missing" and problem["loc"][:-1] in unknown:
            continue
        # items that are wrong do not count, and a value of several kinds is none of the others
        is_of_inside = problem["type"] == "too_short" or _names_kind(model, problem, place)
        if place not in around or not is_of_inside:
            yield problem, place


def _told_before(source: Source, problem: Any, place: Path) -> PipelineInvalid | None:
    """The mistake for which the file could not be read here for what it is."""
    if problem["type"] == "extra_forbidden":
        return source.told_of_key(place)
    return source.told(place)


def _names_kind(model: type[Value], problem: Any, place: Path) -> bool:
    """Whether a location ends in one of the kinds that a value may have, which pydantic names where
    the file has nothing."""
    *around, last = problem["loc"] or ("",)
    if problem["type"] == "missing" or last in ("", "[key]", *place[-1:]):
        return False
    return last not in _keys_of(_model_at(model, tuple(around)))


def nearest(name: str, names: Iterable[str]) -> str:
    """``, did you mean "x"?`` where a valid name is near, else nothing."""
    near = difflib.get_close_matches(name, list(names), n=1)
    return f', did you mean "{near[0]}"?' if near else ""


def _wording(problem: Any, name: str, written: str) -> str:
    """pydantic's finding as a person reads it: the value, and what is allowed; what is no text as
    it was ``written``, which says 3.10 where its value is 3.1, and no where it is false."""
    kind = problem["type"]
    value = problem.get("input")
    taken_for = _taken_for(value)
    if kind == "string_type" and taken_for:
        shown = written or excerpt_of(value)
        return f'{shown} is {taken_for} where text is meant: write "{shown}" in quotes'
    if kind == "extra_forbidden":
        return f'unknown key "{name}"'
    if kind == "missing":
        return f'"{name}" is missing'
    message = _complaint(problem)
    return f"{name}: {message}" if name else message


def _taken_for(value: object) -> str:
    """What YAML takes a word for that is text in quotes; empty where quotes are no cure."""
    if isinstance(value, bool):
        return f"a word for {excerpt_of(value)}"
    if isinstance(value, (int, float)):
        return "a number"
    return "a date" if isinstance(value, date) else ""


def _complaint(problem: Any) -> str:
    value = problem.get("input")
    error = problem.get("ctx", {}).get("error")
    # what a step's own rule says, without pydantic's "Value error"
    if isinstance(error, (ValueError, AssertionError)) and not isinstance(error, NotAllowed):
        return str(error)
    meant = str(error) if error else _meant(problem)
    if not meant:
        message = str(problem["msg"])
        return f"{message[0].lower()}{message[1:]}, not {excerpt_of(value)}"
    return f"{excerpt_of(value)} is not allowed here, but {meant}"


def _meant(problem: Any) -> str:
    """What stands at such a place in YAML; empty where only pydantic has words for it."""
    kind = str(problem["type"])
    told = problem.get("ctx", {})
    if kind in ("literal_error", "enum"):
        return str(told["expected"]).replace("'", '"')
    if kind in _BOUNDS:
        of = "mapping" if isinstance(problem.get("input"), dict) else "list"
        return _BOUNDS[kind].format(of=of, **told)
    return _KINDS.get(kind.partition("_")[0], "")


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
    names = _keys_of(_model_at(model, problem["loc"][:-1]))
    if typed in _CALLED_RUN_HERE and "run" in names:
        return 'did you mean "run"?'
    near = nearest(typed, names)
    return near.removeprefix(", ") if near else f"keys that exist: {', '.join(names) or 'none'}"


def _keys_of(model: type[Value]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


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
