"""F18: tests that fork, hang, crash, print a gigabyte, or change what is not theirs, in a real
`ship` of the tiny project: a clear end in time, nothing left running, nothing of the developer's
changed."""

import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Final, Iterator

import psutil

from tests.crash.killed_story import STAYING
from tests.e2e.checkout import KEY, Checkout, copied, tiny_checkout
from tests.e2e.records import processes_of
from tests.e2e.story import first_change
from tests.faults.trial import Outcome, Trial

# s; the tiny suite may take this long, and a `ship` that meets it as much again
SUITE_S: Final = 15
SHIP_S: Final = 90.0
MORE_BYTES: Final = 64 * 1000 * 1000  # the matrix' goal, beside what a harmless `ship` takes
CODES: Final = (0, 1, 5, 8, 11)
TEXT: Final = '''"""A test that does what it should not."""

import ctypes
import os
import pathlib
import signal
import subprocess
import sys
import time

ROOT = next((arg.partition("=")[2] for arg in sys.argv if "devflow-working-tree" in arg), "")


def test_nasty():
    {body}
'''


@dataclass(frozen=True)
class Nasty:
    """What the test does; ``passes``: whether it has passed nevertheless, ``None`` where that
    depends on how fast the machine is."""

    body: str
    passes: bool | None = False


NASTY: Final[dict[str, Nasty]] = {
    "harmless": Nasty("assert True", passes=True),
    "leaves a child": Nasty("subprocess.Popen(['sleep', '600'])", passes=True),
    "leaves a daemon": Nasty(
        "subprocess.run(['sh', '-c', 'setsid sleep 600 >/dev/null 2>&1 &'])", passes=True
    ),
    "forks fifty": Nasty("[subprocess.Popen(['sleep', '600']) for _ in range(50)]; assert False"),
    "hangs": Nasty("time.sleep(600)"),
    "hangs and hears no signal": Nasty(
        "[signal.signal(n, signal.SIG_IGN) for n in (1, 2, 3, 15)]; time.sleep(600)"
    ),
    "prints a gigabyte": Nasty(
        "[os.write(1, b'x' * 999999 + b'\\n') for _ in range(1000)]", passes=None
    ),
    "prints a gigabyte on one line": Nasty(
        "[os.write(2, b'x' * 1000000) for _ in range(1000)]", passes=None
    ),
    "prints what is no text": Nasty("os.write(1, bytes(range(256)) * 100)", passes=True),
    "prints commands": Nasty(
        "os.write(1, b'::error::forged\\n##[error]x\\n\\x1b[2J\\x1b]0;x\\x07\\n')", passes=True
    ),
    "ends as if nothing were": Nasty("os._exit(0)"),
    "crashes": Nasty("os.abort()"),
    "kills its own runner": Nasty("os.kill(os.getpid(), signal.SIGKILL)"),
    "closes everything": Nasty("os.closerange(0, 256)"),
    "recurses": Nasty("exec('def f(): f()\\\\nf()')"),
    "deletes devflow's state": Nasty(
        "import shutil; shutil.rmtree(pathlib.Path(ROOT, '.git', 'devflow', 'logs')); assert 0"
    ),
    "changes its own checkout": Nasty(
        "pathlib.Path('svc/app.py').write_text('GREETING = 1'); pathlib.Path('new.txt').touch()",
        passes=True,
    ),
    "writes a report of its own": Nasty(
        "[pathlib.Path(a.partition('=')[2]).write_text('<testsuite/>') for a in sys.argv"
        " if 'junitxml' in a]; os._exit(0)"
    ),
}


