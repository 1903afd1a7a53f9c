"""Step 15: each condition with its value, and a status also where nothing runs."""

from datetime import datetime, timedelta, timezone

import pytest

from devflow.model.checks import Status
from devflow.model.events import Recorded
from devflow.model.outcomes import Absent
from devflow.steps import s11_push, s12_pull_request, s13_code_review, s15_trigger
from devflow.testing.host import AT
from tests.unit.steps.change_story import NAME, Story, evidence, status

CHECKS = ("quality", "backend_tests", "frontend_tests", "integration")


def reviewed(approvals: int = 1, **files: str) -> Story:
    story = Story(**files)
    story.phases = dict.fromkeys(("trigger", *CHECKS), "ci")
    story.pushed()
    story.through(s12_pull_request)
    if approvals:
        story.reviewed_by("tech-lead", "approved")
    story.through(s13_code_review, approvals=approvals)
    story.host.writes.clear()
    return story


def measured(entry: str, duration_s: float) -> Recorded:
    fields = {
        "at": datetime(2026, 1, 5, tzinfo=timezone.utc),
        "run": "SCRUM-90",
        "entry": entry,
        "step": entry,
        "fingerprint": "f",
    }
    rest = {
        "round": 1,
        "by": "make",
        "product": {"sha": "x"},
        "status": Status.PASSED,
        "duration_s": duration_s,
    }
    return Recorded.model_validate({**fields, **rest})


def test_every_condition_is_met_and_shown_with_its_value():
    trigger = reviewed().through(s15_trigger)
    assert status(s15_trigger, trigger) is Status.PASSED
    assert (
        evidence(s15_trigger, trigger, "condition", "branch").measured == f"{NAME} matches SCRUM-*"
    )
    assert (
        evidence(s15_trigger, trigger, "condition", "files changed").measured == "3 of 3 match **"
    )
    assert evidence(s15_trigger, trigger, "condition", "permission").measured == "developer: write"
    assert evidence(s15_trigger, trigger, "status").measured == "devflow/trigger success"


def test_what_make_writes_is_what_was_foreseen():
    story = reviewed()
    foreseen = s15_trigger.foresee(s15_trigger.Params(), story.needs(s15_trigger.STEP))
    story.through(s15_trigger)
    assert [write.verb for write in foreseen.writes] == story.host.writes


def seen_pull(story: Story, at: datetime = AT, **fields: str) -> Recorded:
    """What the journal has of the pull request's entry, of what was opened at ``AT``."""
    opened = story.host.pulls[NAME]
    story.host.pulls[NAME] = opened.model_copy(update={"created": AT})
    product = {"number": 1, "head_sha": story.products["push"].sha, **fields}
    event = {"run": "SCRUM-95", "entry": "pull_request", "step": "pull_request", "fingerprint": "f"}
    rest = {"round": 1, "by": "make", "product": product, "status": Status.PASSED, "at": at}
    return Recorded.model_validate({**event, **rest})


def test_an_approval_is_the_trigger_point_that_fired():
    assert reviewed().through(s15_trigger).event == "pull_request_review"


def test_a_pull_request_was_opened_only_where_this_run_opened_it_with_this_commit():
    story = reviewed(approvals=0)
    story.history.kept = {"SCRUM-95": [seen_pull(story)]}
    trigger = story.through(s15_trigger)
    assert (trigger.event, trigger.action) == ("pull_request", "opened")


def test_a_later_commit_of_an_open_pull_request_is_a_push_to_it():
    story = reviewed(approvals=0)
    first = seen_pull(story, head_sha="b" * 40)
    story.history.kept = {"SCRUM-95": [first, seen_pull(story)]}
    assert (story.round, story.through(s15_trigger).action) == (1, "synchronize")


def test_nothing_is_claimed_of_a_pull_request_that_was_there_before():
    story = reviewed(approvals=0)
    assert story.through(s15_trigger).action == ""
    later = AT + timedelta(days=1)
    story.history.kept = {"SCRUM-95": [seen_pull(story, later)]}
    trigger = story.through(s15_trigger)
    assert trigger.action == ""
    assert evidence(s15_trigger, trigger, "event").measured == "pull_request"


@pytest.mark.parametrize(
    "params, why",
    [
        ({"branches": ("feature/*",)}, f"branch: {NAME} matches none of feature/*"),
        ({"paths": ("services/**",)}, "files changed: 0 of 3 match services/**"),
    ],
)
def test_a_filtered_commit_is_skipped_with_the_reason_and_an_explicit_status(params, why):
    story = reviewed()
    absent = story.through(s15_trigger, **params)
    assert absent == Absent(kind="skipped", why=why)
    (said,) = story.host.commit_statuses(story.products["push"].sha)
    assert (said.context, said.state, said.description) == (
        "devflow/trigger",
        "success",
        f"skipped: {why}",
    )


