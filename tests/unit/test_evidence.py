"""Evidence is data: a check is selected by what it is, never by how it is worded."""

import ast
from typing import Final, Iterator

import pytest

from devflow.steps import REGISTRY
from tests.unit.sources import Finding, Rule, Source, offenders, under

WORDS: Final = frozenset({"measured", "limit"})
# where a check's words are made, printed and compared as a whole
SCREENS: Final = ("devflow/ui/", "devflow/model/checks.py")
SHIMS: Final = frozenset({"worded", "check_line", "note_line", "section_line"})
# of `devflow verify` and of what `status` sees in the working tree, which are no steps
COMMANDS: Final = frozenset({"key", "name", "statement", "untrusted", "working_tree"})
VOCABULARY: Final = COMMANDS | {id_ for step in REGISTRY.values() for id_ in step.evidence}


def words_read(source: Source) -> Iterator[Finding]:
    """Words that something is compared, searched or cut by."""
    if source.path.startswith(SCREENS):
        return
    for node in source.nodes:
        asked = []
        if isinstance(node, ast.Compare):
            asked = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            asked = [node.func.value, *node.args]
        for one in asked:
            if isinstance(one, ast.Attribute) and one.attr in WORDS:
                yield one.lineno, f".{one.attr}"


def unknown_ids(source: Source) -> Iterator[Finding]:
    """The ids that measures are made with, where they are written out and nobody lists them."""
    for node in source.nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            first = node.args[0] if node.args else None
            if node.func.id == "measure" and isinstance(first, ast.Constant):
                if first.value not in VOCABULARY:
                    yield node.lineno, f"{first.value} is in no vocabulary"


def shims(source: Source) -> Iterator[Finding]:
    """What once made checks of words."""
    for node in source.nodes:
        if isinstance(node, ast.Name) and node.id in SHIMS:
            yield node.lineno, node.id


RULES: Final = (
    (words_read, "if check.measured == '3 of 4': pass"),
    (words_read, "check.limit.startswith('at most')"),
    (words_read, "text.split(check.measured)"),
    (unknown_ids, "measure('never_listed', 1)"),
    (shims, "worded('3 of 4')"),
)


def test_nobody_reads_the_words_of_a_check() -> None:
    assert offenders(under("devflow"), words_read) == []


def test_every_id_stands_in_a_vocabulary() -> None:
    assert offenders(under("devflow"), unknown_ids) == []


def test_no_check_is_made_of_words() -> None:
    assert offenders(under("devflow"), shims) == []


@pytest.mark.parametrize(("rule", "code"), RULES)
def test_each_rule_finds_what_it_is_for(rule: Rule, code: str) -> None:
    assert offenders([Source("devflow/one.py", "\n" + code)], rule)[0].startswith(
        "devflow/one.py:2 "
    )


def test_every_step_lists_the_ids_of_its_evidence() -> None:
    assert [step.name for step in REGISTRY.values() if not step.evidence] == []
