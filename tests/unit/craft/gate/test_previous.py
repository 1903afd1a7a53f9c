"""Whether the registry still has what a rollback goes back to, asked of step 25 before it asks
anybody, and again before it merges."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from devflow.craft.deploy.rollout import bring
from devflow.craft.deploy.strategies.canary import CanarySettings
from devflow.craft.gate.previous import LONGEST_S, Part, found_of
from devflow.craft.oci.formats import LAYER, MANIFEST, Index, Manifest, encoded, read_document
from devflow.model.checks import Check, Status, judged, why
from devflow.model.errors import AccessDenied, DevflowError, RemoteSilent, StepFailed
from devflow.model.ids import Sha
from devflow.model.images import PublishedImage
from devflow.model.outcomes import Waiting
from devflow.model.release import Production
from devflow.ports.deploys import Release
from devflow.ports.images import Recipe
from devflow.steps import s25_production
from tests.standins.images import MemoryImages
from tests.standins.registry import MemoryRegistry
from tests.unit.steps.deploy_world import PARAMS, RELEASED, TURN, DeployWorld

BEFORE = "b" * 40
BACKEND = "registry.test/acme/backend"


class MovingClock:
    """Each look takes so many seconds."""

    def __init__(self, step_s: float = 0.0) -> None:
        self._now = datetime(2026, 5, 4, tzinfo=UTC)
        self._step = timedelta(seconds=step_s)

    def now(self) -> datetime:
        self._now += self._step
        return self._now

    def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing waits here")


class Faulty(MemoryRegistry):
    """Raises ``fault`` for each blob that is asked for, as long as there is one."""

    fault: DevflowError | None = None

    def holds(self, repository: str, digest: str) -> bool:
        if self.fault:
            raise self.fault
        return super().holds(repository, digest)


@dataclass
class ServedWorld(DeployWorld):
    """Production serves a version that was deployed with an image of each service."""

    services: tuple[str, ...] = ("backend", "frontend")
    digests: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()
        self.images = MemoryImages()
        self.registry = Faulty(self.images)
        for service in self.services:
            self.digests[service] = published(self.registry, self.images, service)
        before = Release(BEFORE, BEFORE, RELEASED.services, 100, digests=self.digests)
        bring(self.deploys, "production", before, 1)

    def made(self, **but: Any) -> Any:
        """What step 25 makes, without a canary that would have to be waited for."""
        told = {"canary": CanarySettings(pct=0), **but}
        params = PARAMS.model_copy(update=told)
        return s25_production.make(self.tools, TURN, params, self.needs())

    def manifests(self, service: str) -> list[str]:
        """The digests of its platforms' manifests."""
        index = self.digests[service]
        document = read_document(self.images.held[index], index)
        return [one.digest for one in document.manifests]

    def layer(self, service: str) -> str:
        digest = self.manifests(service)[0]
        return read_document(self.images.held[digest], digest).layers[0].digest

    def config(self, service: str) -> str:
        digest = self.manifests(service)[1]
        return read_document(self.images.held[digest], digest).config.digest


def published(registry: MemoryRegistry, images: MemoryImages, service: str) -> str:
    """An image of a service in the registry: its digest."""
    images.files["app/main.py"] = service.encode()
    recipe = Recipe(
        service=service,
        commit=Sha("a" * 40),
        dockerfile="Dockerfile",
        context=".",
        created=datetime(2026, 5, 4, tzinfo=UTC),
    )
    digest = images.build(recipe, lambda *_: None).digest
    registry.publish(f"{registry.name()}/{service}", digest, ("one",))
    return digest


def line(checks: Any) -> Check:
    return next(one for one in checks if one.id == "previous_images")


def lost(world: ServedWorld, digest: str) -> None:
    """The registry was tidied up."""
    for held in (world.registry.documents, world.registry.contents):
        for of_repository in held.values():
            of_repository.pop(digest, None)


def test_every_part_of_each_platform_of_each_image_is_asked_for() -> None:
    world = ServedWorld()
    world.approve()
    made = world.made()
    assert isinstance(made, Production)
    checks = s25_production.judge(PARAMS, made)
    # of each: the index, two manifests, two configurations, two layers
    assert line(checks).ok and line(checks).measured.startswith("14 of 14 blobs answer")
    assert "2 images of bbbbbbbbbbbb" in line(checks).measured
    assert judged(checks) is Status.PASSED, why(checks)
    assert world.look() == made


LOSSES: dict[str, Callable[[ServedWorld], str]] = {
    "an index": lambda world: world.digests["frontend"],
    "a platform's manifest": lambda world: world.manifests("backend")[1],
    "a configuration": lambda world: world.config("frontend"),
    "a layer": lambda world: world.layer("backend"),
}


@pytest.mark.parametrize("what", LOSSES)
def test_what_is_lost_is_named_and_nobody_is_asked(what: str) -> None:
    world = ServedWorld()
    digest = LOSSES[what](world)
    lost(world, digest)
    with pytest.raises(StepFailed, match="not ready for production: previous images: ") as error:
        world.made()
    assert digest[:19] in error.value.message and "must_have_previous: false" in error.value.hint
    assert error.value.where == "registry.test/acme"


def renamed(world: ServedWorld, repository: str) -> None:
    """What serves was published under another name than the project has today."""
    release = world.deploys.prepared["production"][BEFORE]
    images = []
    for service, digest in world.digests.items():
        told = {"service": service, "repository": f"{repository}-{service}", "digest": digest}
        images.append(PublishedImage.model_validate({**told, "tags": ()}))
    world.deploys.prepared["production"][BEFORE] = replace(release, images=tuple(images))


