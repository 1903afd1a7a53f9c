"""Step 7: the tree of the change, from the working tree only where the ticket's branch is checked
out and unmerged."""

import pytest

from devflow.model.checks import Status
from devflow.model.declared.project import Suite
from devflow.model.errors import UsageError
from devflow.model.outcomes import Waiting
from devflow.steps import s06_branch, s07_coding
from tests.unit.steps.change_story import NAME, PROJECT, Story, evidence, status


def begun() -> Story:
    story = Story()
    story.through(s06_branch)
    return story


def test_documents_alone_are_no_change_and_it_is_the_developers_turn():
    story = begun()
    assert isinstance(story.through(s07_coding), Waiting) and "fetch" not in story.repository.writes


def test_each_file_is_shown_with_its_lines_and_the_drift_from_the_plan():
    story = begun()
    story.repository.work |= {"app.py": "print(1)\nprint(2)\n", "new.py": "x = 1\n"}
    coding = story.through(s07_coding)
    assert (
        status(s07_coding, coding) is Status.PASSED and coding.tree == story.repository.work_tree()
    )
    assert evidence(s07_coding, coding, "file", "app.py").measured == (
        "1 line added, 0 lines removed"
    )
    assert evidence(s07_coding, coding, "files").measured == (
        "2 files, 2 lines added, 0 lines removed"
    )
    assert (coding.unplanned, coding.untouched) == (("new.py",), ("style.css",))
    assert coding.documents == ("docs/adr/0001.md", "docs/requirements/SCRUM-95.md")
    assert evidence(s07_coding, coding, "criterion", "AC-1").ok is None


def test_what_the_change_reaches_is_shown_with_the_suites_that_hold_it():
    story = begun()
    story.products["project"] = PROJECT.model_copy(update={"suites": {"unit": Suite(path="tests")}})
    story.repository.work |= {"app.py": "print(2)\n", "tests/test_app.py": "import app\n"}
    coding = story.through(s07_coding)
    assert evidence(s07_coding, coding, "reach").measured == "0 modules, 1 test file: unit 1"
    assert coding.base == story.branch().base_sha


def test_a_criterion_shows_the_changed_tests_that_name_it_and_no_other():
    story = begun()
    mark = "import pytest\n\n\n@pytest.mark.ac('AC-1')\ndef test_tabs():\n    pass\n"
    story.repository.work |= {
        "tests/test_app.py": mark,
        "tests/test_other.py": "# AC-10\n",
        "app.py": "# AC-2\n",
    }
    coding = story.through(s07_coding)
    assert (
        evidence(s07_coding, coding, "criterion", "AC-1").measured
        == "Three tabs <- tests/test_app.py"
    )
    assert (
        evidence(s07_coding, coding, "criterion", "AC-2").measured == "No JavaScript"
        and evidence(s07_coding, coding, "criterion", "AC-1").ok is None
    )


def test_a_criterion_of_another_ticket_is_not_taken_for_the_tickets_own():
    story = begun()
    story.repository.work |= {
        "tests/test_other.py": "# SCRUM-94 AC-1, AC-2\n",
        "tests/test_own.py": "# SCRUM-95 AC-2\n",
    }
    assert story.through(s07_coding).named_in == {"AC-2": ("tests/test_own.py",)}


def test_a_reverted_change_no_longer_passes():
    story = begun()
    story.repository.work["app.py"] = "x\n"
    story.through(s07_coding)
    story.repository.work["app.py"] = "print(1)\n"
    assert status(s07_coding, story.seen(s07_coding)) is Status.FAILED


def test_on_another_branch_the_error_says_what_to_type():
    story = begun()
    story.repository.head = "main"
    with pytest.raises(UsageError) as raised:
        story.through(s07_coding)
    assert raised.value.hint == f"git switch {NAME}" and raised.value.message.startswith(
        "main is checked out"
    )
    assert story.repository.writes.count("fetch") == 1


def test_a_branch_that_is_not_here_any_more_is_brought_back_by_the_command_that_is_told():
    story = begun()
    story.repository.head = "main"
    del story.repository.heads[NAME]
    with pytest.raises(UsageError) as raised:
        story.through(s07_coding)
    assert raised.value.hint == "devflow start SCRUM-95"


@pytest.mark.parametrize("head", ("main", ""))
def test_elsewhere_the_pushed_tree_is_taken_and_the_working_tree_left_alone(head):
    story = begun()
    sha = story.repository.push_by_somebody(NAME, "app.py", "pushed\n")
    story.repository.head = head
    coding = story.through(s07_coding)
    assert coding.tree == story.repository.tree_of(sha) and "on the remote" in coding.read_from


def test_as_pushed_leaves_the_working_tree_alone():
    story = begun()
    sha = story.repository.push_by_somebody(NAME, "app.py", "pushed\n")
    story.repository.work["app.py"] = "edited\n"
    assert story.seen(s07_coding, as_pushed=True).tree == story.repository.tree_of(sha)
    assert story.seen(s07_coding).tree == story.repository.work_tree()


def test_after_the_merge_it_is_the_merged_tree_whatever_is_edited():
    story = Story()
    push = story.pushed()
    story.host.open_pull(NAME, "main", "t", "b")
    story.host.merge(1, push.sha, "t", "b")
    story.repository.work["app.py"] = "something else\n"
    coding = story.seen(s07_coding)
    assert (
        coding.tree == story.repository.tree_of(push.sha)
        and status(s07_coding, coding) is Status.PASSED
    )


def test_other_peoples_work_that_was_merged_in_is_not_this_change():
    story = begun()
    repository = story.repository
    theirs = repository.push_by_somebody("main", "theirs.py", "theirs\n")
    repository.heads[NAME] = theirs
    repository.work |= {"theirs.py": "theirs\n", "app.py": "mine\n"}
    assert [file.path for file in story.through(s07_coding).files] == ["app.py"]
    repository.heads[NAME] = repository.add_commit(theirs, dict(repository.work), "feat: mine")
    assert [file.path for file in story.seen(s07_coding).files] == ["app.py"]


def test_an_unfinished_working_tree_is_not_taken_up_and_nowhere_else_asked():
    story = begun()
    story.repository.work["app.py"] = "print(2)\n"
    story.repository.unfinished = "a merge is in progress"
    with pytest.raises(UsageError, match="a merge is in progress") as raised:
        story.through(s07_coding)
    assert raised.value.hint == "git merge --abort"
    # what was pushed is whole, whatever the working tree is in the middle of
    story.repository.remote[NAME] = story.repository.add_commit(
        story.repository.heads[NAME], {"app.py": "print(3)\n"}, "feat: three"
    )
    pushed = story.through(s07_coding, as_pushed=True)
    assert pushed.read_from.endswith("on the remote")
    story.repository.head = "another-branch"
    assert story.through(s07_coding).read_from.endswith("on the remote")
