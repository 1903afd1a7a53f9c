"""Every field of every step's parameters, of ``project`` and its services has a bound, and keeps
it: the table is made from the types, so that a new field cannot be forgotten."""

import math
import re
from dataclasses import dataclass
from datetime import date
from types import UnionType
from typing import Annotated, Any, Final, Iterator, Literal, Union, get_args, get_origin

import annotated_types
import pytest
import yaml
from pydantic import ValidationError, WrapValidator
from pydantic.fields import FieldInfo

from devflow.config.excerpt import excerpt_of
from devflow.config.pipeline import EntryOptions
from devflow.config.validation import validated
from devflow.config.yaml_source import Source
from devflow.model.bounds.allowed import Allowed
from devflow.model.bounds.places import RepositoryPath, RepositoryPathOrNone
from devflow.model.declared.project import Project
from devflow.model.errors import PipelineInvalid
from devflow.model.values import Value
from devflow.steps import REGISTRY

KEY: Final = "some"
LONG: Final = "x" * 40_000
OUTSIDE: Final = (
    "../..",
    "/etc",
    "a/../../b",
    "..",
    "~/.ssh",
    ".git/hooks",
    "a/.GIT/config",
    "-o",
    ":(top)",
    "a\\b",
    "a\nb",
)
HOSTILE: Final = ("a\0b", LONG)


@dataclass(frozen=True)
class Leaf:
    """One value that pipeline.yaml can hold: where, of which type, and with which marks."""

    at: tuple[str | int, ...]
    kind: Any
    marks: tuple[Any, ...]
    is_key: bool = False

    @property
    def allowed(self) -> Allowed | None:
        # the outermost kind is the one that speaks
        for mark in reversed(self.marks):
            if isinstance(mark, WrapValidator) and isinstance(mark.func, Allowed):
                return mark.func
        return None

    @property
    def is_closed(self) -> bool:
        return self.kind is bool or get_origin(self.kind) is Literal


def leaves(kind: Any, at: tuple[str | int, ...], marks: tuple[Any, ...] = ()) -> Iterator[Leaf]:
    """Every leaf of a type, with the marks of all that is around it."""
    arguments = get_args(kind)
    origin = get_origin(kind)
    if origin is Annotated:
        inner = tuple(one for mark in arguments[1:] for one in _flat(mark))
        yield from leaves(arguments[0], at, (*inner, *marks))
    elif isinstance(kind, type) and issubclass(kind, Value):
        yield from _of_fields(kind, at)
    elif origin is dict:
        key_kind, value_kind = arguments
        for key in leaves(key_kind, at):
            yield Leaf(at, key.kind, key.marks, is_key=True)
        yield from leaves(value_kind, (*at, KEY), marks)
    elif origin in (Union, UnionType, tuple):
        place = (*at, 0) if origin is tuple else at
        for one in arguments:
            if one not in (type(None), ...):
                yield from leaves(one, place, marks)
    else:
        yield Leaf(at, kind, marks)


def _of_fields(model: type[Value], at: tuple[str | int, ...]) -> Iterator[Leaf]:
    for name, field in model.model_fields.items():
        place = (*at, field.alias or name)
        yield from leaves(field.annotation, place, tuple(field.metadata))


def _flat(mark: Any) -> Iterator[Any]:
    if isinstance(mark, FieldInfo):
        yield from mark.metadata
    else:
        yield mark


MODELS: Final[dict[str, type[Value]]] = {
    "project": Project,
    **{name: step.params for name, step in REGISTRY.items()},
}
LEAVES: Final = [(name, leaf) for name, model in MODELS.items() for leaf in leaves(model, ())]
OPEN: Final = [(name, leaf) for name, leaf in LEAVES if not leaf.is_closed]


def _id(case: tuple[str, Leaf]) -> str:
    name, leaf = case
    return ".".join([name, *map(str, leaf.at), *(["key"] if leaf.is_key else [])])


def example(kind: Any, marks: tuple[Any, ...] = ()) -> Any:
    """The least that a required field takes."""
    if isinstance(kind, type) and issubclass(kind, Value):
        fields = {key: field for key, field in kind.model_fields.items() if field.is_required()}
        return {key: example(field.annotation) for key, field in fields.items()}
    return 1 if kind in (int, float) else "a"


def document(model: type[Value], leaf: Leaf, value: Any) -> Any:
    """The least table that has this value at the leaf's place."""
    return _with(model, leaf.at, leaf, value)


def _with(kind: Any, at: tuple[str | int, ...], leaf: Leaf, value: Any) -> Any:
    kind = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    if not at:
        return {value: example(get_args(kind)[1])} if leaf.is_key else value
    if at[0] == 0 and not isinstance(kind, type):
        return [_with(None, at[1:], leaf, value)]
    if isinstance(kind, type) and issubclass(kind, Value):
        table = example(kind)
        for name, field in kind.model_fields.items():
            if (field.alias or name) == at[0]:
                table[at[0]] = _with(field.annotation, at[1:], leaf, value)
        return table
    if get_origin(kind) is dict:
        return {at[0]: _with(get_args(kind)[1], at[1:], leaf, value)}
    inner = [one for one in get_args(kind) if one is not type(None)]
    # a value in a union, or a list in a list of one
    return _with(inner[-1] if inner else None, at, leaf, value)


