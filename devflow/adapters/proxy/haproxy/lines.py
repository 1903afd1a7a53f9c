"""What haproxy's log says of each request: ``%f %s %ST %tsc %Ta``, and whether it said that no user
asks; a line a request."""

from typing import Final, Mapping

from devflow.adapters.proxy.figures.tallies import (
    ABORTED,
    ANSWERED_5XX,
    CLIENT_GONE,
    HISTOGRAM,
    REFUSED,
    REQUESTS,
    SYNTHETIC,
    UNSERVED,
    WHILE_DRAINING,
    Tallies,
    bucket,
)
from devflow.adapters.proxy.haproxy.config import Slot, Slots

UPGRADED: Final = 101
FIELDS: Final = 6
IS_SYNTHETIC: Final = "1"
RESOLUTION_MS: Final = 1  # ms, of haproxy's log


class LogReader:
    """Counts what the lines say, for whoever has the slot."""

    def __init__(self, tallies: Tallies, slots: Mapping[int, Slots]) -> None:
        self._tallies = tallies
        self._slots = slots
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Takes the next piece of the log."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            fields = line.decode("ascii", "replace").split()
            is_request = len(fields) == FIELDS and fields[0][1:].isdigit()
            if is_request and int(fields[0][1:]) in self._slots:
                self._count(*fields)

    def _count(self, front: str, server: str, status: str, *more: str) -> None:
        ended, active_ms, synthetic = more
        port = int(front[1:])
        words = self._tallies.words
        if not server.startswith("s") or ended.startswith("SC"):
            # answered by haproxy: no server took it, or it was no request
            at = self._tallies.record((port, "", ""))
            words[at + (UNSERVED if ended[0] in "Ss" else REFUSED)] += 1
            return
        slot = self._slots[port][server]
        if not slot.is_used:
            return
        at = self._tallies.record(slot.key)
        words[at + REQUESTS] += 1
        words[at + SYNTHETIC] += synthetic == IS_SYNTHETIC
        error = _error(slot, int(status), ended)
        if error:
            words[at + error] += 1
        if error in (0, ANSWERED_5XX) and int(status) != UPGRADED:
            # whole ms, cut off: what it says is 0 took up to one
            words[at + HISTOGRAM + bucket((int(active_ms) + RESOLUTION_MS) / 1000)] += 1


def _error(slot: Slot, status: int, ended: str) -> int:
    """The class of error that a request ended in, 0 where in none. What ends what was upgraded is
    none, whoever it was."""
    if status == UPGRADED:
        return 0
    if ended[0] in "Cc":
        return CLIENT_GONE
    if ended[0] in "SsPR":
        error = ABORTED
    elif status >= 500:
        error = ANSWERED_5XX
    else:
        return 0
    return WHILE_DRAINING if slot.draining else error
