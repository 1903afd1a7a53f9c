"""The bare repository behind the GitHub server: where branches stand, what commits hold, and merges
made in place.

Every name that came from outside goes behind `--end-of-options`, so it can never be read as an
option. Where a ref stands is never cached: a push by any other process is seen by the next request.
What commits hold that are named by their ids never changes, and is asked once.
"""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TIMEOUT_S = (
    20.0  # s; the largest operation here, a merge of a few hundred files, takes well under one
)
MAX_OUTPUT_BYTES = 32 * 1024 * 1024
# answers that are remembered, of so many characters at most: a story asks for 50 things 500 times
KNOWN_ANSWERS = 512
KNOWN_CHARS = 64 * 1024
_ID = re.compile(r"\^?[0-9a-f]{40}")
# its last part has no dot, as that of a lock file has
_PLAIN_REF = re.compile(r"refs/(?:[A-Za-z0-9_-]+/)+[A-Za-z0-9_-]+")
END = "--end-of-options"
QUIET = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
    "TZ": "UTC",
    "PATH": os.environ.get("PATH", os.defpath),
}


COMMIT_FORMAT = "%H%x00%T%x00%P%x00%an%x00%ae%x00%ad%x00%cn%x00%ce%x00%cd%x00%B%x01"
STATUSES = {
    "A": "added",
    "D": "removed",
    "R": "renamed",
    "C": "copied",
    "T": "changed",
}  # git's letters in GitHub's words


@dataclass(frozen=True)
class Author:
    name: str
    email: str
    date: str  # UTC, as GitHub writes it


@dataclass(frozen=True)
class GitCommit:
    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Author
    committer: Author
    message: str


@dataclass(frozen=True)
class ChangedFile:
    path: str
    old_path: str
    status: str
    blob: str
    additions: int
    deletions: int
    patch: str  # the hunks only; empty for binary files and pure renames


class GitRefused(Exception):
    """git ended with an error; its message is the argument."""


