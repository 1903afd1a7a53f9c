"""Step 12: one pull request a branch, with the evidence of this run."""

import pytest

from devflow.model.checks import Status
from devflow.model.ci import CommandResult
from devflow.model.errors import Rejected, StepFailed
from devflow.model.events import Intent
from devflow.model.outcomes import Absent, Waiting
from devflow.ports.web import HttpAnswer
from devflow.steps import s10_commit, s11_push, s12_pull_request
from devflow.testing import NOW
from tests.unit.steps.change_story import NAME, Story, evidence, status


def pushed(**files: str) -> Story:
    story = Story(**files)
    story.pushed()
    return story


def test_it_is_opened_labelled_and_reviewers_are_asked():
    story = pushed(CODEOWNERS="*.py @tech-lead\n")
    pull = story.through(s12_pull_request, reviewers=("owner",))
    assert (
        pull.head_sha == story.products["push"].sha
        and pull.title == "SCRUM-95 Add tabbed interface"
    )
    assert pull.labels == ("devflow",) and pull.reviewers == ("owner", "tech-lead")
    assert {"Summary", "Changes", "Testing", "Hooks", "Acceptance criteria"} <= set(pull.evidence)
    assert status(s12_pull_request, pull) is Status.PASSED


def test_the_base_branch_says_who_owns_the_change_and_who_cannot_be_asked_is_said():
    owners = (
        "*.py @tech-lead @developer @acme/designers @acme/hidden @passer-by @Nobody me@x.example\n"
        "*.[py] @owner\n"
    )
    story = Story(CODEOWNERS=owners)
    story.repository.work["CODEOWNERS"] = "* @owner\n"
    story.pushed()
    pull = story.through(s12_pull_request)
    assert pull.reviewers == ("tech-lead", "acme/designers")
    said = {check.about: check for check in evidence_of(pull, "not_asked")}
    hidden = "no request stands: the team has reviewed, is unknown, hidden or without write access"
    assert {owner: check.measured for owner, check in said.items()} == {
        "@developer": "the author of the pull request",
        "@acme/hidden": hidden,
        "@passer-by": "no write access (read)",
        "@Nobody": "no account with access to the repository",
        "me@x.example": "an e-mail address, whose account only GitHub knows",
    }
    (invalid,) = evidence_of(pull, "code_owners")
    assert invalid.measured == "line 2: not valid, and skipped as GitHub does"
    assert invalid.source.startswith("CODEOWNERS of main at ")
    assert {check.ok for check in (*said.values(), invalid)} == {None}
    assert status(s12_pull_request, pull) is Status.PASSED


def test_the_projects_own_commands_stand_in_its_text():
    story = pushed()
    story.products["commands"] = {
        "licences": CommandResult(exit_code=0, output="12 of <MIT>"),
        "audit": Absent(kind="unavailable", why="no npm on this machine"),
    }
    assert "Commands" in story.through(s12_pull_request).evidence
    body = story.host.pull_for(NAME).body
    assert "| licences | ended with 0: 12 of &lt;MIT> |\n" in body
    assert "| audit | not measured: no npm on this machine |\n" in body


def test_where_code_owners_are_not_asked_for_nothing_is_said_of_them():
    pull = pushed(CODEOWNERS="* @tech-lead @nobody\n").through(s12_pull_request, code_owners=False)
    assert (pull.reviewers, pull.not_asked) == ((), {})


def evidence_of(pull, id_):
    checks = s12_pull_request.judge(s12_pull_request.Params(), pull)
    return [check for check in checks if check.id == id_]


def test_what_conflicts_with_its_base_is_not_sent_to_a_review():
    story = pushed()
    story.host.trial_merge_conflicts = True
    pull = story.through(s12_pull_request)
    (found,) = evidence_of(pull, "conflicts")
    assert found.label == "merge into main"
    wanted = "conflicts: git pull --no-rebase origin main, mend and commit, then: devflow ship"
    assert found.measured == wanted
    assert status(s12_pull_request, pull) is Status.FAILED


def test_whether_it_conflicts_is_waited_for_and_else_said_to_be_unknown():
    story = pushed()
    story.host.trial_merge_conflicts = None
    before = story.clock.now()
    pull = story.through(s12_pull_request)
    waited_s = (story.clock.now() - before).total_seconds()
    assert waited_s >= s12_pull_request.Params().head_within_s
    (found,) = evidence_of(pull, "conflicts")
    assert found.ok is None and "not known yet" in found.measured
    assert status(s12_pull_request, pull) is Status.PASSED


