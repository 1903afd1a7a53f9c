"""Names of pipeline.yaml that have to stand in a table of ``project:``, held to it when the plan is
made: a suite that nobody declares would be told after the push."""

from typing import Final, Mapping

from devflow.config.pipeline import nearest
from devflow.config.yaml_source import Path, Source
from devflow.model.bounds.references import Table, references
from devflow.model.declared.project import Project
from devflow.model.values import Value

_NOUNS: Final[Mapping[Table, str]] = {"suites": "suite", "services": "service"}


def refuse_unknown_names(source: Source, path: Path, params: Value, project: Project) -> None:
    """Raises ``PipelineInvalid`` at the first word of the parameters, which stand at ``path``, that
    names a suite or a service which the project does not have."""
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
        raise source.error(problem, (*path, *one.at), hint=hint)
