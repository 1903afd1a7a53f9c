"""Reading git's own files says what git says, or nothing."""

import subprocess
from pathlib import Path
from typing import Callable

import pytest

from devflow.adapters.git.head import Head, head_at


def git(folder: Path, *arguments: str) -> str:
    """What git prints."""
    me = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    ran = subprocess.run(
        ["git", *me, *arguments], cwd=folder, check=True, stdout=subprocess.PIPE, text=True
    )
    return ran.stdout.rstrip("\n")


def as_git_says(folder: Path) -> Head:
    """The same three, asked of git."""
    return Head(
        Path(git(folder, "rev-parse", "--show-toplevel")),
        Path(git(folder, "rev-parse", "--path-format=absolute", "--git-common-dir")),
        git(folder, "symbolic-ref", "--short", "HEAD"),
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a commit and a folder, on a branch with a slash."""
    root = tmp_path / "checkout"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch=feature/SCRUM-95-x")
    (root / "src").mkdir()
    (root / "src" / "a").write_text("a")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=first")
    return root


def the_root(root: Path) -> Path:
    """Where it begins."""
    return root


def a_folder_of_it(root: Path) -> Path:
    """Inside."""
    return root / "src"


def without_a_commit(root: Path) -> Path:
    """A branch that is not born yet."""
    new = root.parent / "new"
    git(root.parent, "init", "--quiet", "--initial-branch=SCRUM-1", str(new))
    return new


def a_linked_working_tree(root: Path) -> Path:
    """Its HEAD lies in the main repository."""
    linked = root.parent / "linked"
    git(root, "worktree", "add", "--quiet", "-b", "SCRUM-96-y", str(linked))
    return linked


def a_repository_that_lies_elsewhere(root: Path) -> Path:
    """`.git` is a file."""
    elsewhere = root.parent / "elsewhere"
    git(
        root.parent, "init", "--quiet", f"--separate-git-dir={root.parent / 'kept'}", str(elsewhere)
    )
    return elsewhere


def a_submodule(root: Path) -> Path:
    """`.git` is a file with a way that begins at the folder."""
    outer = root.parent / "outer"
    git(root.parent, "init", "--quiet", str(outer))
    allowed = ("-c", "protocol.file.allow=always")
    git(outer, *allowed, "submodule", "--quiet", "add", str(root), "inner")
    return outer / "inner"


@pytest.mark.parametrize(
    "place",
    [
        the_root,
        a_folder_of_it,
        without_a_commit,
        a_linked_working_tree,
        a_repository_that_lies_elsewhere,
        a_submodule,
    ],
    ids=lambda place: place.__name__,
)
def test_it_says_what_git_says(checkout: Path, place: Callable[[Path], Path]) -> None:
    folder = place(checkout)
    head = head_at(folder)
    assert head is not None
    told = as_git_says(folder)
    assert head.branch == told.branch
    assert head.root.resolve() == told.root
    assert head.common_dir.resolve() == told.common_dir.resolve()


def test_git_is_asked_where_no_branch_is_checked_out(checkout: Path) -> None:
    git(checkout, "checkout", "--quiet", "--detach")
    assert head_at(checkout) is None


def test_git_is_asked_in_a_repository_without_a_working_tree(checkout: Path) -> None:
    bare = checkout.parent / "bare.git"
    git(checkout, "clone", "--quiet", "--bare", str(checkout), str(bare))
    assert head_at(bare) is None


def test_git_is_asked_where_nothing_is_a_checkout(tmp_path: Path) -> None:
    assert head_at(tmp_path / "nowhere") is None


def test_git_is_asked_where_a_file_names_no_folder(checkout: Path) -> None:
    other = checkout.parent / "other"
    other.mkdir()
    (other / ".git").write_text("nothing that git writes")
    assert head_at(other) is None


def test_git_is_asked_where_branches_are_kept_in_another_way(checkout: Path) -> None:
    (checkout / ".git" / "HEAD").write_text("ref: refs/heads/.invalid\n")
    assert head_at(checkout) is None
