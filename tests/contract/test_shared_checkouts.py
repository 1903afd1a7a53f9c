"""Several commands in one checkout, one after the other."""

from pathlib import Path

import pytest

from devflow.adapters.git.repository import GitRepository
from devflow.adapters.machine.shell import LocalShell
from devflow.model.tree import Tree
from devflow.ports.shell import Command
from tests.contract.small_checkout import small_checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return small_checkout(tmp_path / "checkout")


@pytest.fixture
def repository(checkout: Path) -> GitRepository:
    return GitRepository(checkout, None)


@pytest.fixture
def shell(checkout: Path, repository: GitRepository, tmp_path: Path) -> LocalShell:
    return LocalShell(checkout, repository, tmp_path / "cache", tmp_path / "logs")


def sh(code: str, **how: object) -> Command:
    return Command(argv=("sh", "-c", code), **how)


def test_commands_that_share_a_checkout_find_what_was_left_there_and_others_do_not(
    shell: LocalShell, repository: GitRepository, checkout: Path
) -> None:
    tree = Tree(id=repository.work_tree())
    assert shell.measure(sh("echo 1 > installed", tree=tree, shared="build")).exit_code == 0
    assert shell.measure(sh("cat installed", tree=tree, shared="build")).output == "1\n"
    assert shell.measure(sh("cat installed", tree=tree, shared="other")).exit_code == 1
    assert shell.measure(sh("cat installed", tree=tree)).exit_code == 1
    (checkout / "src" / "app.py").write_text("edited\n")
    edited = Tree(id=repository.work_tree())
    assert shell.measure(sh("cat installed", tree=edited, shared="build")).exit_code == 1
    assert not (checkout / "installed").exists()


def test_what_shares_a_checkout_leaves_the_trees_own_files_alone(
    shell: LocalShell, repository: GitRepository
) -> None:
    tree = Tree(id=repository.work_tree())
    ran = shell.measure(sh("echo mended > src/app.py", tree=tree, shared="build"))
    assert ran.exit_code is None and "shares: src/app.py" in ran.problem
    gone = shell.measure(sh("rm -rf .git", tree=tree, shared="other"))
    assert gone.exit_code is None and "was destroyed" in gone.problem
