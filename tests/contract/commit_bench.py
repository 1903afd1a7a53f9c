"""A pushed commit on the stand-in and, over HTTP, on the sandbox.

An outside CI system (the token of ``devops`` stands for its app) posts check runs and statuses
beside devflow's own.
"""

from dataclasses import dataclass
from typing import Any, Callable, cast

import requests

from devflow.model.ci import Annotation, CheckReport
from devflow.model.marks import Mark
from devflow.testing import MemoryHost, MemoryRepository
from tests.contract.code_host_bench import Bench

MARK = Mark(run="SCRUM-95", entry="quality", verb="put_check")
ENDS = ("success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required")


def report(number: int, message: str = "E1 bad") -> CheckReport:
    annotations = tuple(
        Annotation(path="a.py", line=line + 1, title="flake8 3.11", message=message)
        for line in range(number)
    )
    conclusion: Any = "failure" if number else "success"
    return CheckReport(
        name="devflow/quality",
        conclusion=conclusion,
        title=f"{number}",
        summary="s",
        annotations=annotations,
    )


@dataclass
class Commit:
    """A pushed commit on one of the hosts; ``ci`` posts a check run as the outside app,
    ``powerless`` is a person's token."""

    host: Any
    powerless: Any
    sha: str
    branch: str
    ci: Callable[[str, str], None]


def on_sandbox(bench: Bench) -> Commit:
    name, sha = bench.branch()

    def ci(check: str, state: str) -> None:
        body = {"name": check, "head_sha": sha, "status": "in_progress"}
        if state in ENDS:
            body |= {"status": "completed", "conclusion": state}
        send(bench, "devops", "POST", "/check-runs", body)

    return Commit(bench.host(), bench.host("frontend-dev"), sha, name, ci)


def send(bench: Bench, person: str, method: str, path: str, body: Any) -> requests.Response:
    token = next(user["github_token"] for user in bench.sandbox["users"] if user["name"] == person)
    github = bench.sandbox["github"]
    url = f"{github['url']}/repos/{github['repository']}{path}"
    headers = {"Authorization": f"Bearer {token}"}
    return requests.request(method, url, json=body, headers=headers, timeout=10)


def in_memory() -> Commit:
    repository = MemoryRepository({"a.py": "x = 1\n"})
    host = MemoryHost(repository)
    powerless = MemoryHost(repository)
    powerless.writes_checks = False
    sha = repository.sha_of("main")
    return Commit(
        host,
        powerless,
        sha,
        "main",
        lambda name, state: host.runs_of_ci(sha, name, cast(Any, state)),
    )
