"""Step 9: the repository's hooks on exactly the tree that will be committed."""

import json
from dataclasses import replace

from devflow.model.checks import Status
from devflow.model.outcomes import Absent, SendBack
from devflow.steps import s09_pre_commit
from tests.unit.steps.change_story import CONFIG, Story, evidence, status

# what pre-commit 4.7 printed for five local hooks
OUTPUT = """\
trailing-whitespace......................................................Passed
- hook id: trailing-whitespace
- duration: 0.03s
nothing here.........................................(no files to check)Skipped
- hook id: nothing
Backend Tests............................................................Passed
- hook id: bt
- duration: 0s

backend: 12 passed on tree 46bd850

bad......................................................................Failed
- hook id: bad
- duration: 0s
- exit code: 3

oh
"""


def developed(output: str = "black....Passed\n", exit_code: int = 0) -> Story:
    story = Story()
    story.developed()
    story.shell.ran = replace(story.shell.ran, output=output, exit_code=exit_code)
    return story


def test_every_hook_is_a_line_with_its_outcome_and_what_it_said():
    hooks = developed(OUTPUT, 1).turn(s09_pre_commit)
    assert [(hook.name, hook.outcome) for hook in hooks.hooks] == [
        ("trailing-whitespace", "passed"),
        ("nothing here", "skipped"),
        ("Backend Tests", "passed"),
        ("bad", "failed"),
    ]
    assert status(s09_pre_commit, hooks) is Status.FAILED
    assert evidence(s09_pre_commit, hooks, "hook", "bad").measured == "failed: oh"
    assert (
        evidence(s09_pre_commit, hooks, "hook", "Backend Tests").measured
        == "passed: backend: 12 passed on tree 46bd850"
    )


def test_hooks_run_in_a_checkout_of_the_coding_tree_and_know_step_8s_results():
    story = developed()
    assert status(s09_pre_commit, story.turn(s09_pre_commit)) is Status.PASSED
    (command,) = story.shell.asked
    tree = story.products["coding"].tree
    assert command.tree.id == tree and command.compare
    assert "PRE_COMMIT_HOME={out}/pre-commit" in command.argv
    known = json.loads(command.env["DEVFLOW_SUITE_RESULTS_JSON"])
    assert known == {"suites": {"backend": {"passed": 1, "failed": 0, "tree": tree}}}


def test_results_of_another_tree_are_not_handed_to_hooks():
    story = developed()
    other = story.products["local_tests"].suites[0].model_copy(update={"tree": "other"})
    story.products["local_tests"] = story.products["local_tests"].model_copy(
        update={"suites": (other,)}
    )
    story.turn(s09_pre_commit)
    assert json.loads(story.shell.asked[0].env["DEVFLOW_SUITE_RESULTS_JSON"]) == {"suites": {}}


def test_without_local_tests_hooks_are_told_nothing():
    story = developed()
    story.products["local_tests"] = Absent(kind="skipped", why="-")
    story.turn(s09_pre_commit)
    assert story.shell.asked[0].env == {}


def reformatted(story: Story) -> None:
    coding = story.products["coding"].tree
    after = story.repository.add_tree({**story.repository.trees[coding], "app.py": "formatted\n"})
    story.shell.ran = replace(
        story.shell.ran,
        output="black....Failed\n",
        changed=("app.py",),
        tree_after=after,
        exit_code=1,
    )


def test_a_hook_that_changes_files_sends_back_with_its_changes_in_the_working_tree():
    story = developed()
    reformatted(story)
    sent = story.turn(s09_pre_commit)
    assert isinstance(sent, SendBack) and sent.to == "coding" and sent.why == "black changed files"
    assert sent.todo == ("app.py: mended by a hook, the change is in the working tree",)
    assert story.repository.work["app.py"] == "formatted\n"


def test_a_file_that_was_edited_meanwhile_stays_the_developers():
    story = developed()
    reformatted(story)
    story.repository.work["app.py"] = "edited\n"
    assert "pre-commit run --files app.py" in story.turn(s09_pre_commit).todo[0]
    assert story.repository.work["app.py"] == "edited\n"


def test_another_branchs_working_tree_is_not_touched():
    story = developed()
    reformatted(story)
    story.repository.head = "main"
    assert (
        isinstance(story.turn(s09_pre_commit), SendBack)
        and "restore" not in story.repository.writes
    )


def test_without_pre_commit_or_its_configuration_nothing_is_green():
    story = developed()
    story.shell.programs.clear()
    assert status(s09_pre_commit, story.turn(s09_pre_commit)) is Status.UNAVAILABLE
    del story.repository.work[CONFIG]
    story = Story()
    del story.repository.work[CONFIG]
    story.developed()
    hooks = story.turn(s09_pre_commit)
    assert (
        status(s09_pre_commit, hooks) is Status.UNAVAILABLE
        and hooks.problem == f"no {CONFIG} in the tree"
    )


def test_no_hook_at_all_or_only_skipped_ones_do_not_pass():
    assert status(s09_pre_commit, developed("").turn(s09_pre_commit)) is Status.FAILED
    assert (
        status(s09_pre_commit, developed("x...(no files to check)Skipped\n").turn(s09_pre_commit))
        is Status.FAILED
    )


def test_a_broken_configuration_is_said_and_not_passed():
    hooks = developed("An error has occurred: InvalidConfigError:\n=====> not valid\n", 1).turn(
        s09_pre_commit
    )
    assert (
        status(s09_pre_commit, hooks) is Status.UNAVAILABLE and hooks.problem == "=====> not valid"
    )


def test_hooks_that_passed_before_pre_commit_itself_failed_are_not_all_of_them():
    hooks = developed("black....Passed\nAn unexpected error has occurred: OSError\n", 3).turn(
        s09_pre_commit
    )
    assert (
        status(s09_pre_commit, hooks) is Status.UNAVAILABLE and "unexpected error" in hooks.problem
    )


def test_a_command_that_was_ended_for_time_is_not_measured():
    story = developed("black....Passed\n")
    story.shell.ran = replace(story.shell.ran, exit_code=None, problem="ended after 600 s")
    assert status(s09_pre_commit, story.turn(s09_pre_commit)) is Status.UNAVAILABLE
