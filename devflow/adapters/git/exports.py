"""Clean exports of a tree for commands that measure, and the tree that such a command left behind.

An export with a repository of its own keeps its objects in the scratch store, so what a hook made
there can be taken back afterwards.
"""

import shutil
from pathlib import Path
from typing import Final

from devflow.adapters.git.checkouts import GitCheckouts
from devflow.model.errors import StepFailed
from devflow.model.tree import Base, Tree

# a collection started by a hook would drop the objects of other exports
_OWN_CONFIG: Final = "[gc]\n\tauto = 0\n[core]\n\thooksPath = /dev/null\n"


class GitExports(GitCheckouts):
    """The reads and checkouts, and exports made from what they know."""

    def export(self, rev: str, folder: Path, *, git: bool) -> str:
        """Writes a tree's files into an empty folder and answers its id.

        Raises ``StepFailed`` where git does not know it.
        """
        tree = self.tree_of(rev)
        if not tree:
            problem = f"git knows no tree {rev!r} here"
            raise StepFailed(problem, where=str(self.root), hint="git fetch")
        options = ["--all", "--force", "--quiet"]
        if git:
            env = self._own_repository(folder)
            options.append("--index")
        else:
            env = {"GIT_WORK_TREE": str(folder), **self._bare_index()}
        self._git.must("read-tree", tree, env=env)
        self._git.must("checkout-index", *options, env=env)
        return tree

    def check_out(self, tree: Tree | Base, folder: Path) -> str:
        """For now: an export with a repository of its own."""
        return self.export(tree.id, folder, git=True)

    def tree_in(self, folder: Path) -> str:
        """For now: the tracked files."""
        return self.left_in(folder)

    def left_in(self, folder: Path) -> str:
        """The tree of an export's tracked files as they are now.

        Empty where its repository was destroyed.
        """
        env = self._places(folder)
        if self._git.run("add", "--update", env=env).status:
            return ""
        ended = self._git.run("write-tree", env=env)
        return "" if ended.status else ended.text

    def _own_repository(self, folder: Path) -> dict[str, str]:
        options = ("--quiet", "--template=", "--initial-branch=main", "--end-of-options")
        self._git.must("init", *options, str(folder))
        own = folder / ".git"
        with (own / "config").open("a", encoding="utf-8") as config:
            config.write(_OWN_CONFIG)
        shutil.rmtree(own / "objects")
        (own / "objects").symlink_to(self._scratch.objects)
        return self._places(folder)

    def _bare_index(self) -> dict[str, str]:
        return {**self._scratch.reading, "GIT_INDEX_FILE": str(self._scratch.index())}

    @staticmethod
    def _places(folder: Path) -> dict[str, str]:
        return {"GIT_DIR": str(folder / ".git"), "GIT_WORK_TREE": str(folder)}
