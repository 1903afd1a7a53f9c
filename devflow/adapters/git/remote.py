"""Writes to the repository's remote: each looks at the remote first and goes with a lease on what
it saw.

The bare ``--force-with-lease`` fails open, because it trusts the remote-tracking ref: the expected
id is always named.
"""

from typing import Final, Mapping

from devflow.adapters.git.exports import GitExports
from devflow.adapters.git.process import REMOTE_S, GitResult, remote_error, without_credentials
from devflow.adapters.git.reads import lines_of, ref_of
from devflow.model.errors import DevflowError, StepFailed, UsageError
from devflow.model.marks import UNMARKED, Mark

_TRIES: Final = (
    # each one lost to another run that pushed its files to the same ref between our look and our
    # push
    10
)
_FETCH: Final = (
    "fetch",
    "--quiet",
    "--no-tags",
    "--no-write-fetch-head",
    "--no-recurse-submodules",
    "--no-auto-maintenance",
)


class GitRemote(GitExports):
    """The reads and exports, and the writes that need the remote."""

    _set_upstream = True

    def fetch(self, branch: str) -> None:
        """Brings the remote's branch into the object store. Raises ``StepFailed`` where the remote
        has none."""
        self._check_name(branch)
        if not self._fetched(branch):
            raise StepFailed(
                f"{self.remote_name() or 'the repository'} has no branch {branch}",
                hint="git ls-remote --heads",
            )

    def push(self, branch: str, sha: str) -> None:
        """Pushes the commit with a lease on what the remote has now, and sets the upstream where
        the remote has a name.

        A branch that its developer rewrote here is replaced; a remote that already contains the
        commit stays as it is. Raises ``StepFailed`` where the remote refuses or has commits that
        were never this branch's, ``RemoteSilent`` where it does not answer.
        """
        self._check_name(branch)
        remote, commit = self._required_remote(), self.sha_of(sha)
        if not commit:
            raise StepFailed(
                f"git knows no commit {sha!r} here", where=str(self.root), hint="git log"
            )
        there = self.remote_sha(branch)
        if not self.is_ancestor(commit, there):
            if there and not (self.is_ancestor(there, commit) or there in self._once_at(branch)):
                raise self._moved(branch, there)
            ended = self._push_leased(commit, ref_of(branch), there)
            if ended.status:
                raise self._push_error(ended, branch)
        if (
            self._set_upstream
            and self._named
            and branch in self.branches()
            and not self.upstream(branch)
        ):
            self._fetched(branch)
            self._git.must(
                "branch",
                "--quiet",
                f"--set-upstream-to=refs/remotes/{remote}/{branch}",
                "--end-of-options",
                branch,
            )

    def push_files(self, ref: str, files: dict[str, bytes], *, mark: Mark = UNMARKED) -> None:
        """Adds files to a ref of the remote that is no branch of work; files that it has with this
        content are left.

        Nothing of it is kept in the local repository. Raises as ``push`` does.
        """
        if not ref.startswith("refs/") or self._git.run("check-ref-format", ref).status:
            raise UsageError(
                f"{ref!r} is no full name of a ref", hint="such as refs/heads/devflow/screenshots"
            )
        for tries_left in reversed(range(_TRIES)):
            there = self.remote_sha(ref)
            commit = self._commit_of(files, ref, there, mark)
            if not commit:
                return
            # the repository's pre-push hook is about its work, which this is not
            ended = self._push_leased(
                commit, ref, there, "--no-verify", to=self._address(), env=self._scratch.writing
            )
            if not ended.status:
                return
            if not (tries_left and _lost_race(ended)):
                raise self._push_error(ended, ref)

    def _commit_of(self, files: Mapping[str, bytes], ref: str, parent: str, mark: Mark) -> str:
        """A commit with these files on top of ``parent``, made in the scratch store; empty where it
        would change nothing."""
        env = {**self._scratch.writing, "GIT_INDEX_FILE": str(self._scratch.index())}
        if parent:
            self._ask_remote("fetch", *_FETCH, "--end-of-options", self._address(), ref, env=env)
            self._git.must("read-tree", parent, env=env)
        blobs = {
            path: self._git.must("hash-object", "-w", "--stdin", stdin=content, env=env)
            for path, content in files.items()
        }
        listed = "".join(f"100644 {blob}\t{path}\0" for path, blob in blobs.items())
        self._git.must("update-index", "-z", "--index-info", stdin=listed.encode(), env=env)
        tree = self._git.must("write-tree", env=env)
        if parent and tree == self._git.must("rev-parse", f"{parent}^{{tree}}", env=env):
            return ""
        self._check_author()
        trailer = f"\n\nDevflow-Run: {mark.once(tree)}" if mark.run else ""
        parents = ("-p", parent) if parent else ()
        return self._git.must(
            "commit-tree", tree, *parents, stdin=f"chore: keep files{trailer}\n".encode(), env=env
        )

    def _fetched(self, branch: str) -> str:
        """The commit that the remote's branch stands at, brought here where it was missing; empty
        without one."""
        there = self.remote_sha(branch)
        kept = f"refs/remotes/{self._remote}/{branch}" if self._named else ""
        if there and there != self.sha_of(kept or there):
            refspec = f"+{ref_of(branch)}:{kept}" if kept else ref_of(branch)
            self._ask_remote("fetch", *_FETCH, "--end-of-options", self._required_remote(), refspec)
        return there

    def _address(self) -> str:
        """Where the remote is: by its name, git would also move remote-tracking refs, to objects
        that are not kept here."""
        remote = self._required_remote()
        return self._git.must("remote", "get-url", "--push", remote) if self._named else remote

    def _push_leased(
        self,
        sha: str,
        ref: str,
        expected: str,
        *flags: str,
        to: str = "",
        env: Mapping[str, str] | None = None,
    ) -> GitResult:
        lease = f"--force-with-lease={ref}:{expected}"
        return self._git.run(
            *(
                "push",
                "--porcelain",
                lease,
                *flags,
                "--end-of-options",
                to or self._required_remote(),
                f"{sha}:{ref}",
            ),
            env=env,
            timeout_s=REMOTE_S,
        )

    def _push_error(self, ended: GitResult, ref: str) -> DevflowError:
        remote = self.remote_name()
        if _lost_race(ended):
            return self._moved(ref, "")
        refused = [line for line in lines_of(ended.text) if line.startswith("!")]
        if refused:
            reasons = without_credentials("; ".join(line.split("\t")[-1] for line in refused))
            said = "; ".join(
                line.removeprefix("remote:").strip()
                for line in lines_of(ended.complaint)
                if line.startswith("remote:")
            )
            hint = f"look at the protection rules of {ref} on {remote}"
            return StepFailed(
                f"{remote} refused {ref}: {reasons}{f' ({said})' if said else ''}",
                where=remote,
                hint=hint,
            )
        return remote_error(ended, self._remote or "", f"push {ref}")

    def _moved(self, branch: str, there: str) -> StepFailed:
        remote = self.remote_name()
        at = f" ({there[:9]})" if there else ""
        return StepFailed(
            f"{branch} moved on {remote}: it has commits that are not here{at}",
            where=remote,
            hint=f"git pull --rebase {remote} {branch}",
        )

    def _once_at(self, branch: str) -> frozenset[str]:
        """Every commit that this branch stood at here: those are its developer's own to rewrite."""
        ended = self._git.run("rev-list", "--walk-reflogs", ref_of(branch), "--")
        return frozenset() if ended.status else frozenset(lines_of(ended.text))

    def _required_remote(self) -> str:
        if self._remote is None:
            raise UsageError(
                "this repository has no remote to push to",
                where=str(self.root),
                hint="git remote add origin <address>",
            )
        return self._remote

    def _check_name(self, branch: str) -> None:
        ended = (
            self._git.run("check-ref-format", "--branch", branch) if "\0" not in branch else None
        )
        if ended is None or ended.status or ended.text != branch or branch.startswith("refs/"):
            raise UsageError(
                f"{branch!r} is no name for a branch", hint="git help check-ref-format"
            )

    def _check_author(self) -> None:
        for person in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
            if self._git.run("-c", "user.useConfigOnly=true", "var", person).status:
                hint = "git config user.name 'Your Name' && git config user.email you@example.org"
                raise UsageError(
                    "git does not know who commits here", where=str(self.root), hint=hint
                )


def _lost_race(ended: GitResult) -> bool:
    told = ended.text + ended.complaint
    return any(
        reason in told
        for reason in ("stale info", "fetch first", "cannot lock ref", "failed to update ref")
    )
