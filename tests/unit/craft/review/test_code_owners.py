"""Who owns what, as GitHub documents CODEOWNERS; the examples are those of its documentation."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devflow.craft.review.code_owners import MAX_BYTES, code_owners, owners
from devflow.model.change import FileChange
from devflow.testing import MemoryRepository

DOCUMENTED = """\
# This is a comment.
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/*  docs@example.org
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
"""


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("README.md", ("@global-owner1", "@global-owner2")),
        ("src/app.js", ("@js-owner",)),
        ("main.go", ("docs@example.com",)),
        ("a/b.txt", ("@octo-org/octocats",)),
        ("build/logs/x.md", ("@octocat",)),
        ("docs/getting-started.md", ("@doctocat",)),
        ("deep/apps/x.md", ("@octocat",)),
        ("scripts/x.sh", ("@doctocat", "@octocat")),
        ("deeply/nested/logs/x", ("@octocat",)),
        ("apps/x.md", ("@octocat",)),
        ("apps/github/x.md", ()),
    ],
)
def test_the_example_of_the_documentation(path: str, named: tuple[str, ...]) -> None:
    assert owners(DOCUMENTED, [path]) == (named, ())


@pytest.mark.parametrize(
    ("pattern", "covered", "others"),
    [
        ("docs/*", ["docs/a.md"], ["docs/deep/a.md", "x/docs/a.md"]),
        ("/*", ["a.md"], ["docs/a.md"]),
        ("*", ["a.md", "docs/a.md", ".github/x"], []),
        ("**", ["a.md", "docs/a.md"], []),
        ("docs/**", ["docs/a.md", "docs/deep/a.md"], ["docs"]),
        ("docs/**/*", ["docs/a.md", "docs/deep/a.md"], ["x/docs/a.md"]),
        ("**/*.md", ["a.md", "docs/a.md"], ["a.rst"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b/c"], ["a/xb"]),
        ("a**b", ["axb", "x/ab", "axxb/c"], ["a/b"]),
        ("logs/", ["logs/x", "a/logs/x"], ["logs"]),
        ("logs", ["logs", "logs/x", "a/logs"], ["logs.txt", "blogs"]),
        ("/logs", ["logs", "logs/x"], ["a/logs"]),
        ("a?c", ["abc"], ["a/c", "ac"]),
        ("src/App.js", ["src/App.js"], ["src/app.js", "SRC/App.js"]),
        (r"my\ docs/", ["my docs/a"], ["my", "docs/a"]),
        (r"a\*b", ["a*b"], ["axb"]),
        ("a.b", ["a.b"], ["axb"]),
        ("foo#bar", ["foo#bar"], ["foo"]),
    ],
)
def test_a_pattern_covers_what_gitignore_says_but_for_the_exceptions(
    pattern: str, covered: list[str], others: list[str]
) -> None:
    text = f"{pattern} @owner\n"
    assert [path for path in (*covered, *others) if owners(text, [path])[0]] == covered


@pytest.mark.parametrize(
    "line",
    [
        "!docs/ @x", r"\#docs @x", "*.[ch] @x", "docs]x @x", "/ @x", "docs\\", "* x", "* @x/y/z",
        "* @x @", "* @x, @y", "* @-x", "docs/ @x\u00a0@y",
    ],
)  # fmt: skip
def test_a_line_that_is_not_valid_is_skipped_and_named(line: str) -> None:
    assert owners(f"* @all\n\n{line}\n", ["docs/a.c"]) == (("@all",), (3,))


def test_bytes_of_other_editors_are_read() -> None:
    text = "\ufeff# first\r\n\t*.py \t @one\t@One-Two # and @three\r\n \r\n*.md @four\u2028\n"
    assert owners(text, ["a.py"]) == (("@one", "@One-Two"), (4,))


def test_several_paths_have_their_owners_once() -> None:
    assert owners("* @a\n*.py @b @a\n", ["x.py", "y", "z.py"])[0] == ("@b", "@a")


@settings(deadline=None, max_examples=100)
@given(st.text(), st.text())
def test_any_text_has_owners_or_none(text: str, path: str) -> None:
    owners(text, [path])


def at(**files: str) -> tuple[MemoryRepository, str]:
    repository = MemoryRepository({})
    for path, text in files.items():
        repository.push_by_somebody("main", path.replace("__", "/"), text)
    return repository, repository.remote["main"]


CHANGE = (FileChange(path="app.py", added=1, removed=0),)


def test_the_first_of_three_places_counts_alone() -> None:
    repository, rev = at(docs__CODEOWNERS="* @docs", CODEOWNERS="* @top")
    found = code_owners(repository, rev, "main", CHANGE)
    assert found.owners == ("@top",) and found.source.startswith("CODEOWNERS of main at ")
    repository.push_by_somebody("main", ".github/CODEOWNERS", "*.md @hidden")
    rev = repository.remote["main"]
    assert code_owners(repository, rev, "main", CHANGE).owners == ()


def test_a_file_of_three_megabytes_is_not_loaded() -> None:
    repository, rev = at(CODEOWNERS="* @top\n".ljust(MAX_BYTES, "#"))
    found = code_owners(repository, rev, "main", CHANGE)
    assert found.owners == () and "GitHub loads less than 3 MB" in found.problem
    repository, rev = at(CODEOWNERS="* @top\n".ljust(MAX_BYTES - 1, "#"))
    assert code_owners(repository, rev, "main", CHANGE).owners == ("@top",)
