"""Writes the Markdown documents of a ticket: its requirements and its architecture decision.

The text follows from the ticket's wording alone, never from a clock or an address: the same ticket
is the same file.
"""

from typing import Iterable

from devflow.craft.ticket.naming import branch_name
from devflow.model.planning import Constraint, Document, Ticket


def requirements_document(
    ticket: Ticket, constraints: Iterable[Constraint], folder: str
) -> Document:
    """``<folder>/<KEY>.md``; a section that the ticket lacks is left out."""
    text = _page(
        f"Requirements: {ticket.key} {ticket.summary}",
        ("User story", (ticket.story,)),
        ("Acceptance criteria", _bullets(f"**{one.id}** {one.text}" for one in ticket.criteria)),
        ("Technical requirements", _bullets(ticket.technical)),
        ("Constraints", _bullets(_constraint(one) for one in constraints)),
    )
    return Document(path=f"{folder}/{ticket.key}.md", text=text)


def decision_document(ticket: Ticket, constraints: Iterable[Constraint], folder: str) -> Document:
    """``<folder>/<KEY>-<words of the summary>.md``: the ticket's architecture decision record."""
    text = _page(
        f"{ticket.key}: {ticket.summary}",
        ("Context", (ticket.story,)),
        (
            "Decision",
            (
                "\n\n".join(
                    one
                    for one in (
                        ticket.approach,
                        ticket.technology and f"Technology: {ticket.technology}",
                    )
                    if one
                ),
            ),
        ),
        ("Files to modify", _bullets(f"`{path}`" for path in ticket.files)),
        (
            "Implementation plan",
            tuple(f"{number}. {step}" for number, step in enumerate(ticket.plan, start=1)),
        ),
        ("Consequences", _bullets(_constraint(one) for one in constraints)),
    )
    return Document(path=f"{folder}/{branch_name(ticket.key, ticket.summary)}.md", text=text)


def _constraint(constraint: Constraint) -> str:
    return (
        f"{constraint.text} (proved by `{constraint.check}`)"
        if constraint.check
        else constraint.text
    )


def _bullets(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"- {line}" for line in lines)


def _page(title: str, *sections: tuple[str, Iterable[str]]) -> str:
    blocks = [f"# {title}"]
    for heading, lines in sections:
        body = "\n".join(line.rstrip() for line in lines if line)
        if body:
            blocks.append(f"## {heading}\n\n{body}")
    return "\n\n".join(block.strip() for block in blocks) + "\n"
