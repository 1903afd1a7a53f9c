"""The shapes of evidence lines: what holds an entry back, and what is only shown."""

import pytest

from devflow.craft.evidence import check_line, note_line, plan_write, section_line
from devflow.model.checks import Status, judged
from devflow.model.outcomes import Write


@pytest.mark.parametrize("ok", [False, None])
def test_a_check_line_that_is_not_met_keeps_the_entry_from_passing(ok: bool | None) -> None:
    met = check_line("size", True, "3", "git diff")
    unmet = check_line("size", ok, "12", "git diff", limit="10")
    assert judged([met]) is Status.PASSED
    assert judged([met, unmet]) is not Status.PASSED
    assert (unmet.limit, unmet.source) == ("10", "git diff")


@pytest.mark.parametrize(("text", "ok", "verdict"), [("8", True, True), ("", True, None)])
def test_a_note_without_a_text_has_no_verdict(text: str, ok: bool, verdict: bool | None) -> None:
    note = note_line("points", text, "JIRA", ok=ok)
    assert (note.ok, note.measured, note.needed) == (verdict, text, False)


def test_a_note_that_is_not_well_has_no_verdict_and_holds_nothing_back() -> None:
    note = note_line("risk", "High", "rules", ok=False)
    assert note.ok is None
    assert judged([check_line("sprint", True, "Sprint 12", "board"), note]) is Status.PASSED


def test_a_section_that_the_ticket_lacks_says_so() -> None:
    assert section_line("approach", "", "ticket").measured == "none in the ticket"
    assert section_line("approach", "tabs", "ticket").ok is True


def test_a_planned_write_names_port_verb_and_target() -> None:
    write = plan_write("tracker", "comment", "SCRUM-95")
    assert write == Write(port="tracker", verb="comment", target="SCRUM-95")
