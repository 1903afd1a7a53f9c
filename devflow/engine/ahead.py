"""What can be known of the entries to come before anything is written: a run that cannot end is
told so at its beginning, and not after a deployment."""

from devflow.engine.fold import RunState
from devflow.engine.plan import Plan
from devflow.engine.refusals import placed
from devflow.model.errors import PipelineInvalid
from devflow.step import See


def look_ahead(plan: Plan, see: See, state: RunState, run: str) -> tuple[str, ...]:
    """What a person should know of the entries that have come to nothing yet.

    Raises what is known to stop one of them; what is wrong with its parameters, with their place in
    the file.
    """
    notes: list[str] = []
    for entry in plan.entries:
        if entry.step.ahead is None or state.of(entry.name).record is not None:
            continue
        try:
            notes.extend(entry.step.ahead(see, run, entry.params))
        except PipelineInvalid as error:
            raise placed(plan.source, (*entry.path, "with"), error) from None
    return tuple(notes)
