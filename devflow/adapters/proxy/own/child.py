"""Our worker as its keeper has it: forked, so that what a running environment needs of devflow's
files was read when it began, whatever becomes of them later."""

import json
import os
import signal
import socket
import sys
import traceback
from contextlib import suppress
from typing import Any, Callable, Mapping

from devflow.adapters.proxy.figures.tallies import Tallies
from devflow.adapters.proxy.own import worker


def _nothing() -> None:
    """Until a keeper has it."""


class OwnChild:
    """See ``keeper.Child``."""

    def __init__(self, tallies: Tallies, uvloop_folder: str) -> None:
        self._tallies = tallies
        self._uvloop_folder = uvloop_folder
        self._channel: socket.socket | None = None
        self._message = b""
        self.begun: Callable[[], None] = _nothing
        self.taken = ""
        self.pid = 0

    def start(
        self, table: Mapping[str, Any], generation: str, listeners: Mapping[int, socket.socket]
    ) -> None:
        """See ``Child``."""
        self._forget()
        self._tallies.begin_worker()
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            ours.close()
            for listener in listeners.values():
                # it is given those of each table, and a closed port has to be closed in it too
                listener.close()
            self._serve(theirs)
        theirs.close()
        ours.setblocking(True)
        self._channel = ours
        self.pid = pid
        self.begun()
        self.take(table, generation, listeners)

    def take(
        self, table: Mapping[str, Any], generation: str, listeners: Mapping[int, socket.socket]
    ) -> None:
        """See ``Child``."""
        if self._channel is None:
            return
        ports = list(listeners)
        message = {"generation": generation, "ports": ports, "table": table["ports"]}
        data = json.dumps(message).encode() + b"\n"
        try:
            if ports:
                files = [one.fileno() for one in listeners.values()]
                sent = socket.send_fds(self._channel, [data], files)
                data = data[sent:]
            self._channel.sendall(data)
        except OSError:
            # it has ended: the next one is told
            self._forget()

    def files(self) -> list[int]:
        """See ``Child``."""
        return [self._channel.fileno()] if self._channel else []

    def hear(self) -> None:
        """See ``Child``."""
        assert self._channel is not None
        try:
            data = self._channel.recv(65536)
        except OSError:
            data = b""
        if not data:
            self._forget()
            return
        *lines, self._message = (self._message + data).split(b"\n")
        if lines:
            self.taken = lines[-1].decode()

    def look(self) -> float:
        """See ``Child``. Its figures are counted where they are read."""
        return 60.0

    def end(self) -> None:
        """See ``Child``."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """See ``Child``."""
        self._signal(signal.SIGKILL)

    def end_of(self, pid: int) -> None:
        """See ``Child``."""
        if pid == self.pid:
            self.pid = 0
            self._forget()

    def pids(self) -> tuple[int, ...]:
        """See ``Child``."""
        return (self.pid,) if self.pid else ()

    def follow(self) -> int:
        """See ``Child``. Its end of the channel is this one's too."""
        return signal.SIGTERM

    def _signal(self, number: signal.Signals) -> None:
        if self.pid:
            # one of the keeper before may have been reaped by whoever has it now
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def _forget(self) -> None:
        self._message = b""
        self.taken = ""
        if self._channel is not None:
            self._channel.close()
            self._channel = None

    def _serve(self, channel: socket.socket) -> None:
        code = 1
        try:
            # SIGTERM for the keeper's group is the keeper's alone, which then ends this in order
            os.setpgid(0, 0)
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            worker.run(channel, self._tallies, self._uvloop_folder)
            code = 0
        except BaseException:
            traceback.print_exc(file=sys.stderr)
        finally:
            # nothing of the keeper's is run to its end in here
            os._exit(code)
