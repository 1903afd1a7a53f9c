"""What step 1 would say of a ticket before it exists."""

from devflow.engine.plan import Plan
from devflow.model.checks import Check, Status, judged
from devflow.model.planning import Issue, NewTicket
from devflow.steps import s01_ticket


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