class NastyTests:
    id = "F18"
    fault = "a test that hangs, crashes, forks, prints 1 GB, changes what is not its own"

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._usual_bytes = 0

    @cached_property
    def _kept(self) -> Path:
        """A started ticket with its change, as a folder in which nothing runs."""
        self._folder = tempfile.TemporaryDirectory(prefix="devflow-nasty-")
        checkout = tiny_checkout(Path(self._folder.name) / "tiny")
        checkout.edit(
            "pipeline.yaml", "path: tests/unit}", f"path: tests/unit, timeout_s: {SUITE_S}}}"
        )
        checkout.git("commit", "--quiet", "--all", "--message", "a limit for the suite")
        checkout.ends(0, "start", KEY)
        first_change(checkout)
        _end(checkout.folder)
        kept = Path(self._folder.name) / "kept"
        copied(checkout.folder, kept)
        return kept

    def trials(self) -> Iterator[Trial]:
        for name in NASTY:
            yield Trial(name, partial(self._shipped, name))

    def more(self) -> Iterator[Trial]:
        return iter(())

    def _shipped(self, name: str) -> Outcome:
        if name != "harmless" and not self._usual_bytes:
            self._shipped("harmless")
        nasty = NASTY[name]
        checkout = Checkout(self._kept.with_name("tiny"))
        _end(checkout.folder)
        shutil.rmtree(checkout.folder)
        copied(self._kept, checkout.folder)
        text = TEXT.replace("{body}", nasty.body)
        checkout.write("tests/unit/test_nasty.py", text)
        before = checkout.git("status", "--porcelain")
        try:
            ran, peak_bytes, took_s = _watched(checkout)
            wrong = _wrong(checkout, ran, nasty, before)
        finally:
            left = _others(checkout.folder)
            _end(checkout.folder)
        if name == "harmless":
            self._usual_bytes = peak_bytes
        if left:
            wrong = wrong or f"left {left}"
        if peak_bytes > self._usual_bytes + MORE_BYTES:
            wrong = wrong or f"took {peak_bytes - self._usual_bytes} bytes more than usual"
        if took_s > SHIP_S:
            wrong = wrong or f"took {took_s:.0f} s"
        return Outcome(wrong)

    def close(self) -> None:
        if self._folder is not None:
            _end(self._kept.with_name("tiny"))
            self._folder.cleanup()
            self._folder = None
            del self._kept


def _watched(checkout: Checkout) -> tuple["subprocess.CompletedProcess[str]", int, float]:
    """A `ship`, the most memory that devflow's own process took, and how long it took."""
    begun_s = time.monotonic()
    log = checkout.folder.with_name("ship.log")
    with log.open("w") as output:
        child = checkout.started([sys.executable, "-m", "devflow", "ship", KEY], output=output)
        peak_bytes = 0
        while child.poll() is None and time.monotonic() - begun_s < 2 * SHIP_S:
            with suppress(psutil.Error):
                peak_bytes = max(peak_bytes, psutil.Process(child.pid).memory_info().rss)
            time.sleep(0.02)
        child.kill()
        code = child.wait()
    took_s = time.monotonic() - begun_s
    with log.open(errors="replace") as text:
        said = text.read(200_000)
    return subprocess.CompletedProcess([], code, said, ""), peak_bytes, took_s


def _wrong(
    checkout: Checkout, ran: "subprocess.CompletedProcess[str]", nasty: Nasty, before: str
) -> str:
    if ran.returncode not in CODES or "Traceback (most recent call last)" in ran.stdout:
        return f"ended with {ran.returncode}: {ran.stdout[-600:]}"
    status = checkout.statuses()["local_tests"]
    if nasty.passes is not None and (status == "passed") is not nasty.passes:
        return f"local_tests is {status}"
    head = checkout.git("show", "--format=", "--name-only", "HEAD").split()
    tracked = checkout.git("status", "--porcelain")
    if "new.txt" in head or "new.txt" in tracked:
        return "what a test made is in the developer's tree"
    # what has passed is committed
    if status != "passed" and tracked != before:
        return f"the developer's tree was changed: {tracked}"
    return ""


def _others(folder: Path) -> list[str]:
    """What runs in the folder that no `ship` leaves there, after it had time to go."""
    time.sleep(0.3)
    left = []
    for arguments in processes_of(folder).values():
        if not any(staying in arguments for staying in STAYING):
            left.append(arguments)
    return left[:5]


def _end(folder: Path) -> None:
    while running := processes_of(folder):
        for pid in running:
            with suppress(psutil.Error):
                psutil.Process(pid).kill()
        time.sleep(0.02)
