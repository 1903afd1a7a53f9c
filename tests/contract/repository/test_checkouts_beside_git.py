"""What git keeps in other places than its own objects: submodules, and the content of large files.
Both are in a checkout without the network, or the entry is unavailable."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from devflow.adapters.git.repository import GitRepository
from devflow.model.errors import Unavailable
from devflow.model.tree import Base, Tree
from tests.contract.repository.checkouts import git
from tests.contract.repository.foreign import (
    LARGE,
    add_submodule,
    commit,
    everything,
    files_in,
    hostile,
    made,
    needs_lfs,
    with_lfs,
    write,
)

ATTRIBUTES: Final = "*.bin filter=lfs diff=lfs merge=lfs -text\n"
# killed as soon as the checkout is being written, which is told on stdout
KILLED: Final = """
import sys
from pathlib import Path
from devflow.adapters.git.repository import GitRepository
from devflow.model.tree import Tree
repository = GitRepository(Path(sys.argv[1]), None)
tree = repository.work_tree()
print("ready", flush=True)
while True:
    folder = Path(sys.argv[2]) / "place"
    folder.mkdir()
    repository.check_out(Tree(id=tree), folder)
    folder.rename(folder.with_name("done"))
    print("done", flush=True)
    break
sys.stdin.read()
"""


@pytest.fixture
def user(tmp_path: Path) -> Path:
    """A repository with a submodule that has one itself."""
    inner = made(tmp_path / "origins" / "inner", {"inner.txt": "inner\n"})
    outer = made(tmp_path / "origins" / "outer", {"outer.txt": "outer\n", "README.md": "o\n"})
    add_submodule(outer, inner, "deep/inner")
    folder = made(tmp_path / "user", {"README.md": "one\n"})
    add_submodule(folder, outer, "libs/outer")
    fetch = ("submodule", "--quiet", "update", "--init", "--recursive")
    git(folder, "-c", "protocol.file.allow=always", *fetch)
    return folder


def test_submodules_are_filled_at_their_recorded_commits(user: Path, place: Path) -> None:
    write(user, {"new": "new"})
    before = everything(user / ".git")
    repository = GitRepository(user, None)
    tree = repository.work_tree()
    repository.check_out(Tree(id=tree), place)
    assert files_in(place) == files_in(user)
    for path in (".", "libs/outer", "libs/outer/deep/inner"):
        assert git(place / path, "rev-parse", "HEAD") == git(user / path, "rev-parse", "HEAD")
        assert git(place / path, "rev-parse", "--show-toplevel") == str((place / path).resolve())
    shown = ("submodule", "status", "--recursive")
    assert git(place, *shown) == git(user, *shown)
    assert repository.tree_in(place) == tree
    assert everything(user / ".git") == before


def test_what_is_done_in_a_submodule_stays_in_the_checkout(user: Path, place: Path) -> None:
    before = everything(user)
    repository = GitRepository(user, None)
    tree = repository.work_tree()
    repository.check_out(Tree(id=tree), place)
    hostile(place)
    hostile(place / "libs" / "outer")
    assert everything(user) == before


def test_a_commit_made_in_a_submodule_is_a_change(user: Path, place: Path) -> None:
    repository = GitRepository(user, None)
    tree = repository.work_tree()
    repository.check_out(Tree(id=tree), place)
    who = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    git(place / "libs/outer", *who, "commit", "--quiet", "--allow-empty", "-m", "more")
    assert repository.names_changed(tree, repository.tree_in(place)) == ("libs/outer",)


def test_a_submodule_whose_folder_is_gone_is_found_in_the_repository(
    user: Path, tmp_path: Path, place: Path
) -> None:
    with_both = git(user, "rev-parse", "HEAD")
    expected = files_in(user)
    git(user, "rm", "--quiet", "libs/outer")
    commit(user, "feat: no submodule")
    shutil.rmtree(user / "libs")
    repository = GitRepository(user, None)
    repository.check_out(Base(with_both), place)
    assert files_in(place) == expected
    folder = tmp_path / "now"
    folder.mkdir()
    repository.check_out(Tree(id=repository.work_tree()), folder)
    assert not (folder / "libs").exists()


@pytest.mark.parametrize("depth", [1, 2])
def test_a_submodule_that_was_never_initialised_is_told_with_what_fetches_it(
    user: Path, tmp_path: Path, place: Path, depth: int
) -> None:
    allowed = ("-c", "protocol.file.allow=always")
    git(tmp_path, *allowed, "clone", "--quiet", str(user), "fresh")
    fresh = tmp_path / "fresh"
    if depth == 2:
        git(fresh, *allowed, "submodule", "--quiet", "update", "--init")
    repository = GitRepository(fresh, "origin")
    tree = repository.work_tree()
    path = "libs/outer" if depth == 1 else "libs/outer/deep/inner"
    with pytest.raises(Unavailable, match=f"the submodule {path} was never fetched") as caught:
        repository.check_out(Tree(id=tree), place)
    assert list(place.iterdir()) == []
    assert caught.value.where == path
    git(fresh, *allowed, *caught.value.hint.split()[1:])
    assert repository.check_out(Tree(id=tree), place) == tree
    assert files_in(place) == files_in(user)


def test_a_commit_that_the_submodule_does_not_have_is_told_with_what_fetches_it(
    user: Path, tmp_path: Path, place: Path
) -> None:
    allowed = ("-c", "protocol.file.allow=always")
    clone = ("clone", "--quiet", "--recurse-submodules", str(user), "fresh")
    git(tmp_path, *allowed, *clone)
    outer = tmp_path / "origins" / "outer"
    write(outer, {"outer.txt": "newer\n"})
    newer = commit(outer)
    git(user / "libs/outer", "fetch", "--quiet")
    git(user / "libs/outer", "checkout", "--quiet", newer)
    base = commit(user, "feat: a newer submodule")
    git(tmp_path / "fresh", "fetch", "--quiet", "--no-recurse-submodules")
    repository = GitRepository(tmp_path / "fresh", "origin")
    with pytest.raises(Unavailable, match=f"the submodule libs/outer lacks .* {newer}") as caught:
        repository.check_out(Base(base), place)
    git(tmp_path / "fresh", *caught.value.hint.split()[1:])
    repository.check_out(Base(base), place)
    assert (place / "libs/outer/outer.txt").read_text() == "newer\n"


def large(folder: Path) -> Path:
    """A repository whose large file was committed through git-lfs."""
    made(folder, {".gitattributes": ATTRIBUTES})
    with_lfs(folder)
    write(folder, {"data/a.bin": LARGE, "src/raw.txt": "raw\n"})
    commit(folder, "feat: a large file")
    return folder


@needs_lfs
def test_large_files_have_their_content_also_those_of_the_working_tree(
    tmp_path: Path, place: Path
) -> None:
    user = large(tmp_path / "user")
    write(user, {"data/b.bin": LARGE[::-1], "data/empty.bin": b""})
    before = everything(user / ".git")
    repository = GitRepository(user, None)
    tree = repository.work_tree()
    repository.check_out(Tree(id=tree), place)
    assert files_in(place) == files_in(user)
    assert repository.tree_in(place) == tree
    write(place, {"data/a.bin": b"changed"})
    assert repository.names_changed(tree, repository.tree_in(place)) == ("data/a.bin",)
    hostile(place)
    assert everything(user / ".git") == before


@needs_lfs
def test_a_look_at_the_working_tree_leaves_no_trace_of_git_lfs(tmp_path: Path) -> None:
    user = made(tmp_path / "user", {".gitattributes": ATTRIBUTES})
    with_lfs(user)
    shutil.rmtree(user / ".git" / "hooks", ignore_errors=True)
    write(user, {"data/a.bin": LARGE})
    before = everything(user / ".git")
    repository = GitRepository(user, None)
    tree = repository.work_tree()
    assert everything(user / ".git") == before
    assert b"oid sha256:" in (repository.read(tree, "data/a.bin") or "").encode()
    git(user, "add", "-A")
    assert git(user, "write-tree") == tree


@needs_lfs
def test_the_settings_of_the_working_tree_hold_where_git_lfs_is_in_use(tmp_path: Path) -> None:
    user = large(tmp_path / "user")
    write(user / ".git" / "info", {"exclude": "*.tmp\n", "attributes": "*.win text eol=crlf\n"})
    git(user, "config", "core.autocrlf", "true")
    git(user, "config", "core.excludesFile", str(tmp_path / "ignored"))
    write(tmp_path, {"ignored": "*.mine\n"})
    write(user, {"a.tmp": "", "b.mine": "", "c.win": "a\r\n", "d.txt": "a\r\n"})
    git(user, "sparse-checkout", "set", "src")
    tree = GitRepository(user, None).work_tree()
    git(user, "add", "-A", "--sparse")
    assert git(user, "write-tree") == tree
    assert "data/a.bin" in git(user, "ls-files")


@needs_lfs
def test_content_that_is_not_in_the_store_is_told_before_anything_is_written(
    tmp_path: Path, place: Path
) -> None:
    user = large(tmp_path / "user")
    repository = GitRepository(user, None)
    tree = repository.tree_of("HEAD")
    shutil.move(user / ".git" / "lfs" / "objects", tmp_path / "elsewhere")
    before = everything(user / ".git")
    with pytest.raises(Unavailable, match="data/a.bin is kept by git-lfs") as caught:
        repository.check_out(Tree(id=tree), place)
    assert caught.value.hint == "git lfs pull"
    with pytest.raises(Unavailable) as caught:
        repository.check_out(Base(repository.sha_of("HEAD")), place)
    assert caught.value.hint == f"git lfs fetch origin {repository.sha_of('HEAD')}"
    assert list(place.iterdir()) == []
    assert everything(user / ".git") == before
    git(user, "config", "lfs.storage", str(tmp_path))
    shutil.move(tmp_path / "elsewhere", tmp_path / "objects")
    repository.check_out(Tree(id=tree), place)
    assert (place / "data" / "a.bin").read_bytes() == LARGE


@needs_lfs
def test_content_is_filled_in_where_the_user_leaves_it_out_and_told_without_git_lfs(
    tmp_path: Path, place: Path
) -> None:
    user = large(tmp_path / "user")
    git(user, "config", "filter.lfs.smudge", "git-lfs smudge --skip -- %f")
    git(user, "config", "filter.lfs.process", "git-lfs filter-process --skip")
    repository = GitRepository(user, None)
    head = repository.tree_of("HEAD")
    repository.check_out(Tree(id=head), place)
    assert (place / "data" / "a.bin").read_bytes() == LARGE
    git(user, "config", "--remove-section", "filter.lfs")
    folder = tmp_path / "without"
    folder.mkdir()
    with pytest.raises(Unavailable, match="git does not know") as caught:
        GitRepository(user, None).check_out(Tree(id=head), folder)
    assert caught.value.hint == "git lfs install && git lfs pull"


@needs_lfs
def test_a_checkout_shares_no_content_of_large_files_with_the_user(
    tmp_path: Path, place: Path
) -> None:
    user = large(tmp_path / "user")
    git(user, "branch", "side")
    write(user, {"data/side.bin": LARGE * 2})
    commit(user)
    repository = GitRepository(user, None)
    repository.check_out(Base(git(user, "rev-parse", "side")), place)
    before = everything(user / ".git")
    for path in (place / ".git" / "lfs" / "objects").rglob("*"):
        if path.is_file():
            path.chmod(0o600)
            path.write_bytes(b"spoiled")
    # another branch's content, which git-lfs would link to where it borrows a store
    subprocess.run(["git", "checkout", "--quiet", "main"], cwd=place, capture_output=True)
    subprocess.run(["git", "lfs", "prune", "--force"], cwd=place, capture_output=True)
    assert everything(user / ".git") == before


@needs_lfs
def test_a_submodule_with_large_files_is_filled_too(tmp_path: Path, place: Path) -> None:
    other = large(tmp_path / "other")
    user = made(tmp_path / "user", {"README.md": "one\n"})
    with_lfs(user)
    git(user, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "sub")
    with_lfs(user / "sub")
    git(user / "sub", "lfs", "fetch", "origin")
    git(user / "sub", "lfs", "checkout")
    commit(user)
    before = everything(user / ".git")
    repository = GitRepository(user, None)
    tree = repository.work_tree()
    repository.check_out(Tree(id=tree), place)
    assert (place / "sub" / "data" / "a.bin").read_bytes() == LARGE
    assert git(place / "sub", "status", "--porcelain") == ""
    assert everything(user / ".git") == before


@needs_lfs
@pytest.mark.parametrize("moment", ["ready", "done"])
def test_a_kill_leaves_the_users_repository_as_it_was(tmp_path: Path, moment: str) -> None:
    user = large(tmp_path / "user")
    write(user, {"data/b.bin": LARGE[::-1], **{f"many/{n}": str(n) for n in range(2000)}})
    before = everything(user / ".git")
    program = (sys.executable, "-c", KILLED, str(user), str(tmp_path))
    child = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    for line in child.stdout:
        if line.strip() == moment:
            break
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()
    assert child.returncode == -signal.SIGKILL
    assert everything(user / ".git") == before
