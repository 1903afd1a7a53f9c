"""haproxy as its keeper has it: master and worker (``-W``), told of a table over the runtime
socket, and heard by its log, a line a request.

Where the public ports change, another haproxy is started on the same listening sockets, and the one
before ends what it has.
"""

import fcntl
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from typing import Any, Callable, Final, Mapping

from devflow.adapters.proxy.figures.tallies import CONNECT_FAILED, IN_FLIGHT, Key, Tallies
from devflow.adapters.proxy.haproxy import config
from devflow.adapters.proxy.haproxy.config import Slots
from devflow.adapters.proxy.haproxy.lines import LogReader

CONFIG: Final = "haproxy.cfg"
SERVES_WITHIN_S: Final = 3.0  # s; haproxy begins within 0.1 s
ASK_EVERY_S: Final = 0.005
ANSWER_BYTES: Final = 1 << 20
PIPE_BYTES: Final = 1 << 20  # of the log: 20,000 lines, until the keeper reads them
LOOK_S: Final = 0.5
LOOK_DRAINING_S: Final = 0.1  # while somebody may wait for the last request
PRIVATE: Final = 0o600
# columns of `show stat`
UNDER_WAY: Final = 4
CONNECT_ERRORS: Final = 13
RETRIES: Final = 15
ELSEWHERE: Final = 16


def _nothing() -> None:
    """Until a keeper has it."""


