"""A running sandbox with a real remote, and the code host port on it as any of its people."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devflow.adapters.github.host import GithubHost
from devflow.adapters.http.retry import Retry
from devflow.model.marks import Mark
from tests.contract.fault_proxy import FaultProxy

QUICK = Retry(first_wait_s=0.01)
OPEN = Mark(run="SCRUM-95", entry="pull_request", verb="open_pull")


@dataclass(frozen=True)
class Bench:
    """A running sandbox, a clone to push from, and a proxy before the sandbox."""

    sandbox: dict[str, Any]
    clone: Path
    proxy: FaultProxy
    numbers: Iterator[int]

    def host(self, name: str = "jose", url: str = "") -> GithubHost:
        token = next(user["github_token"] for user in self.sandbox["users"] if user["name"] == name)
        github = self.sandbox["github"]
        return GithubHost(url or github["url"], token, github["repository"], retry=QUICK)

    def git(self, *arguments: str) -> str:
        person = ("-c", "user.name=Jose", "-c", "user.email=jose@example.com")
        done = subprocess.run(
            ["git", *person, *arguments], cwd=self.clone, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def branch(self) -> tuple[str, str]:
        """Pushes a new branch with a change of its own; its name and commit."""
        name = f"SCRUM-{next(self.numbers)}"
        self.git("checkout", "-q", "-B", name, "main")
        return name, self.commit(name, f"{name}.txt", "one\ntwo\n")

    def commit(self, branch: str, path: str, text: str) -> str:
        (self.clone / path).write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", f"Change {path}")
        self.git("push", "-q", self.sandbox["git_remote"], f"HEAD:{branch}")
        return self.git("rev-parse", "HEAD")

    def pull(self) -> tuple[int, str, str]:
        """Opens a pull request; its number, branch and head."""
        name, sha = self.branch()
        self.host().open_pull(name, "main", f"{name}: a change", "Evidence", mark=OPEN)
        found = self.host().pull_for(name)
        assert found is not None
        return found.number, name, sha
