"""Step 13: the verdict is bound to the head commit, and no one reviews their own work."""

import pytest

from devflow.craft.review.verdicts import still_wanted
from devflow.model.checks import Status
from devflow.model.errors import AccessDenied, StepFailed, UsageError
from devflow.model.outcomes import SendBack, Waiting
from devflow.model.review import Review
from devflow.step import GateAnswer
from devflow.steps import s11_push, s12_pull_request, s13_code_review
from tests.standins.shell import RealShell
from tests.unit.steps.change_story import NAME, Story, evidence, status


@pytest.fixture
def story() -> Story:
    opened = Story()
    opened.pushed()
    opened.through(s12_pull_request, reviewers=("tech-lead",))
    opened.host.writes.clear()
    return opened


def test_without_a_review_it_waits_and_says_for_whom_and_what_to_type(story):
    waiting = story.through(s13_code_review)
    assert isinstance(waiting, Waiting) and waiting.for_ == "approval by tech-lead (0 of 1)"
    assert (
        waiting.look_at == "http://host.test/pull/1"
        and waiting.type_next[0] == "devflow approve code_review"
    )


def test_the_gate_is_named_as_the_pipeline_calls_it(story):
    waiting = still_wanted(
        Review(head_sha="a" * 40, verdict="pending"), story.host.pull_for(NAME), (), "second look"
    )
    assert waiting.type_next[0] == "devflow approve 'second look'"


def test_an_approval_on_this_head_passes(story):
    story.reviewed_by("tech-lead", "approved")
    review = story.through(s13_code_review)
    assert (review.verdict, review.approved_by) == ("approved", ("tech-lead",)) and status(
        s13_code_review, review
    ) is Status.PASSED


def test_what_make_writes_is_what_was_foreseen(story):
    foreseen = s13_code_review.foresee(s13_code_review.Params(), story.needs(s13_code_review.STEP))
    story.through(s13_code_review)
    assert [write.verb for write in foreseen.writes] == story.host.writes == ["comment"]


@pytest.mark.parametrize("login", ("developer", "passer-by", "stranger"))
def test_the_author_and_people_without_write_permission_cannot_approve(story, login):
    story.reviewed_by(login, "approved")
    assert isinstance(story.through(s13_code_review), Waiting)


@pytest.mark.parametrize("verdict", ("approved", "changes_requested"))
def test_a_verdict_without_write_access_counts_for_nothing_and_is_named(story, verdict):
    story.reviewed_by("passer-by", verdict, "rewrite it all")
    waiting = story.through(s13_code_review)
    assert isinstance(waiting, Waiting)
    assert waiting.for_.endswith("without write access, and so not counted: passer-by")
    story.reviewed_by("tech-lead", "approved")
    check = evidence(s13_code_review, story.through(s13_code_review), "unheard")
    assert "passer-by" in check.measured and not check.needed


def test_a_review_is_refused_to_those_whose_review_does_not_count(story):
    for login, reason in (("developer", "their own pull request"), ("passer-by", "write access")):
        with pytest.raises(AccessDenied, match=reason) as denied:
            story.answers(s13_code_review, login, "approve")
        assert "who may: tech-lead" in denied.value.hint
    story.answers(s13_code_review, "tech-lead", "approve")
    assert story.through(s13_code_review).verdict == "approved"


def test_an_approval_of_what_conflicts_is_refused_with_the_files_and_a_no_is_not(story):
    mine = next(iter(story.repository.changes("main", NAME))).path
    story.repository.push_by_somebody("main", mine, "theirs")
    story.host.trial_merge_conflicts = True
    with pytest.raises(StepFailed, match="conflicts with main") as refused:
        story.answers(s13_code_review, "tech-lead", "approve")
    assert f"(both changed {mine}" in refused.value.message
    assert refused.value.hint.startswith("git pull --no-rebase origin main, mend and commit")
    assert "review" not in story.host.writes, "nothing was written"
    story.answers(s13_code_review, "tech-lead", "reject", "mend it first")
    assert "review" in story.host.writes