def wrong_values(leaf: Leaf) -> Iterator[Any]:
    """What is outside of the leaf's bounds, read off its type."""
    if leaf.kind in (int, float):
        yield from (math.nan, math.inf, -math.inf, [1])
        if leaf.allowed and leaf.allowed.numeric:
            # where text may stand too, these are text
            yield from (True, "many", "1")
        yield from _beyond(leaf)
        return
    assert leaf.kind is str, f"{leaf.at}: {leaf.kind} is no kind of parameter"
    yield from HOSTILE
    kinds = (get_args(RepositoryPath)[-1], get_args(RepositoryPathOrNone)[-1])
    if leaf.allowed in [mark.func for mark in kinds]:
        yield from OUTSIDE


def _beyond(leaf: Leaf) -> Iterator[float]:
    step = 1 if leaf.kind is int else 0.001
    lows = []
    highs = []
    for mark in leaf.marks:
        match mark:
            case annotated_types.Ge(ge=low):
                lows.append(low - step)
            case annotated_types.Gt(gt=low):
                lows.append(low)
            case annotated_types.Le(le=high):
                highs.append(high + step)
            case annotated_types.Lt(lt=high):
                highs.append(high)
    assert lows and highs, f"{leaf.at} has no least or no greatest value"
    yield from (*lows, *highs)


@pytest.mark.parametrize("case", OPEN, ids=_id)
def test_every_parameter_is_of_a_kind_and_refuses_what_is_outside_of_it(
    case: tuple[str, Leaf],
) -> None:
    name, leaf = case
    assert leaf.allowed is not None, f"give it a kind of devflow.model.bounds: {leaf.kind}"
    model = MODELS[name]
    for value in wrong_values(leaf):
        table = document(model, leaf, value)
        # a line for the value alone, as a person would write it
        text = yaml.dump(table, Dumper=yaml.CSafeDumper, allow_unicode=True, width=10**6)
        source = Source("pipeline.yaml", text)
        with pytest.raises(PipelineInvalid) as raised:
            validated(source, model, source.data, ())
        error = raised.value
        assert error.where.startswith("pipeline.yaml:"), error.where
        assert leaf.allowed.words in error.message, f"{value!r:.80}: {error.message}"
        is_shown = excerpt_of(value) in error.message
        assert is_shown or "a list of 1" in error.message, error.message
        assert len(error.message) + len(error.excerpt) < 1500


# what YAML has, so that each place gets what it does not take
STRANGE: Final = (
    None, True, 7, 1.5, "no such text", date(2026, 1, 1),
    [], ["no such text"], [7], [[7]], [None], {}, {"odd": 7}, {"odd": None}, {"odd": {"odd": 7}},
)  # fmt: skip
# how pydantic and Python speak
FOREIGN: Final = re.compile(
    r"[Ii]nput should|Extra inputs|[Ff]ield required|[Uu]nable to|instance of|\b[Vv]alidat"
    r"|[Vv]alue error|a valid|[Dd]ictionary|[Tt]uple|[Bb]oolean|\b(?:None|True|False|str|int)\b"
)
EVERYWHERE: Final = {**MODELS, "entry": EntryOptions}


def places() -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """Each place where pipeline.yaml may say something, tables and lists too."""
    for name, model in EVERYWHERE.items():
        for leaf in leaves(model, ()):
            for depth in range(len(leaf.at) + 1):
                yield name, leaf.at[:depth]


PLACES: Final = list(dict.fromkeys(places()))


@pytest.mark.parametrize("case", PLACES, ids=lambda case: ".".join(map(str, (case[0], *case[1]))))
def test_every_place_refuses_what_it_does_not_take_once_and_in_the_words_of_yaml(
    case: tuple[str, tuple[str | int, ...]],
) -> None:
    name, at = case
    model = EVERYWHERE[name]
    for value in STRANGE:
        table = _with(model, at, Leaf(at, None, ()), value)
        source = Source("pipeline.yaml", yaml.dump(table, Dumper=yaml.CSafeDumper, width=10**6))
        try:
            validated(source, model, source.data, ())
        except PipelineInvalid as error:
            told = [one.message for one in error.every]
            assert not list(filter(FOREIGN.search, told))
            # one value is wrong, and what is missing beside an unknown key was never there
            wrong = [message for message in told if not message.endswith("is missing")]
            assert len(wrong) <= 1, told


def test_the_words_of_yaml_are_told_from_those_of_pydantic() -> None:
    class Some(Value):
        names: tuple[str, ...] = ()

    for value in STRANGE:
        with pytest.raises(ValidationError) as raised:
            Some.model_validate({"names": [value], "more": value})
        for problem in raised.value.errors():
            assert FOREIGN.search(problem["msg"])


def test_the_table_is_made_from_the_types() -> None:
    class Bare(Value):
        depth: int = 0

    (leaf,) = leaves(Bare, ())
    assert leaf.allowed is None
    assert len(OPEN) > 100


@pytest.mark.parametrize("name", MODELS)
def test_every_default_is_inside_its_own_bounds(name: str) -> None:
    model = MODELS[name]
    data = example(model)
    made = model.model_validate(data)
    again = model.model_validate(made.model_dump(by_alias=True))
    assert again == made
