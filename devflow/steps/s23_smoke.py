"""Step 23: what the real containers do when they are started.

This release starts none: where step 20 has no images, the engine hands that on without asking here.
"""

from dataclasses import dataclass

from devflow.craft.evidence import image_checks
from devflow.model.checks import Check
from devflow.model.outcomes import Absent, Foreseen
from devflow.model.release import Images, Smoke
from devflow.model.values import Value
from devflow.step import Step, Tools, Turn


class Params(Value):
    """Nothing to say."""


@dataclass(frozen=True)
class Needs:
    """What was built."""

    images: Images


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Absent:
    """Says why nothing was started."""
    return Absent(kind="unavailable", why="this release starts no containers yet")


def judge(params: Params, product: Smoke) -> tuple[Check, ...]:
    """Each service's image is named by its digest."""
    return image_checks(product.digests, "container of")


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Nothing is written."""
    return Foreseen()


STEP = Step(
    name="smoke",
    title="Container smoke tests",
    params=Params,
    needs=Needs,
    makes=Smoke,
    make=make,
    judge=judge,
    foresee=foresee,
    number=23,
    project_parts=(),
)
