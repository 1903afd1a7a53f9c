"""Names and patterns: whatever a ticket is called, its branch is one that git takes."""

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devflow.craft.ticket.naming import branch_name, first_match, matches, slug
from devflow.model.ids import names_ticket

HOSTILE = (
    "..",
    "a..b",
    "-rf",
    "$(id)",
    "; rm -rf /",
    "x.lock",
    "@{u}",
    "~^:?*[\\",
    "\x1b[31m",
    "日本語",
    "refs/heads/x",
    "a/b//c",
    ".",
)


def test_the_title_becomes_words_joined_by_hyphens():
    assert branch_name("SCRUM-95", "Add tabbed interface!") == "SCRUM-95-add-tabbed-interface"


def test_a_long_title_is_cut_at_a_word():
    assert (
        slug("Add tabbed interface for car price forms and more")
        == "add-tabbed-interface-for-car-price-forms"
    )
    assert slug("x" * 90) == "x" * 40


def test_a_title_without_ascii_letters_leaves_only_the_key():
    assert branch_name("SCRUM-95", "日本語") == "SCRUM-95"


@pytest.mark.parametrize("title", HOSTILE)
def test_git_takes_the_branch_of_a_hostile_title(title):
    name = branch_name("SCRUM-95", title)
    assert (
        subprocess.run(
            ["git", "check-ref-format", "--branch", name], capture_output=True
        ).returncode
        == 0
    )


@given(st.text())
def test_a_branch_name_is_bounded_plain_and_still_names_its_ticket(title):
    name = branch_name("SCRUM-95", title)
    assert (
        set(name) <= set("SCRUMabcdefghijklmnopqrstuvwxyz0123456789-")
        and len(name) <= 49
        and not name.endswith("-")
    )
    assert names_ticket(name, "SCRUM-95")


@pytest.mark.parametrize("name", ("SCRUM-95", "SCRUM-95-tabs", "feature/SCRUM-95_x", "scrum-95"))
def test_a_branch_that_names_the_ticket_is_its_branch(name):
    assert names_ticket(name, "SCRUM-95")


@pytest.mark.parametrize("name", ("SCRUM-950", "OLDSCRUM-95", "main", "SCRUM-9"))
def test_a_branch_of_another_ticket_is_not(name):
    assert not names_ticket(name, "SCRUM-95")


@pytest.mark.parametrize(
    "text, pattern, fits",
    [
        ("feature/x", "feature/*", True),
        ("feature/x/y", "feature/*", False),
        ("services/a/b.py", "services/**", True),
        ("b.py", "**/*.py", True),
        ("a/b.py", "**/*.py", True),
        ("ab", "a?", True),
        ("a.py", "a?py", True),
        ("axpy", "a.py", False),
    ],
)
def test_patterns_are_the_code_hosts(text, pattern, fits):
    assert matches(text, pattern) is fits


def test_the_first_pattern_that_fits_is_named():
    assert first_match("SCRUM-95-x", ("feature/*", "SCRUM-*", "*")) == "SCRUM-*"
    assert first_match("main", ("feature/*",)) == ""
