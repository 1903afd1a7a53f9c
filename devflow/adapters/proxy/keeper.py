"""Holds the public ports of an environment and keeps a worker alive that serves them.

New connections wait in the sockets while a worker is started again. A keeper that is killed is
followed by its spare, which is a copy of it: the worker serves on, and what is under way with it.
Where both were killed, the next keeper ends what serves on, and takes its ports at once.
It is run by its path, in isolation, and what it imports imports nothing but the standard library.

The table's file is the switch. It is found by its folder, not by the folder's name, so that a
repository that is moved goes on being served. Where the folder is removed, nobody will ever end
what serves from it: on Linux the environment's processes are ended then, elsewhere the proxy alone.
"""

import json
import os
import resource
import select
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Callable, Final, Mapping, Protocol

if __name__ == "__main__":
    # run by its path: its package is found from there
    sys.path.append(str(Path(__file__).resolve().parents[3]))

from devflow.adapters.proxy.environment import (
    MARKER,
    end_environment,
    end_strays,
    has_ended,
    lead_group,
)
from devflow.adapters.proxy.figures.tallies import Tallies
from devflow.adapters.proxy.haproxy.child import HaproxyChild
from devflow.adapters.proxy.own.child import OwnChild
from devflow.adapters.proxy.places import TABLE, TAKEN, TALLIES
from devflow.adapters.proxy.public_ports import Ports
from devflow.adapters.proxy.spare import Spare

# s between two looks at whether the table was replaced or its folder removed; one takes 2 us
LOOK_EVERY_S: Final = 5.0
END_WITHIN_S: Final = 4.5  # s for a worker to end, before SIGKILL comes 5 s after SIGTERM
STEADY_S: Final = 1.0  # a worker that lived so long is started again at once
WAIT_FIRST_S: Final = 0.05
WAIT_LONGEST_S: Final = 0.5  # so that it is always started again within 1 s
# s between two looks at a worker whose end the system does not tell: it was another's child
FOLLOWED_EVERY_S: Final = 0.2
ASK_AGAIN_S: Final = 0.02
PRIVATE: Final = 0o600

Listeners = Mapping[int, socket.socket]


class Child(Protocol):
    """What serves, as a process of its own: its ``pid``, 0 where there is none, and the generation
    of the table that it has ``taken``. ``begun`` is called once a process of its is there, so that
    whoever follows knows it, and goes on from there."""

    pid: int
    taken: str
    begun: Callable[[], None]

    def start(self, table: Mapping[str, Any], generation: str, listeners: Listeners) -> None:
        """Starts it with a table. Raises ``OSError``."""

    def take(self, table: Mapping[str, Any], generation: str, listeners: Listeners) -> None:
        """Hands it another table."""

    def files(self) -> list[int]:
        """What it may be heard on."""

    def hear(self) -> None:
        """Takes what came."""

    def look(self) -> float:
        """Brings the figures up to date; answers in how many s to do so again."""

    def end(self) -> None:
        """Asks it to end what runs, and then itself; asked again until it has."""

    def kill(self) -> None:
        """Ends whatever is left of it."""

    def end_of(self, pid: int) -> None:
        """One of its processes has ended."""

    def pids(self) -> tuple[int, ...]:
        """Its processes that have not ended."""

    def follow(self) -> int:
        """Goes on where another keeper was killed. Answers the signal by which a process of its
        that is not known ends what it has, and then itself."""


