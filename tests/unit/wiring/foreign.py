"""Steps as another package would bring them: written with the public names, and with mistakes."""

from dataclasses import dataclass, replace

from devflow import Check, Foreseen, Step, Tools, Turn, Value


class Params(Value):
    """Nothing to say."""


@dataclass(frozen=True)
class Needs:
    """Nothing is needed."""


class Greeting(Value):
    """What it makes."""

    text: str


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Greeting:
    """Greets."""
    return Greeting(text="hello")


def judge(params: Params, product: Greeting) -> tuple[Check, ...]:
    """A greeting is a greeting."""
    return (Check(label="greeting", ok=True, measured=product.text, source="foreign"),)


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Nothing is written."""
    return Foreseen()


STEP = Step(
    name="greeting",
    title="Greeting",
    params=Params,
    needs=Needs,
    makes=Greeting,
    make=make,
    judge=judge,
    foresee=foresee,
    contract=3,
)
SILENT = replace(STEP, contract=None)
OLDER = replace(STEP, contract=1)
NO_STEP = "a text"
