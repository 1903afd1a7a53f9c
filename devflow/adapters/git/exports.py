"""Exports of a tree: its files and nothing else, for what is deployed from them."""

from pathlib import Path

from devflow.adapters.git.checkouts import GitCheckouts
from devflow.model.errors import StepFailed


class GitExports(GitCheckouts):
    """The reads and checkouts, and exports made from what they know."""

    def export(self, rev: str, folder: Path) -> str:
        """Writes a tree's files into an empty folder and answers its id.

        Raises ``StepFailed`` where git does not know it.
        """
        tree = self.tree_of(rev)
        if not tree:
            problem = f"git knows no tree {rev!r} here"
            raise StepFailed(problem, where=str(self.root), hint="git fetch")
        index = {"GIT_INDEX_FILE": str(self._scratch.index())}
        env = {"GIT_WORK_TREE": str(folder), **self._scratch.reading, **index}
        self._git.must("read-tree", tree, env=env)
        self._git.must("checkout-index", "--all", "--force", "--quiet", env=env)
        return tree
