"""Both services of the sandbox in this process: a request costs a millisecond."""

import json
from pathlib import Path
from typing import Any, Final

from devflow.sandbox.common.bare_git import BareGit
from devflow.sandbox.common.store import Store
from devflow.sandbox.common.web import ApiLog, Application, Reply, Request
from devflow.sandbox.github.app import SERVICE as GITHUB
from devflow.sandbox.jira.app import SERVICE as JIRA
from devflow.sandbox.seed import seed
from tests.contract.sandbox.valid_bodies import BODIES, PATHS

SERVICES: Final = {"jira": JIRA, "github": GITHUB}
API: Final = "/repos/acme/carprice"


class Sandbox:
    """Both services over one store and one repository, spoken to as jose."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder / "sandbox.db")
        self.git = BareGit(folder / "remote.git")
        self.git.create()
        with self.store.transaction() as records:
            seed(records)
            self.person = next(one for one in records.all("person") if one["name"] == "jose")
        self.applications = {}
        for name, service in SERVICES.items():
            self.applications[name] = Application(service, self.store, self.git, ApiLog(None))
            self.applications[name].base = "http://127.0.0.1:1"
        self.known: dict[str, str] = {"account": self.person["account_id"]}
        self._begin()

    def ask(self, service: str, method: str, path: str, content: bytes = b"") -> Reply:
        token = self.person[f"{service}_token"]
        path, _, query = path.partition("?")
        request = Request(method, path, query, f"Bearer {token}", content)
        return self.applications[service].answer(request)

    def must(self, service: str, method: str, path: str, body: Any) -> Any:
        answer = self.ask(service, method, path, json.dumps(body).encode())
        assert answer.status < 300, (path, answer)
        return answer.body

    def _begin(self) -> None:
        """A few commits, a pull request and one of everything that paths can name."""
        self.known["tree"] = self._tree(b"1\n")
        changed = self._tree(b"2\n")
        first = self._commit("first", self.known["tree"])
        second = self._commit("second", changed, first)
        for branch, sha in (("main", first), ("feature", second), ("other", second)):
            self.git.move(f"refs/heads/{branch}", sha)
        self.git.move("refs/tags/v1", first)
        self.known |= {"sha": first, "head": second}
        pull = {"base": "main", "head": "feature", "title": "t", "body": "b"}
        number = self.must("github", "POST", f"{API}/pulls", pull)["number"]
        self.paths = {**PATHS, "sha": first, "pull_number": str(number)}
        self.paths |= {"issue_number": str(number), "commit_sha": first, "tree_sha": changed}
        for template, body in BODIES.items():
            if template.startswith("POST") and "/search" not in template:
                self._made(template, body)

    def _tree(self, content: bytes) -> str:
        blob = self.git.run("hash-object", "-w", "--stdin", stdin=content).strip()
        return self.git.run("mktree", stdin=f"100644 blob {blob}\ta.txt\n".encode()).strip()

    def _commit(self, message: str, tree: str, *parents: str) -> str:
        body = {"message": message, "tree": tree, "parents": list(parents)}
        return str(self.must("github", "POST", f"{API}/git/commits", body)["sha"])

    def _made(self, template: str, body: Any) -> None:
        """Sends the valid body, and keeps the id of what it made for the paths."""
        method, _, path = template.partition(" ")
        service = "jira" if path.startswith("/rest") else "github"
        made = self.ask(service, method, self.filled(path), json.dumps(self.valid(body)).encode())
        # a ticket that was just planned is not done
        assert made.status < 300 or template.endswith("/transitions"), (template, made)
        kinds = {"/reviews": "review_id", "/check-runs": "check_run_id", "/comment": "id"}
        kinds |= {"/deployments": "deployment_id", "/comments": "comment_id"}
        kinds |= {"/releases": "release_id"}
        for ending, name in kinds.items():
            if path.endswith(ending) and made.status < 300:
                self.paths[name] = str(made.body["id"])

    def filled(self, template: str) -> str:
        for name, value in self.paths.items():
            template = template.replace(f"{{{name}}}", value)
        return template.replace("{", "").replace("}", "")

    def valid(self, body: Any) -> Any:
        """The body with what this sandbox knows in it."""
        text = json.dumps(body)
        for name, value in self.known.items():
            text = text.replace(f'"{{{name}}}"', json.dumps(value))
        return json.loads(text)