def test_skip_ci_in_the_message_skips():
    story = reviewed()
    repository = story.repository
    files = {**repository.trees[repository.tree_of(NAME)], "x": "y\n"}
    repository.remote[NAME] = repository.add_commit(
        repository.remote[NAME], files, "docs: x [Skip CI]"
    )
    story.through(s11_push)
    assert story.through(s15_trigger).why == "no [skip ci]: [skip ci] in the commit message"


TRAILERS = {
    "feat: x\n\nbody\n\n\nskip-checks: true": True,
    "feat: x\n\nbody\n\n\nskip-checks:true\n": True,
    "feat: x\n\nbody\n\n\nSigned-off-by: Jose\nskip-checks: true\n": True,
    "feat: x\n\nbody\n\n\nskip-checks: true\nSigned-off-by: Jose\n": False,
    "feat: x\n\nbody\n\nskip-checks: true\n": False,
    "feat: x\n\nbody\n\n\nskip-checks: false\n": False,
}


@pytest.mark.parametrize("message", TRAILERS)
def test_a_trailer_that_skips_checks_counts_where_github_counts_it(message):
    story = reviewed()
    sha = story.products["push"].sha
    parent, tree, _ = story.repository.commits[sha]
    story.repository.commits[sha] = (parent, tree, message)
    product = story.through(s15_trigger)
    assert isinstance(product, Absent) is TRAILERS[message]


def test_without_write_permission_nothing_is_triggered():
    story = reviewed()
    story.host.permissions["developer"] = "read"
    assert story.through(s15_trigger).why == "permission: developer: read"


def test_a_workflow_is_named_only_where_the_tree_has_it():
    path = ".github/workflows/ci-cd.yml"
    assert reviewed().through(s15_trigger).workflow == ""
    assert reviewed(**{path: "on: push\n"}).through(s15_trigger).workflow == path


def test_the_estimate_is_the_slowest_check_of_earlier_runs_or_no_history_yet():
    story = reviewed()
    assert story.through(s15_trigger).estimate == "no history yet"
    story.history.kept = {
        "SCRUM-90": [measured(entry, 8.0) for entry in CHECKS],
        "SCRUM-91": [measured(entry, 12.4) for entry in CHECKS],
    }
    assert story.through(s15_trigger).estimate == "8.0 s to 12.4 s (2 earlier runs)"
    story.history.kept = {"SCRUM-90": [measured("quality", 8.0)]}
    assert story.through(s15_trigger).estimate == "no history yet"


def test_the_estimate_is_of_the_checks_that_the_pipeline_has_and_says_which():
    story = reviewed()
    story.phases = {"trigger": "ci", "quality": "ci", "prove_ci": "ci"}
    story.history.kept = {"SCRUM-90": [measured("quality", 8.0), measured("prove_ci", 9.0)]}
    assert story.through(s15_trigger).estimate == "8.0 s (1 earlier run, of quality)"
    named = story.through(s15_trigger, checks=("quality", "prove_ci"))
    assert named.estimate == "9.0 s (1 earlier run)"
    none = story.through(s15_trigger, checks=("lint", "tests"))
    assert none.estimate == "not known: the pipeline has no entry lint or tests"


def test_a_check_that_had_nothing_to_do_leaves_the_estimate_to_the_others():
    story = reviewed()
    skipped = {"product": None, "absent": Absent(kind="skipped", why="no frontend")}
    events = [measured(entry, 8.0) for entry in CHECKS]
    events[2] = events[2].model_copy(update=skipped)
    story.history.kept = {"SCRUM-90": events}
    assert story.through(s15_trigger).estimate == "8.0 s (1 earlier run)"


def test_an_earlier_round_of_this_run_is_no_earlier_run():
    story = reviewed()
    story.history.kept = {"SCRUM-95": [measured(entry, 8.0) for entry in CHECKS]}
    assert story.through(s15_trigger).estimate == "no history yet"


def test_the_same_commit_has_the_same_run_id():
    story = reviewed()
    assert (
        story.through(s15_trigger).run_id
        == story.through(s15_trigger).run_id
        == f"SCRUM-95-{story.products['push'].sha[:12]}"
    )


def test_a_status_that_cannot_be_read_back_fails():
    trigger = reviewed().through(s15_trigger)
    assert status(s15_trigger, trigger.model_copy(update={"status": ""})) is Status.FAILED


def test_a_check_that_was_only_found_or_had_no_product_gives_no_estimate():
    story = reviewed()
    absent = [measured(entry, 8.0).model_copy(update={"product": None}) for entry in CHECKS]
    events = [measured(entry, 8.0).model_copy(update={"by": "look"}) for entry in CHECKS]
    story.history.kept = {"SCRUM-90": absent, "SCRUM-91": events}
    assert story.through(s15_trigger).estimate == "no history yet"
