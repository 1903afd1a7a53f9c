"""Step 11: what counts is what the remote says."""

import pytest

from devflow.model.checks import Status
from devflow.model.errors import StepFailed
from devflow.steps import s10_commit, s11_push
from tests.unit.steps.change_story import NAME, Story, evidence, status


def committed() -> Story:
    story = Story()
    story.developed()
    story.through(s10_commit)
    story.repository.writes.clear()
    return story


def test_the_commit_is_pushed_and_read_back():
    story = committed()
    push = story.through(s11_push)
    assert push.sha == story.products["commit"].sha == story.repository.remote[NAME]
    assert push.commits == 1 and status(s11_push, push) is Status.PASSED
    assert story.repository.writes == [
        write.verb
        for write in s11_push.foresee(s11_push.Params(), story.needs(s11_push.STEP)).writes
    ]


def test_a_commit_that_is_already_there_is_not_pushed_again():
    story = committed()
    story.through(s11_push)
    story.repository.writes.clear()
    assert (
        status(s11_push, story.through(s11_push)) is Status.PASSED and story.repository.writes == []
    )


def test_work_that_somebody_pushed_on_top_counts():
    story = committed()
    story.through(s11_push)
    theirs = story.repository.push_by_somebody(NAME, "more.py", "x\n")
    push = story.seen(s11_push)
    assert push.sha == theirs and push.commits == 2 and status(s11_push, push) is Status.PASSED


def test_a_remote_that_went_another_way_fails_with_what_to_type_and_loses_nothing():
    story = committed()
    theirs = story.repository.push_by_somebody(NAME, "theirs.py", "x\n")
    with pytest.raises(StepFailed):
        story.through(s11_push)
    push = story.seen(s11_push)
    assert status(s11_push, push) is Status.FAILED and story.repository.remote[NAME] == theirs
    assert f"git pull --rebase origin {NAME}" in evidence(s11_push, push, "remote").measured


def test_a_remote_that_was_set_back_is_pushed_to_again():
    story = committed()
    story.through(s11_push)
    story.repository.remote[NAME] = story.repository.remote["main"]
    assert status(s11_push, story.seen(s11_push)) is Status.FAILED
    assert status(s11_push, story.through(s11_push)) is Status.PASSED


def test_a_branch_that_is_gone_after_its_merge_still_counts_as_pushed():
    story = committed()
    push = story.through(s11_push)
    story.host.open_pull(NAME, "main", "t", "b")
    story.host.merge(1, push.sha, "t", "b")
    del story.repository.remote[NAME]
    assert story.seen(s11_push).sha == push.sha


def test_a_branch_that_is_gone_without_a_merge_fails_and_is_pushed_again():
    story = committed()
    push = story.through(s11_push)
    del story.repository.remote[NAME]
    gone = evidence(s11_push, story.seen(s11_push), "remote")
    assert (gone.ok, gone.measured) == (False, f"no branch {NAME}")
    assert story.through(s11_push).sha == push.sha


def test_the_number_of_commits_is_said():
    story = committed()
    push = story.through(s11_push)
    assert evidence(s11_push, push, "pushed").measured == "1 commit"
    assert (
        evidence(s11_push, push.model_copy(update={"commits": 2}), "pushed").measured == "2 commits"
    )
