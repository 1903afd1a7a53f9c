"""Step 20: images of the pushed commit's services, by digest.

This release asks for a container engine and says what answers, and builds nothing: without images a
version is a tree.
"""

from dataclasses import dataclass

from devflow.craft.evidence import image_checks
from devflow.model.change import Push
from devflow.model.checks import Check
from devflow.model.outcomes import Absent, Foreseen
from devflow.model.project import Project
from devflow.model.release import Images
from devflow.model.values import Value
from devflow.step import Step, Tools, Turn


class Params(Value):
    """Nothing to say."""


@dataclass(frozen=True)
class Needs:
    """The commit and its services."""

    push: Push
    project: Project


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Absent:
    """Says why there are no images."""
    engine = tools.images.engine()
    if not engine:
        why = "no container engine answers; install: apt-get install docker.io, then start dockerd"
        return Absent(kind="unavailable", why=why)
    why = f"an engine answers ({engine}), but this release builds no images yet"
    return Absent(kind="unavailable", why=why)


def judge(params: Params, product: Images) -> tuple[Check, ...]:
    """Every image is known by its digest."""
    return image_checks(product.digests, "image of")


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Nothing is written."""
    return Foreseen()


STEP = Step(
    name="images",
    title="Build images",
    params=Params,
    needs=Needs,
    makes=Images,
    make=make,
    judge=judge,
    foresee=foresee,
    number=20,
    project_parts=(),
)