class HaproxyChild:
    """See ``keeper.Child``."""

    def __init__(self, tallies: Tallies, program: str) -> None:
        self._tallies = tallies
        self._program = program
        self._slots: dict[int, Slots] = {}
        self.pid = 0
        self.begun: Callable[[], None] = _nothing
        self._pids: dict[int, str] = {}
        self._log, self._log_end = os.pipe()
        self._reader = LogReader(tallies, self._slots)
        self._failed: dict[tuple[str, str, str], int] = {}
        self._name = ""
        # the ports whose sockets it was started with
        self._listened: list[int] = []
        self.taken = ""
        # whatever is printed: neither of the two waits for the other
        for end in (self._log, self._log_end):
            os.set_blocking(end, False)
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            with suppress(OSError):
                fcntl.fcntl(self._log_end, fcntl.F_SETPIPE_SZ, PIPE_BYTES)

    def start(
        self, table: Mapping[str, Any], generation: str, listeners: Mapping[int, socket.socket]
    ) -> None:
        """See ``Child``."""
        self._tallies.begin_worker()
        self._set(table, is_first=True)
        self._launch(listeners)
        self.taken = generation

    def take(
        self, table: Mapping[str, Any], generation: str, listeners: Mapping[int, socket.socket]
    ) -> None:
        """See ``Child``."""
        commands = self._set(table, is_first=False)
        before = self._listened
        if before != sorted(listeners):
            leaving = self._name
            self._launch(listeners)
            self._ask([f"shutdown frontend f{port}" for port in before], leaving)
        if commands:
            # those that are leaving too: a connection that is kept may ask once more
            for name in self._pids.values():
                self._ask(commands, name)
        self._write(listeners)
        self.taken = generation

    def files(self) -> list[int]:
        """See ``Child``."""
        return [self._log]

    def hear(self) -> None:
        """See ``Child``."""
        with suppress(BlockingIOError):
            self._reader.feed(os.read(self._log, PIPE_BYTES))

    def look(self) -> float:
        """See ``Child``. Takes what haproxy counts of its servers: what is under way, and what it
        could not connect to. One that was replaced is ended with its last connection."""
        under_way: dict[Key, int] = {}
        for pid, name in tuple(self._pids.items()):
            connections = 0
            for fields in self._stats(name):
                if fields[1] == "FRONTEND":
                    connections += int(fields[UNDER_WAY])
                else:
                    self._count(name, fields, under_way)
            if pid != self.pid and not connections:
                _signal(pid)
        is_draining = False
        for slot in (slot for slots in self._slots.values() for slot in slots if slot.is_used):
            count = under_way.get(slot.key, 0)
            self._tallies.words[self._tallies.record(slot.key) + IN_FLIGHT] = count
            is_draining |= slot.draining and count > 0
        return LOOK_DRAINING_S if is_draining else LOOK_S

    def end(self) -> None:
        """See ``Child``."""
        for pid, name in tuple(self._pids.items()):
            self._ask([f"shutdown frontend f{port}" for port in self._slots], name)
            servers = [fields for fields in self._stats(name) if fields[1] != "FRONTEND"]
            if not any(int(fields[UNDER_WAY]) for fields in servers):
                _signal(pid)

    def kill(self) -> None:
        """See ``Child``."""
        for pid in self._pids:
            _signal(pid, signal.SIGKILL)

    def end_of(self, pid: int) -> None:
        """See ``Child``."""
        with suppress(FileNotFoundError):
            os.unlink(self._pids.pop(pid))
        if pid == self.pid:
            self.pid = 0
            self.taken = ""

    def pids(self) -> tuple[int, ...]:
        """See ``Child``: masters alone."""
        return tuple(self._pids)

    def follow(self) -> int:
        """See ``Child``. What could not be connected to until now, the keeper before counted."""
        for name in self._pids.values():
            for fields in self._stats(name):
                self._failed[name, fields[0], fields[1]] = _failures(fields)
        return signal.SIGUSR1

    def _set(self, table: Mapping[str, Any], *, is_first: bool) -> list[str]:
        """Makes the slots those of a table, and answers the commands that make haproxy's so."""
        routes = {int(port): route for port, route in table["ports"].items()}
        for port in self._slots.keys() - routes.keys():
            del self._slots[port]
        commands = []
        for port, route in routes.items():
            slots = self._slots.setdefault(port, Slots(port))
            given = {slot.key for slot in slots if slot.weight}
            commands += slots.take(route)
            self._tallies.record((port, "", ""))
            for slot in slots:
                if slot.is_used:
                    begins = bool(slot.weight) and slot.key not in given
                    self._tallies.record(slot.key, anew=begins and not is_first)
        return commands

    def _launch(self, listeners: Mapping[int, socket.socket]) -> None:
        """Starts a haproxy on these sockets and waits until it can be spoken to. Raises
        ``OSError``."""
        self._name = f"haproxy.{time.monotonic_ns()}.sock"
        self._write(listeners)
        self._listened = sorted(listeners)
        files = {self._log_end: 1, **{one.fileno(): -1 for one in listeners.values()}}
        pid = os.fork()
        if pid == 0:
            self._become(files)
        self._pids[pid] = self._name
        self.pid = pid
        # one that nobody knows could only be ended, and takes the sockets that it shares along
        self.begun()
        deadline = time.monotonic() + SERVES_WITHIN_S
        while not self._ask(["show info"], self._name) and time.monotonic() < deadline:
            time.sleep(ASK_EVERY_S)

    def _become(self, files: Mapping[int, int]) -> None:
        try:
            # SIGTERM for the keeper's group is the keeper's alone, which then ends this in order
            os.setpgid(0, 0)
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            os.dup2(self._log_end, 1)
            for file, place in files.items():
                os.set_inheritable(file, place < 0)
            os.execv(self._program, [self._program, "-W", "-f", CONFIG])
        except BaseException as error:
            print(f"{self._program} cannot be run: {error}", file=sys.stderr, flush=True)
        finally:
            os._exit(126)

    def _write(self, listeners: Mapping[int, socket.socket]) -> None:
        """Writes the configuration that another haproxy would begin with. Raises ``OSError``."""
        files = {port: one.fileno() for port, one in listeners.items()}
        part = f"{CONFIG}.part"
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        with open(os.open(part, flags, PRIVATE), "w", encoding="utf-8") as file:
            file.write(config.text(self._name, self._slots, files))
        os.replace(part, CONFIG)

    def _stats(self, name: str) -> list[list[str]]:
        """What one haproxy counts of each of its frontends and servers."""
        lines = self._ask(["show stat -1 5 -1"], name).splitlines()
        found = [line.split(",") for line in lines]
        return [one for one in found if len(one) > ELSEWHERE and one[0][1:].isdigit()]

    def _count(self, name: str, fields: list[str], under_way: dict[Key, int]) -> None:
        slots = self._slots.get(int(fields[0][1:]))
        if slots is None or not slots[fields[1]].is_used:
            return
        key = slots[fields[1]].key
        under_way[key] = under_way.get(key, 0) + int(fields[UNDER_WAY])
        failed = _failures(fields)
        place = (name, fields[0], fields[1])
        at = self._tallies.record(key)
        self._tallies.words[at + CONNECT_FAILED] += failed - self._failed.get(place, 0)
        self._failed[place] = failed

    def _ask(self, commands: list[str], name: str) -> str:
        """Says something over the runtime socket and answers what came; nothing where it does not
        answer."""
        answer = b""
        try:
            with socket.socket(socket.AF_UNIX) as channel:
                channel.settimeout(SERVES_WITHIN_S)
                channel.connect(name)
                channel.sendall("; ".join(commands).encode() + b"\n")
                while piece := channel.recv(ANSWER_BYTES):
                    answer += piece
        except OSError:
            return ""
        return answer.decode("utf-8", "replace")


def _failures(fields: list[str]) -> int:
    """How often a server could not be connected to."""
    return sum(int(fields[column] or 0) for column in (CONNECT_ERRORS, RETRIES, ELSEWHERE))


def _signal(pid: int, number: signal.Signals = signal.SIGTERM) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
