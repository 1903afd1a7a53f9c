"""Step 21: what the registry holds of the images, read back by digest, with what is attached to
them verified.

An image is tagged when all of it is there, under ``KEY-<commit>`` and ``pr-<number>``; which of
them may move, and from what, stands in ``craft.images.publishing``.
"""

from dataclasses import dataclass
from typing import Final, Iterator

from pydantic import Field

from devflow.craft.evidence import plan_write
from devflow.craft.images.published import EVIDENCE, Wanted, published_checks, read_back
from devflow.craft.images.publishing import (
    commit_tag,
    digests_of,
    pull_tag,
    replaceable,
    repository_of,
)
from devflow.craft.images.recipes import is_here, made_bases, own_images
from devflow.craft.remembered import products
from devflow.craft.supply.attesting import signed
from devflow.craft.supply.checking import Trust
from devflow.model.checks import Check, fact, measure
from devflow.model.command_line import command_line
from devflow.model.declared.project import Project
from devflow.model.errors import StepFailed
from devflow.model.figures import digest as digest_of
from devflow.model.images import Document, PublishedImage
from devflow.model.outcomes import Absent, Foreseen, Needed
from devflow.model.release import Images, Published
from devflow.model.review import PullRequest
from devflow.model.values import Limit, Value
from devflow.model.wording import short_sha
from devflow.ports.around import Around
from devflow.ports.signing import Signer
from devflow.step import See, Step, Tools, Turn

NO_REGISTRY: Final = "no registry is configured"
SET_REGISTRY: Final = "set project.registry, as in: registry: ghcr.io/OWNER"


class Params(Value):
    """What may be replaced, and what an image has to have."""

    replace: bool = Field(
        default=False,
        description="whether the commit's own tag may be given to another image than it has",
    )
    must_sign: Limit[bool] = Field(
        default=False, description="whether an image without a signature is not enough"
    )


@dataclass(frozen=True)
class Needs:
    """What was built, and the pull request that it is of."""

    images: Images
    pull_request: PullRequest | Absent
    project: Project


def make(tools: Tools, turn: Turn, params: Params, needs: Needs) -> Published | Absent:
    """Uploads, attaches, and reads back. Raises ``StepFailed`` where a tag belongs to another
    image, ``AccessDenied`` or ``RemoteSilent`` as the registry answers."""
    name = tools.registry.name()
    why_not = _why_not(name, needs)
    if why_not:
        return Absent(kind="unavailable", why=why_not)
    signer = tools.signing.signer()
    found = []
    for wanted in _wanted(name, turn, needs, signer):
        before = tools.registry.sent(wanted.repository)
        _publish(tools, turn, params, wanted)
        # of the image itself, without what is attached to it
        sent = tools.registry.sent(wanted.repository)
        for document in _documents(tools, wanted, signer):
            turn.say(f"attaching {document.kind} to {wanted.image.service}")
            tools.registry.attach(wanted.repository, document.about, document.digest)
        published = read_back(tools.registry, wanted)
        if published is None:
            problem = f"{wanted.repository} does not hold under its tags what was published"
            hint = f"find out who else publishes there, then: {command_line('ship')}"
            raise StepFailed(problem, hint=hint, where=wanted.repository)
        counted = {"uploaded_bytes": sent[0] - before[0], "mounted_blobs": sent[1] - before[1]}
        found.append(published.model_copy(update=counted))
    return _published(name, needs, found)


def _why_not(name: str, needs: Needs) -> str:
    """What keeps everything from being published; empty where nothing does."""
    if not name:
        return f"{NO_REGISTRY}; {SET_REGISTRY}"
    unnamed = made_bases(needs.project, needs.images.images)
    if not unnamed or is_here(name):
        return ""
    service = unnamed[0]
    why = f"{service} begins with a base that was made here, not the one that FROM names"
    hint = f"say project.services.{service}.image.base: made, or reach a registry that has it"
    return f"{why}; {hint}"


