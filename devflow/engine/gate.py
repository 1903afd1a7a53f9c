"""A person's word at a gate, written where the gate reads it back, with the person's own token.

What is answered for is what the run had recorded when the person was asked (commit, version),
whatever the file says by now.
"""

from contextlib import nullcontext
from itertools import chain
from typing import ContextManager

from devflow.config.validation import nearest
from devflow.engine.fold import RunState
from devflow.engine.plan import Entry, Plan
from devflow.engine.proxies import Occasion, WriteCall, recording
from devflow.engine.standing import ProductOf, RunProducts, Sources, situation
from devflow.model.command_line import command_line
from devflow.model.errors import UsageError
from devflow.model.outcomes import Absent, Waiting
from devflow.step import GateAnswer, Tools, Turn


class _Unrecorded:
    """A person's word is kept where it is written, not in the journal of a runner that may be at
    work."""

    def write(self, call: WriteCall) -> ContextManager[None]:
        return nullcontext()

    def doubtful(self, call: WriteCall) -> None:
        """Never called: every answer is an ensure verb."""


class Gates:
    """The gates of a run's plan."""

    def __init__(self, plan: Plan, state: RunState, run: str) -> None:
        self._plan = plan
        self._state = state
        self._run = run

    def answer(self, tools: Tools, gate: str, answer: GateAnswer) -> Waiting | Absent | None:
        """Writes the answer; whom the gate still waits for, where its step can tell, or the no that
        keeps it closed.

        Raises ``UsageError`` where the entry is no gate, is not reached yet, or has no window to do
        without.
        """
        entry = self._plan.by_name.get(gate)
        gates = _names(self._plan)
        names = f"gates: {', '.join(gates) or 'none'}"
        if entry is None:
            problem = f'the pipeline has no entry "{gate}"{nearest(gate, gates)}'
            raise UsageError(problem, hint=names)
        if entry.step.answer is None:
            raise UsageError(f"{gate} is not a gate", hint=names)
        if answer.now:
            refuse_to_wait(entry)
        products = RunProducts(self._plan.by_name, self._state)
        at = situation(entry, Sources(self._plan, self._state.of, products, tools.repository))
        if not at.is_ready:
            problem = self._why_not(entry, products)
            raise UsageError(problem, hint=command_line("ship", self._run))
        occasion = Occasion(
            run=self._run,
            entry=gate,
            fingerprint=at.fingerprint,
            round=at.memory.round,
            attempt=at.memory.attempt,
        )
        recorded = recording(tools, occasion, at.memory, _Unrecorded())
        turn = Turn(self._run, gate, at.memory.round)
        return entry.step.answer(recorded, turn, entry.params, at.needs, answer)

    def _why_not(self, entry: Entry, products: ProductOf) -> str:
        """Why nobody is asked: the run has not come to the gate, or what it asks about is not there
        any more."""
        memory = self._state.of(entry.name)
        if memory.record is None and memory.trouble is None and memory.last_round is None:
            return f"{self._run} has not come to {entry.name} yet"
        needed = chain.from_iterable((need.entry, *need.members) for need in entry.needs)
        lost = [name for name in dict.fromkeys(filter(None, needed)) if products(name) is None]
        names = ", ".join(lost) or "what it needs"
        return f"{self._run} came to {entry.name}, and stands before it again: at {names}"


def refuse_to_wait(entry: Entry) -> None:
    """Raises ``UsageError`` for an entry that waits for no window, or whose window nobody may
    override."""
    if entry.step.hasten is None:
        raise UsageError(f"{entry.name} waits for no window")
    entry.step.hasten(entry.params)


def _names(plan: Plan) -> list[str]:
    return [entry.name for entry in plan.entries if entry.step.answer is not None]
