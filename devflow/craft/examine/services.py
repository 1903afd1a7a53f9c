"""Whether the services of the project can be built, started and pictured here."""

from typing import Final, Iterator

from devflow.craft.deploy.rollout import settings_of
from devflow.craft.examine.programs import program_needed
from devflow.craft.images.recipes import DOCKERFILE, own_images
from devflow.craft.observe.metrics import metrics_path, metrics_remedy, no_metrics
from devflow.craft.smoke.plan import refuse_circles
from devflow.model.bounds.commands import argv_of
from devflow.model.declared.environments import CommandTarget
from devflow.model.declared.project import Service
from devflow.model.errors import PipelineInvalid, Unavailable
from devflow.model.outcomes import Needed
from devflow.ports.around import Around

# the needs of an entry that say what was deployed, and what was published
DEPLOYED: Final = ("development", "production")
PUBLISH: Final = "publish"


def started(around: Around, environment: str) -> Iterator[Needed]:
    """What brings each service to an environment: a program of this machine, an image, or the
    team's own commands."""
    settings = settings_of(around.project, environment)
    for name, service in around.project.services.items():
        if settings.target == "processes":
            yield from _processes(around, name, service)
        elif settings.target == "docker":
            yield from _containers(around, name, service)
    if settings.command is not None and around.project.services:
        yield from _own_commands(environment, settings.command)


def _processes(around: Around, name: str, service: Service) -> Iterator[Needed]:
    about = f"service {name}"
    at = ("project", "services", name)
    if not argv_of(service.run):
        remedy = f"set project.services.{name}.run, or another target: for the environment"
        yield Needed(about=about, here=False, found="it has no command", remedy=remedy, at=at)
    for key in ("run", "before"):
        argv = argv_of(getattr(service, key))
        yield from program_needed(around.shell, about, argv, (*at, key))


def _containers(around: Around, name: str, service: Service) -> Iterator[Needed]:
    """An image of it that an entry before publishes."""
    found = ""
    if service.image is None:
        found = "it has no image, which target: docker runs"
        remedy = f"set project.services.{name}.image, or another target: for the environment"
    elif PUBLISH not in around.given:
        found = "no entry before it publishes its image, which target: docker runs"
        remedy = "have the entries images and publish before it"
    if found:
        at = ("project", "services", name)
        yield Needed(about=f"service {name}", here=False, found=found, remedy=remedy, at=at)


def _own_commands(environment: str, command: CommandTarget) -> Iterator[Needed]:
    at = ("project", "environments", environment, "command")
    for name in command.lacks:
        remedy = f"set project.environments.{environment}.command.{name}"
        found = f"it has no command: {name}:"
        yield Needed(about=environment, here=False, found=found, remedy=remedy, at=at)


def measured(around: Around) -> Iterator[Needed]:
    """A path with the figures of each service: of one of them at least, where any is deployed."""
    if around.given.isdisjoint(DEPLOYED):
        return
    names = tuple(around.project.services)
    silent = [name for name in names if not metrics_path(around.project, name)]
    for name in silent:
        # as long as another one tells its figures, the entry has something to judge
        here = False if len(silent) == len(names) else None
        yield Needed(
            about=f"metrics of {name}",
            here=here,
            found=no_metrics(name),
            remedy=metrics_remedy(name),
            at=("project", "services", name),
        )


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


def addressed(around: Around) -> Iterator[Needed]:
    """An order in which each service can be told the addresses that it wants."""
    try:
        refuse_circles(around.project.services)
    except PipelineInvalid as error:
        yield Needed(
            about="containers",
            here=False,
            found=error.message,
            remedy=error.hint,
            cure="pipeline",
            at=("project", "services"),
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