def identity(name: str, email: str, committer: tuple[str, str] | None = None) -> dict[str, str]:
    """git's variables for who wrote a commit, and who made it where that is somebody else."""
    made_by = committer or (name, email)
    author = {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": email}
    return {**author, "GIT_COMMITTER_NAME": made_by[0], "GIT_COMMITTER_EMAIL": made_by[1]}


SYNTHETIC = identity("sandbox", "sandbox@example.com")


def _commit(text: str) -> GitCommit:
    sha, tree, parents, *people, message = text.lstrip("\n").split("\0")
    author = Author(*people[:3])
    committer = Author(*people[3:])
    return GitCommit(sha, tree, tuple(parents.split()), author, committer, message.rstrip("\n"))


class BareGit:
    """One bare repository, by git's own command line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[tuple[str, ...], str] = {}

    def create(self) -> None:
        """Makes the repository when it is absent; of one that exists only the rights are set."""
        if not (self.folder / "HEAD").exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            self.run("init", "--quiet", "--bare", "--initial-branch=main")
            # an object that only a pull request still names must not be collected
            self.run("config", "gc.auto", "0")
            # whoever pushes here runs receive-pack with their own configuration, hooks included
            self.run("config", "core.hooksPath", os.devnull)
        # also of what somebody pushes, whose umask is another
        self.run("config", "core.sharedRepository", "0600")

    def run(self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> str:
        """What git prints. Raises GitRefused for a non-zero exit, or past a limit."""
        return self.run_bytes(*arguments, stdin=stdin, env=env).decode("utf-8", "replace")

    def run_bytes(
        self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None
    ) -> bytes:
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
            raise GitRefused(
                done.stderr.decode("utf-8", "replace").strip()
                or f"git {arguments[0]}: {done.returncode}"
            )
        if len(done.stdout) > MAX_OUTPUT_BYTES:
            raise GitRefused(f"git {arguments[0]} printed more than {MAX_OUTPUT_BYTES} bytes")
        return done.stdout

    def told(self, *arguments: str) -> str:
        """What git prints of the commits behind `END`. Raises GitRefused, as `run` does."""
        names = arguments[arguments.index(END) + 1 :]
        if not all(map(_ID.fullmatch, names)):
            return self.run(*arguments)
        known = self._known.get(arguments)
        if known is not None:
            return known
        text = self.run(*arguments)
        if len(text) <= KNOWN_CHARS:
            if len(self._known) >= KNOWN_ANSWERS:
                self._known.clear()
            self._known[arguments] = text
        return text

    def sha(self, name: str, kind: str = "commit") -> str | None:
        """The full id of what a name stands for, peeled to `kind`; None when there is no such
        thing."""
        try:
            return self.run("rev-parse", "--verify", "--quiet", END, f"{name}^{{{kind}}}").strip()
        except GitRefused:
            return None

    def blob_at(self, commit: str, path: str) -> str | None:
        """The blob that a commit has at a path; None for a folder or nothing."""
        listed = self.run("ls-tree", "-z", "--full-tree", END, commit, path).split("\0")
        for line in listed[:-1]:
            head, found = line.split("\t", 1)
            _, kind, sha = head.split()
            if (kind, found) == ("blob", path):
                return sha
        return None

    def ref(self, name: str) -> str | None:
        """Where a full ref name (`refs/...`) points, unpeeled; None when it does not exist."""
        loose = self._loose(name)
        if loose:
            return loose
        for line in self.run(
            "for-each-ref", "--format=%(objectname) %(refname)", END, name
        ).splitlines():
            sha, _, found = line.partition(" ")
            if found == name:
                return sha
        return None

    def _loose(self, name: str) -> str:
        """What stands in a ref's own file, which the next push changes; empty where git has to be
        asked: of a packed ref, and of a name that is not plain."""
        if not _PLAIN_REF.fullmatch(name):
            return ""
        try:
            text = (self.folder / name).read_text("ascii").strip()
        except (OSError, ValueError):
            return ""
        return text if _ID.fullmatch(text) else ""

    def branch(self, name: str) -> str | None:
        """The commit that a branch points to."""
        return self.ref(f"refs/heads/{name}")

    def move(self, ref: str, sha: str, expected: str | None = None) -> None:
        """Points a ref at a commit; with `expected` only from there (forty zeros: only when
        absent)."""
        self.run("update-ref", END, ref, sha, *([] if expected is None else [expected]))

    def is_ancestor(self, older: str, newer: str) -> bool:
        return self.merge_base(older, newer) == older

    def merge_base(self, one: str, other: str) -> str | None:
        try:
            return self.told("merge-base", END, one, other).strip()
        except GitRefused:
            return None

    def commits(self, base: str, head: str) -> list[str]:
        """The commits of `head` that `base` lacks, the oldest first."""
        return self.told("rev-list", "--reverse", "--topo-order", END, head, f"^{base}").split()

    def merged_tree(self, base: str, head: str) -> str | None:
        """The tree of both brought together; None when they conflict."""
        try:
            return self.told("merge-tree", "--write-tree", "--no-messages", END, base, head).strip()
        except GitRefused:
            return None

    def commit(self, tree: str, parents: list[str], message: str, people: Mapping[str, str]) -> str:
        """Writes a commit; `people` are git's `GIT_AUTHOR_*` and `GIT_COMMITTER_*` variables."""
        named = [word for parent in parents for word in ("-p", parent)]
        return self.run(
            "commit-tree", *named, "-F", "-", END, tree, stdin=message.encode(), env=people
        ).strip()

    def cherry_pick(self, sha: str, onto: str) -> str | None:
        """The tree of one commit's change on top of another commit; None when they conflict.

        Git 2.39 cannot be told a merge base, so both sides are given a common parent with the tree
        it should be.
        """
        base = self.commit(f"{sha}^^{{tree}}", [], "base", SYNTHETIC)
        ours = self.commit(f"{onto}^{{tree}}", [base], "ours", SYNTHETIC)
        theirs = self.commit(f"{sha}^{{tree}}", [base], "theirs", SYNTHETIC)
        return self.merged_tree(ours, theirs)

    def read_commits(self, shas: list[str]) -> list[GitCommit]:
        """These commits, in this order."""
        if not shas:
            return []
        dates = "--date=format-local:%Y-%m-%dT%H:%M:%SZ"
        text = self.told("show", "--no-patch", f"--format={COMMIT_FORMAT}", dates, END, *shas)
        return [_commit(part) for part in text.split("\x01") if part.strip()]

    def changed_files(self, base: str, head: str) -> list[ChangedFile]:
        """What differs between two commits, renames found, in git's order."""
        compare = ("diff-tree", "-r", "-M", "--no-color", "--no-ext-diff", "--full-index")
        raw = iter(_fields(self.told(*compare, "--raw", "-z", END, base, head)))
        stats = iter(_fields(self.told(*compare, "--numstat", "-z", END, base, head)))
        patch_text = self.told(*compare, "--patch", END, base, head)
        patches = re.split(r"^diff --git ", patch_text, flags=re.MULTILINE)[1:]
        files = []
        for head_line, patch in zip(raw, patches, strict=True):
            _, _, _, blob, letter = head_line.split(" ")
            old_path = next(raw)
            path = next(raw) if letter[0] in "RC" else old_path
            added, removed, named = next(stats).split("\t", 2)
            if not named:  # a rename: its two paths follow as fields of their own
                next(stats)
                next(stats)
            _, mark, hunks = patch.partition("\n@@")
            files.append(
                ChangedFile(
                    path,
                    old_path,
                    STATUSES.get(letter[0], "modified"),
                    blob,
                    _line_count(added),
                    _line_count(removed),
                    f"@@{hunks}".rstrip("\n") if mark else "",
                )
            )
        return files

    @contextmanager
    def index(self) -> Iterator[dict[str, str]]:
        """An empty index of its own, as environment for `run`; gone afterwards."""
        with tempfile.TemporaryDirectory(prefix="sandbox-index-") as folder:
            yield {"GIT_INDEX_FILE": str(Path(folder) / "index")}


def _line_count(text: str) -> int:
    # git prints "-" for a binary file
    return int(text) if text.isdecimal() else 0


def _fields(text: str) -> list[str]:
    # with -z git ends every field by NUL, the last one too
    return text.split("\0")[:-1]
