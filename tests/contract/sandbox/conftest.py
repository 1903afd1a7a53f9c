"""A running sandbox with a real git remote and the two real clients, without their own retries, for
every test here."""

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from github import Auth, Github
from github.PullRequest import PullRequest
from github.Repository import Repository
from jira import JIRA

from tests.sandbox_process import running_sandbox


@dataclass(frozen=True)
class World:
    """The sandbox, and how each of its people reaches it."""

    described: dict[str, Any]
    api_log: Path
    work: Path  # a clone to push from

    def person(self, name: str) -> dict[str, Any]:
        return next(user for user in self.described["users"] if user["name"] == name)

    def jira(self, name: str = "jose") -> JIRA:
        options = {"server": self.described["jira"]["url"], "rest_api_version": "3"}
        login = (self.person(name)["email"], self.person(name)["jira_token"])
        return JIRA(
            options=options, basic_auth=login, get_server_info=True, max_retries=0, timeout=(5, 30)
        )

    def repository(self, name: str = "jose", prefix: str = "") -> Repository:
        github = self.described["github"]
        client = Github(
            base_url=github["url"] + prefix,
            auth=Auth.Token(self.person(name)["github_token"]),
            retry=None,
            seconds_between_requests=0,
            seconds_between_writes=0,
        )
        return client.get_repo(github["repository"])

    def raw(
        self, service: str, method: str, path: str, name: str = "jose", **options: Any
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.person(name)[f'{service}_token']}"}
        return httpx.request(
            method, self.described[service]["url"] + path, headers=headers, **options
        )

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.work, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def push(self, branch: str, message: str, **files: str) -> str:
        """Commits files (`a_txt` is a.txt) on a branch, begun from main where it is new; returns
        the pushed commit."""
        known = self.git("branch", "--list", branch)
        self.git("checkout", "-q", *([branch] if known else ["-b", branch, "origin/main"]))
        for name, content in files.items():
            (self.work / name.replace("_", ".")).write_text(content, encoding="utf-8")
        self.git("add", ".")
        self.git("commit", "-qm", message)
        self.git("push", "-q", "origin", branch)
        return self.git("rev-parse", "HEAD")


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("sandbox")
    log = folder / "exchanges.ndjson"
    with running_sandbox(folder / "state", "--api-log", str(log)) as described:
        made = World(described, log, folder / "work")
        made.work.mkdir()
        made.git("clone", "-q", described["git_remote"], ".")
        made.git("config", "user.name", "Jose Rubio")
        made.git("config", "user.email", made.person("jose")["email"])
        made.git("checkout", "-q", "-b", "main")
        (made.work / "a.txt").write_text(numbered(), encoding="utf-8")
        made.git("add", ".")
        made.git("commit", "-qm", "chore: first")
        made.git("push", "-q", "-u", "origin", "main")
        yield made


def numbered(**changed: str) -> str:
    """Thirty lines, the n-th of which says n, or what `line_n` says."""
    return "".join(changed.get(f"line_{number}", str(number)) + "\n" for number in range(1, 31))


@pytest.fixture
def lines() -> Callable[..., str]:
    return numbered


@pytest.fixture
def exchanges(world: World) -> Callable[[], list[dict[str, Any]]]:
    """Reads the log as it is now."""
    return lambda: [
        json.loads(line) for line in world.api_log.read_text(encoding="utf-8").splitlines()
    ]


@pytest.fixture
def pull(world: Any, lines: Callable[..., str], request: pytest.FixtureRequest) -> PullRequest:
    """A pull request of jose's that changes line 11, on a branch of its own."""
    branch = f"SCRUM-95-{abs(hash(request.node.name))}"
    world.git("fetch", "-q", "origin")
    world.push(branch, "feat: eleven", a_txt=lines(line_11=request.node.name))
    repository = world.repository()
    return repository.create_pull(
        title="SCRUM-95 Eleven", body="Because.", head=branch, base="main"
    )


@pytest.fixture
def ticket(world: Any) -> str:
    """A ticket of one's own, so that no test depends on another."""
    fields = {
        "project": {"key": "SCRUM"},
        "summary": "A new ticket",
        "issuetype": {"name": "Story"},
    }
    return str(world.jira("product-owner").create_issue(fields=fields).key)
