"""What step 1 would say of a ticket before it exists, or before a run of it does."""

from devflow.engine.plan import Plan
from devflow.engine.proxies import reading
from devflow.model.checks import Check, Status, judged
from devflow.model.planning import Issue, NewTicket
from devflow.step import Turn
from devflow.steps import s01_ticket
from devflow.wiring.workspace import Workspace, World


def lacking(plan: Plan, new: NewTicket) -> tuple[Check, ...]:
    """The checks that the ticket would fail, by the pipeline's own entry; none without one."""
    found: list[Check] = []
    for entry in plan.entries:
        if isinstance(entry.params, s01_ticket.Params):
            issue = Issue(
                key="NEW-1",
                type=new.type,
                summary=new.summary,
                description=new.description,
                status="new",
                status_category="new",
            )
            ticket = s01_ticket.ticket_of(entry.params, issue)
            # what is not sure is asked about once it is there
            ticket = ticket.model_copy(update={"confirmed": True})
            for check in entry.step.judge(entry.params, ticket):
                if judged([check]) is Status.FAILED:
                    found.append(check)
    return tuple(found)


def refuse_unknown(workspace: Workspace, world: World, run: str) -> None:
    """Raises what step 1 would of a ticket that it cannot read: a key that was mistyped leaves no
    run behind."""
    needs = s01_ticket.Needs(workspace.plan.project)
    for entry in workspace.plan.entries:
        if isinstance(entry.params, s01_ticket.Params):
            turn = Turn(run, entry.name, 1)
            s01_ticket.read(reading(world.tools), turn, entry.params, needs)
