"""The runner: the file's order, groups that overlap, send-backs, gates, and how a command ends.

Entries run in daemon threads, so that the main thread hears a signal at once; a write under way is
let finish.
"""

import queue
import threading
from dataclasses import dataclass
from typing import Callable, Final, Sequence, TypeVar, cast

from devflow.engine.attempt import Attempts, Outcome, Weight, still_the_same
from devflow.engine.ledger import Ledger, Stopped
from devflow.engine.plan import Entry, Plan
from devflow.engine.standing import Needs, stands, verdict
from devflow.model.errors import GateWaiting, StepFailed
from devflow.model.values import Value
from devflow.step import Tools

T = TypeVar("T")
TICK_S: Final = (
    0.05  # s; how soon a signal is heard, well under the 2 s in which a command has to end
)
MAX_ROUNDS: Final = (
    # rounds of one entry; a review that asks for changes more often than this needs people, not a
    # tool
    20
)
LOOKERS: Final = (
    8  # threads that look at standing entries at once; each mostly waits for one HTTP answer
)


@dataclass(frozen=True)
class Ending:
    """How a command ended: its exit code, the entry that decided it, and why. ``handed_over``: it
    is the developer's turn."""

    exit_code: int
    entry: str = ""
    why: str = ""
    handed_over: bool = False


class Runner:
    """Runs a plan from where its run stands."""

    def __init__(self, plan: Plan, tools: Tools, ledger: Ledger) -> None:
        self._plan, self._ledger = plan, ledger
        self._attempts = Attempts(tools, ledger)

    def run(self, *, until_hand_over: bool = False) -> Ending:
        """Looks at what stands, then runs group after group to the end, the next gate or the first
        failure.

        Raises ``Stopped`` after a signal and ``StorageFailed`` where the journal fails.
        """
        self._look_at_standing()
        index, deferred = 0, ""
        while index < len(self._plan.groups):
            group = self._plan.groups[index]
            if until_hand_over and any(entry.step.hands_over for entry in group):
                return Ending(0, group[0].name, "your turn", handed_over=True)
            outcomes = self._overlap([self._turn(entry) for entry in group])
            worst = max(outcomes, key=lambda outcome: outcome.weight)
            deferred = next((outcome.entry for outcome in outcomes if outcome.deferred), deferred)
            if worst.weight is Weight.SENT_BACK:
                index = self._send_back(worst)
            elif worst.weight is not Weight.DONE:
                return Ending(worst.exit_code, worst.entry, worst.why)
            else:
                index += 1
        return (
            Ending(GateWaiting.exit_code, deferred, f"{deferred} is deferred")
            if deferred
            else Ending(0)
        )

    def _turn(self, entry: Entry) -> Callable[[], Outcome]:
        return lambda: self._attempts.turn(entry)

    def _send_back(self, outcome: Outcome) -> int:
        """Begins the new round; answers the group to go on with."""
        entry, send_back = self._ledger.entry(outcome.entry), outcome.send_back
        if send_back is None or send_back.to != entry.step.sends_back_to:
            raise StepFailed(f"{entry.name} sent back to an entry that it does not declare")
        send_back = send_back.model_copy(update={"to": entry.sends_back_to})
        if self._ledger.sent_back(entry, send_back) > MAX_ROUNDS:
            raise StepFailed(
                f"{entry.name} sent back {MAX_ROUNDS} times",
                hint="talk to each other, then: devflow ship",
            )
        return self._ledger.entry(send_back.to).group

    def _look_at_standing(self) -> None:
        """Looks once at each standing entry that can look; what differs or no longer passes
        replaces the record."""
        state, needs = self._ledger.state, self._ledger.needs
        standing = [
            entry
            for entry in self._plan.entries
            if entry.step.look and _standing(entry, needs, self._ledger)
        ]
        seen = dict(self._overlap([self._looker(entry) for entry in standing], LOOKERS))
        for entry in standing:
            found = seen[entry.name]
            if found is None or still_the_same(entry, self._ledger, found):
                continue
            status, checks = verdict(entry, found)
            gathered = needs.gather(entry, state)
            if isinstance(gathered, dict):
                made_from = needs.fingerprint(entry, gathered, state.of(entry.name).round)
                self._ledger.recorded(entry, made_from, found, (status, checks, "look"))

    def _looker(self, entry: Entry) -> Callable[[], tuple[str, Value | None]]:
        return lambda: (entry.name, self._attempts.look_again(entry))

    def _overlap(self, jobs: Sequence[Callable[[], T]], width: int = 0) -> list[T]:
        """Runs jobs side by side and answers in their order; an error of the frame itself is raised
        here, a signal ends the waiting."""
        done: queue.SimpleQueue[tuple[int, T | None, BaseException | None]] = queue.SimpleQueue()
        slots = threading.Semaphore(width or max(1, len(jobs)))

        def work(index: int, job: Callable[[], T]) -> None:
            with slots:
                try:
                    done.put((index, job(), None))
                except BaseException as error:  # handed to the main thread, which raises it
                    done.put((index, None, error))

        for index, job in enumerate(jobs):
            threading.Thread(
                target=work, args=(index, job), daemon=True, name=f"entry-{index}"
            ).start()
        answers: dict[int, T] = {}
        while len(answers) < len(jobs):
            if self._ledger.stop.is_set():
                raise Stopped
            try:
                index, answer, error = done.get(timeout=TICK_S)
            except queue.Empty:
                continue
            if error is not None:
                raise error
            answers[index] = cast(T, answer)
        return [answers[index] for index in range(len(jobs))]


def _standing(entry: Entry, needs: Needs, ledger: Ledger) -> bool:
    gathered = needs.gather(entry, ledger.state)
    if not isinstance(gathered, dict):
        return False
    memory = ledger.state.of(entry.name)
    return stands(entry, memory, needs.fingerprint(entry, gathered, memory.round))
