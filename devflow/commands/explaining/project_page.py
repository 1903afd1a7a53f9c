"""The page of the ``project:`` table, read from its own models: every key with its default, or with
what this pipeline says."""

import types
from typing import Any, Final, Iterator, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from devflow.commands.explaining.pages import as_yaml, doc_of, kind_of
from devflow.model.declared.project import Project
from devflow.model.values import LIMIT, Value
from devflow.ui.outline import ParamLine, StepPage

NAME: Final = "project"
UNDER: Final = "project:"
REQUIRED: Final = "required"
ONE: Final = "NAME"  # stands for the names that people give services and suites


def project_page(project: Project | None) -> StepPage:
    """The page, with this project's values where there is one."""
    return StepPage(
        number=None,
        name=NAME,
        title="What every step may ask about the project",
        doc=doc_of(Project),
        params=tuple(_lines("", Project, project or Project())),
        under=UNDER,
    )


def _lines(path: str, model: type[Value], value: Any) -> Iterator[ParamLine]:
    """A line for each key; a table of a kind of its own is told first, then its keys."""
    for name, field in model.model_fields.items():
        place = f"{path}{field.alias or name}"
        inner = _table(field.annotation)
        default = _value(name, field, value)
        words = REQUIRED if default is REQUIRED else as_yaml(default)
        is_limit = LIMIT in field.metadata
        if inner is None:
            kind = kind_of(field.annotation)
            yield ParamLine(place, kind, words, is_limit, field.description or "")
            continue
        is_named = get_origin(field.annotation) is dict
        place = f"{place}.{ONE}" if is_named else place
        yield ParamLine(place, inner.__name__, "{}", is_limit, doc_of(inner))
        yield from _lines(f"{place}.", inner, None if is_named else default)


def _table(annotation: Any) -> type[Value] | None:
    """The model of a table, of a table of named ones, or of one that may be left out."""
    if isinstance(annotation, type) and issubclass(annotation, Value):
        return annotation
    if get_origin(annotation) in (dict, Union, types.UnionType):
        for one in get_args(annotation):
            if isinstance(one, type) and issubclass(one, Value):
                return one
    return None


def _value(name: str, field: FieldInfo, value: Any) -> Any:
    if value is not None:
        return getattr(value, name)
    if field.is_required():
        return REQUIRED
    return field.get_default(call_default_factory=True, validated_data={})
