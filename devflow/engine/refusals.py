"""What a step says against its parameters, with the place in the file that it does not know."""

from typing import Iterator, Mapping

from devflow.config.mistakes import Mistakes
from devflow.config.pipeline import Pipeline
from devflow.config.yaml_source import Path, Source
from devflow.engine.commit_statuses import shared_statuses
from devflow.engine.names import unbrought, unknown_names
from devflow.engine.port_offsets import impossible_ports, shared_ports
from devflow.engine.whole_shares import impossible_parts
from devflow.model.declared.project import Project
from devflow.model.errors import PipelineInvalid
from devflow.model.values import Value
from devflow.step import AnyStep


def refuse(source: Source, path: Path, step: AnyStep, told: tuple[Value, Project]) -> None:
    """Holds the parameters that stand at ``path`` to the project's names, ports and environments,
    and asks the step whether they can work together. Raises ``PipelineInvalid`` with every
    mistake."""
    params, project = told
    found = Mistakes()
    found.add(unknown_names(source, path, params, project))
    for name, problem in impossible_ports(project, params):
        found.add([source.error(problem, (*path, name))])
    for name, problem in impossible_parts(project, step, params):
        hint = "canary: {pct: 0} gives a new version everything at once; or set another target"
        found.add([source.error(problem, (*path, name), hint=hint)])
    found.add(_of_step(source, path, step, params))
    found.refuse()


def wrong_together(pipeline: Pipeline, entries: Mapping[Path, Value]) -> Iterator[PipelineInvalid]:
    """What is wrong with entries that are right alone; ``entries`` are the parameters of all of
    them, by where they stand."""
    yield from shared_ports(pipeline, entries)
    yield from shared_statuses(pipeline, entries)
    yield from unbrought(pipeline, entries.values())


def _of_step(source: Source, path: Path, step: AnyStep, params: Value) -> Iterator[PipelineInvalid]:
    if step.refuse is None:
        return
    try:
        step.refuse(params)
    except PipelineInvalid as error:
        yield placed(source, path, error)


def placed(source: Source | None, path: Path, error: PipelineInvalid) -> PipelineInvalid:
    """The error of a step with file, line and column of the parameter that it names; as it is where
    there is no file."""
    if source is None:
        return error
    return source.error(error.message, (*path, *error.parameter), hint=error.hint)
