"""What keeps an entry to the tree that it is bound to: in ``make`` nothing is measured, and no file
is read, but of an id that stands among its needs.

It holds for other people's steps too. A moving name (a branch, HEAD, the working tree) would let an
entry stand for files that it has never seen.
"""

import inspect
import re
from dataclasses import dataclass, replace
from typing import Any, Final, Iterable, Iterator, Mapping

from devflow.engine.standing import Situation
from devflow.model.declared.project import Project
from devflow.model.errors import StepFailed
from devflow.model.tree import Base, FixesTree, Tree
from devflow.model.values import Value, identity
from devflow.model.wording import short_sha
from devflow.ports.shell import Command, Line, Ran
from devflow.step import Tools

_ID: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# the reading verbs of the repository that answer with the content of files, and which of their
# arguments are revisions
_READING: Final[Mapping[str, tuple[int, ...]]] = {
    "read": (0,),
    "paths": (0,),
    "texts": (0,),
    "size_bytes": (0,),
    "changes": (0, 1),
    "renamed": (0, 1),
    "added_lines": (0, 1),
}


@dataclass(frozen=True)
class Bounds:
    """The ids that an entry may measure: its ``trees`` by the identity of its needs, its ``bases``
    anywhere in them. Without a need of a tree it may measure none; it ``may_act`` where its step
    says that it changes the world."""

    entry: str
    has_tree: bool
    may_act: bool
    trees: frozenset[str]
    bases: frozenset[str]

    def check(self, command: Command) -> None:
        """Raises ``StepFailed`` for a command on any other files."""
        if not isinstance(command.tree, (Tree, Base)):
            return
        allowed = self.trees if isinstance(command.tree, Tree) else self.bases
        if self.has_tree and command.tree.id in allowed:
            return
        name = short_sha(command.tree.id) or "no tree"
        problem = f"{self.entry} would measure {name}, which is not in its needs"
        if not self.has_tree:
            problem = f"{self.entry} would measure {name}, and declares no tree: Tree"
        hint = "a step may only measure the tree that its needs name: needs.tree"
        raise StepFailed(problem, where=self.entry, hint=hint)


class _BoundShell:
    """The shell of one attempt."""

    def __init__(self, shell: Any, bounds: Bounds) -> None:
        self._shell = shell
        self._bounds = bounds

    def measure(self, command: Command, line: Line | None = None) -> Ran:
        """As the port says. Raises ``StepFailed`` for files that the entry is not bound to."""
        self._bounds.check(command)
        ran: Ran = self._shell.measure(command, line)
        return ran

    def act(self, name: str, command: Command) -> None:
        """As the port says. Raises ``StepFailed`` where the step has not said that it acts."""
        if not self._bounds.may_act:
            problem = (
                f"{self._bounds.entry} would change the world, and its step says changes_world"
            )
            hint = "Step(changes_world=...) binds it to the pushed commit"
            raise StepFailed(f"{problem} nowhere", where=self._bounds.entry, hint=hint)
        self._shell.act(name, command)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shell, name)


class _BoundRepository:
    """The repository of one attempt: files are read by an id, never by a name that moves."""

    def __init__(self, repository: Any, entry: str) -> None:
        self._repository = repository
        self._entry = entry

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._repository, name)
        places = _READING.get(name)
        if places is None:
            return method

        parameters = inspect.signature(method)

        def read(*arguments: Any, **options: Any) -> Any:
            revisions = tuple(parameters.bind(*arguments, **options).arguments.values())
            for place in places:
                self._check(name, revisions[place])
            return method(*arguments, **options)

        return read

    def _check(self, verb: str, revision: str) -> None:
        if _ID.fullmatch(revision):
            return
        name = revision or "the working tree"
        problem = f"{self._entry} would read files of {name}, which may be others by the next look"
        hint = f"repository.{verb} takes a full id here, such as needs.tree.id"
        raise StepFailed(problem, where=self._entry, hint=hint)


def bound(tools: Tools, at: Situation) -> Tools:
    """The world of one attempt. What settles a tree itself may read what it is about to name."""
    tools = replace(tools, shell=_BoundShell(tools.shell, bounds_of(at)))
    if issubclass(at.entry.step.makes, FixesTree):
        return tools
    return replace(tools, repository=_BoundRepository(tools.repository, at.entry.name))


def bounds_of(at: Situation) -> Bounds:
    """What the needs of an entry let it measure."""
    needs = at.gathered if isinstance(at.gathered, Mapping) else {}
    trees: set[str] = set()
    bases: set[str] = set()
    for value in _values(needs.values()):
        trees.update(_ids(identity(value)))
        bases.update(_ids(value.model_dump(mode="json")))
    step = at.entry.step
    return Bounds(
        entry=at.entry.name,
        has_tree=at.entry.tree is not None,
        may_act=bool(step.changes_world and step.changes_world(at.entry.params)),
        trees=frozenset(trees),
        bases=frozenset(bases),
    )


def _values(needs: Iterable[Any]) -> Iterator[Value]:
    for need in needs:
        # the project names no tree, and a step may read no part of it that it did not ask for
        if isinstance(need, Value) and not isinstance(need, Project):
            yield need
        elif isinstance(need, Mapping):
            yield from _values(need.values())


def _ids(part: Any) -> Iterator[str]:
    """Every full id in a JSON-like value."""
    if isinstance(part, str):
        if _ID.fullmatch(part):
            yield part
    elif isinstance(part, Mapping):
        for item in part.values():
            yield from _ids(item)
    elif isinstance(part, (list, tuple)):
        for item in part:
            yield from _ids(item)
