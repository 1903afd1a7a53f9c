"""Published images and what runs them, for the tests of step 23."""

from dataclasses import dataclass, field, replace
from typing import Any

from devflow.model.checks import Check, Status, judged
from devflow.model.declared.project import ImageSettings, Project, Service
from devflow.model.images import PublishedImage
from devflow.model.release import Published, Smoke
from devflow.step import Tools, Turn
from devflow.steps import s23_smoke
from devflow.testing import MemoryContainers, World
from devflow.testing.containers import VERSION, Behaviour, ContainersWeb

AMD = "linux/amd64"
ARM = "linux/arm64"
TURN = Turn(run="SCRUM-95", entry="smoke")


def digest_of(service: str, platform: str) -> str:
    """A digest that can be told from others."""
    letter = {"api": "a", "page": "b"}[service]
    return f"sha256:{letter * 32}{('1' if platform == AMD else '2') * 32}"


def published(service: str, *platforms: str) -> PublishedImage:
    """An image as the registry holds it."""
    return PublishedImage(
        service=service,
        repository=f"registry.test/acme/{service}",
        digest=f"sha256:{'0' * 64}",
        tags=("SCRUM-95-abc",),
        manifests={platform: digest_of(service, platform) for platform in platforms},
    )


@dataclass
class SmokeWorld:
    """A page that asks an API, and its docs, which run from the page's image."""

    containers: MemoryContainers = field(default_factory=MemoryContainers)
    platforms: tuple[str, ...] = (AMD,)
    services: dict[str, Service] = field(
        default_factory=lambda: {
            "page": Service(
                path="page",
                port=3000,
                image=ImageSettings(command=("serve", "{port}", "{state}", "{api_url}")),
            ),
            "docs": Service(path="docs", port=3001, image=ImageSettings(of="page")),
            "api": Service(path="api", port=5000, image=ImageSettings()),
        }
    )
    images: tuple[str, ...] = ("page", "api")

    def does(self, service: str, **badly: Any) -> None:
        """How a service's container does."""
        self.containers.behaviours[service] = Behaviour(**badly)

    @property
    def tools(self) -> Tools:
        web = ContainersWeb(self.containers)
        return replace(World().tools, containers=self.containers, web=web)

    def needs(self) -> s23_smoke.Needs:
        images = tuple(published(service, *self.platforms) for service in self.images)
        publish = Published(
            digests={image.service: image.digest for image in images},
            registry="registry.test",
            version=VERSION,
            images=images,
        )
        return s23_smoke.Needs(publish=publish, project=Project(services=self.services))

    def smoke(self, **params: Any) -> Any:
        return s23_smoke.make(self.tools, TURN, s23_smoke.Params(**params), self.needs())


def lines(product: Smoke, **params: Any) -> dict[tuple[str, str], Check]:
    """The evidence by what selects it."""
    checks = s23_smoke.judge(s23_smoke.Params(**params), product)
    return {(check.id, check.about): check for check in checks}


def status(product: Smoke, **params: Any) -> Status:
    """What it adds up to."""
    return judged(s23_smoke.judge(s23_smoke.Params(**params), product))
