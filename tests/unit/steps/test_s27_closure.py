"""Step 27: the ticket is closed over real transitions, and one comment says what became of it."""

from datetime import UTC, datetime
from typing import Any, Final

import pytest

from devflow.craft.ticket.closing import taken_back_slot
from devflow.model.checks import Status
from devflow.model.environments import Running, Verdict
from devflow.model.errors import Rejected, StepFailed
from devflow.model.figures import absent
from devflow.model.outcomes import Absent
from devflow.model.release import Deployment, Production
from devflow.model.workflow import AskedField, StatusWay
from devflow.model.workflow import Status as WorkflowStatus
from devflow.step import Turn
from devflow.steps import s27_closure
from devflow.testing import MemoryTracker
from devflow.testing.tracker import WORKFLOW
from tests.unit.steps.closed_ticket import closure_needs, in_review, suite
from tests.unit.steps.ticket_world import KEY, SKIPPED, lines, status

TAKEN: Final = "v" * 40


def test_the_ticket_is_closed_over_real_transitions_with_time_and_release_notes() -> None:
    world = in_review()
    made = world.came_to(s27_closure.STEP, closure_needs(world))
    found = lines(s27_closure.STEP, made)
    assert found["flow"].measured == "In Progress → Code Review → Testing → Done"
    assert found["efficiency"].measured == "110 %, 16 h 00 min estimated, 14 h 30 min logged"
    assert found["tests"].measured == (
        "80 passed (backend_tests 58, frontend_tests 22), 0 failed, "
        f"not measured: integration ({SKIPPED.why})"
    )
    assert found["release_note 1"].measured == "feat: tabs.html"
    assert found["stakeholders"].measured == "Jose Rubio, Product Owner" and found["board"].ok
    assert made.production == "scheduled" and found["production"].ok is None
    assert "- Production: scheduled, waits for product_owner\n" in world.tracker.said[KEY][0].body
    assert status(s27_closure.STEP, made) is Status.PASSED


def test_closing_writes_what_was_foreseen() -> None:
    world = in_review()
    needs = closure_needs(world)
    world.came_to(s27_closure.STEP, needs)
    foreseen = s27_closure.STEP.foresee(s27_closure.Params(), needs).writes
    assert [(write.port, write.verb) for write in foreseen] == world.meant


def test_production_settled_later_edits_the_one_comment_and_moves_nothing() -> None:
    world = in_review()
    world.came_to(s27_closure.STEP, closure_needs(world))
    live = Production(
        environment="production", version="v" * 40, merge_sha="m", approvals=(), services=()
    )
    needs = closure_needs(world, production=live)
    assert not world.seen(s27_closure.STEP, needs).commented
    before = len(world.tracker.changes[KEY])
    made = world.came_to(s27_closure.STEP, needs)
    assert made.production == "live" and len(world.tracker.changes[KEY]) == before
    assert (
        len(world.tracker.said[KEY]) == 1
        and "Production: vvvvvvvvvvvv live in production" in world.tracker.said[KEY][0].body
    )


def test_a_comment_that_says_other_figures_is_none_and_is_edited() -> None:
    world = in_review()
    needs = closure_needs(world)
    world.came_to(s27_closure.STEP, needs)
    assert world.seen(s27_closure.STEP, needs).commented
    issue = world.tracker.issues[KEY]
    logged = issue.time.model_copy(update={"spent_s": 3600})
    world.tracker.issues[KEY] = issue.model_copy(update={"time": logged})
    assert not world.seen(s27_closure.STEP, needs).commented
    assert world.came_to(s27_closure.STEP, needs).commented and len(world.tracker.said[KEY]) == 1


