"""What a command writes into its checkout and what is set up before it, on the real shell and its
stand-in; and what the cache keeps of a setup."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Callable

import pytest

from devflow.adapters.git.repository import GitRepository
from devflow.adapters.machine.kept_folders import KeptFolders
from devflow.adapters.machine.shell import LocalShell
from devflow.adapters.masking.secrets import Mask
from devflow.model.tree import Tree
from devflow.ports.shell import Command, Setup, ShellReads
from devflow.testing import MemoryRepository
from tests.contract.small_checkout import small_checkout
from tests.standins.shell import RealShell

MakeShell = Callable[[dict[str, str]], tuple[ShellReads, Tree]]


def real(tmp_path: Path) -> MakeShell:
    def make(files: dict[str, str]) -> tuple[ShellReads, Tree]:
        checkout = small_checkout(tmp_path / "checkout")
        for path, text in files.items():
            (checkout / path).parent.mkdir(parents=True, exist_ok=True)
            (checkout / path).write_text(text)
        return again(tmp_path), committed(checkout)

    return make


def committed(checkout: Path) -> Tree:
    subprocess.run(["git", "add", "--all"], cwd=checkout, check=True)
    subprocess.run(["git", "commit", "--quiet", "-m", "feat: more"], cwd=checkout, check=True)
    return Tree(id=GitRepository(checkout, None).tree_of("HEAD"))


def again(tmp_path: Path, mask: Mask | None = None) -> LocalShell:
    """The shell of another process in the same repository."""
    repository = GitRepository(tmp_path / "checkout", None)
    cache = tmp_path / "cache"
    return LocalShell(tmp_path / "checkout", repository, cache, tmp_path / "logs", mask or Mask())


def in_memory(tmp_path: Path) -> MakeShell:
    def make(files: dict[str, str]) -> tuple[ShellReads, Tree]:
        repository = MemoryRepository(files)
        return RealShell(repository), Tree(id=repository.tree_of("main"))

    return make


@pytest.fixture(params=[real, in_memory])
def make_shell(request: pytest.FixtureRequest, tmp_path: Path) -> MakeShell:
    return request.param(tmp_path)


def sh(code: str, tree: Tree, **how: object) -> Command:
    return Command(argv=("sh", "-c", code), tree=tree, **how)


def test_a_report_is_read_by_its_pattern_and_is_never_an_older_one(make_shell: MakeShell) -> None:
    shell, tree = make_shell({"report/old.xml": "old", "a/report.xml": "old", "note.txt": "kept"})
    code = "mkdir -p b/c; printf two > b/c/2.xml; printf '\\377one' > b/1.xml; ls report a; cat n*"
    reports = ("report/*.xml", "a/report.xml", "b/**/*.xml", "missing/*.xml")
    ran = shell.measure(sh(code, tree, reports=reports))
    assert ran.reports == {
        "report/*.xml": {},
        "a/report.xml": {},
        "b/**/*.xml": {"b/1.xml": b"\xffone", "b/c/2.xml": b"two"},
        "missing/*.xml": {},
    }
    assert "old" not in ran.output and ran.output.endswith("kept")


def test_no_link_leads_to_a_report(make_shell: MakeShell, tmp_path: Path) -> None:
    (tmp_path / "others").mkdir()
    other = tmp_path / "others" / "theirs.xml"
    other.write_text("theirs")
    shell, tree = make_shell({"a.txt": "a"})
    code = f"ln -s {tmp_path}/others linked; ln -s {other} one.xml; mkdir real; ln -s {other} real/"
    patterns = ("linked/*.xml", "**/*.xml", "one.xml", "linked/theirs.xml", "real/*")
    assert not any(shell.measure(sh(code, tree, reports=patterns)).reports.values())
    assert other.read_text() == "theirs"


def test_a_setup_runs_before_and_one_that_fails_is_the_result(make_shell: MakeShell) -> None:
    shell, tree = make_shell({"a/b.txt": "a"})
    ready = Setup(("sh", "-c", "echo $WHO > ready"))
    ran = shell.measure(sh("cat ready", tree, cwd="a", env={"WHO": "me"}, setup=ready))
    assert (ran.exit_code, ran.output) == (0, "me\n") and ran.set_up.startswith("ran")
    failing = Setup(("sh", "-c", "echo no index; exit 3"))
    ran = shell.measure(sh("echo never", tree, setup=failing, reports=("*",)))
    assert ran.exit_code is None and "setup" in ran.problem and "ended with 3" in ran.problem
    assert "never" not in ran.output and not ran.reports and ran.in_setup


def test_a_setup_that_failed_names_files_as_the_tree_has_them(make_shell: MakeShell) -> None:
    shell, tree = make_shell({"a/b.txt": "a"})
    failing = Setup(("sh", "-c", "echo $PWD/b.txt:1: error: no tile; exit 3"))
    ran = shell.measure(sh("echo never", tree, cwd="a", setup=failing))
    assert ran.problem.endswith("ended with 3: a/b.txt:1: error: no tile")


@pytest.fixture
def counted(tmp_path: Path) -> Setup:
    """Makes a folder, and notes outside that it has run."""
    code = (
        f"echo x >> {tmp_path}/runs; mkdir -p dep/in; echo v1 > dep/in/lib; ln -s in/lib dep/link"
    )
    return Setup(("sh", "-c", code), key=("a.lock",), keep=("dep",), runtime=("sh", "-c", "echo 1"))


def runs(tmp_path: Path) -> int:
    return (tmp_path / "runs").read_text().count("x")


def test_what_a_setup_made_is_copied_and_no_test_can_poison_it(
    tmp_path: Path, counted: Setup
) -> None:
    shell, tree = real(tmp_path)({"a.lock": "1", ".gitignore": "dep/\n"})
    poison = "cat dep/in/lib dep/link; echo poison > dep/in/lib; rm dep/link; touch dep/more"
    first = shell.measure(sh(poison, tree, setup=counted))
    second = again(tmp_path).measure(sh(poison, tree, setup=counted))
    assert first.output == second.output == "v1\nv1\n"
    assert first.set_up.startswith("ran in") and second.set_up == "from the cache"
    assert runs(tmp_path) == 1
    linked = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert all(path.lstat().st_nlink == 1 for path in linked)


def test_another_lock_file_command_or_runtime_is_set_up_anew(
    tmp_path: Path, counted: Setup
) -> None:
    shell, tree = real(tmp_path)({"a.lock": "1", ".gitignore": "dep/\n"})
    first = sh("cat dep/in/lib", tree, setup=counted)
    (tmp_path / "checkout" / "a.lock").write_text("2")
    others = (
        first,
        replace(first, tree=committed(tmp_path / "checkout")),
        replace(first, setup=replace(counted, argv=(*counted.argv, "more"))),
        replace(first, setup=replace(counted, runtime=("sh", "-c", "echo 2"))),
        replace(first, env={"NODE_ENV": "production"}),
    )
    for count, command in enumerate(others, start=1):
        assert shell.measure(command).output == "v1\n" and runs(tmp_path) == count


def test_nothing_is_kept_of_a_setup_that_failed_or_changed_the_tree(tmp_path: Path) -> None:
    shell, tree = real(tmp_path)({"a.lock": "1", ".gitignore": "dep/\n"})
    for code, why in (("mkdir dep; exit 1", "ended with 1"), ("echo 2 > a.lock", "a.lock")):
        setup = Setup(("sh", "-c", code), key=("a.lock",), keep=("dep",))
        ran = shell.measure(sh("echo never", tree, setup=setup))
        assert ran.exit_code is None and why in ran.problem and "never" not in ran.output
    assert KeptFolders(tmp_path / "cache").entries() == []


def test_what_was_used_longest_ago_goes_first_and_what_is_too_large_is_not_kept(
    tmp_path: Path,
) -> None:
    kept = KeptFolders(tmp_path / "cache", bound_bytes=2500)
    top = tmp_path / "top"
    (top / "dep").mkdir(parents=True)
    (top / "dep" / "file").write_bytes(b"a" * 1000)
    (top / "dep" / "absolute").symlink_to(top / "dep" / "file")
    for number, key in enumerate("ab"):
        assert kept.keep(key, top, ("dep", "missing"))
        os.utime(kept.folder / key, (number, number))
    assert kept.keep("c", top, ("dep",))
    assert [one.path.name for one in kept.entries()] == ["b", "c"]
    os.truncate(top / "dep" / "file", 3000)
    assert not kept.keep("d", top, ("dep",)) and kept.entries() == []
    os.truncate(top / "dep" / "file", 10)
    assert kept.keep("e", top, ("dep",)) and not kept.put_back("d", top)
    (tmp_path / "next").mkdir()
    assert kept.put_back("e", tmp_path / "next")
    assert os.readlink(tmp_path / "next" / "dep" / "absolute") == "file"
