"""What people and accidents do to the world around a finished tiny story, each with the way back.

Everything goes through the ways that people have: the services' APIs with their own tokens, git,
files and processes.
"""

import http.server
import json
import os
import shutil
import sqlite3
import stat
import sys
import threading
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Iterator, Sequence

import psutil
import requests

from devflow.adapters.jira.adf import to_adf
from devflow.craft.deploy.rollout import bring
from devflow.model.environments import Environment
from devflow.model.sandbox import SandboxFacts
from devflow.ports.deploys import Release
from devflow.wiring.local import sandbox_of, workspace_of
from devflow.wiring.options import Options
from devflow.wiring.workspace import World
from devflow.wiring.world import world_of
from tests.e2e.checkout import KEY, Checkout
from tests.e2e.spoil_asking import Answer, Asking

ANSWER_S = 10.0  # s; the sandbox answers within 0.1 s
ISSUE = f"/rest/api/3/issue/{KEY}"
DECEIVING = """#!/bin/sh
# says its version as the real one does, and does nothing else
case "$*" in "-c "*|*--version) exec {python} "$@" ;; esac
exit 0
"""


class Outside:
    """The world around a checkout, as people reach it."""

    def __init__(self, checkout: Checkout) -> None:
        self.checkout = checkout
        facts = sandbox_of(workspace_of(Options(checkout.folder))).facts()
        assert facts is not None, "the sandbox does not run"
        self.facts: SandboxFacts = facts
        self.branch = checkout.git("branch", "--show-current")
        self.head = checkout.git("rev-parse", "HEAD")

    def answer(self, entry: str, after: Sequence[str] = (), person: str = "") -> Answer:
        """What the entry comes to now, for this person."""
        options = Options(self.checkout.folder, output="plain", person=person)
        place = workspace_of(options)
        with world_of(options, place, KEY) as world:
            return Asking(place, world).answer(entry, after)

    @contextmanager
    def acting(self, person: str = "jose") -> Iterator[World]:
        """The ports as this person's."""
        options = Options(self.checkout.folder, person=person)
        with world_of(options, workspace_of(options), KEY) as world:
            yield world

    # the services

    def jira(self, method: str, path: str, body: Any = None, person: str = "jose") -> Any:
        """One call of JIRA's API."""
        who = next(one for one in self.facts.users if one.name == person)
        auth = (who.email, who.jira_token)
        answer = requests.request(
            method, f"{self.facts.jira.url}{path}", json=body, auth=auth, timeout=ANSWER_S
        )
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def github(self, person: str, method: str, path: str, body: Any = None) -> Any:
        """One call of GitHub's API."""
        token = next(one.github_token for one in self.facts.users if one.name == person)
        url = f"{self.facts.github.url}/repos/{self.facts.github.repository}{path}"
        headers = {"Authorization": f"Bearer {token}"}
        answer = requests.request(method, url, json=body, headers=headers, timeout=ANSWER_S)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def document(self, kind: str, key: str, **changes: Any) -> None:
        """What no API can change: a document of the sandbox, written behind its back."""
        where = ("kind = ? AND key = ?", (kind, key))
        file = self.checkout.state / "sandbox" / "sandbox.db"
        with closing(sqlite3.connect(file)) as database:
            query = f"SELECT body FROM record WHERE {where[0]}"
            row = database.execute(query, where[1]).fetchone()
            assert row is not None, f"there is no {kind} {key}"
            changed = json.dumps({**json.loads(row[0]), **changes})
            database.execute(f"UPDATE record SET body = ? WHERE {where[0]}", (changed, *where[1]))
            database.commit()

    def graphql(self, person: str, query: str, variables: dict[str, Any]) -> None:
        """One mutation of GitHub's GraphQL."""
        token = next(one.github_token for one in self.facts.users if one.name == person)
        body = {"query": query, "variables": variables}
        headers = {"Authorization": f"Bearer {token}"}
        url = f"{self.facts.github.url}/graphql"
        answer = requests.post(url, json=body, headers=headers, timeout=ANSWER_S)
        assert "errors" not in answer.json(), answer.text

    @contextmanager
    def issue_with(self, **fields: Any) -> Iterator[None]:
        """The ticket with other fields; ``description`` is Markdown."""
        before = self.jira("GET", ISSUE)["fields"]
        changed = {
            name: to_adf(value) if name == "description" else value
            for name, value in fields.items()
        }
        self.jira("PUT", ISSUE, {"fields": changed})
        try:
            yield
        finally:
            self.jira(
                "PUT", ISSUE, {"fields": {name: _as_written(before[name]) for name in fields}}
            )

    @contextmanager
    def status(self, status: str) -> Iterator[None]:
        """The ticket moved back."""
        with self.acting() as world:
            before = world.tools.tracker.issue(KEY).status
            world.tools.tracker.transition(KEY, status, backwards=True)
            try:
                yield
            finally:
                world.tools.tracker.transition(KEY, before)

    @contextmanager
    def comment_edited(self, containing: str) -> Iterator[None]:
        """The ticket's comment with other words."""
        comments = self.jira("GET", f"{ISSUE}/comment")["comments"]
        comment = next(one for one in comments if containing in str(one["body"]))
        self.jira("PUT", f"{ISSUE}/comment/{comment['id']}", {"body": to_adf("never mind")})
        try:
            yield
        finally:
            self.jira("PUT", f"{ISSUE}/comment/{comment['id']}", {"body": comment["body"]})

    # git and files

    @contextmanager
    def files(self, texts: dict[str, str | None]) -> Iterator[None]:
        """The working tree with other files; ``None``: without the file."""
        for path, text in texts.items():
            file = self.checkout.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                file.unlink()
            else:
                file.write_text(text)
        try:
            yield
        finally:
            self.checkout.git("reset", "--quiet", "--hard", self.head)
            self.checkout.git("clean", "--quiet", "-fd")

    @contextmanager
    def pushed(self, texts: dict[str, str | None], message: str = "by hand") -> Iterator[None]:
        """A commit by hand on the branch, here and on the remote."""
        with self.files(texts):
            self.checkout.git("add", "--all")
            self.checkout.git(
                "commit", "--quiet", "--no-verify", "--allow-empty", "--message", message
            )
            self.remote_at("HEAD")
            try:
                yield
            finally:
                self.remote_at(self.head)

    def remote_at(self, sha: str) -> None:
        """The remote's branch forced to a commit; to nothing where it is empty."""
        self.checkout.git(
            "push", "--quiet", self.facts.git_remote, f"+{sha}:refs/heads/{self.branch}"
        )

    # processes

    @contextmanager
    def tools_that_do_nothing(self, folder: Path) -> Iterator[None]:
        """First on the path, and beside devflow's interpreter, lie copies of ``true``, and a python
        that runs no module."""
        folder.mkdir()
        true = shutil.which("true")
        assert true is not None
        shutil.copy(true, folder / "pre-commit")
        python = folder / "python"
        python.write_text(DECEIVING.format(python=sys.executable))
        python.chmod(python.stat().st_mode | stat.S_IXUSR)
        real = sys.executable
        path = os.environ["PATH"]
        sys.executable = str(python)
        # what a hook needs is looked for on the user's own path first
        os.environ["PATH"] = os.pathsep.join((str(folder), path))
        try:
            yield
        finally:
            sys.executable = real
            os.environ["PATH"] = path

    @contextmanager
    def service_dead(self, environment: str) -> Iterator[int]:
        """The environment's service killed with what keeps it alive; its own port. It is started
        again afterwards."""
        with self.acting() as world:
            serving = world.tools.deploys.environment(environment)
            assert serving is not None
            process = psutil.Process(serving.services[0].pid)
            port: int = process.net_connections()[0].laddr.port
            supervisor = process.parent()
            assert supervisor is not None
            # else it would be started again
            supervisor.kill()
            with suppress(psutil.NoSuchProcess):
                process.kill()
            process.wait()
            try:
                yield port
            finally:
                bring(world.tools.deploys, environment, self.release(serving), 1)

    def release(self, serving: Environment) -> Release:
        """What serves, as it was brought."""
        services = workspace_of(Options(self.checkout.folder)).plan.project.services
        offset = int(serving.services[0].url.rpartition(":")[2]) - services["svc"].port
        return Release(serving.commit, serving.version, dict(services), offset)

    def older_version_in_production(self) -> None:
        """What served before this ticket: the base's version, which a rollback goes back to."""
        self.base_version_in("production", 1000)

    def base_version_in(self, environment: str, port_offset: int) -> None:
        """The base's version is brought into an environment."""
        with self.acting() as world:
            serving = world.tools.deploys.environment("development")
            assert serving is not None
            base = self.checkout.git("rev-parse", "main")
            release = self.release(serving)
            older = replace(
                release,
                commit=base,
                version=self.checkout.git("rev-parse", "main:svc"),
                port_offset=port_offset,
            )
            bring(world.tools.deploys, environment, older, 1)

    @contextmanager
    def impostor(self, environment: str, answers: dict[str, str]) -> Iterator[None]:
        """Something else on the port of the environment's service; a path that it does not know is
        404."""
        with self.service_dead(environment) as port:
            server = http.server.ThreadingHTTPServer(("127.0.0.1", port), _handler(answers))
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                yield
            finally:
                server.shutdown()
                thread.join()
                server.server_close()


def _as_written(value: Any) -> Any:
    """A field's value as it is sent, from the value as it is shown."""
    if isinstance(value, list) and value:
        return value[-1]["id"]
    return value


def _handler(answers: dict[str, str]) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = answers.get(self.path.partition("?")[0])
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len((body or "").encode())))
            self.end_headers()
            self.wfile.write((body or "").encode())

        def log_message(self, format: str, *arguments: Any) -> None:
            """Says nothing: the test's output is not its log."""

    return Handler
