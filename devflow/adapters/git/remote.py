"""Writes to the repository's remote: each looks at the remote first and goes with a lease on what
it saw.

The bare ``--force-with-lease`` fails open, because it trusts the remote-tracking ref: the expected
id is always named.
"""

import os
import re
import shlex
import tempfile
from pathlib import Path
from typing import Final, Mapping

from devflow.adapters.git.exports import GitExports
from devflow.adapters.git.process import REMOTE_S, GitResult, remote_error, without_credentials
from devflow.adapters.git.push_hook import HOOK_S, hook_in, missing_interpreter, tracing, words_of
from devflow.adapters.git.reads import lines_of, ref_of
from devflow.adapters.git.refused_push import lost_race, refusals_of
from devflow.model.command_line import command_line
from devflow.model.errors import DevflowError, StepFailed, UsageError
from devflow.model.marks import UNMARKED, Mark
from devflow.model.wording import short_sha

# each one lost to another run that pushed its files to the same ref between our look and our push
_TRIES: Final = 10
# what a submodule's link names has to be somewhere else too, or nobody can check the branch out
_CHECK_LINKS: Final = "--recurse-submodules=check"
_UNPUSHED_LINKS: Final = "--recurse-submodules=on-demand"  # which git then advises
_PRE_PUSH: Final = "hooks/pre-push"
_SHALLOW: Final = "shallow update not allowed"
# GitHub takes no name that could be an object's id, as docs.github.com says under "Naming branches
# and tags"; git reads one as a commit
_LOOKS_LIKE_AN_ID: Final = re.compile(r"[0-9a-fA-F]{40}|[0-9a-fA-F]{64}")


