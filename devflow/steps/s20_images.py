"""Step 20: images of the pushed commit's services, for every platform, by digest.

They are built of the commit's own files by the Dockerfile that the service names, in an engine or
without one, and told what is in them: SBOM, provenance, known vulnerabilities. Where no service
names an image it is skipped, and so are 21 to 23, which are made from it.
"""

from dataclasses import dataclass
from typing import Iterator, Literal

from pydantic import Field

from devflow.craft.examine import services
from devflow.craft.images.built import EVIDENCE, built_checks
from devflow.craft.images.damage import damage_named, damaged_text, is_whole
from devflow.craft.images.documented import documented
from devflow.craft.images.recipes import (
    created_at,
    labels_of,
    origin_of,
    own_images,
    recipe_of,
)
from devflow.craft.remembered import last_product
from devflow.craft.supply.statements import Origin
from devflow.craft.without_services import nothing_deployed
from devflow.model.change import Push
from devflow.model.checks import Check, fact, measure, shown
from devflow.model.declared.project import Project
from devflow.model.errors import DevflowError
from devflow.model.figures import digest as digest_of
from devflow.model.figures import text
from devflow.model.images import BuiltImage
from devflow.model.outcomes import Absent, Foreseen, Needed
from devflow.model.release import Images
from devflow.model.values import Limit, Value
from devflow.ports.around import Around
from devflow.ports.images import Recipe
from devflow.step import See, Step, Tools, Turn


class Params(Value):
    """What fails a build that succeeded."""

    fail_on: Limit[Literal["critical", "high", "medium", "low", "never"]] = Field(
        default="critical",
        description="the least severity of a known vulnerability that fails",
    )


@dataclass(frozen=True)
class Needs:
    """The commit and its services."""

    push: Push
    project: Project


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Images | Absent:
    """Builds each service's image. Raises ``Unavailable`` where it cannot be built here, and
    ``StepFailed`` where its declaration is at fault."""
    own = own_images(needs.project)
    if not own:
        why = "no service has an image; say project.services.NAME.image to build one"
        return Absent(kind="skipped", why=why) if needs.project.services else nothing_deployed()
    began = tools.clock.now()
    sha = needs.push.sha
    version = tools.repository.tree_of(sha, needs.project.version_path)
    created = created_at(tools.repository, sha)
    page_url = tools.host.page_url()
    labels = labels_of(page_url, sha, version, created)
    builder = tools.images.builder()
    images = []
    for service, settings in own.items():
        turn.say(f"building the image of {service}")
        recipe = recipe_of(service, settings, sha, created, labels)
        origin = origin_of(recipe, page_url, builder)
        images.append(_built(tools, turn, recipe, origin))
    took = tools.clock.now() - began
    return Images(
        digests={image.service: image.digest for image in images},
        builder=builder,
        version=version,
        revision=sha,
        asked={service: settings.platforms for service, settings in own.items()},
        images=tuple(images),
        duration_s=took.total_seconds(),
    )


def _built(tools: Tools, turn: Turn, recipe: Recipe, origin: Origin) -> BuiltImage:
    """One image with its documents. Where what the cache holds for it was damaged, that is removed
    and told, and the image built once more."""

    def attempt() -> BuiltImage:
        image = tools.images.build(recipe, turn.say)
        return documented(tools.images, tools.advisories, image, origin)

    try:
        return attempt()
    except DevflowError:
        damaged = tools.images.drop_damaged()
        if not damaged:
            raise
    turn.say(f"damaged in the cache of images: {damaged_text(damaged)}; building once more")
    with damage_named(tools.images):
        return attempt().model_copy(update={"damaged": damaged})


def look(see: See, turn: Turn, params: Params, needs: Needs) -> Images | None:
    """What this run built, where it is no longer in the store: then it is built anew."""
    known = last_product(see.history, turn.run, turn.entry, Images)
    if known is None or known.revision != needs.push.sha:
        return None
    documents = [one.digest for image in known.images for one in image.documents]
    every = (*known.digests.values(), *documents)
    gone = tuple(digest for digest in every if not is_whole(see.images, digest))
    return known.model_copy(update={"gone": gone}) if gone else None


def judge(params: Params, product: Images) -> tuple[Check, ...]:
    """Each image is known by its digest, is for the platforms that were asked, and told what is in
    it."""
    lines: list[Check] = []
    for image in product.images:
        lines += built_checks(image, product.asked, params.fail_on)
    told = {image.service for image in product.images}
    for service, digest in product.digests.items():
        if service not in told:
            named = measure("image", service, digest_of(digest), "journal", about=service)
            lines.append(fact(named, None))
    for digest in product.gone:
        gone = digest_of(digest, "is no longer whole there")
        lines.append(fact(measure("kept", "kept", gone, "cache of images", about=digest), False))
    lines += [_made_again(image) for image in product.images if image.damaged]
    return tuple(lines)


def _made_again(image: BuiltImage) -> Check:
    service = image.service
    told = text(f"{damaged_text(image.damaged)} was damaged, and was made again")
    return shown(measure("cache", f"{service} cache", told, "cache of images", about=service))


def examine(around: Around, params: Params) -> Iterator[Needed]:
    """What is built, and what builds it."""
    yield from services.built(around)


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Nothing is written outside the cache of images."""
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
    examine=examine,
    look=look,
    number=20,
    evidence=EVIDENCE
    | {
        "kept": "an image or document that is no longer whole, about its digest",
        "cache": "what of the cache was damaged, about the service",
    },
    project_parts=("services", "version_path"),
)
