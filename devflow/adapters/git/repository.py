"""The git repository that devflow runs in: every write looks first, so that the same one said twice
is done once.

A commit is made of the tree that was measured or not at all, and its hooks do not run a second
time.
"""

import errno
import os
import shlex
from pathlib import Path
from typing import Final

from devflow.adapters.git.process import common_dir, find_root
from devflow.adapters.git.reads import ref_of
from devflow.adapters.git.remote import GitRemote
from devflow.adapters.machine.text_file import real_path
from devflow.model.command_line import command_line
from devflow.model.errors import StepFailed, system_words
from devflow.model.marks import UNMARKED, Mark
from devflow.model.wording import first_of

__all__ = ["GitRepository", "common_dir", "find_root"]

_EXECUTABLE: Final = "100755"
_LINK: Final = "120000"
# a file stands where a folder is wanted, or a link that leads to itself
_NO_FOLDER: Final = (errno.EEXIST, errno.ENOTDIR, errno.ELOOP)
_NAMED: Final = 3  # paths of a working tree that changed; enough to see who wrote them


class GitRepository(GitRemote):
    """The whole port. ``set_upstream=False`` leaves the repository's configuration as it is.

    ``leads`` is for a sandbox's remote alone: a base that is ahead here is brought there before a
    branch begins. ``keeps`` is the file that no new branch may take out of the working tree.
    """

    def __init__(
        self,
        root: Path,
        remote: str | None,
        set_upstream: bool = True,
        *,
        leads: bool = False,
        keeps: str = "",
    ) -> None:
        super().__init__(root, remote)
        self._set_upstream = set_upstream
        self._leads = leads
        self._keeps = keeps

    def create_branch(self, name: str, base: str) -> None:
        """Checks the branch out; a missing one is made from the remote's of that name, else the
        remote's or the local base.

        Uncommitted work is kept. Raises ``StepFailed`` where git refuses, for instance because that
        work would be overwritten, and where the base lacks the file that has to stay.
        """
        self._check_name(name)
        self.require_finished()
        if name in self.branches():
            if self.current_branch() != name:
                self._git.must("switch", "--quiet", "--no-guess", "--end-of-options", name)
            return
        self._check_name(base)
        start = self._fetch(name) or self._base_start(base)
        if not start:
            problem = f"there is no branch {base} to begin {name} from"
            raise StepFailed(problem, where=str(self.root), hint="git branch --all")
        self._git.must("switch", "--quiet", "--no-track", "--create", name, start)

    def _base_start(self, base: str) -> str:
        """The commit that a new branch begins at, empty without one. Raises ``StepFailed`` where
        git would take the kept file out of the working tree with it."""
        here = self.sha_of(ref_of(base))
        if self._leads and here:
            self.advance(base, here)
        start = self._fetch(base) or here
        kept = self._keeps
        # one that git does not keep stays where it is
        if not (start and kept) or not self._id_at("HEAD", kept) or self._id_at(start, kept):
            return start
        remote = self.remote_name()
        there = f"{shlex.quote(remote)} {shlex.quote(base)}"
        hint = f"git push {there}"
        if not self._id_at(here, kept):
            hint = f"bring the commit that adds {kept} into {base} here, then: {hint}"
        elif self._leads:
            hint = f"git switch {shlex.quote(base)} && git pull --rebase {there}"
        problem = f"{base} on {remote} has no {kept}: a branch from there would be without it"
        raise StepFailed(problem, where=kept, hint=hint)

    def write_file(self, path: str, text: str) -> None:
        """Writes a text file into the working tree where it differs; one that a sparse checkout
        leaves out is written where it differs from what a commit keeps.

        Raises ``StepFailed`` outside the tree.
        """
        target = self._inside_tree(path)
        content = text.encode()
        if target.is_symlink() or self._file(path) != content:
            self._put(target, content)

    def restore(self, path: str, tree: str) -> None:
        """Writes one file of a tree into the working tree, byte for byte.

        A file that the tree lacks is removed. Raises ``StepFailed`` for an unknown tree, and
        outside the working tree.
        """
        target = self._inside_tree(path)
        tree_id = self._id(tree, "tree")
        if not tree_id:
            hint = command_line("ship")
            raise StepFailed(f"git knows no tree {tree!r} here", where=path, hint=hint)
        content = self._blob(tree_id, path)
        mode = self._mode(tree_id, path)
        if content is None:
            target.unlink(missing_ok=True)
            return
        if mode == _LINK:
            target.unlink(missing_ok=True)
            target.symlink_to(os.fsdecode(content))
            return
        self._put(target, content)
        bits = target.stat().st_mode & 0o666
        if mode == _EXECUTABLE:
            # who may read it may run it, as git does; who may not read it gains nothing
            bits |= (bits & 0o444) >> 2
        target.chmod(bits)

    def commit(self, branch: str, tree: str, message: str, *, mark: Mark = UNMARKED) -> None:
        """Commits the working tree on the checked-out branch if it still is ``tree``; a head that
        has that tree already stays.

        The repository's hooks do not run again: they were measured on this very tree. Raises
        ``StepFailed`` where the working tree or the branch is another one by now, ``UsageError``
        where nobody is configured as author.
        """
        self.require_finished()
        if self.current_branch() != branch:
            problem = f"{self.current_branch()} is checked out, not {branch}"
            raise StepFailed(problem, hint=f"git switch {shlex.quote(branch)}")
        now = self.work_tree()
        if now != tree:
            raise self._tree_changed("after it was checked", tree, now)
        if self.tree_of("HEAD") == tree:
            return
        self._check_author()
        self._git.must(*self._everything())
        staged = self._git.must("write-tree")
        if staged != tree:
            raise self._tree_changed("while it was being committed", tree, staged)
        text = self._git.must("stripspace", stdin=message.encode())
        trailer = f"Devflow-Run: {mark.once(tree)}"
        # hooks may have seen it as a part of the message
        if mark.run and trailer not in text.splitlines():
            text += f"\n\n{trailer}"
        self._commit_staged(tree, f"{text}\n")

    def _commit_staged(self, tree: str, text: str) -> None:
        """Moves the branch to a commit of the tree that the index holds.

        Not by ``git commit``: it would run the hooks that may rewrite the message that was
        measured, take templates and trailers from the user's settings, and not notice that the
        branch moved. Signing is kept.
        """
        parent = self._git.must("rev-parse", "--verify", "HEAD")
        options = ["-p", parent]
        wanted = self._git.run("config", "--type=bool", "--get", "commit.gpgSign")
        if wanted.text == "true":
            options.append("-S")
        # bounded as every call is: an agent that asks for a passphrase gets LOCAL_S
        ended = self._git.run("commit-tree", *options, tree, stdin=text.encode())
        if ended.status:
            reason = ended.reason or ended.text
            hint = "git status"
            if wanted.text == "true":
                hint = "unlock the signing key's agent, or: git config commit.gpgSign false"
            raise StepFailed(f"git commit-tree failed: {reason}", where="commit", hint=hint)
        subject = text.partition("\n")[0]
        move = ("update-ref", "-m", f"commit: {subject}", "HEAD", ended.text, parent)
        self._git.must(*move)

    def _tree_changed(self, moment: str, tree: str, now: str) -> StepFailed:
        paths = self.names_changed(tree, now)
        problem = f"the working tree changed {moment}: {first_of(paths, _NAMED)}"
        return StepFailed(problem, where=str(self.root), hint=command_line("ship"))

    def _mode(self, tree: str, path: str) -> str:
        place = ("--full-tree", tree, "--", path)
        entry = self._read("--literal-pathspecs", "ls-tree", *place).text
        return entry.partition(" ")[0]

    def _inside_tree(self, path: str) -> Path:
        """The file's place, its folder's links followed.

        Raises ``StepFailed`` outside the tree and inside ``.git``.
        """
        folder, name = os.path.split(path)
        place = self.root
        if name not in ("", ".", "..") and "\0" not in path:
            place = real_path(self.root / folder) / name
        if place != self.root and place.is_relative_to(self.root):
            parts = place.relative_to(self.root).parts
            # .GIT is the same folder where the file system does not tell capitals apart
            if ".git" not in (part.lower() for part in parts):
                return place
        problem = f"{path!r} is no file inside the working tree"
        raise StepFailed(problem, where=str(self.root), hint="give a path below it")

    def _put(self, target: Path, content: bytes) -> None:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            if error.errno not in _NO_FOLDER:
                raise
            folder = target.parent.relative_to(self.root)
            problem = f"{folder} is no folder: {system_words(error)}"
            hint = f"move what is in its way, then: {command_line('ship')}"
            raise StepFailed(problem, where=str(target), hint=hint) from error
        if target.is_symlink():
            target.unlink()
        target.write_bytes(content)
