"""A finding is new where the base commit's run has none of this rule, path and line."""

import pytest

from devflow.craft.quality.measuring import Row, new_decide
from devflow.craft.quality.novelty import Change
from devflow.model.ci import FunctionComplexity, LinterResult
from devflow.model.figures import Finding, finding
from devflow.testing import MemoryRepository

OLD = "import os\nx = 1\n"


def change(after: dict[str, str], before: dict[str, str] | None = None) -> Change:
    repository = MemoryRepository(before or {"a.py": OLD})
    base = repository.sha_of("main")
    head = repository.add_commit(base, after, "feat: more")
    return Change(repository, base, head)


def unused(line: int, path: str = "a.py", rule: str = "F401") -> Finding:
    return finding(f"{rule} 'os' imported but unused", path, line, 1, rule=rule)


def test_a_line_that_moved_is_no_new_finding() -> None:
    moved = change({"a.py": f"# a\n# comment\n{OLD}"})
    comparison = moved.compared((unused(3),), (unused(1),))
    assert (comparison.new, comparison.before) == ((), 1)


def test_another_rule_or_another_line_is_new() -> None:
    moved = change({"a.py": f"{OLD}import os\nimport re\n"})
    new = (unused(1, rule="E1"), unused(4))
    comparison = moved.compared((unused(1), *new), (unused(1),))
    assert (comparison.new, comparison.before) == (new, 1)


def test_of_two_alike_the_one_on_an_added_line_is_new() -> None:
    added = change({"a.py": f"import os\n{OLD}"})
    comparison = added.compared((unused(1), unused(2)), (unused(1),))
    assert len(comparison.new) == 1 and comparison.before == 1


def test_a_renamed_file_is_followed_and_a_copied_one_is_not() -> None:
    renamed = change({"b.py": OLD})
    assert renamed.compared((unused(1, "b.py"),), (unused(1),)).new == ()
    copied = change({"a.py": OLD, "b.py": OLD})
    assert copied.compared((unused(1, "b.py"),), (unused(1),)).new == (unused(1, "b.py"),)


def test_without_a_rule_the_words_count_and_the_numbers_in_them_do_not() -> None:
    moved = change({"a.py": f"\n{OLD}"})
    was = finding("shadows the one in line 1", "a.py", 2, 1)
    now = finding("shadows the one in line 2", "a.py", 3, 1)
    assert moved.compared((now,), (was,)).new == ()
    assert moved.compared((finding("other", "a.py", 3, 1),), (was,)).before == 0


def test_what_stands_in_no_file_is_known_by_its_words() -> None:
    same = change({"a.py": OLD})
    nowhere = finding("no such option", rule="config")
    assert same.compared((nowhere,), (nowhere,)).before == 1
    assert same.compared((finding("another", rule="config"),), (nowhere,)).before == 0


def test_many_files_are_read_at_once() -> None:
    before = {f"m{number}.py": OLD for number in range(30)}
    after = {path: f"\n{text}" for path, text in before.items()}
    many = change(after, before)
    found = tuple(unused(2, path) for path in after)
    assert many.compared(found, tuple(unused(1, path) for path in before)).before == 30


def test_a_function_counts_where_it_is_new_or_more_complex_than_it_was() -> None:
    def complexity(function: str, value: int, path: str = "a.py") -> FunctionComplexity:
        return FunctionComplexity(path=path, line=1, function=function, value=value)

    renamed = change({"b.py": OLD})
    before = (complexity("same", 12), complexity("less", 12), complexity("more", 12))
    found = (
        complexity("new", 3, "b.py"),
        complexity("more", 13, "b.py"),
        complexity("same", 12, "b.py"),
        complexity("less", 11, "b.py"),
    )
    names = [one.function for one in renamed.complexities(found, before)]
    assert names == ["new", "more"]


@pytest.mark.parametrize(
    ("lines", "base", "ran"),
    [
        (("rule x at 3",), ("rule x at 9",), True),
        (("rule x at 3", "rule x at 4"), ("rule x at 9",), False),
        (("rule x at 3",), ("rule x at 9", "rule x at 10"), True),
        (("rule y",), ("rule x at 9",), False),
    ],
)
def test_a_second_line_of_a_kind_that_the_base_has_once_is_new(
    lines: tuple[str, ...], base: tuple[str, ...], ran: bool
) -> None:
    result = LinterResult(python="", linter="x", ran=True, files=1, findings=())
    (compared,) = new_decide([Row(result, lines, True)], [Row(result, base, True)], change({}))
    assert compared.ran is ran
    assert ran or "a new line cannot be read: rule" in compared.problem
