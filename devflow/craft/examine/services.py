"""Whether the services of the project can be built, started and pictured here."""

from typing import Iterator

from devflow.craft.examine.programs import program_needed
from devflow.craft.images.recipes import DOCKERFILE, own_images
from devflow.model.bounds.commands import argv_of
from devflow.model.errors import Unavailable
from devflow.model.outcomes import Needed
from devflow.ports.around import Around


def started(around: Around) -> Iterator[Needed]:
    """The program that each service is started by."""
    for name, service in around.project.services.items():
        for key in ("run", "before"):
            argv = argv_of(getattr(service, key))
            at = ("project", "services", name, key)
            yield from program_needed(around.shell, f"service {name}", argv, at)


def built(around: Around) -> Iterator[Needed]:
    """The Dockerfile of each image, and what builds them."""
    own = own_images(around.project)
    for name, image in own.items():
        # one that the file names is looked for with all other paths
        if not image.dockerfile and DOCKERFILE not in around.paths:
            found = f"the repository has no {DOCKERFILE}"
            at = ("project", "services", name, "image")
            remedy = "add it, or name another: image: {dockerfile: PATH}"
            yield Needed(about=f"image {name}", here=False, found=found, remedy=remedy, at=at)
    if own:
        builder = around.images.builder()
        yield Needed(about="builder", here=True, found=builder)


def run_in_containers(around: Around) -> Iterator[Needed]:
    """What would run an image of each platform: none of them has to, as long as one can."""
    images = own_images(around.project).values()
    platforms = tuple(dict.fromkeys(name for one in images for name in one.platforms))
    reasons = []
    for platform in platforms:
        try:
            found = around.containers.runtime(platform)
        except Unavailable as error:
            reasons.append((platform, error))
            continue
        yield Needed(about=f"containers of {platform}", here=True, found=found)
    for platform, reason in reasons:
        yield Needed(
            about=f"containers of {platform}",
            here=False,
            found=reason.message,
            remedy=reason.hint,
            required=len(reasons) == len(platforms),
        )


def browser(around: Around, service: str) -> Iterator[Needed]:
    """What pictures a page; a pull request does not hang on its pictures."""
    if not service:
        return
    found = around.web.browser()
    yield Needed(
        about="browser",
        here=bool(found),
        found=found or "there is no headless browser on this machine",
        remedy="" if found else "install chromium; without it the pull request has no pictures",
        required=False,
    )
