"""Step 22: what the images consist of, byte by byte.

This release analyses nothing: where step 20 has no images, the engine hands that on without asking
here.
"""

from dataclasses import dataclass

from devflow.craft.evidence import image_checks
from devflow.model.checks import Check
from devflow.model.outcomes import Absent, Foreseen
from devflow.model.release import ImageAnalysis, Images
from devflow.model.values import Value
from devflow.step import Step, Tools, Turn


class Params(Value):
    """Nothing to say."""


@dataclass(frozen=True)
class Needs:
    """What was built."""

    images: Images


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Absent:
    """Says why nothing was analysed."""
    return Absent(kind="unavailable", why="this release analyses no images yet")


def judge(params: Params, product: ImageAnalysis) -> tuple[Check, ...]:
    """Each service's image is named by its digest."""
    return image_checks(product.digests, "image of")


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Nothing is written."""
    return Foreseen()


STEP = Step(
    name="analysis",
    title="Image analysis",
    params=Params,
    needs=Needs,
    makes=ImageAnalysis,
    make=make,
    judge=judge,
    foresee=foresee,
    number=22,
    project_parts=(),
)
