"""A ticket's images, built and about to be published, for the tests of step 21."""

from typing import Any

from devflow.adapters.signing.ecdsa import new_key
from devflow.model.checks import Check, Status, judged
from devflow.model.outcomes import Absent
from devflow.model.release import Images, Published
from devflow.model.review import PullRequest
from devflow.step import Turn
from devflow.steps import s21_publish
from tests.unit.steps.image_world import ImageWorld

TURN = Turn(run="SCRUM-95", entry="publish")
KEY = new_key()


class PublishWorld(ImageWorld):
    """The ports of step 21 on what step 20 built."""

    def __init__(self) -> None:
        super().__init__()
        self.signing.key = KEY
        self.pull: PullRequest | Absent = PullRequest(
            number=14, head_sha=self.push.sha, base="main"
        )
        self.built = self.images_built()

    def images_built(self) -> Images:
        """What step 20 makes of the commit."""
        built = self.build()
        assert isinstance(built, Images)
        return built

    def publish_needs(self) -> s21_publish.Needs:
        project = self.project.only(s21_publish.STEP.project_parts)
        return s21_publish.Needs(images=self.built, pull_request=self.pull, project=project)

    def publish(self, turn: Turn = TURN, **params: Any) -> Any:
        needs = self.publish_needs()
        return s21_publish.make(self.tools, turn, s21_publish.Params(**params), needs)

    def seen(self, turn: Turn = TURN) -> Published | None:
        return s21_publish.look(self.see, turn, s21_publish.Params(), self.publish_needs())

    def change(self, text: str) -> None:
        """One more commit, and its images."""
        self.images.files["app/main.py"] = text.encode()
        self.repository.write_file("services/app.py", text)
        self.repository.commit("main", self.repository.work_tree(), f"feat: {text}")
        self.repository.push("main", self.repository.sha_of("main"))
        self.built = self.images_built()

    def rebuild(self, content: bytes) -> None:
        """Other images of the same commit, as an engine makes them."""
        self.images.files["app/main.py"] = content
        self.built = self.images_built()

    def remember(self, product: Published) -> None:
        """What the journal keeps of it."""
        self.history.record("SCRUM-95", "publish", product)


def lines(product: Published, **params: Any) -> dict[tuple[str, str], Check]:
    """The evidence by what selects it."""
    checks = s21_publish.judge(s21_publish.Params(**params), product)
    return {(check.id, check.about): check for check in checks}


def status(product: Published, **params: Any) -> Status:
    """What it adds up to."""
    return judged(s21_publish.judge(s21_publish.Params(**params), product))
