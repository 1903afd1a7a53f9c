"""Names of pipeline.yaml that have to stand in a table of ``project:``, held to it when the plan is
made: a suite that nobody declares would be told after the push."""

from typing import Final, Iterable, Iterator, Mapping

from devflow.config.pipeline import Pipeline
from devflow.config.validation import nearest
from devflow.config.yaml_source import Path, Source
from devflow.model.bounds.references import Table, references
from devflow.model.bounds.words import ENVIRONMENT_NAME
from devflow.model.declared.project import Project
from devflow.model.errors import PipelineInvalid
from devflow.model.values import Value

_NOUNS: Final[Mapping[Table, str]] = {"suites": "suite", "services": "service"}


def environments_of(params: Value) -> Iterator[tuple[str, str]]:
    """The parameters that name an environment which the entry brings a version to, each with that
    name."""
    for parameter, field in type(params).model_fields.items():
        if ENVIRONMENT_NAME in field.metadata:
            yield parameter, getattr(params, parameter)


def unbrought(pipeline: Pipeline, entries: Iterable[Value]) -> Iterator[PipelineInvalid]:
    """Each environment that no entry brings a version to, while others are brought: what it is told
    would be told to nobody."""
    brought: list[str] = []
    for params in entries:
        brought += [name for _, name in environments_of(params)]
    if not brought:
        return
    for name in pipeline.project.environments:
        if name not in brought:
            problem = f'no entry brings anything to an environment "{name}"{nearest(name, brought)}'
            hint = f"environments of the entries: {', '.join(dict.fromkeys(brought))}"
            yield pipeline.source.error(problem, ("project", "environments", name), hint=hint)


def unknown_names(
    source: Source, path: Path, params: Value, project: Project
) -> Iterator[PipelineInvalid]:
    """Each word of the parameters, which stand at ``path``, that names a suite or a service which
    the project does not have."""
    tables: Mapping[Table, Mapping[str, Value]] = {
        "suites": project.suites,
        "services": project.services,
    }
    for one in references(params):
        if one.to == "path" or one.name in tables[one.to]:
            continue
        names = tables[one.to]
        problem = f'there is no {_NOUNS[one.to]} "{one.name}"{nearest(one.name, names)}'
        hint = f"{one.to} under project: {', '.join(names) or 'none'}"
        yield source.error(problem, (*path, *one.at), hint=hint)
