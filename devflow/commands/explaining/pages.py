"""The page of a step, read from the step itself and from what the pipeline says of it."""

import json
import re
from dataclasses import dataclass
from functools import reduce
from inspect import cleandoc, getmodule
from operator import or_
from types import GenericAlias, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Final,
    Iterable,
    Iterator,
    Literal,
    Mapping,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from pydantic import TypeAdapter
from pydantic.fields import FieldInfo

from devflow.config.validation import nearest
from devflow.model.command_line import command_line
from devflow.model.errors import UsageError
from devflow.model.outcomes import Absent
from devflow.model.values import LIMIT, Value
from devflow.step import AnyStep
from devflow.ui.outline import ParamLine, StepPage

if TYPE_CHECKING:
    from devflow.engine.plan import Plan

PROJECT: Final = "project"
_MODULE: Final = re.compile(r"\b(?:\w+\.)+(?=[A-Z])")


@dataclass(frozen=True)
class Placed:
    """What a pipeline says of a step that one of its entries uses."""

    name: str
    phase: str
    params: Value
    sends_back_to: str


def step_pages(steps: Mapping[str, AnyStep], plan: "Plan | None") -> tuple[StepPage, ...]:
    """A page for every step that exists: those of the plan first, as it has them, the others as
    they are by default."""
    entries = plan.entries if plan else ()
    used = {entry.step.name for entry in entries}
    pages = []
    for entry in entries:
        placed = Placed(entry.name, entry.phase, entry.params, entry.sends_back_to)
        pages.append(page_of(entry.step, placed))
    pages += [page_of(step, None) for step in steps.values() if step.name not in used]
    return tuple(pages)


def step_page(pages: Iterable[StepPage], name: str) -> StepPage:
    """The page of an entry, a step or its number. Raises ``UsageError`` where there is none."""
    known = []
    for page in pages:
        known.append(page.name)
        if page.name == name or (page.number is not None and name == str(page.number)):
            return page
    problem = f'no entry or step is called "{name}"{nearest(name, known)}'
    raise UsageError(problem, hint=command_line("explain"))


def page_of(step: AnyStep, entry: Placed | None) -> StepPage:
    """The page of a step, as an entry has it or as it is by default."""
    return StepPage(
        number=step.number,
        name=entry.name if entry else step.name,
        title=step.title,
        phase=entry.phase if entry else "",
        doc=doc_of(getmodule(step.params)),
        params_doc=doc_of(step.params),
        needs=tuple(_needs(step)),
        makes=step.makes.__name__,
        params=tuple(_params(step, entry)),
        looks=step.look is not None,
        sends_back_to=entry.sends_back_to if entry else step.sends_back_to,
        hands_over=step.hands_over,
        evidence=tuple(step.evidence.items()),
    )


def _needs(step: AnyStep) -> Iterator[tuple[str, str]]:
    for name, kind in get_type_hints(step.needs).items():
        if name == PROJECT:
            continue
        collects = get_origin(kind) is not None and get_args(kind)[0] is str
        product = get_args(kind)[1] if collects else kind
        words = ["nothing" if one is Absent else one.__name__ for one in _kinds(product)]
        wording = " or ".join(words)
        yield name, f"every earlier {wording}" if collects else wording


def _kinds(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) or (annotation,)


def doc_of(documented: object) -> str:
    """A docstring as plain text, a paragraph a line: the ticks around names go."""
    text = cleandoc(getattr(documented, "__doc__", None) or "").replace("``", "")
    return "\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _params(step: AnyStep, entry: Placed | None) -> Iterator[ParamLine]:
    for name, field in step.params.model_fields.items():
        yield ParamLine(
            name=field.alias or name,
            type=kind_of(field.annotation),
            default=_value(name, field, entry),
            limit=LIMIT in field.metadata,
            doc=field.description or "",
        )


def _value(name: str, field: FieldInfo, entry: Placed | None) -> str:
    """What pipeline.yaml says, else the default, as the file takes it."""
    if entry is not None:
        return as_yaml(getattr(entry.params, name))
    if field.is_required():
        return "required"
    return as_yaml(field.get_default(call_default_factory=True, validated_data={}))


def kind_of(annotation: Any) -> str:
    """A type as who writes pipeline.yaml knows it: ``float``, ``tuple[str, ...]``; what a kind
    allows is said where it is refused."""
    plain = _without_kinds(annotation)
    if not get_args(plain):
        return str(plain.__name__)
    # a value of ours by its name alone: where it stands is nothing to who writes pipeline.yaml
    return _MODULE.sub("", str(plain))


def _without_kinds(annotation: Any) -> Any:
    """A type without what bounds it, also inside a list or a union."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _without_kinds(get_args(annotation)[0])
    if origin is None or origin is Literal:
        return annotation
    parts = tuple(_without_kinds(part) for part in get_args(annotation))
    if origin in (Union, UnionType):
        return reduce(or_, parts)
    return GenericAlias(origin, parts)


def as_yaml(value: object) -> str:
    """A value as pipeline.yaml takes it."""
    return json.dumps(TypeAdapter(object).dump_python(value, mode="json"), ensure_ascii=False)
