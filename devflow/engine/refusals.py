"""What a step says against its parameters, with the place in the file that it does not know."""

from devflow.config.yaml_source import Path, Source
from devflow.engine.names import refuse_unknown_names
from devflow.engine.port_offsets import impossible_ports
from devflow.engine.whole_shares import impossible_parts
from devflow.model.declared.project import Project
from devflow.model.errors import PipelineInvalid
from devflow.model.values import Value
from devflow.step import AnyStep


def refuse(source: Source, path: Path, step: AnyStep, told: tuple[Value, Project]) -> None:
    """Holds the parameters that stand at ``path`` to the project's names, ports and environments,
    and asks the step whether they can work together. Raises ``PipelineInvalid``."""
    params, project = told
    refuse_unknown_names(source, path, params, project)
    for name, problem in impossible_ports(project, params):
        raise source.error(problem, (*path, name))
    for name, problem in impossible_parts(project, step, params):
        hint = "canary: {pct: 0} gives a new version everything at once; or set another target"
        raise source.error(problem, (*path, name), hint=hint)
    if step.refuse is None:
        return
    try:
        step.refuse(params)
    except PipelineInvalid as error:
        raise placed(source, path, error) from None


def placed(source: Source | None, path: Path, error: PipelineInvalid) -> PipelineInvalid:
    """The error of a step with file, line and column of the parameter that it names; as it is where
    there is no file."""
    if source is None:
        return error
    return source.error(error.message, (*path, *error.parameter), hint=error.hint)
