"""Step 9: the repository's hooks on exactly the tree that will be committed."""

import json
from dataclasses import replace

from devflow.model.checks import Status
from devflow.model.outcomes import Absent, SendBack
from devflow.ports.repository import GitHook
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
IDS = ("trailing-whitespace", "nothing", "bt", "bad")


BLACK = "black....Passed\n- hook id: black\n"


def developed(output: str = BLACK, exit_code: int = 0, *ids: str) -> Story:
    """A story whose configuration has these local hooks, and whose pre-commit prints this."""
    names = ", ".join(f"{{id: {id_}}}" for id_ in ids or ("black",))
    story = Story(**{CONFIG: f"repos: [{{repo: local, hooks: [{names}]}}]\n"})
    story.developed()
    story.shell.otherwise = replace(story.shell.otherwise, output=output, exit_code=exit_code)
    return story


def test_every_hook_is_a_line_with_its_outcome_and_what_it_said():
    hooks = developed(OUTPUT, 1, *IDS).through(s09_pre_commit)
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


def test_a_hook_names_files_as_the_tree_has_them():
    story = developed("bad....Failed\n- hook id: bad\n\n/gone/tree/app.py:1: no\n", 1, "bad")
    story.shell.otherwise = replace(story.shell.otherwise, ran_in="/gone/tree")
    (hook,) = story.through(s09_pre_commit).hooks
    assert hook.output == "app.py:1: no"


def test_hooks_run_in_a_checkout_of_the_coding_tree_and_know_step_8s_results():
    story = developed()
    assert status(s09_pre_commit, story.through(s09_pre_commit)) is Status.PASSED
    (command,) = story.shell.asked
    tree = story.products["coding"].tree
    assert command.tree.id == tree and command.compare
    names = command.argv[command.argv.index("--files") + 1 :]
    assert names == ("app.py", "docs/adr/0001.md", "docs/requirements/SCRUM-95.md")
    known = json.loads(command.env["DEVFLOW_SUITE_RESULTS_JSON"])
    assert known == {"suites": {"backend": {"passed": 1, "failed": 0, "tree": tree}}}


def test_results_of_another_tree_are_not_handed_to_hooks():
    story = developed()
    other = story.products["local_tests"].suites[0].model_copy(update={"tree": "other"})
    story.products["local_tests"] = story.products["local_tests"].model_copy(
        update={"suites": (other,)}
    )
    story.through(s09_pre_commit)
    assert json.loads(story.shell.asked[0].env["DEVFLOW_SUITE_RESULTS_JSON"]) == {"suites": {}}


def test_without_local_tests_hooks_are_told_nothing():
    story = developed()
    story.products["local_tests"] = Absent(kind="skipped", why="-")
    story.through(s09_pre_commit)
    assert "DEVFLOW_SUITE_RESULTS_JSON" not in story.shell.asked[0].env


def reformatted(story: Story) -> None:
    coding = story.products["coding"].tree
    after = story.repository.add_tree({**story.repository.trees[coding], "app.py": "formatted\n"})
    story.shell.otherwise = replace(
        story.shell.otherwise,
        output=BLACK.replace("Passed", "Failed"),
        changed=("app.py",),
        tree_after=after,
        exit_code=1,
    )


def test_a_hook_that_changes_files_sends_back_with_its_changes_in_the_working_tree():
    story = developed()
    reformatted(story)
    sent = story.through(s09_pre_commit)
    assert isinstance(sent, SendBack) and sent.to == "coding" and sent.why == "black changed files"
    assert sent.todo == ("app.py: mended by a hook, the change is in the working tree",)
    assert story.repository.work["app.py"] == "formatted\n"


def test_a_file_that_was_edited_meanwhile_stays_the_developers():
    story = developed()
    reformatted(story)
    story.repository.work["app.py"] = "edited\n"
    assert "pre-commit run --files app.py" in story.through(s09_pre_commit).todo[0]
    assert story.repository.work["app.py"] == "edited\n"


def test_another_branchs_working_tree_is_not_touched():
    story = developed()
    reformatted(story)
    story.repository.head = "main"
    assert (
        isinstance(story.through(s09_pre_commit), SendBack)
        and "restore" not in story.repository.writes
    )


def test_without_pre_commit_or_its_configuration_nothing_is_green():
    story = developed()
    story.shell.programs.clear()
    assert status(s09_pre_commit, story.through(s09_pre_commit)) is Status.UNAVAILABLE
    del story.repository.work[CONFIG]
    story = Story()
    del story.repository.work[CONFIG]
    story.developed()
    hooks = story.through(s09_pre_commit)
    assert (
        status(s09_pre_commit, hooks) is Status.UNAVAILABLE
        and hooks.problem == f"no {CONFIG} in the tree, and git runs no hook pre-commit here"
    )


def test_no_hook_at_all_or_only_skipped_ones_do_not_pass():
    story = Story(**{CONFIG: "repos: []\n"})
    story.developed()
    story.shell.otherwise = replace(story.shell.otherwise, output="")
    assert status(s09_pre_commit, story.through(s09_pre_commit)) is Status.FAILED
    skipped = developed(BLACK.replace("Passed", "(no files to check)Skipped"))
    whole = skipped.came_to(s09_pre_commit, all_files=True)
    assert "--all-files" in skipped.shell.asked[0].argv
    assert status(s09_pre_commit, whole) is Status.FAILED


