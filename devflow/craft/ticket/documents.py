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
    criteria = [f"**{one.id}** {one.text}" for one in ticket.criteria]
    blocks = [
        f"# Requirements: {ticket.key} {ticket.summary}",
        _section("User story", (ticket.story,)),
        _section("Acceptance criteria", _bullets(criteria)),
        _section("Technical requirements", _bullets(ticket.technical)),
        _section("Constraints", _constraints(constraints)),
    ]
    return Document(path=f"{folder}/{ticket.key}.md", text=_page(blocks))


def decision_document(ticket: Ticket, constraints: Iterable[Constraint], folder: str) -> Document:
    """``<folder>/<KEY>-<words of the summary>.md``: the ticket's architecture decision record."""
    name = branch_name(ticket.key, ticket.summary)
    files = [f"`{path}`" for path in ticket.files]
    plan = [f"{number}. {step}" for number, step in enumerate(ticket.plan, start=1)]
    blocks = [
        f"# {ticket.key}: {ticket.summary}",
        _section("Context", (ticket.story,)),
        _section("Decision", (_decision(ticket),)),
        _section("Files to modify", _bullets(files)),
        _section("Implementation plan", plan),
        _section("Consequences", _constraints(constraints)),
    ]
    return Document(path=f"{folder}/{name}.md", text=_page(blocks))


def _decision(ticket: Ticket) -> str:
    paragraphs = []
    if ticket.approach:
        paragraphs.append(ticket.approach)
    if ticket.technology:
        paragraphs.append(f"Technology: {ticket.technology}")
    return "\n\n".join(paragraphs)


def _constraints(constraints: Iterable[Constraint]) -> list[str]:
    # nothing is proved when the document is written, so it claims no proof
    return _bullets(one.text for one in constraints)


def _bullets(lines: Iterable[str]) -> list[str]:
    return [f"- {line}" for line in lines]


def _section(heading: str, lines: Iterable[str]) -> str:
    """A heading and what stands below it; empty where nothing does."""
    body = "\n".join(line.rstrip() for line in lines if line)
    return f"## {heading}\n\n{body}" if body else ""


def _page(blocks: Iterable[str]) -> str:
    texts = [block.strip() for block in blocks if block]
    return "\n\n".join(texts) + "\n"
