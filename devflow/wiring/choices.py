"""What a shell may complete: the names that this repository's pipeline and journal have."""

from devflow.wiring.local import sandbox_of, workspace_of
from devflow.wiring.options import Options
from devflow.wiring.workspace import Workspace


def names(options: Options, kind: str) -> tuple[str, ...]:
    """The names of ``entries``, ``gates``, ``environments``, ``services``, ``tickets`` or
    ``people``: the sandbox's where it runs, else those of the pipeline's roles. Raises what reading
    the pipeline raises."""
    workspace = workspace_of(options, dry=True)
    match kind:
        case "entries":
            return tuple(workspace.plan.by_name)
        case "gates":
            gates = [entry for entry in workspace.plan.entries if entry.step.answer is not None]
            return tuple(gate.name for gate in gates)
        case "environments":
            return workspace.deploys.environments()
        case "people":
            facts = sandbox_of(workspace).facts()
            return tuple(person.name for person in facts.users) if facts else _members(workspace)
        case "services":
            return tuple(workspace.plan.project.services)
        case _:
            return workspace.journal.runs()


def _members(workspace: Workspace) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for entry in workspace.plan.entries:
        for members in getattr(entry.params, "roles", {}).values():
            names.update(dict.fromkeys(members))
    return tuple(names)
