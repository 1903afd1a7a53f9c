"""What accidents do to a run: a signal, a kill, a closed or a full output. Nothing is left running,
what was done is recorded, and the same command goes on.

The repository has two entries, whose commands take as long as the test wants.
"""

import os
import pty
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Callable, Iterator

import psutil
import pytest

from tests.busy import LOADED
from tests.e2e.checkout import KEY, KILLED, ROOT, Checkout, first_commit
from tests.e2e.messages import error_of
from tests.e2e.records import events, processes_of

STOP_S = 2.0  # s between a signal and the end
PIPELINE = """\
devflow: 1
project:
  tracker: {project: SCRUM, url: "http://127.0.0.1:9"}
  host: {repository: acme/shop}
phases:
  work:
    - first: {uses: shell, with: {run: "true"}}
    - second: {uses: shell, with: {run: "python nasty.py %s"}}
"""
# nobody is asked anything
TOKENS = {"JIRA_PAT": "not-a-secret-1", "GITHUB_TOKEN": "not-a-secret-2"}
# a command that hangs, and what it has started: a child in its session, and one that has left it
NASTY = """\
import os, subprocess, sys, time
from pathlib import Path
place = Path(sys.argv[1])
if (place / "calm").exists():
    sys.exit(0)
escaped = "import os, time; os.setsid(); os.fork() and os._exit(0); time.sleep(600)"
subprocess.Popen([sys.executable, "-c", escaped, place]).wait()
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", place])
(place / "hangs").touch()
time.sleep(600)
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    """A repository whose second entry hangs as long as its folder does not say "calm"."""
    place = tmp_path / "place"
    folder = tmp_path / "shop"
    place.mkdir()
    folder.mkdir()
    (folder / "pipeline.yaml").write_text(PIPELINE % place)
    (folder / "nasty.py").write_text(NASTY)
    checkout = first_commit(Checkout(folder))
    yield checkout
    for pid in processes_of(tmp_path):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


# SIGINT and SIGTERM are heard amid a test suite, in test_interruptions.py
def test_sigquit_ends_the_run_and_everything_that_it_started(checkout: Checkout) -> None:
    with hanging(checkout) as ship:
        begun_s = time.monotonic()
        ship.send_signal(signal.SIGQUIT)
        assert ship.wait() == 131
        assert time.monotonic() - begun_s < STOP_S * LOADED
    assert left(checkout) == []
    assert events(checkout, "closed")[-1]["exit_code"] == 131


def test_a_closed_terminal_ends_the_run_and_everything_that_it_started(checkout: Checkout) -> None:
    with on_terminal(checkout) as (pid, terminal):
        begun_s = time.monotonic()
        os.close(terminal)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 129
        assert time.monotonic() - begun_s < STOP_S * LOADED
    assert left(checkout) == []
    assert events(checkout, "closed")[-1]["exit_code"] == 129
    assert "Traceback" not in (checkout.folder.parent / "stderr").read_text()


def test_what_a_killed_command_left_is_said_by_status_and_ended_by_the_next(
    checkout: Checkout,
) -> None:
    with hanging(checkout) as ship:
        ship.kill()
        assert ship.wait() == KILLED
    # the kernel ends what devflow has started, and nobody what that has started
    escaped = left(checkout)
    assert len(escaped) == (2 if sys.platform == "linux" else 3)
    assert "interrupted: devflow ship" in checkout.ends(0, "status", KEY)
    short = checkout.ends(0, "status", "--short", KEY)
    assert short == "SCRUM-95 1/2 ⊖ interrupted: devflow ship\n"
    status = checkout.status()
    assert status["state"] == "interrupted"
    assert [entry["status"] for entry in status["entries"]] == ["passed", "pending"]
    calm(checkout)
    ran = checkout.devflow("ship", KEY, **TOKENS)
    assert ran.returncode == 0, ran.stderr
    assert f"ended {len(escaped)} process" in ran.stderr
    assert left(checkout) == []
    assert checkout.status()["state"] == "done"


def test_down_ends_what_a_killed_command_left_too(checkout: Checkout) -> None:
    with hanging(checkout) as ship:
        ship.kill()
        ship.wait()
    ran = checkout.devflow("down")
    assert (ran.returncode, ran.stdout) == (0, "nothing was deployed here\n")
    assert "that a command of this run left running" in ran.stderr
    assert left(checkout) == []


def test_an_output_that_nobody_reads_ends_a_run_that_goes_on_later(checkout: Checkout) -> None:
    calm(checkout)
    assert into_closed_pipe(checkout, "ship", KEY).returncode == 141
    assert events(checkout, "closed")[-1]["exit_code"] == 141
    for look in (("status", KEY, "--short"), ("status", KEY), ("--help",)):
        assert into_closed_pipe(checkout, *look).returncode == 141
    if Path("/dev/full").exists():
        ran = into_full_disk(checkout, "ship", KEY)
        assert ran.returncode == 11
        assert ran.stderr.startswith("error: standard output cannot be written: No space left")
        assert into_full_disk(checkout, "status", KEY, "--short").returncode == 11
    checkout.ends(0, "ship", KEY, **TOKENS)


@pytest.mark.parametrize("answers", ["hello", "git version 2.47.1"])
def test_a_git_that_is_none_is_named(checkout: Checkout, tmp_path: Path, answers: str) -> None:
    fake = tmp_path / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\ncase "$*" in *version*) echo "{answers}";; esac\n')
    fake.chmod(0o755)
    ran = checkout.devflow("ship", KEY, PATH=f"{fake.parent}:/usr/bin:/bin", **TOKENS)
    assert "what is called git" in error_of(ran, 5) and str(fake) in ran.stderr


def test_a_git_that_is_missing_is_named(checkout: Checkout, tmp_path: Path) -> None:
    # whoever has loaded devflow before has found it
    ran = checkout.typed("ship", KEY, PATH=str(tmp_path), **TOKENS)
    assert "there is no git on this machine" in error_of(ran, 5)


def into_closed_pipe(checkout: Checkout, *words: str) -> "subprocess.CompletedProcess[str]":
    reader, writer = os.pipe()
    os.close(reader)
    try:
        return devflow_into(checkout, writer, *words)
    finally:
        os.close(writer)


def into_full_disk(checkout: Checkout, *words: str) -> "subprocess.CompletedProcess[str]":
    with open("/dev/full", "wb") as full:
        return devflow_into(checkout, full.fileno(), *words)


def devflow_into(
    checkout: Checkout, stdout: int, *words: str
) -> "subprocess.CompletedProcess[str]":
    argv = [sys.executable, "-m", "devflow", *words]
    env = {**os.environ, **TOKENS, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        argv,
        cwd=checkout.folder,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        env=env,
        check=False,
    )


@contextmanager
def hanging(checkout: Checkout) -> Iterator["subprocess.Popen[bytes]"]:
    """A `ship` whose second entry hangs."""
    argv = [sys.executable, "-m", "devflow", "ship", KEY]
    env = {**os.environ, **TOKENS, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(argv, cwd=checkout.folder, stdout=subprocess.DEVNULL, env=env) as ship:
        try:
            wait_until(lambda: hangs(checkout))
            yield ship
        finally:
            ship.kill()


@contextmanager
def on_terminal(checkout: Checkout) -> Iterator[tuple[int, int]]:
    """A `ship` whose second entry hangs, on a terminal of its own: its pid, and our end of it."""
    shell = 'cd "$1" && shift && exec "$@" 2> ../stderr'
    argv = ["sh", "-c", shell, "sh", str(checkout.folder), sys.executable, "-m", "devflow"]
    env = {**os.environ, **TOKENS, "PYTHONPATH": str(ROOT), "TERM": "xterm"}
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(argv[0], [*argv, "ship", KEY], env)
    try:
        os.set_blocking(terminal, False)
        wait_until(lambda: bool(read_away(terminal)) and hangs(checkout))
        yield pid, terminal
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def read_away(terminal: int) -> bool:
    """Whoever draws on a terminal waits where nobody reads it."""
    with suppress(BlockingIOError):
        os.read(terminal, 65536)
    return True


def hangs(checkout: Checkout) -> bool:
    return (checkout.folder.parent / "place" / "hangs").exists()


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def calm(checkout: Checkout) -> None:
    (checkout.folder.parent / "place" / "calm").touch()


def left(checkout: Checkout) -> list[str]:
    """What still runs for the checkout a moment later."""
    running = [psutil.Process(pid) for pid in processes_of(checkout.folder.parent)]
    _, alive = psutil.wait_procs(running, timeout=0.3)
    return [str(process) for process in alive]