def test_a_production_that_was_taken_back_or_is_not_there_is_none() -> None:
    world = in_review()
    assert (
        world.came_to(s27_closure.STEP, closure_needs(world, production=SKIPPED)).production
        == "none"
    )
    verdict = Verdict(version=TAKEN, at=datetime(2026, 1, 5, 11, 2, tzinfo=UTC), by="jose")
    back = Production(
        environment="production",
        version=TAKEN,
        merge_sha="m",
        approvals=(),
        services=(),
        rolled_back=TAKEN,
        verdict=verdict,
    )
    needs = closure_needs(world, production=back)
    assert world.came_to(s27_closure.STEP, needs).production == "none"
    told = world.tracker.said[KEY][-1].body
    assert "none, vvvvvvvvvvvv was taken back 2026-01-05 11:02 by jose" in told
    # a later version was, and this one is there still
    live = back.model_copy(update={"rolled_back": "w" * 40})
    needs = closure_needs(world, production=live)
    assert world.came_to(s27_closure.STEP, needs).production == "live"


def test_a_rollbacks_comment_says_that_the_version_is_live_again_once_it_is() -> None:
    world = in_review()
    live = Production(
        environment="production", version=TAKEN, merge_sha="m", approvals=(), services=()
    )
    needs = closure_needs(world, production=live)
    made = world.came_to(s27_closure.STEP, needs)
    mark = Turn(KEY, "closure").mark("comment", taken_back_slot("production"))
    world.tracker.comment(KEY, f"{KEY} is no longer live in production", mark=mark)
    back = live.model_copy(update={"rolled_back": TAKEN})
    taken_back = closure_needs(world, production=back)
    assert not world.seen(s27_closure.STEP, taken_back).still_taken_back
    seen = world.seen(s27_closure.STEP, needs)
    assert status(s27_closure.STEP, seen) is Status.FAILED
    said = lines(s27_closure.STEP, seen)["comment"].measured
    assert said == "a later one still says that it was taken back in production"
    assert world.came_to(s27_closure.STEP, needs) == made
    assert f"{KEY} is live in production again" in world.tracker.said[KEY][-1].body
    assert len(world.tracker.said[KEY]) == 2


def test_a_workflow_without_testing_skips_it_and_says_so() -> None:
    world = in_review(workflow={name: kind for name, kind in WORKFLOW.items() if name != "Testing"})
    made = world.came_to(s27_closure.STEP, closure_needs(world))
    assert made.status == "Done" and made.skipped[0].startswith("Testing: skipped")
    assert status(s27_closure.STEP, made) is Status.PASSED


def test_a_ticket_that_is_done_without_our_comment_is_not_taken_for_closed() -> None:
    world = in_review()
    world.tracker.transition(KEY, "Done")
    found = world.seen(s27_closure.STEP, closure_needs(world))
    assert status(s27_closure.STEP, found) is Status.FAILED and not found.commented


def test_a_ticket_that_is_moved_back_from_done_is_not_closed() -> None:
    world = in_review()
    world.came_to(s27_closure.STEP, closure_needs(world))
    world.tracker.transition(KEY, "In Progress", backwards=True)
    found = lines(s27_closure.STEP, world.seen(s27_closure.STEP, closure_needs(world)))
    assert found["flow"].ok is False and found["flow"].measured.endswith("→ In Progress")


def test_a_ticket_that_was_opened_again_stays_so_until_somebody_closes_it_on_purpose() -> None:
    world = in_review()
    step = s27_closure.STEP
    world.came_to(step, closure_needs(world))
    world.tracker.transition(KEY, "In Progress", backwards=True)
    with pytest.raises(Rejected, match="was opened again after it was closed: In Progress"):
        world.came_to(step, closure_needs(world))
    assert world.tracker.issue(KEY).status == "In Progress"


def test_what_was_not_measured_is_never_confirmed() -> None:
    world = in_review()
    unmeasured = {
        "suites": {"backend_tests": SKIPPED, "frontend_tests": SKIPPED},
        "monitoring": Absent(kind="unavailable", why="no metrics"),
    }
    found = lines(
        s27_closure.STEP, world.came_to(s27_closure.STEP, closure_needs(world, **unmeasured))
    )
    assert [found[label].ok for label in ("tests", "monitoring")] == [None, None]
    assert found["monitoring"].figure == absent("no metrics", "unavailable")


