"""What hooks are run with: the project's own programs before all others, devflow's own after them,
and what is installed beside the working tree's files.
"""

from dataclasses import dataclass, replace
from typing import Final, Iterable, Sequence

from devflow.craft.quality.hooks import Configured
from devflow.craft.quality.tools import project_python
from devflow.model.tree import Tree
from devflow.ports.shell import Command, ShellReads

# node looks for its modules in the folders above too, where they are no part of the tree
_LENT: Final = """\
root=$1
shift
[ ! -d "$root/node_modules" ] || [ -e node_modules ] || ln -s "$root/node_modules" ../node_modules
[ ! -d "$root/.husky/_" ] || [ -e .husky/_ ] || [ ! -d .husky ] || cp -R "$root/.husky/_" .husky/_
PATH="$root/node_modules/.bin:$PATH"
export PATH
exec "$@"
"""
_NODES: Final = "{root}/node_modules/.bin"


@dataclass(frozen=True)
class HookPlace:
    """``python`` is the interpreter of the project, empty where it has none of its own."""

    shell: ShellReads
    python: str

    @classmethod
    def of(cls, shell: ShellReads, paths: Iterable[str]) -> "HookPlace":
        """The place for a tree with these paths."""
        return cls(shell, project_python(shell, "", "", paths))

    def program(self, name: str) -> str:
        """Where a program is, the project's own before all others; empty where there is none."""
        return self.shell.program(name, self.python, (_NODES,)).path

    def command(self, argv: tuple[str, ...], tree: Tree) -> Command:
        """A command that finds what is installed beside the working tree's files."""
        return Command(
            ("sh", "-c", _LENT, "sh", "{root}", *argv),
            tree=tree,
            env={"GIT_EDITOR": ":"},
            python=self.python,
            own_last=True,
        )

    def marked(self, hooks: Sequence[Configured] | None) -> tuple[Configured, ...] | None:
        """The hooks with the programs of those alone that only devflow has brought."""
        if hooks is None:
            return None
        marked = []
        for hook in hooks:
            known = (
                self.shell.program(hook.program, self.python, (_NODES,)) if hook.program else None
            )
            is_devflows = known is not None and known.is_devflows
            marked.append(hook if is_devflows else replace(hook, program=""))
        return tuple(marked)