def test_what_make_writes_is_what_was_foreseen():
    story = pushed()
    params = s12_pull_request.Params(reviewers=("owner",), screenshots="frontend")
    foreseen = s12_pull_request.foresee(params, story.needs(s12_pull_request.STEP))
    story.web.program = "chromium"
    story.repository.writes.clear()
    story.through(s12_pull_request, reviewers=("owner",), screenshots="frontend")
    assert sorted(write.verb for write in foreseen.writes) == sorted(story.writes)


def test_the_one_that_is_there_is_edited_and_no_second_one_opened():
    story = pushed()
    story.host.open_pull(NAME, "main", "by hand", "my own words")
    assert status(s12_pull_request, story.seen(s12_pull_request)) is Status.FAILED
    pull = story.through(s12_pull_request)
    assert len(story.host.pulls) == 1 and status(s12_pull_request, pull) is Status.PASSED


def test_what_somebody_else_opened_is_believed_by_our_comment_alone():
    story = pushed()
    story.host.acting = "owner"
    mark = story.context(s12_pull_request.STEP).mark("open_pull")
    text = "## Summary\n\nx\n\n## Changes\n\nx"
    planted = f"<!-- {mark.editable} -->\n{text}\n<!-- /devflow -->"
    story.host.open_pull(NAME, "main", "theirs", planted)
    story.host.acting = "developer"
    found = story.seen(s12_pull_request)
    assert (found.evidence, found.strangers) == ((), ("owner",))
    story.host.open_pull(NAME, "main", "ours", text, mark=mark)
    story.host.label(1, ("devflow",))
    pull = story.seen(s12_pull_request)
    assert (pull.title, status(s12_pull_request, pull)) == ("theirs", Status.PASSED)
    assert story.host.pull_for(NAME).body == planted
    strangers = evidence(s12_pull_request, pull, "strangers")
    assert strangers.measured == "by owner, who run no devflow here" and strangers.ok is None


def test_the_base_branchs_template_stands_before_our_text():
    story = Story(**{".github/pull_request_template.md": "## Why\n\n- [ ] documented\n"})
    story.developed(".github/pull_request_template.md", "- [x] of the ticket itself\n")
    story.through(s10_commit)
    story.through(s11_push)
    pull = story.through(s12_pull_request)
    assert status(s12_pull_request, pull) is Status.PASSED
    assert story.host.pull_for(NAME).body.startswith("## Why\n\n- [ ] documented\n\n")


def test_a_second_turn_writes_nothing():
    story = pushed()
    story.through(s12_pull_request)
    story.host.writes.clear()
    story.through(s12_pull_request)
    assert story.host.writes == []


def test_the_author_is_not_asked():
    assert pushed().through(s12_pull_request, reviewers=("developer",)).reviewers == ()


def test_nobody_asked_is_said_and_does_not_fail():
    pull = pushed().through(s12_pull_request)
    check = evidence(s12_pull_request, pull, "reviewers")
    assert (check.ok, check.measured) == (None, "nobody asked") and status(
        s12_pull_request, pull
    ) is Status.PASSED


def test_who_has_reviewed_still_counts_as_asked():
    story = pushed()
    story.through(s12_pull_request, reviewers=("tech-lead",))
    story.reviewed_by("tech-lead", "approved")
    assert story.seen(s12_pull_request).reviewers == ("tech-lead",)


def test_a_host_that_sees_the_push_late_is_waited_for():
    story = pushed()
    story.host.lag = 3
    assert (
        status(s12_pull_request, story.through(s12_pull_request)) is Status.PASSED
        and story.clock.slept_s > 0
    )


def test_a_host_that_never_sees_it_leaves_the_entry_waiting():
    story = pushed()
    story.host.lag = 100
    assert isinstance(story.through(s12_pull_request), Waiting)


def test_another_head_is_not_this_pull_request():
    story = pushed()
    story.through(s12_pull_request)
    story.repository.push_by_somebody(NAME, "x", "y\n")
    assert story.seen(s12_pull_request) is None
    story.through(s11_push)
    assert story.through(s12_pull_request).head_sha == story.repository.remote[NAME]


