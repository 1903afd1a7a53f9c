"""A ticket begun on a laptop and taken on by CI runners, each in a fresh clone without a journal:
what is there is adopted, nothing is written twice, and a clone that cannot do it is told how."""

import json
import re
import shlex
import subprocess
from collections import Counter
from pathlib import Path
from typing import Iterator

import pytest

from tests.e2e.checkout import KEY, Checkout
from tests.e2e.messages import error_of, output_of
from tests.e2e.records import documents, events, remote_refs
from tests.e2e.story import first_change
from tests.e2e.test_real_connection import real_checkout, real_environment

GITLAB = {"CI": "true", "GITLAB_CI": "true"}


class Laptop:
    """A developer's checkout that says `connect: real`, and the clones that runners make of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.checkout = real_checkout(folder / "tiny")
        # an address, since git makes no shallow clone of a plain path
        self.remote = Path(self.checkout.sandbox()["git_remote"]).as_uri()
        self.env = real_environment(self.checkout)
        self.checkout.ends(0, "start", KEY, **self.env)
        first_change(self.checkout)
        self.checkout.ends(8, "ship", **self.env)
        self.branch = self.checkout.git("branch", "--show-current")

    def runner(self, name: str, *options: str) -> Checkout:
        """A fresh clone, as a runner makes it."""
        folder = self._folder / name
        argv = ["git", "clone", "--quiet", *options, self.remote, str(folder)]
        subprocess.run(argv, check=True, timeout=60)
        return Checkout(folder)

    def token_of(self, person: str) -> str:
        """A person's own token at the code host."""
        people = self.checkout.sandbox()["users"]
        return next(str(one["github_token"]) for one in people if one["name"] == person)

    def written(self) -> Counter[str]:
        """What stands on the tracker and the code host, kind by kind, and the remote's refs."""
        counts = Counter(document.kind for document in documents(self.checkout))
        return counts + Counter({ref: 1 for ref in remote_refs(self.checkout)})


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A ticket whose pull request waits for its review; the tests take it further in the file's
    order."""
    laptop = Laptop(tmp_path_factory.mktemp("laptop"))
    yield laptop
    laptop.checkout.close()


def github(laptop: Laptop, summary: Path) -> dict[str, str]:
    return {
        **laptop.env,
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_REF": f"refs/heads/{laptop.branch}",
        "GITHUB_STEP_SUMMARY": str(summary),
    }


def test_a_fresh_clone_adopts_what_the_laptop_made(laptop: Laptop, tmp_path: Path) -> None:
    before = laptop.written()
    runner = laptop.runner("github", "--branch", laptop.branch)
    said = output_of(runner.devflow("ship", **github(laptop, tmp_path / "summary.md")), 8)
    assert laptop.written() == before
    assert "::group::pull_request passed" in said and "as found" in said
    assert runner.git("status", "--porcelain") == ""
    opened = {event["entry"] for event in events(runner, "wrote")}
    assert opened <= {"code_review"}
    assert "waiting" in (tmp_path / "summary.md").read_text()


def test_a_shallow_clone_is_told_the_one_command_before_its_files_change(laptop: Laptop) -> None:
    shallow = laptop.runner("shallow", "--depth", "1", "--branch", laptop.branch)
    said = output_of(shallow.devflow("ship", **laptop.env, **GITLAB), 2)
    assert "this clone is shallow" in said and "GIT_DEPTH: 0" in said
    assert "fetch-depth: 0" in said
    assert shallow.git("status", "--porcelain") == ""
    assert "write file" not in said
    shallow.git(*shlex.split("fetch --quiet --unshallow origin"))
    before = laptop.written()
    output_of(shallow.devflow("ship", **laptop.env, **GITLAB), 8)
    assert laptop.written() == before


def test_a_detached_clone_is_told_the_one_command(laptop: Laptop) -> None:
    detached = laptop.runner("gitlab")
    detached.git("checkout", "--quiet", laptop.checkout.git("rev-parse", "HEAD"))
    message = error_of(detached.devflow("ship", **laptop.env, **GITLAB), 2)
    assert f"git switch {laptop.branch}\n" in message
    detached.git("switch", "--quiet", laptop.branch)
    before = laptop.written()
    output_of(detached.devflow("ship", **laptop.env, **GITLAB), 8)
    assert laptop.written() == before


def test_the_merge_that_github_checks_out_for_a_pull_request_names_the_branch(
    laptop: Laptop,
) -> None:
    merged = laptop.runner("pull")
    merged.git("checkout", "--quiet", "--detach", "origin/main")
    named = ("-c", "user.name=GitHub", "-c", "user.email=noreply@example.org")
    merged.git(*named, "merge", "--quiet", "--no-ff", "-m", "Merge", f"origin/{laptop.branch}")
    merged.git("update-ref", "refs/remotes/pull/1/merge", "HEAD")
    message = error_of(merged.devflow("ship", **laptop.env), 2)
    assert f"git switch {laptop.branch}\n" in message


def test_runners_one_after_the_other_take_an_approved_ticket_to_its_end(
    laptop: Laptop, tmp_path: Path
) -> None:
    env = github(laptop, tmp_path / "summary.md")
    tech_lead = {**laptop.env, "GITHUB_TOKEN": laptop.token_of("tech-lead")}
    laptop.checkout.ends(0, "approve", "code_review", KEY, **tech_lead)
    first = laptop.runner("first", "--branch", laptop.branch)
    output_of(first.devflow("ship", **env), 8)
    assert "deferred" in first.statuses().values()
    devops = {**laptop.env, "GITHUB_TOKEN": laptop.token_of("devops")}
    first.ends(0, "approve", "production", KEY, **devops)
    first.devflow("down")
    second = laptop.runner("second", "--branch", laptop.branch)
    output_of(second.devflow("ship", **env), 0)
    second.devflow("down")
    assert len(documents(laptop.checkout, "pull")) == 1
    assert second.statuses()["closure"] == "passed"
    said = documents(laptop.checkout, "comment", "issue_comment", "worklog")
    marks = Counter(re.findall(r"devflow:[\w:-]+", json.dumps([one.body for one in said])))
    assert len(marks) > 3 and set(marks.values()) == {1}
