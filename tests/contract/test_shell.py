"""The shell port on real programs: bounded, reaped, told nothing of ours, and in a checkout of a
tree."""

import os
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from devflow.adapters.git.repository import GitRepository
from devflow.adapters.machine.captured import HEAD_BYTES, LOG_BYTES, TAIL_BYTES
from devflow.adapters.machine.shell import LocalShell
from devflow.adapters.masking.secrets import Mask
from devflow.model.errors import StepFailed, StorageFailed, Unavailable
from devflow.model.tree import Tree
from devflow.ports.shell import Command, Ran
from tests.contract.small_checkout import small_checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return small_checkout(tmp_path / "checkout")


@pytest.fixture
def repository(checkout: Path) -> GitRepository:
    return GitRepository(checkout, None)


@pytest.fixture
def mask() -> Mask:
    return Mask()


@pytest.fixture
def shell(checkout: Path, repository: GitRepository, tmp_path: Path, mask: Mask) -> LocalShell:
    return LocalShell(checkout, repository, tmp_path / "cache", tmp_path / "logs", mask)


def python(code: str, **how: object) -> Command:
    return Command(argv=(sys.executable, "-c", code), **how)


def sh(code: str, **how: object) -> Command:
    return Command(argv=("sh", "-c", code), **how)


def gone(pid: int, within_s: float = 2.0) -> bool:
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


def test_output_and_errors_come_in_their_order_with_the_exit_code(shell: LocalShell) -> None:
    told: list[str] = []
    ran = shell.measure(sh("echo one; echo two >&2; printf three; exit 3"), told.append)
    assert (ran.exit_code, ran.output, ran.problem) == (3, "one\ntwo\nthree", "")
    assert told == ["one", "two", "three"] and 0 < ran.duration_s < 10


def test_a_command_that_hangs_is_ended_with_everything_it_started(
    shell: LocalShell, tmp_path: Path
) -> None:
    children = (
        f"sleep 60 & echo $! > {tmp_path}/inner; setsid sleep 60 & echo $! > {tmp_path}/other"
    )
    code = f"{children}; trap '' TERM; echo started; wait"
    ran = shell.measure(sh(code, timeout_s=0.5))
    assert (
        ran.exit_code is None
        and "0.5 s" in ran.problem
        and ran.output == "started\n"
        and ran.duration_s < 2.0
    )
    assert gone(int((tmp_path / "inner").read_text())) and gone(
        int((tmp_path / "other").read_text())
    )


def test_what_a_finished_command_left_running_is_ended(shell: LocalShell) -> None:
    ran = shell.measure(sh("sleep 60 & echo $!"))
    assert ran.exit_code == 0 and ran.duration_s < 2.0
    assert gone(int(ran.output))


def test_a_process_that_escapes_its_group_does_not_hold_us_up(shell: LocalShell) -> None:
    ran = shell.measure(sh("setsid sh -c 'echo $$; sleep 5' & sleep 0.2"))
    escaped = int(ran.output)
    assert ran.exit_code == 0 and ran.duration_s < 3.0
    psutil.Process(escaped).kill()


def test_a_flood_fills_neither_memory_nor_disk(shell: LocalShell, tmp_path: Path) -> None:
    megabytes = 200
    before = psutil.Process().memory_info().rss
    code = (
        "import sys\n"
        f"for n in range({megabytes}): sys.stdout.write(str(n % 10) * 1_000_000)\n"
        "print('the end')"
    )
    ran = shell.measure(python(code, keep_log="flood"))
    assert ran.output.startswith("000") and ran.output.endswith("the end\n")
    assert "bytes left out" in ran.output
    assert len(ran.output) < HEAD_BYTES + TAIL_BYTES + 100
    assert (tmp_path / "logs" / "flood.log").stat().st_size < LOG_BYTES + 100
    assert psutil.Process().memory_info().rss - before < 64 * 1024 * 1024


