"""The shapes of evidence lines: what holds an entry back, and what is only shown."""

import pytest

from devflow.craft.evidence import (
    check_line,
    image_checks,
    in_ticket,
    note_line,
    numbered,
    plan_write,
)
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
    empty, tabs = numbered("plan", "plan", ("", "tabs"), "ticket")
    assert (in_ticket(empty).ok, in_ticket(empty).measured) == (None, "none in the ticket")
    assert (in_ticket(tabs).ok, tabs.about) == (True, "2")


def test_only_a_digest_is_an_image() -> None:
    latest, pinned = image_checks({"backend": "latest", "frontend": "sha256:1"}, "image of")
    assert (latest.ok, pinned.ok) == (False, True)
    assert latest.source == "image of backend"


def test_a_planned_write_names_port_verb_and_target() -> None:
    write = plan_write("tracker", "comment", "SCRUM-95")
    assert write == Write(port="tracker", verb="comment", target="SCRUM-95")
