"""A merge that is in progress is nobody's to conclude but the developer's: each command says so in
one message, and goes on after what it says was typed."""

import subprocess
from pathlib import Path
from typing import Iterator

import pytest

from tests.e2e.checkout import KEY, Checkout, plain_checkout
from tests.e2e.messages import error_of, output_of
from tests.e2e.records import remote_refs

PROBLEM = "a merge is in progress, 1 path unmerged: src/roman/numerals.py"


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Checkout]:
    checkout = plain_checkout(tmp_path / "plain")
    try:
        yield checkout
    finally:
        checkout.close()


def stop_a_merge(checkout: Checkout) -> None:
    """A merge of main into the branch that is checked out, stopped by a conflict."""
    here = checkout.git("branch", "--show-current")
    checkout.git("switch", "--quiet", "--create", "theirs")
    checkout.edit("src/roman/numerals.py", r"SYMBOLS = \{", 'SYMBOLS = {50: "theirs", ')
    checkout.git("commit", "--quiet", "--all", "--message", "feat: theirs")
    checkout.git("switch", "--quiet", here)
    checkout.edit("src/roman/numerals.py", r"SYMBOLS = \{", 'SYMBOLS = {50: "ours", ')
    checkout.git("commit", "--quiet", "--all", "--message", "feat: ours")
    merge = ["git", "merge", "--quiet", "theirs"]
    ended = subprocess.run(merge, cwd=checkout.folder, check=False, capture_output=True)
    assert ended.returncode == 1


def test_start_makes_no_branch_in_the_middle_of_a_merge(plain: Checkout) -> None:
    stop_a_merge(plain)
    assert PROBLEM in output_of(plain.devflow("start", KEY), 2)
    assert plain.git("branch", "--show-current") == "main"
    plain.git("merge", "--abort")
    plain.ends(0, "start", KEY)


def test_ship_concludes_no_merge_and_status_and_plan_tell_it(plain: Checkout) -> None:
    plain.ends(0, "start", KEY)
    plain.git("add", "--all")
    plain.git("commit", "--quiet", "--no-verify", "--message", "docs: the plan")
    stop_a_merge(plain)
    branch = plain.git("branch", "--show-current")
    head = plain.git("rev-parse", "HEAD")
    pushed = remote_refs(plain)
    message = output_of(plain.devflow("ship", KEY), 2)
    assert PROBLEM in message and "git merge --abort, or solve them, then: git add " in message
    shown = plain.ends(0, "status", KEY)
    assert "a merge is in progress" in " ".join(shown.split()) and "git merge --abort" in shown
    assert PROBLEM in error_of(plain.devflow("plan", KEY), 2)
    assert (plain.git("rev-parse", "HEAD"), remote_refs(plain)) == (head, pushed)
    # what was pushed is whole; the merge stays as it is
    plain.git("push", "--quiet", plain.sandbox()["git_remote"], branch)
    plain.devflow("ship", KEY, "--as-pushed")
    assert plain.git("rev-parse", "HEAD") == head and "MERGE_HEAD" in told_heads(plain)
    plain.git("merge", "--abort")
    assert "in progress" not in plain.ends(0, "status", KEY)


def told_heads(checkout: Checkout) -> list[str]:
    return [path.name for path in (checkout.folder / ".git").iterdir()]


def test_the_sandbox_is_seeded_without_the_persons_hooks(plain: Checkout) -> None:
    hook = plain.folder / ".git" / "hooks" / "pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho not on my watch\nexit 1\n")
    hook.chmod(0o755)
    message = output_of(plain.devflow("start", KEY), 1)
    # the branch is a push like any other, which the hook may refuse; the sandbox's base was there
    assert "the pre-push hook refused" in message and "not on my watch" in message
    assert remote_refs(plain).startswith("refs/heads/main ") and remote_refs(plain).count("\n") == 0
    hook.unlink()
    plain.ends(0, "start", KEY)
