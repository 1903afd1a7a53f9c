"""Checkouts of clones that do not hold everything, or hold it in another way: of sha256, linked,
shared, shallow, partial, sparse."""

from pathlib import Path

import pytest

from devflow.adapters.git.repository import GitRepository
from devflow.model.errors import Unavailable
from devflow.model.tree import Tree
from tests.contract.repository.checkouts import git
from tests.contract.repository.foreign import FILES, commit, everything, hostile, made, write


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
    repository.write_file("docs/guide.md", "guide\n")
    assert not (user / "docs").exists()
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
