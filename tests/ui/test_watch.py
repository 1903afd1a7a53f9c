"""The developer's turn as it looks: what a look at the working tree found, in `status` and in
`status --watch`."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

from devflow.commands.status import EVERY_S, RunView, watch
from devflow.ui.board import board_of
from devflow.ui.picture import watched
from devflow.ui.screens import Surroundings
from devflow.ui.status import status_object
from devflow.ui.watch import WatchLines, WatchObjects, WatchTree, watch_for
from tests.e2e.checkout import KEY, Checkout, tiny_checkout
from tests.e2e.records import files
from tests.ui import story as stories
from tests.ui.drawing import drawn
from tests.ui.your_turn import CHECKS, board, moment, now, show_stages


@pytest.mark.parametrize("height", (1, 5, 10, 23))
@pytest.mark.parametrize("width", (40, 80))
def test_the_watched_picture_never_outgrows_the_terminal(height: int, width: int) -> None:
    many = tuple(
        stories.check(f"services/module_{number}.py", "+1 -0", "git diff") for number in range(60)
    )
    lines = drawn(lambda pen: watched(pen, moment((*CHECKS, *many)), height), width).splitlines()
    assert len(lines) <= height and max(map(len, lines)) <= width


def test_the_json_object_has_what_was_found_as_the_entrys_checks() -> None:
    entries = status_object(stories.outline(), board(), running=False)["entries"]
    coding = next(entry for entry in entries if entry["name"] == "coding")
    assert coding["status"] == "pending" and coding["checks"][1]["measured"] == "+89 -12"


def test_an_object_is_written_for_each_change_and_none_for_the_same_again() -> None:
    stream = io.StringIO()
    with WatchObjects(stream) as screen:
        show_stages(screen)
    counts = []
    for line in stream.getvalue().splitlines():
        entries = {entry["name"]: entry for entry in json.loads(line)["entries"]}
        counts.append(len(entries["coding"]["checks"]))
    assert counts == [1, 8, 4]


def test_a_line_says_that_an_entry_is_outdated() -> None:
    stream = io.StringIO()
    told = board_of(stories.done().events)
    with WatchLines(stream, now) as screen:
        screen(stories.outline(), told, running=True)
        heard = len(stream.getvalue())
        outdated = told.without(frozenset({"closure"}))
        screen(stories.outline(), outdated, running=True)
        screen(stories.outline(), outdated, running=True)
    (line,) = stream.getvalue()[heard:].splitlines()
    assert "27 closure" in line and line.endswith("passed before, to be made again")


class Screen(io.StringIO):
    """A terminal, or a pipe."""

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.mark.parametrize(
    ("mode", "terminal", "kind"),
    (
        ("auto", True, WatchTree),
        ("auto", False, WatchLines),
        ("tree", False, WatchLines),
        ("plain", True, WatchLines),
        ("json", True, WatchObjects),
    ),
)
def test_the_screen_is_chosen_as_for_a_run(mode: Any, terminal: bool, kind: type) -> None:
    around = Surroundings(Screen(terminal), {"TERM": "xterm", "COLUMNS": "80"}, now, "token")
    assert isinstance(watch_for(mode, around), kind)


def test_on_a_terminal_the_whole_picture_stays_when_it_ends() -> None:
    stream = Screen(True)
    with watch_for(
        "tree",
        Surroundings(stream, {"TERM": "xterm", "COLUMNS": "80", "LINES": "24"}, now, "token"),
    ) as screen:
        show_stages(screen)
    last_picture = stream.getvalue().rpartition("devflow\x1b[0m  SCRUM-95")[2]
    assert (
        "+90 -12" in last_picture and "Operate" in last_picture and "devflow status" in last_picture
    )


class Clock:
    """Interrupts the third wait, as Ctrl-C does."""

    def __init__(self) -> None:
        self.slept_s: list[float] = []

    def now(self) -> datetime:
        return datetime(2026, 3, 2, tzinfo=timezone.utc)

    def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        if len(self.slept_s) == 3:
            raise KeyboardInterrupt


def test_watching_looks_again_each_second_until_it_is_interrupted() -> None:
    views = []
    clock = Clock()
    with pytest.raises(KeyboardInterrupt), WatchObjects(io.StringIO()) as screen:
        watch(clock, lambda: views.append(1) or RunView(stories.outline(), board(), False), screen)
    assert len(views) == 3 and clock.slept_s == [EVERY_S] * 3


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A real checkout in the developer's turn; the sandbox is down again, as in a train."""
    checkout = tiny_checkout(tmp_path_factory.mktemp("watch") / "tiny")
    try:
        checkout.ends(0, "start", KEY)
        checkout.ends(0, "sandbox", "down")
        yield checkout
    finally:
        checkout.close()


def test_status_reads_the_working_tree_without_network_and_leaves_nothing_behind(
    begun: Checkout,
) -> None:
    begun.edit("svc/app.py", 'GREETING = ".*"', 'GREETING = "hello there"')
    before = files(begun.folder)
    coding = next(entry for entry in begun.status()["entries"] if entry["name"] == "coding")
    lines = {line["label"]: line["measured"] for line in coding["checks"]}
    assert (
        coding["status"] == "pending"
        and lines["changed"] == "1 file, 1 line added, 1 line removed"
        and lines["svc/app.py"] == "1 line added, 1 line removed"
    )
    assert lines["reaches"] == "0 modules, 1 test file: unit 1"
    text = begun.ends(0, "status", KEY)
    assert "svc/app.py: 1 line added, 1 line removed" in text
    assert files(begun.folder) == before


def test_what_another_branch_holds_is_not_shown_as_this_tickets_change(begun: Checkout) -> None:
    branch = begun.git("branch", "--show-current")
    begun.git("stash", "--include-untracked")
    begun.git("switch", "--quiet", "main")
    begun.write("svc/other.py", "x = 1\n")
    try:
        assert "svc/other.py" not in begun.ends(0, "status", KEY)
    finally:
        (begun.folder / "svc" / "other.py").unlink()
        begun.git("switch", "--quiet", branch)
        begun.git("stash", "pop")


def test_watch_ends_well_with_ctrl_c_and_has_said_what_changed_meanwhile(
    begun: Checkout, tmp_path: Path
) -> None:
    output = tmp_path / "said.txt"
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    argv = [sys.executable, "-m", "devflow", "status", KEY, "--watch", "--output", "plain"]
    with output.open("w") as stream:
        watching = subprocess.Popen(
            argv,
            cwd=begun.folder,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env=environ,
            # as in a terminal, also where the tests themselves were started in the background,
            # which ignores Ctrl-C
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        try:
            _until(lambda: "changed:" in output.read_text())
            begun.write("svc/more.py", "x = 1\n")
            _until(lambda: "svc/more.py: 1 line added" in output.read_text())
            watching.send_signal(signal.SIGINT)
            assert watching.wait(30) == 0, output.read_text()
        finally:
            watching.kill()
            watching.wait()
            (begun.folder / "svc" / "more.py").unlink(missing_ok=True)
    assert "Traceback" not in output.read_text()


def _until(true: Callable[[], bool]) -> None:
    for _ in range(600):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to that within 30 s")