def test_a_no_says_what_has_to_change(story):
    with pytest.raises(UsageError, match="has to say which") as refused:
        story.answers(s13_code_review, "tech-lead", "reject", " ")
    assert "devflow reject code_review --message" in refused.value.hint
    assert "review" not in story.host.writes


def test_after_an_approval_it_is_said_whose_is_missing_still(story):
    two = s13_code_review.Params(approvals=2)
    story.host.acting = "tech-lead"
    needs = story.needs(s13_code_review.STEP)
    turn = story.turn(s13_code_review.STEP)
    left = s13_code_review.answer(story.tools, turn, two, needs, GateAnswer("approve"))
    assert left.for_.startswith("approval by a reviewer with write access other than developer")
    assert left.for_.endswith("(1 of 2)")
    assert left.not_by == ("developer", "tech-lead"), "whose word it cannot be"
    one = s13_code_review.Params()
    assert s13_code_review.answer(story.tools, turn, one, needs, GateAnswer("approve")) is None


def test_a_new_commit_makes_an_approval_stale(story):
    story.reviewed_by("tech-lead", "approved")
    story.through(s13_code_review)
    story.repository.push_by_somebody(NAME, "x.py", "x = 1\n")
    assert status(s13_code_review, story.seen(s13_code_review)) is Status.FAILED
    story.through(s11_push)
    story.through(s12_pull_request)
    assert isinstance(story.through(s13_code_review), Waiting)


def test_asked_changes_send_back_with_each_thread_as_a_to_do(story):
    story.reviewed_by("tech-lead", "changes_requested", "not yet", ("app.py", 2))
    story.reviewed_by("owner", "commented", "nice", ("app.py", 1))
    sent = story.through(s13_code_review)
    assert (
        isinstance(sent, SendBack)
        and sent.to == "coding"
        and sent.why == "tech-lead asked for changes"
    )
    assert sent.todo == ("app.py:2 tech-lead: not yet", "app.py:1 owner: nice")


def test_what_a_review_says_beyond_its_threads_is_a_to_do_too(story):
    story.reviewed_by("tech-lead", "changes_requested", "add a test")
    assert story.through(s13_code_review).todo == ("tech-lead: add a test",)


def test_the_latest_verdict_of_a_person_counts_and_a_comment_takes_nothing_back(story):
    for verdict in ("changes_requested", "approved", "commented"):
        story.reviewed_by("tech-lead", verdict, "x")
    assert story.through(s13_code_review).verdict == "approved"


def test_a_dismissed_approval_is_none(story):
    story.reviewed_by("tech-lead", "approved")
    story.reviewed_by("tech-lead", "dismissed")
    assert isinstance(story.through(s13_code_review), Waiting)


def test_an_open_thread_holds_an_approval_until_it_is_resolved(story):
    story.reviewed_by("tech-lead", "approved", "consider a loading state", ("app.py", 2))
    waiting = story.through(s13_code_review)
    assert isinstance(waiting, Waiting) and waiting.for_ == "1 open thread to be resolved"
    story.host.resolve("1")
    review = story.through(s13_code_review)
    assert (
        review.verdict == "approved"
        and evidence(s13_code_review, review, "threads").measured == "0 open, 1 resolved"
    )


def test_asked_changes_on_an_older_head_wait_for_a_new_review_instead_of_sending_back_again(story):
    story.reviewed_by("tech-lead", "changes_requested", "not yet", ("app.py", 2))
    story.through(s13_code_review)
    story.repository.push_by_somebody(NAME, "app.py", "better\n")
    story.through(s11_push)
    story.through(s12_pull_request)
    waiting = story.through(s13_code_review)
    assert isinstance(waiting, Waiting) and "1 open thread" in waiting.for_


def test_one_who_works_alone_can_say_so_and_it_is_shown(story):
    review = story.through(s13_code_review, approvals=0)
    assert status(s13_code_review, review, approvals=0) is Status.PASSED
    assert "approvals: 0" in evidence(s13_code_review, review, "approvals", approvals=0).measured


