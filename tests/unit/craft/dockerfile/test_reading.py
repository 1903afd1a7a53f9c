"""Dockerfiles as data: instructions with their lines, variables, patterns, and files that are
copied."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devflow.craft.dockerfile.filesystem import Copy, Filesystem, copy
from devflow.craft.dockerfile.layering import layer_of
from devflow.craft.dockerfile.parsing import KNOWN, parse
from devflow.craft.dockerfile.patterns import Ignored
from devflow.craft.dockerfile.variables import pairs, substituted
from devflow.craft.oci.layers import Entry, Kind
from devflow.craft.oci.overlay import Overlay
from devflow.craft.oci.writing import Source, file_of
from devflow.model.errors import StepFailed

WORDS = st.text(st.characters(categories=("Ll", "Lu", "Nd")), min_size=1, max_size=8)
PATHS = st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map("/".join)


@given(st.lists(st.tuples(st.sampled_from(sorted(KNOWN)), WORDS, st.booleans()), min_size=1))
def test_every_instruction_has_the_line_that_it_begins_on(
    written: list[tuple[str, str, bool]],
) -> None:
    rows: list[str] = []
    begins = []
    for name, word, is_split in written:
        rows.append("# a comment")
        begins.append(len(rows) + 1)
        rows += (
            [f"{name.lower()} {word}\\", "# within", "  more"] if is_split else [f"{name} {word}"]
        )
    found = parse("\n".join(rows), "Dockerfile")
    assert [one.line for one in found] == begins
    assert [one.name for one in found] == [name for name, _, _ in written]
    assert [one.text.split() for one in found] == [
        [f"{word}", "more"] if is_split else [word] for _, word, is_split in written
    ]


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    try:
        parse(text, "Dockerfile")
    except StepFailed as error:
        assert error.where.startswith("Dockerfile")


@given(WORDS, WORDS)
def test_variables_are_filled_as_a_shell_fills_them(value: str, other: str) -> None:
    known = {"A": value, "EMPTY": ""}
    assert substituted("$A-${A}", known) == f"{value}-{value}"
    assert substituted(f"${{B:-{other}}}${{EMPTY:-{other}}}", known) == other * 2
    assert substituted(f"${{A:+{other}}}${{B:+{other}}}", known) == other
    assert substituted(r"\$A", known) == "$A"


def test_pairs_are_read_in_both_forms() -> None:
    assert pairs("A=1 B='two words'", "here") == {"A": "1", "B": "two words"}
    assert pairs("A the whole rest", "here") == {"A": "the whole rest"}
    with pytest.raises(StepFailed):
        pairs("A='open", "here")


@pytest.mark.parametrize(
    ("rules", "path", "is_ignored"),
    [
        ("*.md", "a.md", True),
        ("*.md", "docs/a.md", False),
        ("**/*.md", "docs/a.md", True),
        ("docs", "docs/a/b", True),
        ("**\n!keep", "keep/x", False),
        ("**\n!keep\nkeep/*.tmp", "keep/x.tmp", True),
        ("# docs\n\n", "docs", False),
        ("/top", "top", True),
        ("a?c", "abc", True),
        ("[ab]c", "bc", True),
    ],
)
def test_what_is_ignored(rules: str, path: str, is_ignored: bool) -> None:
    assert Ignored(rules, ".dockerignore")(path) is is_ignored


def test_a_folder_is_copied_as_its_content_and_a_link_as_what_it_leads_to() -> None:
    origin = Filesystem()
    for path in ("top/a", "top/in/b"):
        origin.put(file_of(path, path.encode()))
    origin.put(Source(Entry("link", Kind.SYMLINK, 0o777, link="/top/a")))
    to = Filesystem()
    copy(origin, to, Copy(("/top",), "/x"), "here")
    copy(origin, to, Copy(("/link",), "/y/"), "here")
    kinds = {path: one.entry.kind for path, one in to.files.items() if "/" in path}
    assert kinds == {
        "x/a": Kind.FILE,
        "x/in": Kind.DIRECTORY,
        "x/in/b": Kind.FILE,
        "y/link": Kind.FILE,
    }


@given(st.lists(st.tuples(st.booleans(), PATHS), max_size=12), st.lists(PATHS, max_size=6))
def test_a_layer_over_what_was_there_is_what_is_there(
    changes: list[tuple[bool, str]], before: list[str]
) -> None:
    files = Filesystem()
    for path in before:
        with suppress(StepFailed):
            files.put(file_of(path, b"old"))
    lower = dict(files.files)
    files.changes = {}
    for is_removed, path in changes:
        if is_removed:
            files.remove(path)
        else:
            # below a file nothing can be put
            with suppress(StepFailed):
                files.put(file_of(path, b"newer"))
    overlay = Overlay()
    overlay.add([source.entry for source in lower.values()])
    overlay.add([source.entry for source in layer_of(files, lower)])
    merged = {path: one.entry for path, one in overlay.visible.items()}
    assert merged == {path: source.entry for path, source in files.files.items()}
