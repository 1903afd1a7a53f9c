"""Amid a run: signals, a person who may not decide, a port that is taken. The same command goes on
each time.

The tests share one ticket and take it further in the file's order.
"""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from typing import Iterator

import psutil
import pytest

from tests.busy import LOADED
from tests.e2e.checkout import KEY, ROOT, Checkout, tiny_checkout
from tests.e2e.messages import error_of, output_of
from tests.e2e.records import documents, events, processes_of
from tests.e2e.story import first_change

STOP_S = 2.0  # s between a signal and the end; reliability: "exit 130/143 within 2 s"


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A ticket with its first change; the tests below take it further in the file's order."""
    checkout = tiny_checkout(tmp_path_factory.mktemp("shipped") / "tiny")
    checkout.ends(0, "start", KEY)
    first_change(checkout)
    yield checkout
    checkout.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_amid_a_test_suite_ends_everything_and_keeps_the_state(
    shipped: Checkout, number: signal.Signals
) -> None:
    code, took_s, left = _stopped(shipped, number)
    assert code == 128 + number
    assert took_s < STOP_S * LOADED and left == []
    assert events(shipped, "closed")[-1]["exit_code"] == code
    statuses = shipped.statuses()
    assert statuses["coding"] == "passed" and statuses["commit"] == "pending"
    assert_no_log_stays(shipped)


def test_what_was_stopped_goes_on_with_the_same_command(shipped: Checkout) -> None:
    output_of(shipped.devflow("ship", KEY), 8)
    assert shipped.statuses()["jira_sync"] == "passed"
    assert_no_log_stays(shipped)


def assert_no_log_stays(checkout: Checkout) -> None:
    """SQLite's log is in the journal once the command that wrote it has ended by itself."""
    # whoever reads it may leave an empty one
    assert [
        path.name for path in checkout.state.glob("journal.db-wal") if path.stat().st_size
    ] == []


def test_nobody_approves_their_own_work(shipped: Checkout) -> None:
    message = error_of(shipped.devflow("approve", "code_review", KEY), 4)
    assert "own pull request" in message.lower()
    assert documents(shipped, "review") == []


def test_a_port_that_is_taken_fails_the_deployment_and_names_the_holder(shipped: Checkout) -> None:
    port = int(re.findall(r"port: (\d+)", (shipped.folder / "pipeline.yaml").read_text())[0])
    shipped.ends(0, "--as", "tech-lead", "approve", "code_review", KEY)
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        message = output_of(shipped.devflow("ship", KEY), 1)
        assert f"port {port} is taken by pid {os.getpid()}" in message
    assert shipped.statuses()["development"] == "failed"
    shipped.ends(8, "ship", KEY)
    assert shipped.statuses()["development"] == "passed"


def test_everything_that_is_kept_is_its_owners_alone(shipped: Checkout) -> None:
    open_to_others = []
    for path in (shipped.state, *shipped.state.rglob("*")):
        mode = path.lstat().st_mode
        # of a link the rights are those of what it leads to; a lock's own file may be gone again
        if not stat.S_ISLNK(mode) and mode & 0o077:
            open_to_others.append(f"{path.relative_to(shipped.state)} {stat.filemode(mode)}")
    assert open_to_others == []


def test_a_repository_that_was_moved_goes_on_and_finds_all_that_runs_for_it(
    shipped: Checkout,
) -> None:
    first = shipped.folder
    moved = Checkout(first.rename(first.with_name("moved")))
    try:
        moved.ends(8, "ship", KEY)
        assert moved.statuses()["development"] == "passed"
        assert moved.sandbox()["git_remote"].startswith(str(moved.folder))
    finally:
        moved.close()
    assert processes_of(first) == {} and processes_of(moved.folder) == {}


def _stopped(checkout: Checkout, number: signal.Signals) -> tuple[int, float, list[str]]:
    """A `ship` that hears a signal while a test suite runs: its code, how long it took to end, and
    what it left running."""
    before = set(processes_of(checkout.folder))
    argv = [sys.executable, "-m", "devflow", "ship", KEY, "--output", "json"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        argv, cwd=checkout.folder, stdout=subprocess.PIPE, text=True, env=env
    ) as ship:
        assert ship.stdout is not None
        for line in ship.stdout:
            if '"type":"started"' in line and '"entry":"local_tests"' in line:
                break
        children = psutil.Process(ship.pid).children(recursive=True)
        begun_s = time.monotonic()
        ship.send_signal(number)
        ship.stdout.read()
        code = ship.wait()
    took_s = time.monotonic() - begun_s
    _, alive = psutil.wait_procs(children, timeout=1)
    left = [
        arguments for pid, arguments in processes_of(checkout.folder).items() if pid not in before
    ]
    return code, took_s, [*left, *map(str, alive)]