def test_a_red_suite_or_a_silent_service_fails_the_closure() -> None:
    world = in_review()
    red = world.came_to(
        s27_closure.STEP, closure_needs(world, suites={"unit": suite("backend", 57, 1)})
    )
    assert status(s27_closure.STEP, red) is Status.FAILED
    silent = Running(service="docs", url="http://x", pid=1, version="", status=0)
    dead = Deployment(environment="development", version="v", commit="c", services=(silent,))
    assert (
        status(
            s27_closure.STEP,
            world.came_to(s27_closure.STEP, closure_needs(world, development=dead)),
        )
        is Status.FAILED
    )


@pytest.mark.parametrize("spoiled", [{"status": "Reopened"}, {"flow": ()}, {"commented": False}])
def test_a_closure_without_its_way_or_comment_fails(spoiled: dict[str, Any]) -> None:
    world = in_review()
    made = world.came_to(s27_closure.STEP, closure_needs(world)).model_copy(update=spoiled)
    assert status(s27_closure.STEP, made) is Status.FAILED


HERE = WorkflowStatus(id="1", name="To Do", category="new")
DONE = WorkflowStatus(id="9", name="Done", category="done")
TEAM = AskedField(transition="Close", name="Team", allowed=("Blue", "Red"))
OFFERS = "the workflow offers In Progress"
CANNOT = {
    "finished tickets went elsewhere": (
        StatusWay(here=HERE, meant=(DONE,), problem=OFFERS, finished=3),
        "no way of SCRUM-95 from 'To Do' to 'Done' is known",
    ),
    "the workflow lacks it": (StatusWay(here=HERE, problem=OFFERS), "no way of SCRUM-95"),
    "several ends": (StatusWay(here=HERE, meant=(DONE, HERE), problem=OFFERS), "no way of"),
    "a screen asks": (
        StatusWay(here=HERE, meant=(DONE,), path=(DONE,), asks=(TEAM,)),
        "could not be closed: the transition 'Close' asks for 'Team'.*allowed: Blue, Red",
    ),
}


class Foreseeing(MemoryTracker):
    """A tracker that knows one way."""

    def __init__(self, way: StatusWay) -> None:
        super().__init__()
        self._way = way

    def way(self, key: str, to_status: str, *, screens: bool = False) -> StatusWay:
        assert screens
        return self._way


def ahead(way: StatusWay) -> tuple[str, ...]:
    world = in_review()
    world.tracker = Foreseeing(way)
    return s27_closure.ahead(world.see, KEY, s27_closure.Params())


@pytest.mark.parametrize(("way", "said"), CANNOT.values(), ids=CANNOT.keys())
def test_a_ticket_that_cannot_be_closed_is_told_before_anything_is_written(
    way: StatusWay, said: str
) -> None:
    with pytest.raises(StepFailed, match=said) as caught:
        ahead(way)
    assert "pipeline.yaml" in caught.value.hint


def test_where_no_finished_ticket_tells_it_is_said_and_nothing_is_refused() -> None:
    (note,) = ahead(StatusWay(here=HERE, meant=(DONE,), problem=OFFERS))
    assert "no way of SCRUM-95" in note and "no finished ticket of its type" in note
    assert ahead(StatusWay(here=HERE, meant=(DONE,), path=(DONE,))) == ()


def test_a_ticket_that_is_not_there_is_told_by_the_entry_that_reads_it() -> None:
    world = in_review()
    assert s27_closure.ahead(world.see, "SCRUM-1", s27_closure.Params()) == ()


def test_a_ticket_in_another_end_is_not_closed() -> None:
    workflow = {**WORKFLOW, "Rejected": "done"}
    world = in_review(workflow=workflow)
    world.came_to(s27_closure.STEP, closure_needs(world))
    world.tracker.transition(KEY, "Rejected")
    found = lines(s27_closure.STEP, world.seen(s27_closure.STEP, closure_needs(world)))
    assert found["flow"].ok is False and found["flow"].measured.endswith("→ Rejected")