def test_images_are_asked_for_where_they_were_published_and_not_where_they_would_be_today() -> None:
    world = ServedWorld()
    for kept in (world.registry.documents, world.registry.contents):
        for service in world.services:
            kept[f"acme/old-{service}"] = kept.pop(f"acme/{service}")
    renamed(world, f"{world.registry.name()}/old")
    world.approve()
    told = line(s25_production.judge(PARAMS, world.made()))
    assert told.ok is True and told.measured.startswith("14 of 14 blobs answer")


def test_images_on_another_registry_are_not_measured() -> None:
    world = ServedWorld()
    renamed(world, "elsewhere.test/acme/old")
    world.approve()
    told = line(s25_production.judge(PARAMS, world.made()))
    assert told.ok is None and "elsewhere.test/acme/old-backend@sha256" in told.measured
    assert f"another registry than {world.registry.name()}" in told.measured


def test_what_is_lost_after_the_approvals_is_found_before_the_merge() -> None:
    world = ServedWorld()
    assert isinstance(world.made(), Waiting)
    world.approve()
    lost(world, world.layer("backend"))
    with pytest.raises(StepFailed, match="13 of 14 blobs answer"):
        world.made()
    assert "merge" not in world.host.writes
    assert world.deploys.shares["production"] == {BEFORE: 100}


def test_without_a_need_for_them_what_is_lost_is_told() -> None:
    world = ServedWorld()
    world.approve()
    lost(world, world.layer("backend"))
    made = world.made(must_have_previous=False)
    told = line(s25_production.judge(PARAMS, made))
    assert told.ok is None and told.measured.startswith("13 of 14 blobs answer")
    assert judged(s25_production.judge(PARAMS, made)) is Status.PASSED


@pytest.mark.parametrize("error", [RemoteSilent, AccessDenied, StepFailed])
def test_a_registry_that_does_not_say_is_no_yes(error: type[DevflowError]) -> None:
    world = ServedWorld()
    world.approve()
    world.registry.fault = error("it does not say")
    with pytest.raises(error, match="it does not say"):
        world.made()
    assert "merge" not in world.host.writes
    made = world.made(must_have_previous=False)
    told = line(s25_production.judge(PARAMS, made))
    assert (told.ok, told.measured) == (None, "not measured: it does not say")


def test_what_is_lost_once_the_version_serves_takes_nothing_back() -> None:
    world = ServedWorld()
    world.approve()
    world.made()
    lost(world, world.layer("backend"))
    found = world.look()
    checks = s25_production.judge(PARAMS, found)
    assert line(checks).ok is None and line(checks).measured.startswith("13 of 14")
    assert judged(checks) is Status.PASSED
    # nor does it keep what a crash left from being ended
    assert isinstance(world.made(), Production)


def test_a_canary_that_has_begun_is_ended_whatever_is_lost() -> None:
    world = ServedWorld()
    world.approve()
    begun = Release(world.push.sha, world.version, RELEASED.services, 100)
    world.deploys.prepare("production", begun)
    world.deploys.scale("production", world.version, 1)
    lost(world, world.layer("backend"))
    with pytest.raises(StepFailed, match="13 of 14"):
        world.made()
    world.deploys.share("production", {BEFORE: 90, world.version: 10})
    made = world.made()
    assert isinstance(made, Production) and made.version == world.version


def test_a_first_version_has_nothing_to_go_back_to() -> None:
    world = DeployWorld()
    world.approve()
    told = line(s25_production.judge(PARAMS, world.produce()))
    assert (told.ok, told.measured) == (None, "not measured: there is no version before")


def test_a_version_that_was_deployed_without_images_needs_none() -> None:
    world = ServedWorld(services=())
    world.approve()
    told = line(s25_production.judge(PARAMS, world.made()))
    why_not = "not measured: bbbbbbbbbbbb was deployed without images"
    assert (told.ok, told.measured) == (None, why_not)


def test_without_a_registry_nothing_can_be_asked() -> None:
    world = ServedWorld()
    world.approve()
    world.registry = Faulty(world.images, name="")
    told = line(s25_production.judge(PARAMS, world.made()))
    assert (told.ok, told.measured) == (None, "not measured: no registry is configured")


def test_a_layer_that_no_registry_may_be_given_is_not_asked_for() -> None:
    images = MemoryImages()
    registry = MemoryRegistry(images)
    own = images.describe(LAYER, b"layer")
    foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
    windows = images.describe(foreign, b"far away")
    config = images.describe("application/vnd.oci.image.config.v1+json", b"{}")
    manifest = images.describe(MANIFEST, encoded(Manifest(config=config, layers=(windows, own))))
    index = images.keep(encoded(Index(manifests=(manifest, manifest))))
    registry.publish(BACKEND, index, ("one",))
    registry.contents["acme/backend"].pop(windows.digest)
    found = found_of(registry, MovingClock(), [Part(BACKEND, index)])
    assert {part.digest for part in found} == {
        index,
        manifest.digest,
        config.digest,
        own.digest,
    }
    assert all(found.values())


def test_it_takes_no_longer_than_its_time() -> None:
    world = ServedWorld()
    images = [Part(BACKEND, world.digests["backend"])]
    with pytest.raises(RemoteSilent, match="did not say within 60 s"):
        found_of(world.registry, MovingClock(LONGEST_S / 4), images)
