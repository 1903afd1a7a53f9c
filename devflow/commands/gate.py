"""`approve` and `reject`: a person's word at a gate, written where the gate reads it back, with the
person's own token.

What is answered for is what the run had recorded when the person was asked (commit, version),
whatever the file says by now.
"""

from contextlib import nullcontext
from typing import ContextManager, Iterable

from devflow.commands.place import Workspace, World
from devflow.engine.fold import RunState
from devflow.engine.plan import Entry
from devflow.engine.proxies import Meant, Occasion, recording
from devflow.engine.standing import Needs
from devflow.model.errors import UsageError
from devflow.step import GateAnswer, Turn


class _Unrecorded:
    """A person's word is kept where it is written, not in the journal of a runner that may be at
    work."""

    def write(self, meant: Meant) -> ContextManager[None]:
        return nullcontext()

    def doubtful(self, meant: Meant) -> None:
        """Never called: every answer is an ensure verb."""


def answer(place: Workspace, world: World, run: str, gate: str, said: GateAnswer) -> str:
    """Writes the answer; says what it was about. Raises ``UsageError`` where the entry is no gate
    or is not reached yet."""
    entry = _gate(place.plan.entries, gate)
    write = entry.step.answer
    if write is None:
        raise UsageError(f"{gate} is not a gate", hint=f"gates: {_names(place.plan.entries)}")
    state, needs = RunState(place.journal.events(run)), Needs(place.plan)
    gathered = needs.gather(entry, state)
    if not isinstance(gathered, dict):
        raise UsageError(f"{run} has not come to {gate} yet", hint=f"devflow ship {run}")
    memory = state.of(entry.name)
    occasion = Occasion(
        run,
        entry.name,
        needs.fingerprint(entry, gathered, memory.round),
        memory.round,
        memory.attempt,
    )
    tools = recording(world.tools, occasion, memory, _Unrecorded())
    write(
        tools, Turn(run, entry.name, memory.round), entry.params, needs.built(entry, gathered), said
    )
    return f"{said.verdict} {gate} of {run}"


def answer_of(verdict: str, message: str, at: str) -> GateAnswer:
    """What was typed, as an answer. Raises ``UsageError`` for a place that is no ``path:line``."""
    path, _, line = at.rpartition(":")
    if at and not (path and line.isdigit()):
        raise UsageError(f'"{at}" is not PATH:LINE', hint="--at services/frontend/app.py:12")
    return GateAnswer(
        "approve" if verdict == "approve" else "reject", message, (path, int(line)) if at else None
    )


def _gate(entries: Iterable[Entry], name: str) -> Entry:
    found = next((entry for entry in entries if entry.name == name), None)
    if found is None:
        raise UsageError(f'the pipeline has no entry "{name}"', hint=f"gates: {_names(entries)}")
    return found


def _names(entries: Iterable[Entry]) -> str:
    return ", ".join(entry.name for entry in entries if entry.step.answer is not None) or "none"
