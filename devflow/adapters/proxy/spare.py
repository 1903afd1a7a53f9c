"""A copy of the keeper that sleeps until the keeper is gone, and then goes on as the keeper.

It is forked anew whenever what the keeper knows has changed, so that it holds the same listening
sockets and has the same worker. Who keeps is whom the kernel gives a lock, which it takes back with
the process; a copy that another has replaced ends where it is given it. Where a keeper is killed
while it is being copied, nobody has named that copy: whoever follows ends it. It imports nothing
but the standard library.
"""

import fcntl
import mmap
import os
import signal
import sys
import traceback
from contextlib import suppress
from typing import Final

LOCK: Final = "keeper.lock"
PRIVATE: Final = 0o600
NOBODY: Final = 0


class Spare:
    """The copy of this keeper; ``pid`` is 0 where there is none. Raises ``OSError`` where another
    keeper has the folder."""

    def __init__(self, folder: int) -> None:
        # locks of POSIX: a child has none of them, whatever files it was left
        self._lock = os.open(LOCK, os.O_RDWR | os.O_CREAT, PRIVATE, dir_fd=folder)
        fcntl.lockf(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # the pid of the one that is to go on, in memory that all of them share
        self._next = memoryview(mmap.mmap(-1, mmap.PAGESIZE)).cast("Q")
        self.pid = 0

    def renew(self) -> bool:
        """Puts a copy of this process, as it is now, in the place of the one before.

        Answers False in this one, and True in the copy, once that is the keeper. Raises ``OSError``
        where none can be made; the one before stays.
        """
        keeper = os.getpid()
        pid = os.fork()
        if not pid:
            self._await(keeper)
            return True
        # from here on the one before has nothing to say, whoever is killed now
        self._next[0] = pid
        self._kill()
        self.pid = pid
        return False

    def dismiss(self) -> None:
        """Ends it: nobody is to go on."""
        self._next[0] = NOBODY
        self._kill()
        self.pid = 0

    def _kill(self) -> None:
        if self.pid:
            with suppress(ProcessLookupError, ChildProcessError):
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)

    def _await(self, keeper: int) -> None:
        """Comes back as the keeper after this one, or never."""
        try:
            signal.set_wakeup_fd(-1)
            for one in (signal.SIGTERM, signal.SIGINT):
                signal.signal(one, signal.SIG_DFL)
            fcntl.lockf(self._lock, fcntl.LOCK_EX)
            if self._next[0] != os.getpid():
                os._exit(0)
            group = os.getpgrp()
            # it is looked for as a leader, and its end is that of its own group
            os.setsid()
            if group == keeper:
                _end_begun(group)
        except BaseException:
            traceback.print_exc(file=sys.stderr)
            os._exit(1)
        self.pid = 0


def _end_begun(group: int) -> None:
    """Ends what a killed keeper had begun and told nobody of: it holds the sockets of ports that it
    does not serve. What serves has a group of its own."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