class Keeper:
    """See above."""

    def __init__(
        self, folder: int, child: Child, tallies: Tallies, spare: Spare, left: tuple[int, ...]
    ) -> None:
        self._folder = folder
        self._ports = Ports(left)
        self._child = child
        child.begun = self._begun
        self._tallies = tallies
        self._spare = spare
        self._copied: tuple[object, ...] = ()
        self._followed: set[int] = set()
        self._wakeups: tuple[int, ...] = ()
        self._began_s = time.monotonic()
        self._identity: tuple[int, int] = (0, 0)
        self._table: dict[str, Any] = {"ports": {}}
        self._generation = ""
        self._taken = ""
        self._problem = ""
        self._started_s = 0.0
        self._wait_s = WAIT_FIRST_S
        self._start_at_s = 0.0
        self._look_at_s = 0.0
        self._stopping = False

    def keep(self) -> None:
        """Keeps a worker until SIGTERM or SIGINT, or until the folder is removed."""
        self._hear_signals()
        while not self._stopping:
            if self._is_gone():
                self._spare.dismiss()
                end_environment(os.environ.get(MARKER, ""))
                break
            with suppress(FileNotFoundError):
                # it may go between the two looks
                self._read_table()
            self._reap()
            self._start_again()
            # whoever is told may rely on it
            self._copy()
            self._say_taken()
            self._wait()
        self._spare.dismiss()
        self._end()

    def _hear_signals(self) -> None:
        before = self._wakeups
        self._wakeups = os.pipe()
        waking = self._wakeups[1]
        os.set_blocking(waking, False)
        signal.set_wakeup_fd(waking, warn_on_full_buffer=False)
        # those of the keeper before, where this one follows it
        for end in before:
            os.close(end)
        for number in (signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop())

    def _stop(self) -> None:
        """Ends ``keep`` once the signal's handler is over."""
        self._stopping = True

    def _begun(self) -> None:
        lead_group(self._child.pid)
        self._copy()

    def _copy(self) -> None:
        """Has a spare that knows what is known here; it goes on from this very place."""
        known = (self._child.taken, *self._ports.listeners, *self._child.pids())
        if self._stopping or (self._spare.pid and self._copied == known):
            return
        self._copied = known
        lived_s = None
        try:
            while self._spare.renew():
                # it is the keeper now, and has a spare of its own before anything else
                lived_s = time.monotonic() - self._began_s
                self._began_s = time.monotonic()
        except OSError as error:
            log(f"what follows a killed keeper knows less than it should: {error}")
            self._copied = ()
        if lived_s is not None:
            self._follow(lived_s)

    def _follow(self, lived_s: float) -> None:
        """Begins as the keeper that comes after a killed one, which lived so long."""
        self._hear_signals()
        log(f"the keeper was killed after {lived_s:.1f} s; this is the next one")
        self._tallies.begin_keeper()
        if lived_s < STEADY_S:
            # what ends each of them at once has to wait
            time.sleep(WAIT_LONGEST_S)
        # what it had in hand is done again
        self._identity = (0, 0)
        self._taken = ""
        self._ports.follow()
        self._followed = set(self._child.pids())
        gently = self._child.follow()
        known = (*self._child.pids(), self._spare.pid)
        end_strays(os.environ.get(MARKER, ""), known, gently)

    def _wait(self) -> None:
        now_s = time.monotonic()
        until_s = [now_s + LOOK_EVERY_S]
        if self._child.pid:
            if now_s >= self._look_at_s:
                self._look_at_s = now_s + self._child.look()
            until_s.append(self._look_at_s)
        else:
            until_s.append(self._start_at_s)
        if self._followed:
            until_s.append(now_s + FOLLOWED_EVERY_S)
        wakeup = self._wakeups[0]
        files = [wakeup, *self._child.files()]
        timeout_s = max(0.0, min(until_s) - now_s)
        ready, _, _ = select.select(files, (), (), timeout_s)
        for file in ready:
            if file == wakeup:
                os.read(file, 4096)
            elif file in self._child.files():
                self._child.hear()

    def _is_gone(self) -> bool:
        """Whether the folder was removed: its file is replaced, and never taken away."""
        try:
            os.stat(TABLE, dir_fd=self._folder)
        except FileNotFoundError:
            return True
        return False

    def _read_table(self) -> None:
        """Takes the table where it was replaced. Raises ``FileNotFoundError`` where it is gone."""
        stat = os.stat(TABLE, dir_fd=self._folder)
        identity = (stat.st_ino, stat.st_mtime_ns)
        if identity == self._identity:
            return
        self._identity = identity
        file = os.open(TABLE, os.O_RDONLY, dir_fd=self._folder)
        with open(file, encoding="utf-8") as text:
            document = json.load(text)
        self._table = document["table"]
        self._generation = document["generation"]
        was_left = self._ports.is_left
        problems = self._ports.become({int(port) for port in self._table["ports"]})
        self._problem = "; ".join(problems)
        for problem in problems:
            log(problem)
        if was_left:
            log(f"nobody kept what served; its ports were free for {self._ports.unheld_s:.3f} s")
        # whoever follows has new sockets, too, from before a worker has them
        self._copy()
        if self._child.pid:
            try:
                self._child.take(self._table, self._generation, self._ports.listeners)
            except OSError as error:
                self._problem = f"the table cannot be taken: {error}"
                log(self._problem)
                self._say(self._generation)

    def _say_taken(self) -> None:
        generation = self._child.taken
        if self._child.pid and generation == self._generation and generation != self._taken:
            # whoever is told waits for what the figures say is under way: they are not older
            self._look_at_s = time.monotonic() + self._child.look()
            self._say(generation)

    def _say(self, generation: str) -> None:
        self._taken = generation
        unheld_s = self._ports.unheld_s
        told = {"generation": generation, "problem": self._problem, "unheld_s": unheld_s}
        text = json.dumps(told)
        part = f"{TAKEN}.part"
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        try:
            with open(os.open(part, flags, PRIVATE, dir_fd=self._folder), "w") as file:
                file.write(text)
            os.replace(part, TAKEN, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        except OSError as error:
            log(f"cannot say what was taken: {error}")

    def _reap(self) -> None:
        self._reap_followed()
        with suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    return
                if pid == self._spare.pid:
                    self._spare.pid = 0
                self._ended(pid, f"ended with {os.waitstatus_to_exitcode(status)}")

    def _reap_followed(self) -> None:
        """Those that the keeper before has started."""
        for pid in tuple(filter(has_ended, self._followed)):
            self._followed.discard(pid)
            self._ended(pid, "ended")

    def _ended(self, pid: int, how: str) -> None:
        is_serving = pid == self._child.pid
        if pid in self._child.pids():
            self._child.end_of(pid)
        if is_serving:
            self._plan_start(how)

    def _plan_start(self, how: str) -> None:
        self._taken = ""
        now_s = time.monotonic()
        if now_s - self._started_s >= STEADY_S:
            self._wait_s = 0.0
        log(f"the worker {how}; started again in {self._wait_s:.2f} s")
        self._start_at_s = now_s + self._wait_s
        self._wait_s = min(max(self._wait_s * 2, WAIT_FIRST_S), WAIT_LONGEST_S)

    def _start_again(self) -> None:
        if self._child.pid or time.monotonic() < self._start_at_s or self._stopping:
            return
        self._started_s = time.monotonic()
        self._look_at_s = 0.0
        try:
            self._child.start(self._table, self._generation, self._ports.listeners)
        except OSError as error:
            self._plan_start(f"cannot be started: {error}")

    def _end(self) -> None:
        self._ports.become(set())
        if not self._child.pid:
            return
        deadline_s = time.monotonic() + END_WITHIN_S
        while self._child.pid and time.monotonic() < deadline_s:
            self._child.end()
            heard, _, _ = select.select(self._child.files(), (), (), ASK_AGAIN_S)
            if heard:
                self._child.hear()
            self._reap()
        self._child.kill()


def log(problem: str) -> None:
    """Says what happened in the proxy's log."""
    moment = time.strftime("%Y-%m-%dT%H:%M:%S%z")
    print(f"{moment} proxy: {problem}", file=sys.stderr, flush=True)


def main(folder_name: str, kind: str, extra: str, *left: str) -> None:
    """Keeps a proxy of this kind for a folder; ``extra`` is where uvloop lies, or haproxy, ``left``
    are the processes that serve on where a keeper and its copy were killed. Raises ``OSError``
    where the folder cannot be used, or another keeper has it."""
    folder = os.open(folder_name, os.O_RDONLY | os.O_DIRECTORY)
    # names below are found there, wherever it is moved to
    os.fchdir(folder)
    _allow_files()
    spare = Spare(folder)
    with suppress(FileNotFoundError):
        os.unlink(TALLIES)
    counted = os.open(TALLIES, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE)
    tallies = Tallies(counted)
    child: Child = OwnChild(tallies, extra) if kind == "own" else HaproxyChild(tallies, extra)
    Keeper(folder, child, tallies, spare, tuple(map(int, left))).keep()


def _allow_files() -> None:
    """Each request in flight takes two: as many are allowed as may be."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # macOS calls it endless, and refuses more than this
    wanted = 10240 if hard == resource.RLIM_INFINITY else hard
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


if __name__ == "__main__":
    main(*sys.argv[1:])
