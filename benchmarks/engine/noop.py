"""A step that does nothing on this machine, or waits, and needs no tree: what remains is the
engine's."""

import time
from dataclasses import dataclass

from devflow import Check, Foreseen, Step, Tools, Turn, Value
from devflow.model.checks import fact, measure
from devflow.model.figures import Text


class Params(Value):
    """How long it waits."""

    wait_s: float = 0.0


@dataclass(frozen=True)
class Needs:
    """Nothing is needed."""


class Nothing(Value):
    """What it makes."""


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Nothing:
    """Makes nothing."""
    time.sleep(params.wait_s)
    return Nothing()


def judge(params: Params, product: Nothing) -> tuple[Check, ...]:
    """Nothing is as it should be."""
    done = measure("done", "done", Text(kind="text", text="yes"), "benchmark")
    return (fact(done, True),)


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Nothing is written."""
    return Foreseen()


STEP = Step(
    name="noop",
    title="Nothing",
    params=Params,
    needs=Needs,
    makes=Nothing,
    make=make,
    judge=judge,
    foresee=foresee,
    contract=3,
)