def test_a_raised_number_of_approvals_no_longer_passes(story):
    story.reviewed_by("tech-lead", "approved")
    assert status(s13_code_review, story.through(s13_code_review), approvals=2) is Status.FAILED


def test_findings_on_added_lines_are_posted_once_and_edited_afterwards(story):
    story.shell = RealShell(story.repository)
    sha = story.repository.push_by_somebody(NAME, "app.py", "print(1)\neval(input())\n")
    story.through(s11_push)
    story.through(s12_pull_request)
    story.through(s13_code_review)
    (comment,) = story.host.comments(1)
    assert sha[:7] in comment.body and "app.py:2: security: B307 " in comment.body
    review = story.seen(s13_code_review)
    check = evidence(s13_code_review, review, "finding", "app.py:2")
    assert (check.ok, check.needed, check.source) == (None, False, "app.py:2")


def test_without_the_tools_nothing_is_called_clean(story):
    waiting = story.through(s13_code_review)
    assert waiting.keep["findings"]["missing"]
    (comment,) = story.host.comments(1)
    assert "not measured: bandit==1.9.4 and flake8==7.3.0 cannot be had" in comment.body
    story.reviewed_by("tech-lead", "approved")
    check = evidence(s13_code_review, story.through(s13_code_review), "findings")
    assert (check.ok, check.needed) == (None, False) and check.measured.startswith("not measured")


def test_a_limit_of_now_judges_the_complexity_that_was_measured(story):
    story.shell = RealShell(story.repository)
    branchy = "def f(a):\n    if a:\n        return 1\n    return 2\n"
    story.repository.push_by_somebody(NAME, "app.py", branchy)
    story.through(s11_push)
    story.through(s12_pull_request)
    story.reviewed_by("tech-lead", "approved")
    review = story.through(s13_code_review)
    found = evidence(s13_code_review, review, "finding", "app.py:1", max_complexity=1)
    assert found.measured == "complexity: f has 2 (limit 1)"
    ids = [check.id for check in s13_code_review.judge(s13_code_review.Params(), review)]
    assert "finding" not in ids


def test_no_comment_is_written_where_it_is_not_wanted(story):
    story.through(s13_code_review, comments=False)
    assert story.host.writes == []


def test_a_closed_pull_request_fails(story):
    story.host._edit(1, state="closed")
    review = story.through(s13_code_review)
    assert review.verdict == "closed" and status(s13_code_review, review) is Status.FAILED


def test_after_the_merge_a_new_thread_opens_nothing_again(story):
    story.reviewed_by("tech-lead", "approved")
    review = story.through(s13_code_review)
    story.host.merge(1, review.head_sha, "t", "b")
    story.reviewed_by("owner", "changes_requested", "late", ("app.py", 1))
    assert status(s13_code_review, story.seen(s13_code_review)) is Status.PASSED


def test_a_pull_request_that_vanished_is_an_error_with_a_name(story):
    story.host.pulls.clear()
    with pytest.raises(StepFailed):
        story.through(s13_code_review)


def test_a_change_in_other_languages_is_told_as_read_by_no_tool(story):
    # the whole branch without a line of Python
    story.repository.push_by_somebody(NAME, "app.py", "print(1)\n")
    story.repository.push_by_somebody(NAME, "page.ts", "eval(1)\n")
    story.through(s11_push)
    story.through(s12_pull_request)
    told = (
        "no tool of this step reads .md, .ts: bandit and flake8 read Python, and no line of it was "
        "added. The project's own linters are run by step 16, code quality: those that "
        "pipeline.yaml names there, quality: {with: {linters: {NAME: COMMAND}}}, or else those "
        "that the project configures"
    )
    story.through(s13_code_review)
    (comment,) = story.host.comments(1)
    assert f"- not measured: {told}" in comment.body and "None on" not in comment.body
    story.reviewed_by("tech-lead", "approved")
    check = evidence(s13_code_review, story.through(s13_code_review), "findings")
    assert check.measured == f"not measured: {told}"