def _publish(tools: Tools, turn: Turn, params: Params, wanted: Wanted) -> None:
    registry = tools.registry
    repository = wanted.repository
    digest = wanted.image.digest
    own, *moving = wanted.tags
    replaced: tuple[str, ...] = ()
    # before anything is tagged: a tag of others is found out first
    for tag in moving:
        ours = digests_of(products(tools.history, turn.run, turn.entry))
        replaced += replaceable(registry, repository, tag, turn.run, (*ours, digest))
    turn.say(f"publishing {wanted.image.service} as {repository}:{own}")
    taken = registry.find(repository, own)
    if taken is not None and taken.digest != digest and not params.replace:
        problem = f"{repository}:{own} exists, and is {taken.digest}, not {digest}"
        hint = (
            "others may have pulled it: make a new commit; where nobody has, "
            "say publish: {with: {replace: true}} in pipeline.yaml"
        )
        raise StepFailed(problem, hint=hint, where=repository)
    registry.publish(repository, digest, (own,), (taken.digest,) if taken else ())
    if moving:
        registry.publish(repository, digest, tuple(moving), replaced)


def _documents(tools: Tools, wanted: Wanted, signer: Signer | None) -> Iterator[Document]:
    """What step 20 kept about the image, and the signatures of all of it."""
    yield from wanted.image.documents
    if signer is not None:
        drawn = signed(tools.images, wanted.image, wanted.repository, signer)
        for content in drawn.contents:
            tools.images.keep(content)
        yield from drawn.documents


def _wanted(name: str, turn: Turn, needs: Needs, signer: Signer | None) -> Iterator[Wanted]:
    tags = [commit_tag(turn.run, needs.images.revision)]
    if isinstance(needs.pull_request, PullRequest):
        tags.append(pull_tag(needs.pull_request.number))
    why = "" if signer else f"there is no key; {command_line('keys')} makes one"
    for image in needs.images.images:
        repository = repository_of(name, needs.project.name, image.service)
        yield Wanted(image, repository, tuple(tags), Trust(repository, signer), why)


def look(see: See, turn: Turn, params: Params, needs: Needs) -> Published | None:
    """What the registry answers now: an image whose tags do not lead to it is not among them, so
    that it is published again where it was lost, or where the registry is another."""
    name = see.registry.name()
    if not name:
        return None
    found = []
    for wanted in _wanted(name, turn, needs, see.signing.signer()):
        published = read_back(see.registry, wanted)
        if published is not None:
            found.append(published)
    return _published(name, needs, found)


def _published(name: str, needs: Needs, images: list[PublishedImage]) -> Published:
    return Published(
        digests=needs.images.digests,
        registry=name,
        version=needs.images.version,
        images=tuple(images),
    )


def judge(params: Params, product: Published) -> tuple[Check, ...]:
    """Each image is there by the digest that was built, complete, and with what is attached to it
    verified."""
    lines: list[Check] = []
    for image in product.images:
        built = product.digests.get(image.service, "")
        lines += published_checks(image, built, params.must_sign)
    told = {image.service for image in product.images}
    for service, digest in product.digests.items():
        if service not in told:
            gone = digest_of(digest, "is not there")
            lines.append(
                fact(measure("image", service, gone, product.registry, about=service), False)
            )
    return tuple(lines)


def examine(around: Around, params: Params) -> Iterator[Needed]:
    """Where what is built can be published to."""
    if own_images(around.project) and not around.has_registry:
        yield Needed(about="registry", here=False, found=NO_REGISTRY, remedy=SET_REGISTRY)


def foresee(params: Params, needs: Needs) -> Foreseen:
    """Each service's image, its documents and signatures."""
    commit = short_sha(needs.images.revision)
    writes = []
    for service in own_images(needs.project):
        name = repository_of("registry", needs.project.name, service).removeprefix("registry/")
        writes.append(plan_write("registry", "publish", f"{name} of {commit}"))
        writes.append(plan_write("registry", "attach", f"{name}: SBOM, provenance, signatures"))
    return Foreseen(tuple(writes), {"digests": needs.images.digests})


STEP = Step(
    name="publish",
    title="Publish images",
    params=Params,
    needs=Needs,
    makes=Published,
    make=make,
    judge=judge,
    foresee=foresee,
    examine=examine,
    look=look,
    number=21,
    evidence=EVIDENCE,
    project_parts=("name", "registry", "services"),
)
