"""One ticket from its pushed commit to production, on ports in memory, for the tests of the
deploying and operating steps."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

from devflow.craft.review.approvals import approval_line
from devflow.model.change import Commit, Push, SuiteResult
from devflow.model.ci import LinterResult, Quality, SuiteReport
from devflow.model.declared.project import Project, Service
from devflow.model.ids import Sha
from devflow.model.outcomes import Absent, SendBack, Waiting
from devflow.model.planning import IssueComment, Person
from devflow.model.release import Deployment, Production, Published
from devflow.model.review import HostComment, PullRequest, Review
from devflow.step import Turn
from devflow.steps import s24_development, s25_production
from devflow.testing import NOW, MemoryTracker, World, story

BRANCH = "SCRUM-95-tabs"
PROJECT = Project(
    base="main",
    version_path="services",
    services={
        "backend": Service(path="services/backend", port=5002, metrics="/metrics"),
        "frontend": Service(path="services/frontend", port=3000, metrics="/metrics"),
    },
)
# what steps 24 and 25 can read of it
DEPLOYED = PROJECT.only(s24_development.STEP.project_parts)
RELEASED = PROJECT.only(s25_production.STEP.project_parts)
NO_IMAGES = Absent(kind="unavailable", why="no container engine")
ROLES: dict[str, tuple[str, ...]] = {
    "devops": ("dee",),
    "product_owner": ("pia",),
    "security": ("sam",),
}
PARAMS = s25_production.Params(roles=ROLES)
TURN = Turn(run="SCRUM-95", entry="production")


class DeployWorld(World):
    """The pushed commit, its pull request, and every port that a step of this part uses."""

    def __init__(self) -> None:
        super().__init__({"services/app.py": "one", "README.md": "read"})
        self.repository.create_branch(BRANCH, "main")
        for logins in ROLES.values():
            self.host.permissions |= dict.fromkeys(logins, "read")
        self.tracker = MemoryTracker(story(url="http://tracker.test/browse/SCRUM-95"))
        self.published: Published | Absent = NO_IMAGES
        self.change("services/app.py", "two")
        self.host.open_pull(BRANCH, "main", "SCRUM-95 Tabs", "")

    def change(self, path: str, text: str) -> None:
        """One more pushed commit."""
        self.repository.write_file(path, text)
        self.repository.commit(BRANCH, self.repository.work_tree(), f"feat: {text}")
        self.repository.push(BRANCH, self.repository.sha_of(BRANCH))

    @property
    def push(self) -> Push:
        return Push(branch=BRANCH, sha=self.repository.sha_of(BRANCH))

    @property
    def version(self) -> str:
        return self.repository.tree_of(self.push.sha, "services")

    def develop(self) -> Deployment:
        needs = s24_development.Needs(
            push=self.push, images=NO_IMAGES, publish=NO_IMAGES, project=DEPLOYED
        )
        made = s24_development.make(self.tools, TURN, s24_development.Params(), needs)
        assert isinstance(made, Deployment)
        return made

    def needs(self) -> s25_production.Needs:
        """Everything measured and green on the pushed commit, and deployed to development."""
        sha = self.push.sha
        return s25_production.Needs(
            push=self.push,
            pull_request=PullRequest(
                number=1, head_sha=sha, base="main", url="http://host.test/pull/1"
            ),
            code_review=Review(head_sha=sha, verdict="approved", approved_by=("tech-lead",)),
            development=self.develop(),
            quality=Quality(
                sha=sha, linters=(LinterResult(python="3.11", linter="flake8", ran=True),)
            ),
            suites={
                name: report(sha) for name in ("backend_tests", "frontend_tests", "integration")
            },
            images=NO_IMAGES,
            commit=Commit(sha=sha, tree=self.repository.tree_of(sha)),
            analysis=NO_IMAGES,
            local_tests=NO_IMAGES,
            publish=self.published,
            project=RELEASED,
        )

    def line(self, verdict: Literal["approve", "reject"] = "approve", **but: str) -> str:
        """A verdict on this very version and commit, but for what ``but`` says."""
        about = {"gate": "production", "version": self.version, "sha": self.push.sha, **but}
        return approval_line(
            about["gate"], verdict, about["version"], about["sha"], about.get("images", "")
        )

    def say(
        self,
        login: str,
        verdict: Literal["approve", "reject"] = "approve",
        days: float = 0,
        **but: str,
    ) -> None:
        """A comment with a verdict, so many ``days`` from now."""
        number = len(self.host.said)
        line = self.line(verdict, **but)
        body = f"{line}\n\nI looked at it.\n"
        created = NOW + timedelta(minutes=number, days=days)
        comment = HostComment(
            id=number,
            author=login,
            body=body,
            created=created,
            edited=False,
            url=f"http://c/{number}",
        )
        self.host.said[str(number)] = comment

    def say_in_ticket(
        self, account: str, verdict: Literal["approve", "reject"] = "approve", **but: Any
    ) -> None:
        """A comment of the ticket with a verdict; ``but`` says what else is true of it."""
        number = len(self.tracker.said.get("SCRUM-95", ())) + 1
        told = {
            "id": f"{number}",
            "author": Person(id=account, name="Somebody"),
            "body": f"{self.line(verdict)}\n\nI looked at it.",
            "created": NOW + timedelta(minutes=number),
            "url": f"http://t/{number}",
            "is_plain": True,
            **but,
        }
        comment = IssueComment.model_validate(told)
        self.tracker.said.setdefault("SCRUM-95", []).append(comment)

    def approve(self) -> None:
        for login in ("dee", "pia", "sam"):
            self.say(login)

    def produce(self, **but: Any) -> Production | Absent | Waiting | SendBack | None:
        return s25_production.make(self.tools, TURN, PARAMS, replace(self.needs(), **but))

    def seen(self) -> Production | None:
        return s25_production.look(self.see, TURN, PARAMS, self.needs())


def report(sha: Sha, failed: int = 0) -> SuiteReport:
    """A suite of 58 tests on a commit."""
    result = SuiteResult(
        suite="backend",
        tree="t",
        interpreter="3.11",
        passed=58 - failed,
        failed=failed,
        skipped=0,
        cases=(),
    )
    return SuiteReport(sha=sha, result=result)
