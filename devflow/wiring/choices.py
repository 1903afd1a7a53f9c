"""What a shell may complete: the names that this repository's pipeline and journal have."""

from devflow.wiring.local import workspace_of
from devflow.wiring.options import Options


def names(options: Options, kind: str) -> tuple[str, ...]:
    """The names of ``entries``, ``gates``, ``environments``, ``services`` or ``tickets``. Raises
    what reading the pipeline raises."""
    workspace = workspace_of(options, dry=True)
    match kind:
        case "entries":
            return tuple(workspace.plan.by_name)
        case "gates":
            gates = [entry for entry in workspace.plan.entries if entry.step.answer is not None]
            return tuple(gate.name for gate in gates)
        case "environments":
            return workspace.deploys.environments()
        case "services":
            return tuple(workspace.plan.project.services)
        case _:
            return workspace.journal.runs()
