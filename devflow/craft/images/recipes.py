"""What is built of a commit: which services have an image of their own, and what is said of it."""

from datetime import datetime
from typing import Final, Iterable, Mapping
from urllib.parse import urlsplit

from devflow.craft.supply.statements import Origin
from devflow.model.bounds.places import LOOPBACK
from devflow.model.declared.project import ImageSettings, Project
from devflow.model.errors import StepFailed
from devflow.model.ids import Sha
from devflow.model.images import BuiltImage
from devflow.model.wording import short_sha
from devflow.ports.images import Recipe
from devflow.ports.repository import RepositoryReads

DOCKERFILE: Final = "Dockerfile"  # the name that every builder looks for where none is said


def own_images(project: Project) -> Mapping[str, ImageSettings]:
    """The services that have an image of their own; another may run from it, and from no other: the
    pipeline's file is refused else."""
    settings = {name: one.image for name, one in project.services.items() if one.image is not None}
    return {name: image for name, image in settings.items() if not image.of}


def made_bases(project: Project, images: Iterable[BuiltImage]) -> tuple[str, ...]:
    """The services whose image begins with a base made here, and which have not said that it may
    leave this machine."""
    own = own_images(project)
    return tuple(
        image.service
        for image in images
        if image.base is not None and image.base.made and own[image.service].base != "made"
    )


def is_here(registry: str) -> bool:
    """Whether a registry is on this machine."""
    return urlsplit(f"//{registry}").hostname in LOOPBACK


def recipe_of(
    service: str, image: ImageSettings, sha: Sha, created: datetime, labels: Mapping[str, str]
) -> Recipe:
    """How one service's image is built of a commit."""
    return Recipe(
        service=service,
        commit=sha,
        dockerfile=image.dockerfile or DOCKERFILE,
        context=image.context,
        created=created,
        target=image.target,
        args=image.args,
        labels=labels,
        platforms=image.platforms,
        secrets=image.secrets,
    )


def created_at(repository: RepositoryReads, sha: Sha) -> datetime:
    """The commit's own time, which makes an image the same each time it is built. Raises
    ``StepFailed`` where git does not know the commit."""
    moment = repository.committed_at(sha)
    if moment is None:
        problem = f"git knows no commit {short_sha(sha)} here"
        raise StepFailed(problem, hint="git fetch")
    return moment


def labels_of(page_url: str, sha: Sha, version: str, created: datetime) -> dict[str, str]:
    """What the image says of itself, by the keys of the OCI specification.

    An address of this machine is no source for anybody, and would give the same commit another
    digest on the next machine.
    """
    labels = {
        "org.opencontainers.image.revision": str(sha),
        "org.opencontainers.image.created": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    if version:
        labels["org.opencontainers.image.version"] = version
    if page_url and urlsplit(page_url).hostname not in LOOPBACK:
        labels["org.opencontainers.image.source"] = page_url
    return labels


def origin_of(recipe: Recipe, page_url: str, builder: str) -> Origin:
    """What the provenance of an image says that it was built of; secrets are no part of it."""
    return Origin(
        repository=page_url,
        revision=str(recipe.commit),
        created=recipe.created,
        dockerfile=recipe.dockerfile,
        context=recipe.context,
        target=recipe.target,
        args=recipe.args,
        builder=builder,
    )
