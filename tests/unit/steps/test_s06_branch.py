"""Step 6: one branch a ticket, whoever made it, with the documents of steps 4 and 5 in its tree."""

import pytest

from devflow.model.checks import Status
from devflow.model.errors import UsageError
from devflow.model.figures import text
from devflow.model.outcomes import Absent
from devflow.model.review import Protection
from devflow.steps import s06_branch
from tests.unit.steps.change_story import NAME, Story, evidence, status


def test_the_branch_is_made_from_the_base_pushed_and_holds_its_documents():
    story = Story()
    branch = story.through(s06_branch)
    assert branch.name == NAME and story.repository.current_branch() == NAME
    assert branch.pushed_sha == branch.base_sha == story.repository.remote["main"]
    assert (
        branch.documents == ("docs/requirements/SCRUM-95.md", "docs/adr/0001.md")
        and branch.missing == ()
    )
    assert story.repository.work["docs/adr/0001.md"] == "# A\n"
    assert status(s06_branch, branch) is Status.PASSED


def test_a_commit_that_the_local_base_alone_has_is_told_where_the_branch_is_without_it():
    story = Story()
    repository = story.repository
    repository.heads["main"] = repository.add_commit(
        repository.remote["main"], {"pipeline.yaml": "x"}, "chore: mine"
    )
    branch = story.through(s06_branch)
    assert branch.base_sha == repository.remote["main"]
    told = evidence(s06_branch, branch, "left_out").figure
    assert told == text("1 commit of the local main: chore: mine")
    # merged into the branch, it is left out no more
    repository.heads[NAME] = repository.heads["main"]
    assert story.through(s06_branch).left_out == ()


def test_what_make_writes_is_what_was_foreseen():
    story = Story()
    foreseen = s06_branch.foresee(s06_branch.Params(), story.needs(s06_branch.STEP))
    story.through(s06_branch)
    assert [write.verb for write in foreseen.writes] == story.repository.writes
    assert foreseen.known["name"] == NAME


def test_a_branch_that_is_there_is_foreseen_as_adopted():
    story = Story()
    repository = story.repository
    assert [write.verb for write in story.foretold(s06_branch).writes][0] == "create_branch"
    repository.create_branch("feature/SCRUM-95-tabs", "main")
    repository.writes.clear()
    foreseen = story.foretold(s06_branch)
    verbs = ["write_file", "write_file", "push"]
    assert [write.verb for write in foreseen.writes] == verbs
    assert foreseen.known["name"] == "feature/SCRUM-95-tabs"
    assert repository.writes == [], "nothing is written to look"
    story.through(s06_branch)
    assert [verb for verb in repository.writes if verb != "create_branch"] == verbs


def test_a_branch_that_only_the_remote_has_is_neither_created_nor_pushed():
    story = Story()
    story.repository.remote[NAME] = story.repository.remote["main"]
    foreseen = story.foretold(s06_branch)
    assert [write.verb for write in foreseen.writes] == ["write_file", "write_file"]
    assert foreseen.known["name"] == NAME


def test_a_second_turn_writes_nothing():
    story = Story()
    first = story.through(s06_branch)
    story.repository.writes.clear()
    assert story.through(s06_branch) == first and story.repository.writes == []


def test_a_hand_made_branch_is_adopted_and_its_own_commits_are_not_pushed():
    story = Story()
    repository = story.repository
    repository.create_branch("feature/SCRUM-95", "main")
    repository.heads["feature/SCRUM-95"] = repository.add_commit(
        repository.heads["main"], {"secret": "x"}, "wip"
    )
    branch = story.through(s06_branch)
    assert branch.name == "feature/SCRUM-95" and branch.pattern == "feature/*"
    assert repository.remote["feature/SCRUM-95"] == repository.remote["main"]


def test_the_branch_that_is_checked_out_is_taken_before_another_of_the_ticket():
    story = Story()
    for name in ("SCRUM-95-old", "SCRUM-95-new", "SCRUM-950"):
        story.repository.create_branch(name, "main")
    story.repository.head = "SCRUM-95-new"
    assert story.through(s06_branch).name == "SCRUM-95-new"


def test_a_name_that_fits_no_pattern_fails_with_what_to_type():
    story = Story()
    story.repository.create_branch("wip/deep/SCRUM-95", "main")
    branch = story.through(s06_branch)
    assert status(s06_branch, branch) is Status.FAILED
    assert "git branch -m" in evidence(s06_branch, branch, "name").measured


def test_a_merged_branch_that_is_gone_is_not_pushed_again():
    story = Story()
    story.pushed()
    story.host.open_pull(NAME, "main", "t", "b")
    story.host.merge(1, story.repository.remote[NAME], "t", "b")
    del story.repository.remote[NAME], story.repository.work["docs/adr/0001.md"]
    story.repository.writes.clear()
    assert (
        status(s06_branch, story.through(s06_branch)) is Status.PASSED
        and story.repository.writes == []
    )


def test_a_document_that_was_lost_is_written_again():
    story = Story()
    story.through(s06_branch)
    del story.repository.work["docs/adr/0001.md"]
    assert status(s06_branch, story.seen(s06_branch)) is Status.FAILED
    assert status(s06_branch, story.through(s06_branch)) is Status.PASSED


def test_without_requirements_and_design_nothing_is_written_into_the_tree():
    story = Story()
    story.products |= {
        name: Absent(kind="skipped", why="-") for name in ("requirements", "architecture")
    }
    assert story.through(s06_branch).documents == () and "write_file" not in story.repository.writes


def test_no_protection_is_said_and_does_not_fail():
    story = Story()
    check = evidence(s06_branch, story.through(s06_branch), "protection")
    assert (check.ok, check.needed, check.measured) == (None, False, "no rules")
    story.host.rules = Protection(required_approvals=1, required_checks=("devflow/ci",))
    check = evidence(s06_branch, story.seen(s06_branch), "protection")
    assert check.ok is True and check.measured == "1 approvals, check devflow/ci"


def test_what_is_wrong_with_a_branch_is_said_in_its_line():
    story = Story()
    branch = story.through(s06_branch)
    lost = branch.model_copy(
        update={
            "missing": ("docs/adr/0001.md",),
            "documents": ("docs/adr/0001.md",),
            "pushed_sha": "",
        }
    )
    assert (
        evidence(s06_branch, lost, "document", "docs/adr/0001.md").measured
        == "docs/adr/0001.md is missing"
    )
    assert evidence(s06_branch, lost, "pushed").measured == "no"
    assert evidence(s06_branch, branch, "pushed").measured == branch.pushed_sha[:7]


def test_a_branch_that_only_the_remote_has_is_found_there():
    story = Story()
    name = story.through(s06_branch).name
    del story.repository.heads[name]
    story.repository.head = "main"
    assert story.seen(s06_branch).pushed_sha == story.repository.remote[name]


def test_a_ticket_without_any_branch_has_none():
    assert Story().seen(s06_branch) is None


def test_an_unfinished_working_tree_is_refused_before_anything_is_written():
    story = Story()
    story.repository.unfinished = "a merge is in progress"
    with pytest.raises(UsageError, match="a merge is in progress"):
        story.through(s06_branch)
    assert story.repository.writes == [] and story.repository.current_branch() == "main"


def test_a_clone_of_the_tickets_branch_alone_gets_its_base():
    story = Story()
    story.through(s06_branch)
    repository = story.repository
    # what actions/checkout makes of a pushed branch: no commit of main is here
    repository.merge_base = lambda one, other: ""
    del repository.heads["main"]
    repository.writes.clear()
    story.came_to(s06_branch)
    assert "fetch" in repository.writes
