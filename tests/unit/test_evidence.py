"""Evidence is data: a check is selected by what it is, never by how it is worded."""

import ast
from typing import Final, Iterator

import pytest

from devflow.steps import REGISTRY
from tests.unit.sources import Source, under

WORDS: Final = frozenset({"measured", "limit"})
# where a check's words are made, printed and compared as a whole
SCREENS: Final = ("devflow/ui/", "devflow/model/checks.py")
SHIMS: Final = frozenset({"worded", "check_line", "note_line", "section_line"})
VOCABULARY: Final = {id_ for step in REGISTRY.values() for id_ in step.evidence}


def words_read(tree: ast.AST) -> Iterator[str]:
    """Words that something is compared, searched or cut by."""
    for node in ast.walk(tree):
        asked = []
        if isinstance(node, ast.Compare):
            asked = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            asked = [node.func.value, *node.args]
        for one in asked:
            if isinstance(one, ast.Attribute) and one.attr in WORDS:
                yield f"{one.lineno}: .{one.attr}"


def ids_used(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The ids that measures are made with, where they are written out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            first = node.args[0] if node.args else None
            if node.func.id == "measure" and isinstance(first, ast.Constant):
                yield node.lineno, str(first.value)


@pytest.mark.parametrize("source", under("devflow"), ids=lambda source: source.path)
def test_nobody_reads_the_words_of_a_check(source: Source) -> None:
    if source.path.startswith(SCREENS):
        return
    assert [*words_read(source.tree)] == []


@pytest.mark.parametrize("source", under("devflow"), ids=lambda source: source.path)
def test_every_id_stands_in_a_vocabulary(source: Source) -> None:
    unknown = [f"{line}: {id_}" for line, id_ in ids_used(source.tree) if id_ not in VOCABULARY]
    assert unknown == []


@pytest.mark.parametrize("step", REGISTRY.values(), ids=lambda step: step.name)
def test_a_step_lists_the_ids_of_its_evidence(step: object) -> None:
    assert getattr(step, "evidence")


@pytest.mark.parametrize("source", under("devflow"), ids=lambda source: source.path)
def test_no_check_is_made_of_words(source: Source) -> None:
    names = {node.id for node in ast.walk(source.tree) if isinstance(node, ast.Name)}
    assert not names & SHIMS
