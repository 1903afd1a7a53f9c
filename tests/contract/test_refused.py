"""What the system refuses a command: told in one sentence, with what to type next."""

from pathlib import Path

import pytest

from devflow.adapters.git.repository import GitRepository
from devflow.adapters.machine.shell import LocalShell
from devflow.model.tree import Tree
from devflow.ports.shell import Command, Setup
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


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        ("no-such-program", "there is no no-such-program on this machine: install it"),
        ("a/none", "there is no a/none where it runs, see: git ls-files '*none'"),
        ("./old", "./old names in its first line what is not there, see: head -1 ./old"),
        ("./plain", "./plain may not be run, mend it with: git add --chmod=+x ./plain"),
        (
            "./data",
            "./data is no program of this machine; a script begins with a line as #!/bin/sh",
        ),
        ("/", "'/': permission denied"),
        ("a\0b", "'a\\x00b': embedded null byte"),
    ],
)
def test_what_cannot_be_started_is_a_problem_that_says_what_to_do(
    shell: LocalShell, checkout: Path, repository: GitRepository, argv: str, why: str
) -> None:
    for name, mode, text in (
        ("old", 0o755, "#!/no/sh"),
        ("plain", 0o644, ""),
        ("data", 0o755, "x"),
    ):
        (checkout / name).write_text(text)
        (checkout / name).chmod(mode)
    ran = shell.measure(Command(argv=(argv,), tree=Tree(id=repository.work_tree())))
    assert (ran.exit_code, ran.problem) == (None, f"cannot be started: {why}")


def test_what_the_system_refuses_is_told_by_its_path_in_the_repository(
    shell: LocalShell, checkout: Path, repository: GitRepository
) -> None:
    (checkout / "a lock").symlink_to("none")
    tree = Tree(id=repository.work_tree())
    setup = Setup(("true",), key=("a lock",), keep=("made",))
    why = "setup_key: a lock cannot be read: no such file or directory, see: ls -l 'a lock'"
    assert shell.measure(Command(("true",), tree=tree, setup=setup)).problem == why
    long = "a" * 300
    ran = shell.measure(Command(("true",), tree=tree, cwd=long))
    assert ran.problem == f"{long}: file name too long, see: ls -ld {long}"


@pytest.mark.parametrize(
    "how",
    [
        {"cwd": "loop"},
        {"reports": ("loop/*.xml",)},
        {"setup": Setup(("true",), key=("loop",), keep=("made",))},
        {"setup": Setup(("true",), key=("a.txt",), keep=("loop",))},
    ],
)
def test_a_link_that_leads_to_itself_is_no_fault_of_ours(
    shell: LocalShell, checkout: Path, repository: GitRepository, how: dict[str, object]
) -> None:
    (checkout / "loop").symlink_to("loop")
    (checkout / "a.txt").touch()
    ran = shell.measure(Command(("true",), tree=Tree(id=repository.work_tree()), **how))
    assert ran.problem == "" or "loop" in ran.problem
