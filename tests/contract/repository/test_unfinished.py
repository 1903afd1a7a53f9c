"""A working tree that git itself does not call finished is refused before anything is written, and
what the refusal says can be typed in that very state."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Callable

import pytest

from devflow.adapters.git.offline import LastKnownRepository
from devflow.adapters.git.repository import GitRepository
from devflow.model.errors import StepFailed, UsageError
from devflow.testing import MemoryRepository
from tests.contract.repository.checkouts import contents, git


def tried(folder: Path, *arguments: str) -> None:
    """git, which is meant to stop."""
    plain = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_EDITOR": "true"}
    subprocess.run(["git", *arguments], cwd=folder, check=False, capture_output=True, env=plain)


def typed(folder: Path, line: str) -> int:
    """A line of a hint, as a person types it."""
    plain = {**os.environ, "GIT_EDITOR": "true", "GIT_ALLOW_PROTOCOL": "file"}
    return subprocess.run(line, shell=True, cwd=folder, check=False, env=plain).returncode


@pytest.fixture
def parted(checkout: Path) -> Path:
    """Two branches that change the same lines; ``other`` in two commits."""
    for branch, count in (("other", 2), ("ours", 2)):
        git(checkout, "switch", "--quiet", "-c", branch, "main")
        for number in range(count):
            (checkout / "src" / "app.py").write_text(f"{branch}\n{number}\n")
            git(checkout, "commit", "--quiet", "-am", f"feat: {branch} {number}")
    git(checkout, "format-patch", "--quiet", "-o", str(checkout.parent / "patches"), "main..other")
    return checkout


STOPPED = {
    "a merge": ("merge", "other"),
    "a rebase": ("rebase", "other"),
    "a rebase by patches": ("rebase", "--apply", "other"),
    "a cherry-pick": ("cherry-pick", "other"),
    "two cherry-picks": ("cherry-pick", "other~1", "other"),
    "a revert": ("revert", "--no-edit", "HEAD~1"),
    "an am": ("am", "--3way", "PATCH"),
}


def stop(folder: Path, state: str) -> None:
    patch = sorted((folder.parent / "patches").iterdir())[1]
    words = [word.replace("PATCH", str(patch)) for word in STOPPED[state]]
    tried(folder, *words)
    assert git(folder, "ls-files", "--unmerged"), "it was meant to stop"


def refusal(folder: Path) -> UsageError:
    """What every reader and writer says alike, with nothing written."""
    before = contents(folder)
    repository = GitRepository(folder, "origin")
    told = []
    for refused in (
        repository.require_finished,
        LastKnownRepository(folder, "origin").require_finished,
        lambda: repository.create_branch("SCRUM-95-tabs", "main"),
        lambda: repository.commit("ours", repository.tree_of("HEAD"), "feat: x"),
    ):
        with pytest.raises(UsageError) as raised:
            refused()
        told.append(raised.value)
    assert len({(error.message, error.hint) for error in told}) == 1
    assert contents(folder) == before
    return told[0]


@pytest.mark.parametrize("state", STOPPED)
def test_what_stopped_with_unmerged_paths_can_be_solved_or_aborted_as_it_says(
    parted: Path, state: str
) -> None:
    head = git(parted, "rev-parse", "ours")
    stop(parted, state)
    told = refusal(parted)
    what = state.replace("two cherry-picks", "a cherry-pick").removesuffix(" by patches")
    assert told.message == f"{what} is in progress, 1 path unmerged: src/app.py"
    abort, _, solve = told.hint.partition(", or solve them, then: ")
    assert typed(parted, abort) == 0
    GitRepository(parted, "origin").require_finished()
    assert git(parted, "rev-parse", "HEAD") == head
    stop(parted, state)
    for number in range(3):
        (parted / "src" / "app.py").write_text(f"solved {number}\n")
        typed(parted, solve)
        if not git(parted, "ls-files", "--unmerged"):
            break
    GitRepository(parted, "origin").require_finished()


@pytest.mark.parametrize("state", ["a merge", "a rebase", "a cherry-pick", "a revert", "an am"])
def test_what_was_solved_and_not_gone_on_with_is_not_finished(parted: Path, state: str) -> None:
    head = git(parted, "rev-parse", "ours")
    for place in (0, 1):
        stop(parted, state)
        for number in range(2):
            (parted / "src" / "app.py").write_text(f"solved {number}\n")
            git(parted, "add", "--all")
            told = refusal(parted)
            assert told.message == f"{state} is in progress"
            separator = ", or make its change by hand and git add it, then: "
            ways = told.hint.split(separator if state == "an am" else ", or: ")
            # the next commit of a rebase stops as well
            if typed(parted, ways[place]) == 0:
                break
        GitRepository(parted, "origin").require_finished()
        git(parted, "reset", "--quiet", "--hard", head)


def test_a_patch_that_does_not_apply_is_an_am_in_progress(parted: Path) -> None:
    tried(parted, "am", str(sorted((parted.parent / "patches").iterdir())[1]))
    told = refusal(parted)
    assert told.message == "an am is in progress"
    assert typed(parted, told.hint.partition(", or ")[0]) == 0
    GitRepository(parted, "origin").require_finished()


def test_the_rest_of_several_picks_after_one_was_committed_by_hand(parted: Path) -> None:
    for verb, commits in (("cherry-pick", ("other~1", "other")), ("revert", ("HEAD~1", "HEAD~2"))):
        tried(parted, verb, *commits)
        (parted / "src" / "app.py").write_text(f"{verb} by hand\n")
        git(parted, "commit", "--quiet", "-am", "fix: by hand")
        told = refusal(parted)
        assert told.message == f"a {verb} is in progress"
        assert typed(parted, told.hint.partition(", or: ")[2]) == 0
        GitRepository(parted, "origin").require_finished()


def test_a_revert_that_was_not_committed_is_in_progress(parted: Path) -> None:
    git(parted, "revert", "--no-commit", "HEAD")
    told = refusal(parted)
    assert told.message == "a revert is in progress"
    assert typed(parted, told.hint.partition(", or: ")[0]) == 0
    GitRepository(parted, "origin").require_finished()


def test_a_bisect_is_ended_as_it_says(parted: Path) -> None:
    git(parted, "bisect", "start", "HEAD", "main")
    repository = GitRepository(parted, "origin")
    for branch in ("", "ours"):
        with pytest.raises(UsageError, match="a bisect is in progress") as raised:
            repository.require_finished(branch)
    repository.require_finished("main")
    assert typed(parted, raised.value.hint) == 0
    repository.require_finished()
    assert repository.current_branch() == "ours"


def test_a_stash_that_did_not_fit_leaves_unmerged_paths_and_no_operation(parted: Path) -> None:
    (parted / "src" / "app.py").write_text("stashed\n")
    git(parted, "stash", "--quiet")
    (parted / "src" / "app.py").write_text("committed\n")
    git(parted, "commit", "--quiet", "-am", "feat: other")
    tried(parted, "stash", "pop")
    told = refusal(parted)
    assert told.message == "1 path unmerged: src/app.py"
    assert typed(parted, told.hint.removeprefix("solve them, then: ")) == 0
    GitRepository(parted, "origin").require_finished()


@pytest.mark.parametrize("state", ["a rebase", "a rebase by patches"])
def test_a_branch_that_is_being_rebased_is_unfinished_although_nothing_is_checked_out(
    parted: Path, state: str
) -> None:
    stop(parted, state)
    repository = GitRepository(parted, "origin")
    with pytest.raises(UsageError, match="a rebase is in progress"):
        repository.require_finished("ours")
    repository.require_finished("another-ticket")


def test_another_branch_is_not_asked(parted: Path) -> None:
    stop(parted, "a merge")
    repository = GitRepository(parted, "origin")
    repository.require_finished("another-ticket")
    with pytest.raises(UsageError):
        repository.require_finished("ours")


def test_a_linked_work_tree_is_unfinished_by_itself(parted: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    git(parted, "worktree", "add", "--quiet", "-b", "linked", str(linked), "ours")
    stop(parted, "a merge")
    GitRepository(linked, "origin").require_finished()
    assert typed(parted, "git merge --abort") == 0
    tried(linked, "rebase", "other")
    assert "a rebase is in progress" in refusal(linked).message
    GitRepository(parted, "origin").require_finished()


NAMES = ["inner", "vendor/odd name", "ümlaut's"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("staged", [False, True])
def test_a_repository_inside_that_nobody_declared_is_no_link(
    checkout: Path, clone: Callable[[str], Path], name: str, staged: bool
) -> None:
    git(checkout, "switch", "--quiet", "-c", "ours")
    other = clone("theirs")
    for place in (0, 1):
        inner = checkout / name
        shutil.copytree(other, inner)
        if staged:
            git(checkout, "add", "--all")
        told = refusal(checkout)
        assert told.message == f"a repository that .gitmodules does not name lies inside: {name}"
        assert typed(checkout, told.hint.split(", or: ")[place]) == 0
        GitRepository(checkout, "origin").require_finished()
        git(checkout, "rm", "-r", "--quiet", "-f", "--cached", "--ignore-unmatch", name)
        git(checkout, "checkout", "--quiet", "HEAD", "--", ".gitignore")
        (checkout / ".gitmodules").unlink(missing_ok=True)
        git(checkout, "reset", "--quiet", "--hard")
        shutil.rmtree(inner)


def test_a_repository_inside_that_cannot_be_a_submodule_is_only_ignored(
    checkout: Path, clone: Callable[[str], Path]
) -> None:
    git(checkout, "switch", "--quiet", "-c", "ours")
    git(checkout, "init", "--quiet", "fresh")
    assert refusal(checkout).hint == "echo /fresh/ >> .gitignore"
    shutil.rmtree(checkout / "fresh")
    git(checkout, "worktree", "add", "--quiet", "-b", "side", "side")
    assert typed(checkout, refusal(checkout).hint) == 0
    GitRepository(checkout, "origin").require_finished()


def test_a_submodule_and_an_ignored_repository_are_no_trouble(
    checkout: Path, clone: Callable[[str], Path], remote: Path
) -> None:
    add = ("-c", "protocol.file.allow=always", "submodule", "--quiet", "add")
    git(checkout, *add, str(remote), "sub module")
    (checkout / ".gitignore").write_text("/cache/\n")
    git(checkout, "init", "--quiet", "cache/inner")
    git(checkout, "init", "--quiet", "--bare", "fixtures/bare.git")
    repository = GitRepository(checkout, "origin")
    repository.require_finished()
    tree = repository.work_tree()
    repository.commit("main", tree, "feat: a submodule")
    # a link that came with the history, and whose folder is empty, is somebody else's
    git(checkout, "rm", "--quiet", "--cached", ".gitmodules")
    git(checkout, "commit", "--quiet", "-m", "fix: no .gitmodules")
    (checkout / ".gitmodules").unlink()
    shutil.rmtree(checkout / "sub module")
    (checkout / "sub module").mkdir()
    repository.require_finished()


def test_the_stand_in_refuses_as_git_does() -> None:
    repository = MemoryRepository({"a": "1\n"})
    repository.unfinished = "a merge is in progress"
    for refused in (
        repository.require_finished,
        lambda: repository.require_finished("main"),
        lambda: repository.create_branch("SCRUM-95-tabs", "main"),
        lambda: repository.commit("main", repository.work_tree(), "feat: x"),
    ):
        with pytest.raises(UsageError, match="a merge is in progress"):
            refused()
    repository.require_finished("another-ticket")
    assert not repository.writes


def test_what_is_unfinished_is_no_tree(parted: Path) -> None:
    stop(parted, "a merge")
    with pytest.raises((StepFailed, UsageError)):
        GitRepository(parted, "origin").commit("ours", "f" * 40, "feat: x")
