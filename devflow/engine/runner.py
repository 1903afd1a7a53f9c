"""The runner: the file's order, groups that overlap, send-backs, gates, and how a command ends.

Entries run in threads of their own; a write under way is let finish.
"""

from dataclasses import dataclass
from functools import partial
from typing import Final

from devflow.engine.attempt import Attempts, Outcome, Weight
from devflow.engine.ledger import Ledger
from devflow.engine.plan import Plan
from devflow.engine.workers import Workers
from devflow.model.command_line import command_line
from devflow.model.errors import DevflowError, GateWaiting, StepFailed
from devflow.step import Tools

# rounds of one entry; a review that asks for changes more often needs people, not a tool
MAX_ROUNDS: Final = 20
LOOKERS: Final = 8  # threads that look at standing entries; each mostly waits for one HTTP answer


@dataclass(frozen=True)
class Ending:
    """How a command ended: its exit code, the entry that decided it, and why."""

    exit_code: int
    entry: str = ""
    why: str = ""

    @property
    def words(self) -> str:
        """Why, with the entry where something is wrong with it: of a turn or a gate the words name
        whom it is up to."""
        is_named = self.exit_code not in (0, GateWaiting.exit_code) and self.entry
        return f"{self.entry}: {self.why}" if is_named and self.why else self.why


class Runner:
    """Runs a plan from where its run stands."""

    def __init__(self, plan: Plan, tools: Tools, ledger: Ledger) -> None:
        self._plan = plan
        self._ledger = ledger
        self._attempts = Attempts(tools, ledger)
        self._workers = Workers(ledger.stop)

    def run(self, *, until_hand_over: bool = False) -> Ending:
        """Looks at what stands, then runs group after group to the end, the next gate or the first
        failure.

        Raises ``Stopped`` after a signal and ``StorageFailed`` where the journal fails.
        """
        ending = self._look_at_standing() or self._run_groups(until_hand_over)
        self._ledger.flush()
        return ending

    def _run_groups(self, until_hand_over: bool) -> Ending:
        index = 0
        deferred = ""
        while index < len(self._plan.groups):
            group = self._plan.groups[index]
            if until_hand_over and any(entry.step.hands_over for entry in group):
                self._attempts.hand_over(group)
                return Ending(0, group[0].name, "your turn")
            outcomes = self._workers.overlap(
                [partial(self._attempts.turn, entry) for entry in group]
            )
            worst = max(outcomes, key=_weight)
            deferred = next((one.entry for one in outcomes if one.deferred), deferred)
            if worst.weight is Weight.SENT_BACK:
                index = self._send_back(worst)
                if self._plan.by_name[worst.entry].step.ends_when_sent_back:
                    return Ending(GateWaiting.exit_code, worst.entry, worst.why)
            elif worst.weight is Weight.DONE:
                index += 1
            else:
                return Ending(worst.exit_code, worst.entry, worst.why)
        if deferred:
            return Ending(GateWaiting.exit_code, deferred, f"{deferred} is deferred")
        return Ending(0)

    def _send_back(self, outcome: Outcome) -> int:
        """Begins the new round; answers the group to go on with."""
        entry = self._plan.by_name[outcome.entry]
        send_back = outcome.send_back
        if send_back is None or send_back.to != entry.step.sends_back_to:
            raise StepFailed(f"{entry.name} sent back to an entry that it does not declare")
        send_back = send_back.model_copy(update={"to": entry.sends_back_to})
        if self._ledger.sent_back(entry, send_back) > MAX_ROUNDS:
            hint = f"talk to each other, then: {command_line('ship')}"
            raise StepFailed(f"{entry.name} sent back {MAX_ROUNDS} times", hint=hint)
        return self._plan.by_name[send_back.to].group

    def _look_at_standing(self) -> Ending | None:
        """Looks once at each standing entry that can look; what differs or no longer passes
        replaces the record. The end of the command where one cannot be looked at."""
        lookers = [entry for entry in self._plan.entries if entry.step.look]
        standing = [entry for entry in lookers if self._attempts.situation(entry).stands]
        looks = [partial(self._attempts.look_again, entry) for entry in standing]
        as_recorded = []
        for entry, seen in zip(standing, self._workers.overlap(looks, LOOKERS)):
            if isinstance(seen, DevflowError):
                outcome = self._attempts.unseen(entry, seen)
                if outcome.weight is not Weight.DONE:
                    return Ending(outcome.exit_code, outcome.entry, outcome.why)
            elif self._attempts.confirm(entry, seen):
                as_recorded.append(entry.name)
        self._ledger.looked(*as_recorded)
        return None


def _weight(outcome: Outcome) -> Weight:
    return outcome.weight
