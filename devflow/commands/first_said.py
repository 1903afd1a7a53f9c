"""What a command that reads the plan says before all else."""

from typing import Final

from devflow.adapters.git.condition import Condition
from devflow.config.pipeline import FILE_NAME
from devflow.engine.examine import suites_not_run
from devflow.model.wording import first_of
from devflow.wiring.options import Options
from devflow.wiring.outlines import changed_pipeline
from devflow.wiring.output import tell
from devflow.wiring.workspace import Workspace

_SHOWN: Final = 3  # suites that the first line names


def tell_first(options: Options, workspace: Workspace, run: str) -> None:
    """Says on standard error, before all else, that git does not keep pipeline.yaml or that the
    run's judged tree has another, and which suites no entry runs."""
    first = untracked(workspace, options)
    if not first and options.pipeline is None:
        first = changed_pipeline(workspace, run)
    if first:
        tell(first)
    missed = suites_not_run(workspace.plan)
    if missed:
        abouts = first_of([one.about for one in missed], _SHOWN)
        tell(f"{abouts}: {missed[0].found}. {missed[0].where}: {missed[0].remedy}")


def untracked(workspace: Workspace, options: Options) -> str:
    """What the first line says of a pipeline.yaml that git does not keep; empty of one that it
    keeps, or that lies elsewhere."""
    project = workspace.plan.project
    clone = Condition(workspace.root, project.remote, project.base)
    if options.pipeline is not None or clone.is_tracked(FILE_NAME):
        return ""
    return (
        f"{FILE_NAME} is not tracked by git, so it is outside of the tree that is judged: "
        f"git add {FILE_NAME}"
    )
