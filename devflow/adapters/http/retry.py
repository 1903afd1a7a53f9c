"""How a remote call is tried again: the only retry layer, so every client beneath it is built
without one.

An attempt is a whole ensure verb, which looks before it writes; that alone makes a repeat after an
unknown outcome safe. Never wrap a bare write.
"""

import math
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Event
from typing import Callable, Final, Literal, Mapping, TypeVar

import tenacity

from devflow.model.errors import RemoteSilent

T = TypeVar("T")
Certainty = Literal["not sent", "refused", "unknown"]
PASSING: Final = frozenset(
    {500, 502, 503, 504}
)  # what servers and the proxies before them answer while they are in trouble


class Fault(Exception):
    """An attempt that failed in a way that another attempt may not.

    ``certainty`` says what became of the request: it was never sent, the server refused it, or
    nobody knows. ``wait_s`` is the pause that the server asked for, in seconds.
    """

    def __init__(self, certainty: Certainty, problem: str, *, wait_s: float | None = None) -> None:
        super().__init__(problem)
        self.certainty = certainty
        self.problem = problem
        self.wait_s = wait_s


def fault_of(status: int, headers: Mapping[str, str], problem: str) -> Fault | None:
    """What an HTTP error status means for another attempt; ``None`` where the same request would be
    refused again."""
    known = {name.lower(): value for name, value in headers.items()}
    spent = "retry-after" in known or known.get("x-ratelimit-remaining") == "0"
    if status == 429 or (status == 403 and spent):
        return Fault("refused", problem, wait_s=_asked_s(known))
    if status in PASSING:
        return Fault("unknown", problem, wait_s=_asked_s(known))
    return None


def _asked_s(headers: Mapping[str, str]) -> float | None:
    """The pause that was asked for: ``Retry-After`` in seconds (also ``0.5``) or as an HTTP date,
    else GitHub's reset time."""
    asked = headers.get("retry-after", "").strip()
    try:
        seconds = float(asked) if asked else float(headers["x-ratelimit-reset"]) - time.time()
    except KeyError:
        return None
    except ValueError:
        return _until_s(asked)
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _until_s(date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    return max(
        0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    )


def _nobody(_: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class Retry:
    """Tries an ensure verb again while it meets a ``Fault``.

    ``waiting`` is told each pause as a sentence; setting ``stop`` ends a pause at once. Chosen: 6
    tries and 60 s bridge a server's restart and a short rate limit, and are over before a person
    gives up; a pause is at most 30 s, whatever a server asks for.
    """

    tries: int = 6
    give_up_after_s: float = 60.0
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0
    waiting: Callable[[str], None] = _nobody
    stop: Event = field(default_factory=Event)

    def run(self, where: str, attempt: Callable[[], T]) -> T:
        """The attempt's answer. Raises ``RemoteSilent`` after the last try, or where a pause would
        last too long."""
        begun_s = time.monotonic()

        def tell(state: tenacity.RetryCallState) -> None:
            pause_s = state.next_action.sleep if state.next_action else 0.0
            coming = (
                f"asked again in {pause_s:.1f} s, try {state.attempt_number + 1} of {self.tries}"
            )
            self.waiting(f"{where}: {_fault(state).problem}; {coming}")

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(Fault),
            stop=tenacity.stop_any(
                tenacity.stop_after_attempt(self.tries),
                tenacity.stop_before_delay(self.give_up_after_s),
                tenacity.stop_when_event_set(self.stop),
            ),
            wait=self._pause_s,
            sleep=tenacity.sleep_using_event(self.stop),
            before_sleep=tell,
            reraise=True,
        )
        try:
            return retrying(attempt)
        except Fault as fault:
            tried = f"{retrying.statistics['attempt_number']} tries in {time.monotonic() - begun_s:.0f} s"
            unsure = (
                "; what was last sent is looked up before it is sent again"
                if fault.certainty == "unknown"
                else ""
            )
            raise RemoteSilent(
                f"{where} did not answer: {fault.problem} ({tried}{unsure})",
                hint="check that it can be reached, then type the same command again: it goes on where it stopped",
                where=where,
            ) from fault

    def _pause_s(self, state: tenacity.RetryCallState) -> float:
        asked_s = _fault(state).wait_s
        if asked_s is not None:
            return min(asked_s, self.longest_wait_s)
        grown = tenacity.wait_exponential(multiplier=self.first_wait_s, max=self.longest_wait_s)
        return (grown + tenacity.wait_random(0, self.first_wait_s))(state)


def _fault(state: tenacity.RetryCallState) -> Fault:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, Fault) else Fault("unknown", str(error))
