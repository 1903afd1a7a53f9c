"""The sandbox beside a repository that goes on: its base follows the one that is here, no branch
takes pipeline.yaml away, and it is looked at and ended without that file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from devflow.model.ids import tickets_in
from tests.e2e.checkout import Checkout, first_commit
from tests.e2e.messages import error_of

PIPELINE = """\
devflow: 1
connect: sandbox
phases:
  plan:
    - ticket
    - branch
"""
NEW = ("start", "--new", "Greet people", "--type", "Task", "--description", "text.md")
TEXT = "## Description\n\nGreet.\n\n## Acceptance Criteria\n\n1. one\n2. two\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    """Without a pipeline.yaml in its first commit, and a sandbox that began there."""
    folder = tmp_path / "roof"
    folder.mkdir()
    (folder / "text.md").write_text(TEXT)
    checkout = first_commit(Checkout(folder))
    checkout.write("pipeline.yaml", PIPELINE)
    yield checkout
    checkout.close()


def keep_pipeline(checkout: Checkout) -> None:
    checkout.git("add", "pipeline.yaml")
    checkout.git("commit", "--quiet", "--message", "pipeline")


def begun(checkout: Checkout) -> str:
    """A first ticket, by which the sandbox's remote gets its base; answers where that is."""
    checkout.ends(0, *NEW, "--output", "plain")
    checkout.git("switch", "--quiet", "main")
    return str(checkout.sandbox()["git_remote"])


def test_without_a_project_a_new_ticket_is_in_the_sandbox_s_own(checkout: Checkout) -> None:
    ran = checkout.devflow(*NEW, "--output", "plain")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert checkout.git("branch", "--show-current").startswith("SCRUM-")


def test_a_key_that_the_sandbox_was_not_begun_with_is_told_with_the_cure(
    checkout: Checkout,
) -> None:
    checkout.ends(0, "sandbox", "up")
    checkout.write("pipeline.yaml", PIPELINE + "project: {tracker: {project: ROOF}}\n")
    ran = checkout.devflow(*NEW)
    message = error_of(ran, 2)
    assert "begun with the project SCRUM: it has no ROOF" in message
    assert "devflow sandbox reset" in message and "pipeline.yaml:7" in message
    checkout.ends(0, "sandbox", "reset")
    checkout.ends(0, *NEW, "--output", "plain")
    assert checkout.git("branch", "--show-current").startswith("ROOF-")


def test_a_base_that_is_ahead_here_is_what_the_next_branch_begins_at(checkout: Checkout) -> None:
    remote = begun(checkout)
    keep_pipeline(checkout)
    checkout.ends(0, "start", "SCRUM-95", "--output", "plain")
    assert checkout.git("ls-remote", remote, "refs/heads/main").split()[0] == checkout.git(
        "rev-parse", "main"
    )
    assert (checkout.folder / "pipeline.yaml").exists()


def test_a_base_without_the_pipeline_is_refused_before_the_switch(checkout: Checkout) -> None:
    remote = begun(checkout)
    keep_pipeline(checkout)
    # the sandbox's base goes another way
    other = checkout.git("commit-tree", "main~1^{tree}", "-p", "main~1", "-m", "theirs")
    checkout.git("push", "--quiet", remote, f"{other}:refs/heads/main")
    ran = checkout.devflow("start", "SCRUM-95", "--output", "plain")
    shown = ran.stdout + ran.stderr
    assert ran.returncode == 1, shown
    assert "has no pipeline.yaml" in shown and "git pull --rebase" in shown
    assert checkout.git("branch", "--show-current") == "main"
    # what is to be typed is a cure
    checkout.git("pull", "--quiet", "--rebase", remote, "main")
    checkout.ends(0, "start", "SCRUM-95", "--output", "plain")


def test_it_is_looked_at_and_ended_without_a_pipeline(checkout: Checkout) -> None:
    checkout.ends(0, "sandbox", "up")
    (checkout.folder / "pipeline.yaml").unlink()
    assert checkout.sandbox()["github"]["repository"] == "acme/roof"
    assert "the sandbox is down" in checkout.ends(0, "sandbox", "down")
    assert "empty" in checkout.ends(0, "sandbox", "reset")
    error_of(checkout.devflow("sandbox", "up"), 3)


def shipped(checkout: Checkout) -> str:
    """A ticket whose pull request is open; answers its key."""
    rest = "  make: [coding, commit, push]\n  review: [pull_request]\n"
    checkout.write("pipeline.yaml", PIPELINE + rest)
    keep_pipeline(checkout)
    checkout.ends(0, *NEW, "--output", "plain")
    checkout.write("greeting.txt", "hello\n")
    key = str(tickets_in(checkout.git("branch", "--show-current"))[0])
    checkout.ends(0, "ship", key)
    return key


def changed_since(checkout: Checkout, *arguments: str) -> bool:
    return "is not the one of the tree that is judged" in checkout.devflow(*arguments).stderr


def test_a_pipeline_that_is_not_the_judged_tree_s_is_told_where_the_working_tree_is_none_of_it(
    checkout: Checkout,
) -> None:
    key = shipped(checkout)
    branch = checkout.git("branch", "--show-current")
    commands = (("status", key), ("plan", key), ("ship", key))
    # still part of what `ship` takes up
    checkout.edit("pipeline.yaml", r"\Z", "# while it is open\n")
    assert not any(changed_since(checkout, *one) for one in commands)
    checkout.git("switch", "--quiet", "main")
    # `ship` has taken up that line
    assert changed_since(checkout, "status", key)
    checkout.git("restore", f"--source={branch}", "pipeline.yaml")
    assert not any(changed_since(checkout, *one) for one in commands)
    checkout.edit("pipeline.yaml", r"\Z", "# afterwards\n")
    assert all(changed_since(checkout, *one) for one in commands)
