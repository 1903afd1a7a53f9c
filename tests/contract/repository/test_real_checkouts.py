"""A checkout is a repository of its own: what a command sees in it is what it would see in the
user's, and what it does there stays there."""

import os
import shutil
from pathlib import Path

import pytest

from devflow.adapters.git.repository import GitRepository
from devflow.model.errors import StepFailed
from devflow.model.tree import Base, Tree
from tests.contract.repository.checkouts import git
from tests.contract.repository.foreign import (
    FILES,
    everything,
    files_in,
    hostile,
    made,
    write,
)


def ask(folder: Path) -> list[str]:
    """What hooks ask."""
    questions = (
        ("rev-parse", "HEAD"),
        ("diff", "--cached", "--name-only"),
        ("branch", "--show-current"),
        ("log", "-1"),
        ("status", "--porcelain"),
        ("merge-base", "HEAD", "origin/main"),
        ("rev-parse", "--abbrev-ref", "origin/HEAD"),
        ("describe", "--tags"),
        ("notes", "show", "v1^{}"),
    )
    return [git(folder, *question) for question in questions]


def test_a_hook_sees_the_same_before_and_after_the_commit(user: Path, tmp_path: Path) -> None:
    repository = GitRepository(user, "origin")
    tree = repository.work_tree()
    head = git(user, "rev-parse", "HEAD")
    before = tmp_path / "before"
    before.mkdir()
    assert repository.check_out(Tree(id=tree, branch="ticket"), before) == tree
    git(user, "add", "-A")
    assert ask(before) == ask(user)
    assert files_in(before) == files_in(user)
    repository.commit("ticket", tree, "feat: tabs")
    after = tmp_path / "after"
    after.mkdir()
    assert repository.check_out(Tree(id=tree, branch="ticket"), after) == tree
    assert ask(after) == ask(before)
    assert git(after, "rev-parse", "HEAD") == head


def test_after_the_push_head_is_the_pushed_commit_and_nothing_is_staged(
    user: Path, place: Path
) -> None:
    repository = GitRepository(user, "origin")
    tree = repository.work_tree()
    repository.commit("ticket", tree, "feat: tabs")
    pushed = repository.sha_of("HEAD")
    repository.check_out(Tree(id=tree, commit=pushed, branch="ticket"), place)
    assert git(place, "rev-parse", "HEAD") == pushed
    assert git(place, "branch", "--show-current") == "ticket"
    assert git(place, "status", "--porcelain") == ""
    git(place, "fsck", "--strict")


def test_a_base_is_a_commit_without_a_branch_or_a_tree_staged(user: Path, tmp_path: Path) -> None:
    repository = GitRepository(user, "origin")
    main = git(user, "rev-parse", "main")
    (tmp_path / "commit").mkdir()
    (tmp_path / "tree").mkdir()
    tree = repository.check_out(Base(main), tmp_path / "commit")
    assert tree == git(user, "rev-parse", "main^{tree}")
    assert git(tmp_path / "commit", "rev-parse", "HEAD") == main
    assert git(tmp_path / "commit", "branch", "--show-current") == ""
    assert git(tmp_path / "commit", "status", "--porcelain") == ""
    assert repository.check_out(Base(tree), tmp_path / "tree") == tree
    assert files_in(tmp_path / "tree") == files_in(tmp_path / "commit")


def test_without_a_branch_head_is_as_detached_as_the_users(user: Path, place: Path) -> None:
    git(user, "switch", "--quiet", "--detach")
    repository = GitRepository(user, "origin")
    repository.check_out(Tree(id=repository.work_tree()), place)
    assert git(place, "branch", "--show-current") == ""
    assert git(place, "rev-parse", "HEAD") == git(user, "rev-parse", "HEAD")


def test_the_first_commit_of_all_has_no_parent_to_stand_on(tmp_path: Path, place: Path) -> None:
    user = made(tmp_path / "young", FILES)
    repository = GitRepository(user, None)
    repository.check_out(Tree(id=repository.work_tree(), branch="main"), place)
    assert git(place, "rev-parse", "HEAD") == git(user, "rev-parse", "HEAD")
    assert git(place, "status", "--porcelain") == ""


@pytest.mark.parametrize("unknown", ["f" * 40, "main", "", "--all", "HEAD", "0" * 64])
def test_an_unknown_tree_and_a_name_that_moves_are_refused(
    user: Path, place: Path, unknown: str
) -> None:
    repository = GitRepository(user, "origin")
    with pytest.raises(StepFailed, match="git knows no tree"):
        repository.check_out(Tree(id=unknown), place)
    assert list(place.iterdir()) == []
    known = repository.work_tree()
    if unknown:
        with pytest.raises(StepFailed, match="git knows no commit"):
            repository.check_out(Tree(id=known, commit=unknown), place)
        assert list(place.iterdir()) == []


