"""The documents that a ticket becomes."""

from devflow.craft.ticket.constraints import constraints_of
from devflow.craft.ticket.documents import decision_document, requirements_document
from devflow.model.planning import Criterion, Ticket

TICKET = Ticket(
    key="SCRUM-95",
    summary="Add tabs",
    type="Story",
    story="As a user",
    criteria=(Criterion(id="AC-1", text="Tabs"),),
)


def test_the_documents_say_what_the_ticket_says_and_end_in_one_newline() -> None:
    constraints = constraints_of(("No breaking changes", "Be fast"), ("CSS-only implementation",))
    document = requirements_document(TICKET, constraints, "docs/requirements")
    assert document.path == "docs/requirements/SCRUM-95.md"
    assert "- **AC-1** Tabs\n" in document.text and "proved" not in document.text
    decision = decision_document(
        TICKET.model_copy(update={"plan": ("one", "two")}), constraints, "docs/adr"
    )
    assert decision.path == "docs/adr/SCRUM-95-add-tabs.md"
    assert "1. one\n2. two" in decision.text and "## Files" not in decision.text
    for text in (document.text, decision.text):
        assert text.endswith("\n") and not text.endswith("\n\n")
        assert all(line == line.rstrip() for line in text.splitlines())