def test_closed_without_a_merge_fails_and_merged_passes():
    story = pushed()
    pull = story.through(s12_pull_request)
    assert status(s12_pull_request, pull.model_copy(update={"state": "closed"})) is Status.FAILED
    assert (
        status(s12_pull_request, pull.model_copy(update={"state": "closed", "merged": True}))
        is Status.PASSED
    )


def test_one_that_was_closed_is_not_opened_again_but_on_purpose():
    story = pushed()
    story.through(s12_pull_request)
    story.host.pulls[NAME] = story.host.pulls[NAME].model_copy(update={"state": "closed"})
    story.host.writes.clear()
    with pytest.raises(Rejected, match="#1 was closed without being merged") as refused:
        story.through(s12_pull_request)
    assert refused.value.hint.startswith("devflow ship --again pull_request")
    assert story.host.writes == []
    story.again = True
    assert story.through(s12_pull_request).state == "open"


def test_one_that_was_aimed_at_another_branch_is_left_alone():
    story = pushed()
    story.through(s12_pull_request)
    story.host.pulls[NAME] = story.host.pulls[NAME].model_copy(update={"base": "release"})
    story.host.writes.clear()
    with pytest.raises(StepFailed, match="into release, not into main"):
        story.through(s12_pull_request)
    assert story.host.writes == []


def test_a_missing_label_fails():
    pull = pushed().through(s12_pull_request)
    assert status(s12_pull_request, pull.model_copy(update={"labels": ()})) is Status.FAILED


@pytest.mark.parametrize(
    "change, why",
    [
        ({"program": ""}, "no browser on this machine; install chromium"),
        (
            {"picture": None, "otherwise": HttpAnswer(500, "", 1.0)},
            "the browser took no picture of http://127.0.0.1:3300/, which answers 500",
        ),
        ({"broken": "frontend did not start"}, "frontend did not start"),
    ],
)
def test_pictures_that_cannot_be_had_are_not_measured_and_hold_nothing_back(change, why):
    story = pushed()
    vars(story.web).update({"program": "chromium"} | change)
    story.deploys.broken = change.get("broken", "")
    pull = story.through(s12_pull_request, screenshots="frontend")
    check = evidence(s12_pull_request, pull, "views", screenshots="frontend")
    assert (check.ok, check.measured) == (None, f"not measured: {why}")
    assert (story.writes[-1] == "down") == bool(story.web.program)
    assert status(s12_pull_request, pull) is Status.PASSED


def test_pictures_of_three_sizes_are_kept_on_a_ref_and_shown():
    story = pushed()
    story.web.program = "chromium"
    pull = story.through(s12_pull_request, screenshots="frontend")
    assert [picture.name for picture in pull.screenshots] == ["desktop", "tablet", "mobile"]
    assert (
        len(story.repository.kept["refs/heads/devflow/screenshots"]) == 3
        and story.writes[-1] == "down"
    )


def test_a_service_that_does_not_exist_is_said():
    assert (
        pushed().through(s12_pull_request, screenshots="shop").no_screenshots
        == "the project has no service shop"
    )


def test_one_that_somebody_has_merged_by_hand_is_told_from_one_that_the_run_has_merged():
    story = Story()
    story.pushed()
    opened = story.through(s12_pull_request)
    assert opened.standing == ""
    pulls = story.host.pulls
    pulls[NAME] = pulls[NAME].model_copy(update={"state": "closed", "merged": True})
    by_hand = story.seen(s12_pull_request)
    assert by_hand.standing == "merged elsewhere"
    line = evidence(s12_pull_request, by_hand, "pull_request").measured
    assert line.endswith(", merged, and not by this run")
    run = story.context(s12_pull_request.STEP).run
    meant = {"port": "host", "verb": "merge", "target": "1", "key": "k", "attempt": 1}
    story.tools.history.kept[run] = [
        Intent(at=NOW, run=run, entry="production", fingerprint="f", **meant)
    ]
    by_run = story.seen(s12_pull_request)
    assert by_run.merged and by_run.standing == ""


def test_its_line_says_whether_it_is_open_or_merged():
    pull = pushed().through(s12_pull_request)
    merged = pull.model_copy(update={"state": "closed", "merged": True})
    assert (
        evidence(s12_pull_request, pull, "pull_request").measured
        == "#1 SCRUM-95 Add tabbed interface, open"
    )
    assert evidence(s12_pull_request, merged, "pull_request").measured.endswith(", merged")
    assert evidence(s12_pull_request, pull, "labels").measured == "devflow"