def test_no_hook_alias_or_credential_of_the_repository_is_taken_along(
    user: Path, place: Path
) -> None:
    taken = {
        "branch.ticket.description": 'words "and" \\ signs\n\tlines',
        "diff.word.textconv": "cat",
        "merge.ours.driver": "true",
        "filter.tabs.clean": "cat",
        "remote.other.url": "https://example.org/x.git",
    }
    left = {
        "alias.st": "status",
        "credential.helper": "store",
        "core.sshCommand": "false",
        "core.editor": "false",
        "http.https://example.org/.extraheader": "AUTHORIZATION: secret",
        "include.path": "/nowhere",
        "commit.gpgSign": "true",
    }
    for key, value in {**taken, **left}.items():
        git(user, "config", key, value)
    git(user, "config", "remote.other.url", "https://me:secret@example.org/x.git")
    write(user / ".git" / "hooks", {"pre-commit": "#!/bin/sh\ntouch hooked\n"})
    (user / ".git" / "hooks" / "pre-commit").chmod(0o755)
    repository = GitRepository(user, "origin")
    repository.check_out(Tree(id=repository.work_tree(), branch="ticket"), place)
    for key, value in taken.items():
        assert git(place, "config", key) == value.strip()
    listing = git(place, "config", "--local", "--list").lower()
    for key in left:
        assert key.lower() not in listing
    assert "secret" not in listing
    assert git(place, "remote", "get-url", "origin") == str(user / "../origin.git")
    git(
        place, "-c", "user.name=x", "-c", "user.email=x@y.z", "commit", "--quiet", "-m", "by a hook"
    )
    assert not (place / "hooked").exists()


def test_what_git_would_commit_is_told_whatever_the_command_did_to_the_index(
    user: Path, place: Path
) -> None:
    repository = GitRepository(user, "origin")
    tree = repository.work_tree()
    repository.check_out(Tree(id=tree, branch="ticket"), place)
    assert repository.tree_in(place) == tree
    git(place, "rm", "--quiet", "--cached", "README.md")
    git(place, "update-index", "--assume-unchanged", "src/app.py")
    write(place, {"src/app.py": "print(3)\n", "more.txt": "more\n", "noise.log": "x"})
    (place / ".gitignore").write_text("*.log\n")
    after = repository.tree_in(place)
    assert repository.names_changed(tree, after) == (".gitignore", "more.txt", "src/app.py")
    assert repository.tree_in(place) == after
    shutil.rmtree(place)
    assert repository.read(after, "src/app.py") == "print(3)\n"


def test_a_change_of_the_same_size_in_the_same_instant_is_seen(user: Path, place: Path) -> None:
    repository = GitRepository(user, "origin")
    tree = repository.work_tree()
    repository.check_out(Tree(id=tree), place)
    (place / "src" / "app.py").write_text("print(9)\n")
    assert repository.names_changed(tree, repository.tree_in(place)) == ("src/app.py",)


def test_a_checkout_whose_repository_was_destroyed_has_no_tree(user: Path, place: Path) -> None:
    repository = GitRepository(user, "origin")
    repository.check_out(Tree(id=repository.work_tree()), place)
    shutil.rmtree(place / ".git")
    assert repository.tree_in(place) == ""


def test_the_users_repository_is_byte_for_byte_as_it_was(user: Path, place: Path) -> None:
    before = everything(user / ".git")
    repository = GitRepository(user, "origin")
    tree = repository.work_tree()
    repository.check_out(Tree(id=tree, branch="ticket"), place)
    hostile(place)
    repository.tree_in(place)
    assert everything(user / ".git") == before


def test_bits_links_and_odd_names_are_checked_out_as_they_are(user: Path, place: Path) -> None:
    write(user, {"run.sh": "#!/bin/sh\n", "ü\n.txt": "odd\n", "deep/a/b/c": ""})
    (user / "run.sh").chmod(0o755)
    os.symlink("src/app.py", user / "link")
    os.symlink("nowhere", user / "dangling")
    repository = GitRepository(user, "origin")
    tree = repository.work_tree()
    repository.check_out(Tree(id=tree), place)
    assert os.access(place / "run.sh", os.X_OK)
    assert os.readlink(place / "link") == "src/app.py"
    assert os.readlink(place / "dangling") == "nowhere"
    assert (place / "ü\n.txt").read_text() == "odd\n"
    assert repository.tree_in(place) == tree


def test_line_ends_are_those_of_the_attributes_and_settings(user: Path, place: Path) -> None:
    write(user, {".gitattributes": "*.txt text eol=crlf\n", "a.txt": "a\nb\n"})
    git(user, "config", "core.autocrlf", "true")
    write(user / ".git" / "info", {"attributes": "*.lf text eol=lf\n", "exclude": "*.tmp\n"})
    write(user, {"b.lf": "a\nb\n", "c.tmp": "no part"})
    repository = GitRepository(user, "origin")
    tree = repository.work_tree()
    repository.check_out(Tree(id=tree), place)
    assert (place / "a.txt").read_bytes() == b"a\r\nb\r\n"
    assert (place / "b.lf").read_bytes() == b"a\nb\n"
    assert (place / "README.md").read_bytes() == b"one\r\n2\r\n"
    write(place, {"more.tmp": ""})
    assert repository.tree_in(place) == tree
    # what a formatter does that wants the other line ends changes nothing that git would commit
    write(place, {"a.txt": "a\nb\n"})
    assert repository.tree_in(place) == tree
    assert git(place, "status", "--porcelain", "--", "b.lf") == "A  b.lf"


def test_line_ends_that_contradict_the_attributes_are_no_change_until_somebody_writes(
    user: Path, place: Path
) -> None:
    write(user, {"a.txt": "a\r\nb\r\n", "b.txt": "a\r\n"})
    git(user, "add", "-A")
    write(user, {".gitattributes": "*.txt text eol=crlf\n"})
    git(user, "add", ".gitattributes")
    tree = git(user, "write-tree")
    repository = GitRepository(user, "origin")
    repository.check_out(Tree(id=tree), place)
    assert (place / "a.txt").read_bytes() == b"a\r\nb\r\n"
    # in the same second or not: git looks at a file that is as old as its index
    assert repository.tree_in(place) == tree
    write(place, {"a.txt": "a\nb\n"})
    assert repository.names_changed(tree, repository.tree_in(place)) == ("a.txt",)
