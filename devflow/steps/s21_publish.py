"""Step 21: what the registry holds of the images, read back by digest.

This release publishes nothing: where step 20 has no images, the engine hands that on without asking
here.
"""

from dataclasses import dataclass

from devflow.craft.evidence import image_checks
from devflow.model.checks import Check
from devflow.model.outcomes import Absent, Foreseen
from devflow.model.release import Images, Published
from devflow.model.values import Value
from devflow.step import Step, Tools, Turn


class Params(Value):
    """Nothing to say."""


@dataclass(frozen=True)
class Needs:
    """What was built."""

    images: Images


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Absent:
    """Says why nothing was published."""
    return Absent(kind="unavailable", why="this release publishes no images yet")


def judge(params: Params, product: Published) -> tuple[Check, ...]:
    """Each service's image is named by its digest."""
    return image_checks(product.digests, "registry,")


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Nothing is written."""
    return Foreseen()


STEP = Step(
    name="publish",
    title="Publish images",
    params=Params,
    needs=Needs,
    makes=Published,
    make=make,
    judge=judge,
    foresee=foresee,
    number=21,
    project_parts=(),
)
