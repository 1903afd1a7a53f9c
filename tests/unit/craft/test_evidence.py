"""The shapes of evidence lines: what holds an entry back, and what is only shown."""

import pytest

from devflow.craft.evidence import distinct, in_ticket, numbered, plan_write
from devflow.model.checks import Status, fact, judged, measure, shown
from devflow.model.figures import count, text
from devflow.model.outcomes import Write


@pytest.mark.parametrize("ok", [False, None])
def test_a_fact_that_is_not_met_keeps_the_entry_from_passing(ok: bool | None) -> None:
    size = measure("size", "size", count(12, "line"), "git diff")
    met = fact(size, True)
    assert judged([met]) is Status.PASSED
    assert judged([met, fact(size, ok)]) is not Status.PASSED


def test_what_is_not_well_has_no_verdict_and_holds_nothing_back() -> None:
    sprint = fact(measure("sprint", "sprint", text("Sprint 12"), "board"), True)
    risk = shown(measure("risk", "risk", text("High"), "rules"), ok=False)
    assert risk.ok is None
    assert judged([sprint, risk]) is Status.PASSED


def test_what_checks_of_one_id_are_about_is_told_apart() -> None:
    assert distinct(["a", "b", "a", "", ""]) == ("a", "b", "a #2", "", "#2")


def test_a_section_that_the_ticket_lacks_says_so() -> None:
    empty, tabs = numbered("plan", "plan", ("", "tabs"), "ticket")
    assert (in_ticket(empty).ok, in_ticket(empty).measured) == (None, "none in the ticket")
    assert (in_ticket(tabs).ok, tabs.about) == (True, "2")


def test_a_planned_write_names_port_verb_and_target() -> None:
    write = plan_write("tracker", "comment", "SCRUM-95")
    assert write == Write(port="tracker", verb="comment", target="SCRUM-95")
