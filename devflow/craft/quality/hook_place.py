"""What hooks are run with: the project's own programs before all others, devflow's own after them,
and what is installed beside the working tree's files, as the checkout's own.
"""

from dataclasses import dataclass, replace
from typing import Collection, Final, Sequence

from devflow.craft.quality.hooks import Configured
from devflow.craft.quality.tools import project_python
from devflow.model.tree import Tree
from devflow.ports.shell import Command, ShellReads

# What npm, pnpm and yarn installed lies beside each package.json, and is no part of the tree. It
# becomes links in a folder of the checkout's own, so that who takes that away takes links; a link
# to a package of the repository itself is copied as it is, and leads to the checkout's.
_LENT: Final = """\
root=$1
shift
lend() {
  mkdir -p "$2"
  find "$1" -mindepth 1 -maxdepth 1 -type l -exec sh -c 'cp -P "$@" "$0/"' "$2" {} +
  find "$1" -mindepth 1 -maxdepth 1 ! -type l ! -name '@*' -exec sh -c 'ln -s "$@" "$0/"' "$2" {} +
  for scope in "$1"/@*; do
    [ ! -d "$scope" ] || [ -L "$scope" ] || lend "$scope" "$2/${scope##*/}"
  done
}
while [ "$1" != -- ]; do
  if [ -d "$root/$1" ] && [ ! -e "$1" ]; then
    lend "$root/$1" "$1"
    mkdir -p .git/info
    echo node_modules >>.git/info/exclude
  fi
  shift
done
shift
for husky in .husky */.husky */*/.husky; do
  if [ -d "$husky" ] && [ -d "$root/$husky/_" ] && [ ! -e "$husky/_" ]; then
    cp -R "$root/$husky/_" "$husky/_"
  fi
done
PATH="$root/node_modules/.bin:$PATH"
export PATH
exec "$@"
"""
_PACKAGE: Final = "package.json"
_MODULES: Final = "node_modules"
# without them nobody could tell whether lefthook has run anything; the project may have fewer
_LEFTHOOKS_WORDS: Final = (
    "meta,summary,empty_summary,success,failure,execution,execution_out,execution_info,skips"
)
_NODES: Final = "{root}/node_modules/.bin"


@dataclass(frozen=True)
class HookPlace:
    """``python`` is the interpreter of the project, empty where it has none of its own;
    ``modules`` are the folders of node's packages that its tree may have."""

    shell: ShellReads
    python: str
    modules: tuple[str, ...] = ()

    @classmethod
    def of(cls, shell: ShellReads, paths: Collection[str]) -> "HookPlace":
        """The place for a tree with these paths."""
        python = project_python(shell, "", "", paths)
        packages = {path.removesuffix(_PACKAGE) for path in paths if _is_package(path)}
        return cls(shell, python, tuple(sorted(f"{folder}{_MODULES}" for folder in packages)))

    def program(self, name: str) -> str:
        """Where a program is, the project's own before all others; empty where there is none."""
        return self.shell.program(name, self.python, (_NODES,)).path

    def command(self, argv: tuple[str, ...], tree: Tree) -> Command:
        """A command that finds what is installed beside the working tree's files."""
        return Command(
            ("sh", "-c", _LENT, "sh", "{root}", *self.modules, "--", *argv),
            tree=tree,
            env={"GIT_EDITOR": ":", "LEFTHOOK_OUTPUT": _LEFTHOOKS_WORDS},
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


def _is_package(path: str) -> bool:
    return path == _PACKAGE or path.endswith(f"/{_PACKAGE}")
