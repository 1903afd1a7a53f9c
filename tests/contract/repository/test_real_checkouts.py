"""A checkout is a repository of its own: what a command sees in it is what it would see in the
user's, and what it does there stays there."""

import os
import shutil
from pathlib import Path

import pytest

from devflow.adapters.git.repository import GitRepository
from devflow.model.errors import StepFailed, Unavailable
from devflow.model.tree import Base, Tree
from tests.contract.repository.checkouts import git
from tests.contract.repository.foreign import (
    commit,
    everything,
    files_in,
    hostile,
    made,
    write,
)

FILES: dict[str, str | bytes] = {"README.md": "one\ntwo\n", "src/app.py": "print(1)\n"}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "place"
    folder.mkdir()
    return folder


@pytest.fixture
def user(tmp_path: Path) -> Path:
    """A repository with a remote, a tag, a note, another branch, and work on the ticket's."""
    folder = made(tmp_path / "user", FILES)
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "origin.git")
    git(folder, "remote", "add", "origin", "../origin.git")
    git(folder, "push", "--quiet", "--set-upstream", "origin", "main")
    git(folder, "remote", "set-head", "origin", "main")
    git(folder, "tag", "-a", "v1", "-m", "first")
    git(folder, "notes", "add", "-m", "a note")
    git(folder, "branch", "side")
    git(folder, "switch", "--quiet", "-c", "ticket")
    write(folder, {"src/app.py": "print(2)\n"})
    commit(folder, "feat: begun")
    write(folder, {"src/new.py": "new\n", "README.md": "one\n2\n"})
    return folder


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


def test_a_repository_of_sha256_has_checkouts_of_sha256(tmp_path: Path, place: Path) -> None:
    user = made(tmp_path / "user", FILES, "--object-format=sha256")
    write(user, {"new": "new"})
    repository = GitRepository(user, None)
    tree = repository.work_tree()
    assert repository.check_out(Tree(id=tree, branch="main"), place) == tree
    assert len(git(place, "rev-parse", "HEAD")) == len(tree) == 64
    assert repository.tree_in(place) == tree


def test_a_linked_work_tree_and_a_shared_clone_are_users_too(user: Path, tmp_path: Path) -> None:
    git(user, "worktree", "add", "--quiet", "-b", "linked", str(tmp_path / "linked"))
    git(tmp_path, "clone", "--quiet", "--shared", str(user), "shared")
    before = everything(user / ".git")
    for name in ("linked", "shared"):
        write(tmp_path / name, {"new": name})
        repository = GitRepository(tmp_path / name, "origin")
        tree = repository.work_tree()
        folder = tmp_path / f"of-{name}"
        folder.mkdir()
        assert repository.check_out(Tree(id=tree), folder) == tree
        branch = git(tmp_path / name, "branch", "--show-current")
        assert git(folder, "branch", "--show-current") == branch
        hostile(folder)
    assert everything(user / ".git") == before


def test_a_shallow_clone_has_shallow_checkouts(user: Path, tmp_path: Path, place: Path) -> None:
    commit(user)
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{user}", "shallow")
    repository = GitRepository(tmp_path / "shallow", "origin")
    before = everything(tmp_path / "shallow" / ".git")
    tree = repository.work_tree()
    repository.check_out(Tree(id=tree), place)
    assert git(place, "rev-parse", "--is-shallow-repository") == "true"
    assert git(place, "log", "--oneline").count("\n") == 0
    assert git(place, "status", "--porcelain") == ""
    hostile(place)
    assert everything(tmp_path / "shallow" / ".git") == before


def test_what_a_partial_clone_lacks_is_told_before_anything_is_fetched(
    user: Path, tmp_path: Path, place: Path
) -> None:
    commit(user)
    git(user, "config", "uploadpack.allowFilter", "true")
    git(user, "config", "uploadpack.allowAnySHA1InWant", "true")
    partial = tmp_path / "partial"
    git(tmp_path, "clone", "--quiet", "--filter=blob:none", "--sparse", f"file://{user}", "partial")
    before = everything(partial / ".git")
    repository = GitRepository(partial, "origin")
    tree = repository.work_tree()
    with pytest.raises(Unavailable, match="src/app.py, src/new.py") as caught:
        repository.check_out(Tree(id=tree), place)
    assert list(place.iterdir()) == []
    assert everything(partial / ".git") == before
    git(partial, *caught.value.hint.split()[1:])
    assert repository.check_out(Tree(id=tree), place) == tree
    assert git(place, "config", "remote.origin.promisor") == "true"


def test_a_sparse_checkout_is_checked_out_whole_and_keeps_what_is_written_outside(
    user: Path, place: Path
) -> None:
    write(user, {"docs/guide.md": "guide\n", "docs/more.md": "more\n"})
    commit(user)
    git(user, "sparse-checkout", "set", "src")
    assert not (user / "docs").exists()
    repository = GitRepository(user, "origin")
    assert repository.work_tree() == repository.tree_of("HEAD")
    assert repository.read("", "docs/guide.md") == "guide\n"
    assert "docs/more.md" in repository.paths("")
    repository.write_file("docs/guide.md", "guide\nof this change\n")
    repository.write_file("docs/new.md", "new\n")
    tree = repository.work_tree()
    assert repository.names_changed("HEAD", tree) == ("docs/guide.md", "docs/new.md")
    repository.check_out(Tree(id=tree), place)
    assert (place / "docs" / "more.md").read_text() == "more\n"
    repository.commit("ticket", tree, "docs: a guide")
    assert repository.tree_of("HEAD") == tree
    assert git(user, "status", "--porcelain") == ""
    assert repository.work_tree() == tree


def test_a_link_that_nobody_named_is_an_empty_folder_as_in_every_clone(
    user: Path, tmp_path: Path, place: Path
) -> None:
    made(user / "inside", {"a": "a"})
    repository = GitRepository(user, "origin")
    tree = repository.work_tree()
    repository.check_out(Tree(id=tree), place)
    assert list((place / "inside").iterdir()) == []
    assert repository.tree_in(place) == tree