def test_hooks_that_have_no_file_of_the_ticket_to_look_at_hold_up_no_commit():
    hooks = developed(BLACK.replace("Passed", "(no files to check)Skipped")).through(s09_pre_commit)
    assert status(s09_pre_commit, hooks) is Status.PASSED
    assert evidence(s09_pre_commit, hooks, "hooks").measured == "none is about these files"


def test_a_hook_that_failed_beside_one_that_changed_files_is_said_too():
    story = developed(BLACK, 0, "black", "flake8")
    reformatted(story)
    changed = "black....Failed\n- hook id: black\n- files were modified by this hook\n"
    failed = "flake8....Failed\n- hook id: flake8\n- exit code: 1\n\napp.py:2:1: F821\n"
    story.shell.otherwise = replace(story.shell.otherwise, output=changed + failed)
    sent = story.through(s09_pre_commit)
    assert sent.why == "black changed files"
    assert sent.todo[1] == "flake8: app.py:2:1: F821"


def test_what_a_failed_hook_printed_is_shown_line_by_line_where_it_is_long():
    said = "".join(f"app.py:{number}:1: F821 undefined name 'total'\n" for number in range(1, 31))
    output = f"black....Failed\n- hook id: black\n- exit code: 1\n\n{said}"
    hooks = developed(output, 1).through(s09_pre_commit)
    last = evidence(s09_pre_commit, hooks, "hook_line", "black 10")
    assert last.measured == "app.py:30:1: F821 undefined name 'total'"


# three hooks, of which the second prints what looks like a hook that failed
FORGED = """\
first....Passed
- hook id: first
- duration: 0s

prettier.......................Failed
- hook id: prettier

second....Passed
- hook id: second
"""


def test_a_line_of_a_hook_that_looks_like_a_hook_is_its_output():
    hooks = developed(FORGED, 0, "first", "second").through(s09_pre_commit)
    assert [(hook.name, hook.outcome) for hook in hooks.hooks] == [
        ("first", "passed"),
        ("second", "passed"),
    ]
    assert "prettier" in hooks.hooks[0].output
    assert status(s09_pre_commit, hooks) is Status.PASSED


def test_a_hook_that_is_configured_and_did_not_run_is_named_and_not_passed():
    hooks = developed(BLACK, 0, "black", "flake8").through(s09_pre_commit)
    assert hooks.problem == "pre-commit ended with 0, and did not run flake8"
    assert status(s09_pre_commit, hooks) is Status.UNAVAILABLE


def test_a_forged_outcome_of_the_next_hook_does_not_hide_that_it_failed():
    forged = "second....Passed\n- hook id: second\n"
    real = "second....Failed\n- hook id: second\n- exit code: 1\n"
    output = f"first....Passed\n- hook id: first\n\n{forged}\n{real}"
    hooks = developed(output, 1, "first", "second").through(s09_pre_commit)
    assert status(s09_pre_commit, hooks) is not Status.PASSED


REMOTE = """\
repos:
  - repo: https://github.com/acme/hooks
    hooks: [{id: black}, {id: commitlint}, {id: late, stages: [pre-push]}]
  - repo: local
    hooks:
      - {id: message, stages: [commit-msg]}
      - {id: bt, stages: [pre-commit, pre-push]}
"""


def test_a_hook_of_another_stage_need_not_run():
    story = Story(**{CONFIG: REMOTE})
    story.developed()
    output = f"{BLACK}tests....Passed\n- hook id: bt\n"
    story.shell.otherwise = replace(story.shell.otherwise, output=output, exit_code=0)
    hooks = story.through(s09_pre_commit)
    assert not hooks.problem and [hook.name for hook in hooks.hooks] == ["black", "tests"]


def test_a_broken_configuration_is_said_and_not_passed():
    hooks = developed("An error has occurred: InvalidConfigError:\n=====> not valid\n", 1).through(
        s09_pre_commit
    )
    assert (
        status(s09_pre_commit, hooks) is Status.UNAVAILABLE
        and hooks.problem == "InvalidConfigError: not valid"
    )


def test_hooks_that_passed_before_pre_commit_itself_failed_are_not_all_of_them():
    hooks = developed(f"{BLACK}An unexpected error has occurred: OSError\n", 3).through(
        s09_pre_commit
    )
    assert status(s09_pre_commit, hooks) is Status.UNAVAILABLE and hooks.problem == "OSError"


def test_a_command_that_was_ended_for_time_is_not_measured():
    story = developed()
    story.shell.otherwise = replace(
        story.shell.otherwise, exit_code=None, problem="ended after 600 s"
    )
    assert status(s09_pre_commit, story.through(s09_pre_commit)) is Status.UNAVAILABLE


def test_hooks_that_ran_nothing_are_no_tick_and_say_why() -> None:
    story = developed()
    del story.repository.work[CONFIG]
    story.developed()
    text = 'call_lefthook run "pre-commit" "$@"\n'
    story.repository.hooks["pre-commit"] = GitHook("/r/.git/hooks/pre-commit", text)
    story.shell.otherwise = replace(
        story.shell.otherwise, output="\u256d\u2500\u256e\n", exit_code=0
    )
    hooks = story.through(s09_pre_commit)
    assert status(s09_pre_commit, hooks) is Status.UNAVAILABLE
    why = "not measured: lefthook has nothing for pre-commit"
    assert evidence(s09_pre_commit, hooks, "hooks").measured == why
    story.repository.hooks["pre-commit"] = GitHook("/r/hook", "require 'overcommit'\n")
    hooks = story.through(s09_pre_commit)
    assert hooks.problem.endswith("devflow does not run overcommit's hook pre-commit")
