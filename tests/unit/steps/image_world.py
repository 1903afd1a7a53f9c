"""A pushed commit whose services have images, for the tests of steps 20 to 23."""

from typing import Any

from devflow.model.change import Push
from devflow.model.checks import Check, Status, judged
from devflow.model.declared.project import ImageSettings, Project, Service
from devflow.model.images import Audit
from devflow.model.outcomes import Absent
from devflow.model.release import Images
from devflow.step import Turn
from devflow.steps import s20_images
from devflow.testing import World

SERVICES = {
    "backend": Service(
        path="services/backend", port=5002, image=ImageSettings(dockerfile="Dockerfile.backend")
    ),
    "frontend": Service(path="services/frontend", port=3000, image=ImageSettings()),
    "docs": Service(path="services/docs", port=5004, image=ImageSettings(of="frontend")),
}
CLEAN = Audit(audited=3, sources=("advisories of 2026-05-04",))
TURN = Turn(run="SCRUM-95", entry="images")


class ImageWorld(World):
    """The ports that the steps of images use."""

    def __init__(self, services: dict[str, Service] | None = None) -> None:
        super().__init__({"services/app.py": "one"})
        self.advisories.audited = CLEAN
        self.project = Project(
            name="carprice", version_path="services", services=services or SERVICES
        )

    @property
    def push(self) -> Push:
        return Push(branch="main", sha=self.repository.sha_of("main"))

    def needs(self) -> s20_images.Needs:
        project = self.project.only(s20_images.STEP.project_parts)
        return s20_images.Needs(push=self.push, project=project)

    def build(self, **params: Any) -> Images | Absent:
        return s20_images.make(self.tools, TURN, s20_images.Params(**params), self.needs())


def lines(product: Images, **params: Any) -> dict[tuple[str, str], Check]:
    """The evidence of a build by what selects it."""
    checks = s20_images.judge(s20_images.Params(**params), product)
    return {(check.id, check.about): check for check in checks}


def status(product: Images, **params: Any) -> Status:
    """What it adds up to."""
    return judged(s20_images.judge(s20_images.Params(**params), product))
