"""Which findings are new: those that the base commit's run does not have.

Two findings are one where rule, path and the text of the line are the same, wherever the line went;
a file that git says was renamed is followed. Of several alike, as many are old as the base has, and
those on lines that the change added are taken for new first.
"""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final, Iterable

from devflow.model.ci import FunctionComplexity
from devflow.model.figures import Finding
from devflow.model.ids import Sha
from devflow.ports.repository import RepositoryReads

# files that are read one by one; more of one kind are read at once
_FEW: Final = 20
_NUMBER: Final = re.compile(r"\d+")
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Comparison:
    """The findings that are new, and how many are not."""

    new: tuple[Finding, ...]
    before: int


class Change:
    """What lies between the base commit and the head, as far as findings are told apart by it;
    ``added`` are path, number and text of the lines that it adds."""

    def __init__(self, repository: RepositoryReads, base: Sha, head: Sha) -> None:
        self._repository = repository
        self._base = base
        self._head = head
        self._renamed = repository.renamed(base, head)
        self.added = repository.added_lines(base, head)
        self._places = frozenset((path, number) for path, number, _ in self.added)

    def compared(self, found: tuple[Finding, ...], before: tuple[Finding, ...]) -> Comparison:
        """The head's findings beside the base's."""
        if not (found and before):
            return Comparison(found, 0)
        heads = _Lines(self._repository, self._head, found)
        bases = _Lines(self._repository, self._base, before)
        left = Counter(_key(one, one.path, bases.of(one)) for one in before)
        old: set[int] = set()
        for number in sorted(range(len(found)), key=lambda at: self._is_added(found[at])):
            one = found[number]
            key = _key(one, self._renamed.get(one.path, one.path), heads.of(one))
            if left[key]:
                left[key] -= 1
                old.add(number)
        new = tuple(one for number, one in enumerate(found) if number not in old)
        return Comparison(new, len(old))

    def complexities(
        self, found: Iterable[FunctionComplexity], before: Iterable[FunctionComplexity]
    ) -> tuple[FunctionComplexity, ...]:
        """The functions that are new, or more complex than they were."""
        known: dict[tuple[str, str], int] = {}
        for one in before:
            name = (one.path, one.function)
            known[name] = max(one.value, known.get(name, 0))
        grown = []
        for one in found:
            path = self._renamed.get(one.path, one.path)
            if one.value > known.get((path, one.function), 0):
                grown.append(one)
        return tuple(grown)

    def _is_added(self, one: Finding) -> bool:
        return (one.path, one.line) in self._places


def _key(one: Finding, path: str, line: str) -> Key:
    """A finding without a rule is known by its words, in which numbers are lines and counts."""
    rule = one.rule or _NUMBER.sub("#", one.text)
    return rule, path, line if path else _NUMBER.sub("#", one.text)


class _Lines:
    """The lines that findings of one commit stand at."""

    def __init__(self, repository: RepositoryReads, rev: Sha, found: Iterable[Finding]) -> None:
        self._texts: dict[str, list[str]] = {}
        by_suffix: dict[str, set[str]] = {}
        for one in found:
            if one.path:
                name = one.path.rpartition("/")[2]
                suffix = f".{name.rpartition('.')[2]}" if "." in name else name
                by_suffix.setdefault(suffix, set()).add(one.path)
        for suffix, paths in by_suffix.items():
            texts = repository.texts(rev, suffix) if len(paths) > _FEW else {}
            for path in paths:
                text = texts.get(path) if texts else repository.read(rev, path)
                self._texts[path] = (text or "").split("\n")

    def of(self, one: Finding) -> str:
        """The line without what stands around its words; empty where there is none."""
        lines = self._texts.get(one.path, [])
        return lines[one.line - 1].strip() if 0 < one.line <= len(lines) else ""
