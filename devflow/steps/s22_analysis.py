"""Step 22: what the images consist of, byte by byte.

Every layer of every platform is read from the store of built images; nothing is asked of an engine
or a registry.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, Iterator

from pydantic import Field

from devflow.craft.analysis import earlier, evidence
from devflow.craft.analysis.grading import graded
from devflow.craft.analysis.reading import manifests_of
from devflow.craft.analysis.report import Subject, analysed
from devflow.craft.images.damage import damage_named
from devflow.craft.remembered import last_product
from devflow.model import figures
from devflow.model.bounds.numbers import Ratio
from devflow.model.checks import Check, fact, measure, missing
from devflow.model.declared.project import Project
from devflow.model.images import ImageReport
from devflow.model.outcomes import Absent, Foreseen
from devflow.model.release import ImageAnalysis, Images
from devflow.model.values import Limit, Value
from devflow.step import See, Step, Tools, Turn

MB: Final = 1_000_000
# inflating and hashing leave the interpreter's lock: two images at once use two processors
READERS: Final = 2


class Params(Value):
    """A budget for an image's size stands with its service: ``image: {budget_mb: 120}``."""

    min_efficiency: Limit[Ratio] = Field(
        default=0.9, description="of 1, by dive's definition; 0.9 is dive's own lowestEfficiency"
    )


@dataclass(frozen=True)
class Needs:
    """What was built, and the services that it is of."""

    images: Images
    project: Project


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> ImageAnalysis | Absent:
    """Reads every image. Raises ``StepFailed`` for one that cannot be believed, ``Unavailable``
    for one whose content is gone."""
    if not needs.images.digests:
        return Absent(kind="unavailable", why="no image was built")
    subjects = list(_subjects(tools, turn, needs))
    done = 0

    def read(subject: Subject) -> ImageReport:
        with damage_named(tools.images):
            return analysed(tools.images, subject)

    reports = []
    with ThreadPoolExecutor(READERS) as readers:
        for report in readers.map(read, subjects):
            reports.append(report)
            done += 1
            turn.say(f"{report.service} {report.platform}", done, len(subjects))
    return ImageAnalysis(digests=needs.images.digests, reports=tuple(reports))


def look(see: See, turn: Turn, params: Params, needs: Needs) -> ImageAnalysis | None:
    """What this run analysed, where the budgets have changed since: it is judged by those of now,
    and nothing is read again for it."""
    known = last_product(see.history, turn.run, turn.entry, ImageAnalysis)
    if known is None or known.digests != needs.images.digests:
        return None
    reports = []
    for report in known.reports:
        budget = {"budget_bytes": _budget_bytes(needs.project, report.service)}
        reports.append(graded(report.model_copy(update=budget)))
    seen = known.model_copy(update={"reports": tuple(reports)})
    return None if seen == known else seen


def _subjects(tools: Tools, turn: Turn, needs: Needs) -> Iterator[Subject]:
    """Each platform of each image once, also where several services run from one."""
    before = earlier.reports(tools.history, turn.run)
    bases = {one.service: one.base.digest for one in needs.images.images if one.base}
    seen = set()
    for service, digest in sorted(needs.images.digests.items(), key=lambda one: _order(needs, one)):
        if digest in seen:
            continue
        seen.add(digest)
        for platform, manifest in manifests_of(tools.images, digest):
            report, run = before.get((service, platform), (None, ""))
            yield Subject(
                manifest,
                service,
                platform,
                base=bases.get(service, ""),
                budget_bytes=_budget_bytes(needs.project, service),
                before=report,
                before_of=run,
            )


def _order(needs: Needs, service: tuple[str, str]) -> tuple[bool, str]:
    """The services whose own image it is come before those that run from another's."""
    settings = needs.project.services.get(service[0])
    is_borrowed = bool(settings and settings.image and settings.image.of)
    return is_borrowed, service[0]


def _budget_bytes(project: Project, name: str) -> int | None:
    service = project.services.get(name)
    if service is None or service.image is None or service.image.budget_mb is None:
        return None
    return round(service.image.budget_mb * MB)


def judge(params: Params, product: ImageAnalysis) -> tuple[Check, ...]:
    """No secret, within the budget, little wasted; the rest is told."""
    checks = []
    for service, digest in product.digests.items():
        known = figures.digest(digest)
        image = measure("image", service, known, f"image of {service}", about=service)
        checks.append(fact(image, digest.startswith("sha256:")))
    for report in product.reports:
        checks += evidence.lines(report, params.min_efficiency)
    if product.digests and not product.reports:
        none = figures.absent("no image was read")
        checks.append(missing(measure("analysis", "analysis", none, "store")))
    return tuple(checks)


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
    look=look,
    number=22,
    evidence={
        "image": "the image's digest, about the service",
        "analysis": "that any image was read",
    }
    | evidence.EVIDENCE,
    project_parts=("services",),
)