def test_output_that_is_no_text_is_shown_as_far_as_it_is(shell: LocalShell) -> None:
    told: list[str] = []
    ran = shell.measure(sh(r"printf 'a\377b\000c\n\303'"), told.append)
    assert ran.output == "a\ufffdb\0c\n\ufffd" and told == ["a\ufffdb\0c", "\ufffd"]


def test_a_child_is_told_nothing_of_our_environment_but_what_it_needs(
    shell: LocalShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (
        "JIRA_API_TOKEN",
        "GITHUB_TOKEN",
        "GIT_INDEX_FILE",
        "TWINE_PASSWORD",
        "PYTEST_ADDOPTS",
    ):
        monkeypatch.setenv(name, "ours")
    ran = shell.measure(sh("env", env={"WANTED": "yes"}))
    told = dict(line.split("=", 1) for line in ran.output.splitlines())
    assert (
        "ours" not in ran.output and told["WANTED"] == "yes" and told["HOME"] == os.environ["HOME"]
    )
    assert told["PATH"].split(":")[0] == str(Path(sys.executable).parent)


def test_a_command_is_read_as_it_printed_and_its_log_and_lines_hold_no_secret(
    shell: LocalShell, mask: Mask, tmp_path: Path
) -> None:
    mask.register("hunter2-hunter2")
    told: list[str] = []
    code = "echo hunter2-hunter2; echo hunter2-hunter2 > {out}/file; echo the end"
    ran = shell.measure(sh(code, collect=("file",), keep_log="secret"), told.append)
    log = (tmp_path / "logs" / "secret.log").read_text()
    assert ran.output == "hunter2-hunter2\nthe end\n" and ran.files["file"] == "hunter2-hunter2\n"
    assert log == "***\nthe end\n" and told == ["***", "the end"]


def test_what_a_command_is_given_of_our_environment_is_a_secret(
    shell: LocalShell, mask: Mask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DEPLOY_TOKEN", "hunter2-hunter2")
    ran = shell.measure(sh("echo $DEPLOY_TOKEN", pass_env=("DEPLOY_TOKEN",), keep_log="given"))
    assert ran.output == "hunter2-hunter2\n" and mask(ran.output) == "***\n"
    assert (tmp_path / "logs" / "given.log").read_text() == "***\n"
    monkeypatch.delenv("DEPLOY_TOKEN")
    with pytest.raises(Unavailable, match="no DEPLOY_TOKEN"):
        shell.measure(sh("true", pass_env=("DEPLOY_TOKEN",)))
    with pytest.raises(Unavailable, match="no DEPLOY_TOKEN"):
        shell.act("deploy", sh("true", pass_env=("DEPLOY_TOKEN",)))


def test_what_package_managers_need_is_handed_on_and_what_logs_in_is_hidden(
    checkout: Path, repository: GitRepository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    address = "https://ann:hunter2%40hunter2@index.example/simple"
    monkeypatch.setenv("PIP_INDEX_URL", address)
    monkeypatch.setenv("GOFLAGS", "-mod=vendor")
    mask = Mask()
    shell = LocalShell(checkout, repository, tmp_path / "cache", tmp_path / "logs", mask)
    code = "echo $GOFLAGS $PIP_INDEX_URL; echo and hunter2@hunter2"
    ran = shell.measure(sh(code, keep_log="given"))
    assert ran.output.startswith(f"-mod=vendor {address}\n")
    log = (tmp_path / "logs" / "given.log").read_text()
    assert log == "-mod=vendor https://ann:***@index.example/simple\nand ***\n"


def test_files_are_collected_from_the_commands_own_folder_only(
    shell: LocalShell, tmp_path: Path
) -> None:
    (tmp_path / "outside").write_text("outside")
    code = (
        'echo "$0" > "$DEVFLOW_OUT/a.txt"; '
        f'ln -s {tmp_path}/outside "$DEVFLOW_OUT/link"; '
        'echo "$WHERE"'
    )
    collect = ("a.txt", "link", "missing", "../../outside", "/etc/hostname")
    argv = ("sh", "-c", code, "{out}")
    ran = shell.measure(Command(argv=argv, env={"WHERE": "in {out}"}, collect=collect))
    out = ran.output.strip().removeprefix("in ")
    assert ran.files == {"a.txt": f"{out}\n"} and not Path(out).exists()


def test_a_tree_is_measured_in_a_checkout_that_holds_all_of_it(
    shell: LocalShell, repository: GitRepository, checkout: Path
) -> None:
    (checkout / "new.txt").write_text("new")
    tree = repository.work_tree()
    (checkout / "later.txt").write_text("not in that tree")
    listing = "find . -type f -not -path './.git/*' | sort; pwd; echo x > made.txt"
    ran = shell.measure(sh(listing, tree=Tree(id=tree), cwd="."))
    *files, place = ran.output.splitlines()
    assert files == ["./.gitattributes", "./.gitignore", "./kept.log", "./new.txt", "./src/app.py"]
    assert not Path(place).exists() and not (checkout / "made.txt").exists()
    assert Path(place).name == checkout.name, "there are tools that read the folder's name"
    below = shell.measure(sh("pwd", tree=Tree(id=tree), cwd="src"))
    assert below.output.rstrip().endswith("/src")


def test_without_a_tree_a_command_runs_in_an_empty_folder_of_no_repository(
    shell: LocalShell, checkout: Path
) -> None:
    ran = shell.measure(sh("ls -A; pwd; git rev-parse --show-toplevel"))
    place, complaint = ran.output.splitlines()
    assert not Path(place).exists() and not Path(place).is_relative_to(checkout)
    assert "not a git repository" in complaint


def test_an_unknown_tree_and_a_folder_outside_are_problems(shell: LocalShell) -> None:
    assert "no tree" in shell.measure(sh("true", tree=Tree(id="f" * 40))).problem
    assert "no tree" in shell.measure(sh("true", tree=Tree(id="--output=x"))).problem
    assert "outside" in shell.measure(sh("true", cwd="../..")).problem


def test_a_checkout_has_everything_staged_and_answers_what_changed(
    shell: LocalShell, repository: GitRepository, checkout: Path
) -> None:
    tree = repository.work_tree()
    changing = (
        "sed -i 's/ $//' src/app.py; echo new > added.py; git add added.py; "
        "rm kept.log; echo x > x.tmp"
    )
    before = {path: path.read_bytes() for path in (checkout / ".git").rglob("*") if path.is_file()}
    looking = f"git write-tree; git ls-files; {changing}"
    ran = shell.measure(sh(looking, tree=Tree(id=tree), compare=True))
    assert ran.output.splitlines() == [
        tree,
        ".gitattributes",
        ".gitignore",
        "kept.log",
        "src/app.py",
    ]
    assert set(ran.changed) == {"src/app.py", "added.py", "kept.log", "x.tmp"}
    assert {
        path: path.read_bytes() for path in (checkout / ".git").rglob("*") if path.is_file()
    } == before
    for path in ran.changed:
        repository.restore(path, ran.tree_after)
    assert repository.work_tree() == repository.tree_of(ran.tree_after)
    assert (checkout / "src" / "app.py").read_text() == "one\n" and not (
        checkout / "kept.log"
    ).exists()


def test_a_checkout_that_nothing_changed_has_the_same_tree_afterwards(
    shell: LocalShell, repository: GitRepository
) -> None:
    tree = repository.work_tree()
    ran = shell.measure(sh("true", tree=Tree(id=tree), compare=True))
    assert (ran.changed, ran.tree_after) == ((), tree)
    destroyed = shell.measure(sh("rm -rf .git", tree=Tree(id=tree), compare=True))
    assert (destroyed.exit_code, destroyed.changed, destroyed.tree_after) == (None, (), "")
    assert "was destroyed" in destroyed.problem
    moved = "cd .. && mv checkout other && ln -s other checkout"
    assert "was destroyed" in shell.measure(sh(moved, tree=Tree(id=tree), compare=True)).problem


def test_a_command_that_changes_the_world_fails_with_its_last_lines(
    shell: LocalShell, checkout: Path
) -> None:
    shell.act("notify", sh("echo told > told.txt"))
    assert (checkout / "told.txt").read_text() == "told\n"
    with pytest.raises(StepFailed, match="(?s)notify: sh ended with 4.*the reason") as raised:
        shell.act("notify", sh("seq 100; echo the reason; exit 4"))
    assert "\n80\n" not in raised.value.message and raised.value.hint == "devflow logs notify"


def test_stopping_ends_what_runs_and_starts_nothing_new(shell: LocalShell) -> None:
    ended: list[Ran] = []
    started = threading.Event()
    threads = [
        threading.Thread(
            target=lambda: ended.append(
                shell.measure(sh("trap '' TERM; echo up; sleep 60"), lambda _: started.set())
            )
        )
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    assert started.wait(10)
    began = time.monotonic()
    shell.stop_all()
    for thread in threads:
        thread.join(10)
    assert time.monotonic() - began < 2.0
    assert [ran.exit_code for ran in ended] == [None, None] and all(
        "stopp" in ran.problem for ran in ended
    )
    assert shell.measure(sh("true")).problem == "devflow is stopping"


class Enough(Exception):
    """What whoever listens raises."""


def test_what_a_listener_raises_ends_the_program_and_is_raised_here(shell: LocalShell) -> None:
    def enough(_: str) -> None:
        raise Enough

    began = time.monotonic()
    with pytest.raises(Enough):
        # without anybody who reads it would wait for ever
        shell.measure(python("while True: print('x' * 99)"), enough)
    assert time.monotonic() - began < 10.0
    assert shell.measure(sh("true")).exit_code == 0


def test_programs_are_found_beside_our_own_interpreter_and_on_path(shell: LocalShell) -> None:
    assert shell.found("python") == str(Path(sys.executable).parent / "python")
    assert shell.found("git") and shell.found("no-such-program") == ""


def test_a_result_is_kept_masked_beside_the_logs_and_nowhere_else(
    shell: LocalShell, mask: Mask, tmp_path: Path
) -> None:
    mask.register("hunter2hunter2")
    shell.keep("../quality.sarif", "found hunter2hunter2")
    assert (tmp_path / "logs" / "quality.sarif").read_text() == "found ***"
    assert not (tmp_path / "quality.sarif").exists()


def test_an_empty_result_takes_the_one_of_an_earlier_attempt_away(
    shell: LocalShell, tmp_path: Path
) -> None:
    shell.keep("unit.junit.xml", "<testsuites/>")
    shell.keep("unit.junit.xml", "")
    shell.keep("never-kept.xml", "")
    assert list((tmp_path / "logs").iterdir()) == []


def test_a_command_finds_what_it_was_given_beside_its_results(shell: LocalShell) -> None:
    given = {"deep/note.txt": "for you", "one.txt": ""}
    ran = shell.measure(sh("cat $DEVFLOW_OUT/deep/note.txt; ls $DEVFLOW_OUT", given=given))
    assert ran.output == "for youdeep\none.txt\n"


def test_a_shell_without_a_run_keeps_nothing(
    checkout: Path, repository: GitRepository, tmp_path: Path
) -> None:
    LocalShell(checkout, repository, tmp_path / "cache", None).keep("quality.sarif", "text")
    assert not (tmp_path / "logs").exists()


def test_a_result_that_cannot_be_written_is_said(
    checkout: Path, repository: GitRepository, tmp_path: Path
) -> None:
    (tmp_path / "logs").write_text("a file where the folder should be")
    with pytest.raises(StorageFailed, match="cannot be written"):
        LocalShell(checkout, repository, tmp_path / "cache", tmp_path / "logs").keep(
            "quality.sarif", "text"
        )
