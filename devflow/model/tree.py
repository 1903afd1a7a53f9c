"""The tree that a step is bound to: which files it may read, named by git's own id of them and
never by a name that moves.

A step that runs a command on files, or judges them, declares ``tree: Tree`` among its needs; the
plan binds it to what the nearest earlier entry settled.
"""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Final

from devflow.model.values import Fact, Value

WORKING_TREE: Final = "the working tree"
"""What a tree is read from before anything is committed."""


class Tree(Value):
    """The files of one tree. Its ``id`` decides whether something is made again, and after the push
    the ``commit`` too: what was told of one commit is no word about another.

    ``commit`` is the pushed commit that the tree is of, which a checkout of it has as its HEAD;
    before the push it is empty, and HEAD is the parent on ``branch``. ``read_from`` says where the
    id was read.
    """

    id: str
    commit: str = ""
    branch: Fact[str] = ""
    read_from: Fact[str] = ""


@dataclass(frozen=True)
class Base:
    """A tree or commit that a step's own tree is compared with: its id stands among the step's
    needs, also where it is only a fact there."""

    id: str


@dataclass(frozen=True)
class Nowhere:
    """An empty folder: for commands that read no files."""


NOWHERE: Final = Nowhere()


class FixesTree(Value):
    """A product that settles which tree the entries after it are about."""

    @property
    @abstractmethod
    def settled(self) -> Tree:
        """The tree."""


class FixesCommit(FixesTree):
    """A product that settles the tree as a pushed commit."""
