"""The bare repository behind the GitHub server: where branches stand, what commits hold, and merges made in place.

Every name that came from outside goes behind `--end-of-options`, so it can never be read as an option. Nothing is
cached: a push by any other process is seen by the next request.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

TIMEOUT_S = 20.0  # s; the largest operation here, a merge of a few hundred files, takes well under one
MAX_OUTPUT_BYTES = 32 * 1024 * 1024
END = "--end-of-options"
QUIET = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
    "PATH": os.environ.get("PATH", os.defpath),
}


class GitRefused(Exception):
    """git ended with an error; its message is the argument."""


class BareGit:
    """One bare repository, by git's own command line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self) -> None:
        """Makes the repository when it is absent; one that exists is left as it is."""
        if not (self.folder / "HEAD").exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            self.run("init", "--quiet", "--bare", "--initial-branch=main")
            # an object that only a pull request still names must not be collected
            self.run("config", "gc.auto", "0")

    def run(self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> str:
        """What git prints. Raises GitRefused for a non-zero exit, too much output or too much time."""
        return self.run_bytes(*arguments, stdin=stdin, env=env).decode("utf-8", "replace")

    def run_bytes(self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> bytes:
        """As `run`, for content that need not be text."""
        try:
            done = subprocess.run(
                ["git", "--git-dir", str(self.folder), *arguments],
                input=stdin,
                capture_output=True,
                timeout=TIMEOUT_S,
                env={**QUIET, **(env or {})},
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise GitRefused(f"git {arguments[0]} took longer than {TIMEOUT_S} s") from error
        if done.returncode != 0:
            raise GitRefused(done.stderr.decode("utf-8", "replace").strip() or f"git {arguments[0]}: {done.returncode}")
        if len(done.stdout) > MAX_OUTPUT_BYTES:
            raise GitRefused(f"git {arguments[0]} printed more than {MAX_OUTPUT_BYTES} bytes")
        return done.stdout

    def sha(self, name: str, kind: str = "commit") -> str | None:
        """The full id of what a name stands for, peeled to `kind`; None when there is no such thing."""
        try:
            return self.run("rev-parse", "--verify", "--quiet", END, f"{name}^{{{kind}}}").strip()
        except GitRefused:
            return None

    def ref(self, name: str) -> str | None:
        """Where a full ref name (`refs/...`) points, unpeeled; None when it does not exist."""
        for line in self.run("for-each-ref", "--format=%(objectname) %(refname)", END, name).splitlines():
            sha, _, found = line.partition(" ")
            if found == name:
                return sha
        return None

    def branch(self, name: str) -> str | None:
        """The commit that a branch points to."""
        return self.ref(f"refs/heads/{name}")

    def move(self, ref: str, sha: str, expected: str | None = None) -> None:
        """Points a ref at a commit; with `expected` only from there (forty zeros: only when absent)."""
        self.run("update-ref", END, ref, sha, *([] if expected is None else [expected]))

    def is_ancestor(self, older: str, newer: str) -> bool:
        return self.merge_base(older, newer) == older

    def merge_base(self, one: str, other: str) -> str | None:
        try:
            return self.run("merge-base", END, one, other).strip()
        except GitRefused:
            return None

    def commits(self, base: str, head: str) -> list[str]:
        """The commits of `head` that `base` lacks, the oldest first."""
        return self.run("rev-list", "--reverse", "--topo-order", END, head, f"^{base}").split()

    def merged_tree(self, base: str, head: str) -> str | None:
        """The tree of both brought together; None when they conflict."""
        try:
            return self.run("merge-tree", "--write-tree", "--no-messages", END, base, head).strip()
        except GitRefused:
            return None

    def commit(self, tree: str, parents: list[str], message: str, people: Mapping[str, str]) -> str:
        """Writes a commit; `people` are git's `GIT_AUTHOR_*` and `GIT_COMMITTER_*` variables."""
        named = [word for parent in parents for word in ("-p", parent)]
        return self.run("commit-tree", *named, "-F", "-", END, tree, stdin=message.encode(), env=people).strip()

    @contextmanager
    def index(self) -> Iterator[dict[str, str]]:
        """An empty index of its own, as environment for `run`; gone afterwards."""
        with tempfile.TemporaryDirectory(prefix="sandbox-index-") as folder:
            yield {"GIT_INDEX_FILE": str(Path(folder) / "index")}