class GitRemote(GitExports):
    """The reads and exports, and the writes that need the remote."""

    _set_upstream = True

    def fetch(self, branch: str) -> None:
        """Brings the remote's branch into the object store.

        Raises ``StepFailed`` where the remote has none.
        """
        self._check_name(branch)
        if not self._fetch(branch):
            problem = f"{self.remote_name() or 'the repository'} has no branch {branch}"
            raise StepFailed(problem, hint="git ls-remote --heads")

    def push(self, branch: str, sha: str) -> None:
        """Pushes the commit with a lease on what the remote has now.

        The upstream is set where the remote has a name. A branch that its developer rewrote here
        is replaced; a remote that already contains the commit stays as it is. Raises ``StepFailed``
        where the remote refuses or has commits that were never this branch's, ``RemoteSilent``
        where it does not answer.
        """
        self._check_name(branch)
        remote = self._required_remote()
        commit = self.sha_of(sha)
        if not commit:
            problem = f"git knows no commit {sha!r} here"
            raise StepFailed(problem, where=str(self.root), hint="git log")
        there = self.remote_sha(branch)
        if not self.is_ancestor(commit, there):
            if there and not (self.is_ancestor(there, commit) or there in self._once_at(branch)):
                raise self._moved(branch, there)
            if not there:
                self._refuse_clash(branch)
            self._push_hooked(commit, branch, there)
            self._refuse_not_there(commit, branch)
        if not self._set_upstream or not self._named:
            return
        if branch in self.branches() and not self.upstream(branch):
            self._fetch(branch)
            upstream = f"--set-upstream-to=refs/remotes/{remote}/{branch}"
            self._git.must("branch", "--quiet", upstream, "--end-of-options", branch)

    def _refuse_not_there(self, commit: str, branch: str) -> None:
        """Raises ``StepFailed`` where the remote took a push and stands elsewhere after it."""
        now = self.remote_sha(branch)
        if now != commit:
            problem = f"the remote took {branch}, and has {short_sha(now) or 'nothing'} there"
            raise StepFailed(problem, where=self.remote_name(), hint=command_line("ship"))

    def seed(self, branch: str, sha: str) -> None:
        """Pushes the first branch of a sandbox's new remote; in one that has any, a branch that is
        missing was renamed or deleted. Raises as ``push`` does.

        The user's hooks are about what goes to people, which this does not.
        """
        self._check_name(branch)
        if self._ask_remote("look at", "ls-remote", "--heads", self._required_remote()).text:
            return
        ended = self._push_leased(self.sha_of(sha), ref_of(branch), "", "--no-verify")
        if ended.status:
            raise self._push_error(ended, branch)

    def advance(self, branch: str, sha: str) -> None:
        """Brings a branch of a sandbox's remote forward to a commit; one that has others stays.
        Raises as ``push`` does; no hook runs, as in ``seed``."""
        there = self.remote_sha(branch)
        if not there or there == sha or not self.is_ancestor(there, sha):
            return
        ended = self._push_leased(sha, ref_of(branch), there, "--no-verify")
        if ended.status:
            raise self._push_error(ended, branch)

    def push_files(self, ref: str, files: dict[str, bytes], *, mark: Mark = UNMARKED) -> None:
        """Adds files to a ref of the remote that is no branch of work.

        Files that it has with this content are left. Nothing of it is kept in the local
        repository. Raises as ``push`` does.
        """
        if not ref.startswith("refs/") or self._git.run("check-ref-format", ref).status:
            hint = "such as refs/heads/devflow/screenshots"
            raise UsageError(f"{ref!r} is no full name of a ref", hint=hint)
        for tries_left in reversed(range(_TRIES)):
            there = self.remote_sha(ref)
            commit = self._commit_of(files, ref, there, mark)
            if not commit:
                return
            # the repository's pre-push hook is about its work, which this is not
            env = self._scratch.writing
            address = self._address()
            ended = self._push_leased(commit, ref, there, "--no-verify", to=address, env=env)
            if not ended.status:
                return
            if not (tries_left and lost_race(ended, ref)):
                raise self._push_error(ended, ref)

    def _commit_of(self, files: Mapping[str, bytes], ref: str, parent: str, mark: Mark) -> str:
        """A commit with these files on top of ``parent``, made in the scratch store.

        Empty where it would change nothing.
        """
        env = {**self._scratch.writing, "GIT_INDEX_FILE": str(self._scratch.index())}
        if parent:
            self._ask_remote("fetch", "fetch", "--end-of-options", self._address(), ref, env=env)
            self._git.must("read-tree", parent, env=env)
        tree = self._tree_with(files, env)
        if parent and tree == self._git.must("rev-parse", f"{parent}^{{tree}}", env=env):
            return ""
        self._check_author()
        message = "chore: keep files"
        if mark.run:
            message += f"\n\nDevflow-Run: {mark.once(tree)}"
        parents = ("-p", parent) if parent else ()
        return self._git.must("commit-tree", tree, *parents, stdin=f"{message}\n".encode(), env=env)

    def _tree_with(self, files: Mapping[str, bytes], env: Mapping[str, str]) -> str:
        """The tree of the index in ``env`` with these files added."""
        entries = ""
        for path, content in files.items():
            blob = self._git.must("hash-object", "-w", "--stdin", stdin=content, env=env)
            entries += f"100644 {blob}\t{path}\0"
        self._git.must("update-index", "-z", "--index-info", stdin=entries.encode(), env=env)
        return self._git.must("write-tree", env=env)

    def _fetch(self, branch: str) -> str:
        """The commit that the remote's branch stands at, brought here where it was missing.

        Empty without one.
        """
        there = self.remote_sha(branch)
        tracking = f"refs/remotes/{self._remote}/{branch}" if self._named else ""
        if there and there != self.sha_of(tracking or there):
            refspec = f"+{ref_of(branch)}:{tracking}" if tracking else ref_of(branch)
            self._ask_remote("fetch", "fetch", "--end-of-options", self._required_remote(), refspec)
        return there

    def _address(self) -> str:
        """Where the remote is."""
        # by its name, git would also move remote-tracking refs, to objects that are not kept here
        remote = self._required_remote()
        return self._git.must("remote", "get-url", "--push", remote) if self._named else remote

    def _push_hooked(self, commit: str, branch: str, there: str) -> None:
        """Pushes, the repository's pre-push hook first. Raises as ``push`` does."""
        missing = missing_interpreter(self._push_hook())
        if missing:
            problem = f"the pre-push hook cannot run: there is no {missing}"
            raise StepFailed(problem, where="pre-push", hint=f"mend {self._push_hook()}")
        with tempfile.TemporaryDirectory(prefix="devflow-push-") as folder:
            trace = Path(folder) / "trace"
            ended = self._push_leased(
                commit, ref_of(branch), there, _CHECK_LINKS, env=tracing(trace)
            )
            hook = hook_in(trace)
        if not ended.status:
            return
        again = f"git push --dry-run {self.remote_name()} {short_sha(commit)}:{ref_of(branch)}"
        # first, since a hook may print what git does
        if hook.refused:
            words = without_credentials(words_of(ended.text, ended.complaint))
            problem = f"the pre-push hook refused {branch}: {words or 'it printed nothing'}"
            raise StepFailed(problem, where="pre-push", hint=again)
        if hook.hangs:
            problem = f"the pre-push hook did not end: {ended.reason}"
            raise StepFailed(problem, where="pre-push", hint=again)
        if _UNPUSHED_LINKS in ended.complaint:
            raise self._unpushed_links(branch, ended)
        raise self._push_error(ended, branch)

    @staticmethod
    def _unpushed_links(branch: str, ended: GitResult) -> StepFailed:
        # git names each, indented by two blanks
        lines = [line for line in lines_of(ended.complaint) if line.startswith("  ")]
        paths = [line.strip() for line in lines]
        problem = f"{branch} names commits of submodules that no remote has: {', '.join(paths)}"
        hint = f"git -C {shlex.quote(paths[0] if paths else '.')} push"
        return StepFailed(problem, where=branch, hint=hint)

    def _push_hook(self) -> Path | None:
        """The hook that git would run; one that is not executable it passes over."""
        place = self._git.must("rev-parse", "--path-format=absolute", "--git-path", _PRE_PUSH)
        return Path(place) if os.access(place, os.X_OK) else None

    def _push_leased(
        self,
        sha: str,
        ref: str,
        expected: str,
        *flags: str,
        to: str = "",
        env: Mapping[str, str] | None = None,
    ) -> GitResult:
        options = ("--porcelain", f"--force-with-lease={ref}:{expected}", *flags)
        target = (to or self._required_remote(), f"{sha}:{ref}")
        command = ("push", *options, "--end-of-options", *target)
        timeout_s = REMOTE_S
        if "--no-verify" not in flags and self._push_hook():
            timeout_s += HOOK_S
        return self._git.run(*command, env=env, timeout_s=timeout_s)

    def _refuse_clash(self, branch: str) -> None:
        """Raises ``UsageError`` where the remote cannot have a branch of this name, since another's
        name is a folder of it or the other way round."""
        parts = branch.split("/")
        folders = {ref_of("/".join(parts[:count])) for count in range(1, len(parts))}
        inside = ref_of(branch) + "/"
        remote = self._required_remote()
        listing = ("ls-remote", "--quiet", "--end-of-options", remote, f"{inside}*")
        ended = self._ask_remote("look at", *listing, *sorted(folders))
        for line in lines_of(ended.text):
            name = line.partition("\t")[2]
            if name in folders or name.startswith(inside):
                raise self._clash(branch, name.removeprefix("refs/heads/"))

    def _clash(self, branch: str, other: str) -> UsageError:
        remote = self.remote_name()
        problem = f"{remote} cannot have a branch {branch}: it has {other}"
        return UsageError(problem, where=remote, hint=f"git branch -m {branch} NEW-NAME")

    def _push_error(self, ended: GitResult, ref: str) -> DevflowError:
        if lost_race(ended, ref):
            return self._moved(ref, "")
        refusals = refusals_of(ended, ref)
        if not refusals:
            return remote_error(ended, self._remote or "", f"push {ref}")
        remote = self.remote_name()
        reasons = without_credentials("; ".join(line.split("\t")[-1] for line in refusals))
        if _SHALLOW in reasons:
            return self._shallow(f"{remote} does not take {ref} from a shallow clone")
        problem = f"{remote} refused {ref}: {reasons}"
        lines = [line for line in lines_of(ended.complaint) if line.startswith("remote:")]
        words = "; ".join(line.removeprefix("remote:").strip() for line in lines)
        if words:
            problem += f" ({words})"
        hint = f"look at the protection rules of {ref} on {remote}"
        return StepFailed(problem, where=remote, hint=hint)

    def _moved(self, branch: str, there: str) -> StepFailed:
        remote = self.remote_name()
        at = f" ({short_sha(there)})" if there else ""
        problem = f"{branch} moved on {remote}: it has commits that are not here{at}"
        return StepFailed(problem, where=remote, hint=f"git pull --rebase {remote} {branch}")

    def _once_at(self, branch: str) -> frozenset[str]:
        """Every commit that this branch stood at here: those are its developer's own to rewrite."""
        ended = self._git.run("rev-list", "--walk-reflogs", ref_of(branch), "--")
        return frozenset() if ended.status else frozenset(lines_of(ended.text))

    def _required_remote(self) -> str:
        if self._remote is None:
            problem = "this repository has no remote to push to"
            hint = "git remote add origin <address>"
            raise UsageError(problem, where=str(self.root), hint=hint)
        return self._remote

    def _check_name(self, branch: str) -> None:
        if not self._is_branch_name(branch):
            hint = "git branch -m NEW-NAME, or another prefix in pipeline.yaml"
            raise UsageError(f"{branch!r} is no name for a branch", hint=hint)
        if _LOOKS_LIKE_AN_ID.fullmatch(branch):
            hint = f"git branch -m {branch} NEW-NAME"
            raise UsageError(f"{branch} looks like a commit's id, not like a branch", hint=hint)

    def _is_branch_name(self, branch: str) -> bool:
        if "\0" in branch or branch.startswith("refs/"):
            return False
        ended = self._git.run("check-ref-format", "--branch", branch)
        # git answers @{-1} and its like with the branch that they stand for
        return not ended.status and ended.text == branch

    def _check_author(self) -> None:
        for person in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
            if self._git.run("-c", "user.useConfigOnly=true", "var", person).status:
                hint = "git config user.name 'Your Name' && git config user.email you@example.org"
                problem = "git does not know who commits here"
                raise UsageError(problem, where=str(self.root), hint=hint)
