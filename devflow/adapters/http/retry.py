"""How a remote call is tried again: the only retry layer, so every client beneath it is built
without one.

An attempt is a whole ensure verb, which looks before it writes; that alone makes a repeat after an
unknown outcome safe. Never wrap a bare write.
"""

import math
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Event
from typing import Callable, Final, Literal, Mapping, TypeVar

import tenacity
from tenacity.stop import stop_base

from devflow.model.command_line import command_line
from devflow.model.errors import RemoteSilent
from devflow.model.wording import duration

T = TypeVar("T")
Certainty = Literal["not sent", "refused", "unknown"]
# what servers and the proxies before them answer while they are in trouble
PASSING: Final = frozenset({500, 502, 503, 504})


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


class WrongAnswer(Fault):
    """An attempt that was answered, and not as it should be: in another shape, or with what was
    written not there."""

    def __init__(self, problem: str) -> None:
        super().__init__("unknown", problem)


def fault_of(status: int, headers: Mapping[str, str], problem: str) -> Fault | None:
    """What an HTTP error status means for another attempt.

    ``None`` where the same request would be refused again.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    spent = "retry-after" in lower or lower.get("x-ratelimit-remaining") == "0"
    if status == 429 or (status == 403 and spent):
        return Fault("refused", problem, wait_s=_pause_of(lower))
    if status in PASSING:
        return Fault("unknown", problem, wait_s=_pause_of(lower))
    return None


def _pause_of(headers: Mapping[str, str]) -> float | None:
    """The pause in seconds that a server asks for.

    ``Retry-After`` in seconds (also ``0.5``) or as an HTTP date, else GitHub's reset time.
    """
    pause = headers.get("retry-after", "").strip()
    try:
        seconds = float(pause) if pause else float(headers["x-ratelimit-reset"]) - time.time()
    except KeyError:
        return None
    except ValueError:
        return _until_s(pause)
    # float() takes nan and inf for numbers
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _until_s(date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    # -0000 stands for UTC of an unknown zone, and is read as none
    aware = moment.replace(tzinfo=moment.tzinfo or UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())


def _nobody(_: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class Retry:
    """Tries an ensure verb again while it meets a ``Fault``.

    ``waiting`` is told each pause as a sentence; setting ``stop`` ends a pause at once. Chosen: 6
    tries and 60 s of them bridge a server's restart, and are over before a person gives up; a pause
    of our own is at most 30 s. One that a server names is kept whole up to ``max_wait_s``, and does
    not count as trying; asking before it ends would be refused again, and may make it longer.
    """

    tries: int = 6
    give_up_after_s: float = 60.0
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0
    max_wait_s: float = 60.0
    waiting: Callable[[str], None] = _nobody
    stop: Event = field(default_factory=Event)

    def run(self, where: str, attempt: Callable[[], T]) -> T:
        """The attempt's answer.

        Raises ``RemoteSilent`` after the last try, or at once where the server names a longer pause
        than ``max_wait_s``.
        """
        start_s = time.monotonic()
        retrying = self._retrying(where)
        try:
            return retrying(attempt)
        except Fault as fault:
            if self._is_too_long(fault):
                raise _paused(where, fault) from fault
            tries = retrying.statistics["attempt_number"]
            effort = f"{tries} tries in {duration(time.monotonic() - start_s)}"
            if fault.certainty == "unknown":
                effort += "; what was last sent is looked up before it is sent again"
            how = "did not answer"
            if isinstance(fault, WrongAnswer):
                how = "did not answer as it should"
            problem = f"{where} {how}: {fault.problem} ({effort})"
            hint = (
                "check that it can be reached, then type the same command again: "
                "it goes on where it stopped"
            )
            raise RemoteSilent(problem, hint=hint, where=where) from fault

    def _is_too_long(self, fault: Fault) -> bool:
        return fault.wait_s is not None and fault.wait_s > self.max_wait_s

    def _retrying(self, where: str) -> tenacity.Retrying:
        # s; pauses that the server asked for
        kept_s = 0.0

        def announce(state: tenacity.RetryCallState) -> None:
            nonlocal kept_s
            fault = _fault(state)
            pause_s = state.next_action.sleep if state.next_action else 0.0
            kept_s += fault.wait_s or 0.0
            number = state.attempt_number + 1
            plan = f"asked again in {duration(pause_s)}, try {number} of {self.tries}"
            self.waiting(f"{where}: {fault.problem}; {plan}")

        def is_over(state: tenacity.RetryCallState) -> bool:
            fault = _fault(state)
            if fault.wait_s is not None:
                return self._is_too_long(fault)
            trying_s = (state.seconds_since_start or 0.0) - kept_s
            return trying_s + state.upcoming_sleep >= self.give_up_after_s

        stop = tenacity.stop_any(
            tenacity.stop_after_attempt(self.tries),
            _Stop(is_over),
            tenacity.stop_when_event_set(self.stop),
        )
        return tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(Fault),
            stop=stop,
            wait=self._pause_s,
            sleep=tenacity.sleep_using_event(self.stop),
            before_sleep=announce,
            reraise=True,
        )

    def _pause_s(self, state: tenacity.RetryCallState) -> float:
        wait_s = _fault(state).wait_s
        if wait_s is not None:
            return wait_s
        grown = tenacity.wait_exponential(multiplier=self.first_wait_s, max=self.longest_wait_s)
        jitter = tenacity.wait_random(0, self.first_wait_s)
        return (grown + jitter)(state)


class _Stop(stop_base):
    """A stop of our own, in the library's form."""

    def __init__(self, is_over: Callable[[tenacity.RetryCallState], bool]) -> None:
        self._is_over = is_over

    def __call__(self, retry_state: tenacity.RetryCallState) -> bool:
        return self._is_over(retry_state)


def _paused(where: str, fault: Fault) -> RemoteSilent:
    """The server's own pause is too long to be kept: until when it lasts, on this machine's
    clock."""
    wait_s = fault.wait_s or 0.0
    now = datetime.now().astimezone()
    until = now + timedelta(seconds=wait_s)
    day = "" if until.date() == now.date() else f"{until:%Y-%m-%d} "
    moment = f"{day}{until:%H:%M:%S}"
    problem = f"{where} asks for a pause of {duration(wait_s)}, until {moment}: {fault.problem}"
    hint = (
        f"type the same command again after {moment}; {command_line('ship', wait=True)} stays that "
        "long"
    )
    return RemoteSilent(problem, hint=hint, where=where)


def _fault(state: tenacity.RetryCallState) -> Fault:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, Fault) else Fault("unknown", str(error))
