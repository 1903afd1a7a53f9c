"""Hints are made from commands and arguments that exist, and nothing says to install devflow by a
name that belongs to somebody else."""

import ast
import re
from typing import Any, Iterator

import pytest
import typer

from devflow.cli.app import COMMANDS, app
from devflow.model.command_line import USAGES, command_line, install_line, naming
from tests.unit.sources import ROOT, Finding, Source, offenders, under

GROUP = typer.main.get_group(app)
TYPED = re.compile(rf"\bdevflow (?:{'|'.join(USAGES)})\b")
# these say what a person types in a story, a docstring or a help line, not what to do next
STORIES = (
    "devflow/commands/demo.py",
    "devflow/model/command_line.py",
    # a server of its own, which imports nothing of devflow
    "devflow/sandbox/jira/catalogue.py",
)


def real(command: str) -> Any:
    return GROUP.get_command(typer.Context(GROUP), command)


def test_every_command_that_is_shown_has_its_usage() -> None:
    assert set(USAGES) == {name for name, command in COMMANDS.items() if not command.hidden}


@pytest.mark.parametrize("command", sorted(set(USAGES) - {"sandbox"}))
def test_a_usage_is_what_the_command_takes(command: str) -> None:
    usage = USAGES[command]
    parameters = real(command).params
    words = [one for one in parameters if one.param_type_name == "argument"]
    options = {name for one in parameters for name in one.opts}
    assert usage.least == sum(one.required for one in words)
    assert usage.most == len(words)
    assert set(usage.options) <= options


def test_a_usage_of_the_group_is_one_of_its_commands() -> None:
    assert set(real("sandbox").commands) == {"up", "down", "reset", "ticket", "status"}
    ticket = real("sandbox").commands["ticket"]
    options = {name for one in ticket.params for name in one.opts}
    assert {"--story", "--ac"} <= options


@pytest.mark.parametrize(
    ("words", "options"),
    (
        (("shipp",), {}),
        (("ship", "SCRUM-95", "more"), {}),
        (("approve",), {}),
        (("ship",), {"force": True}),
    ),
)
def test_what_does_not_exist_cannot_be_said(words: Any, options: Any) -> None:
    with pytest.raises(ValueError):
        command_line(*words, **options)


def test_words_are_quoted_for_a_shell() -> None:
    assert command_line("approve", "my gate", "SCRUM-95") == "devflow approve 'my gate' SCRUM-95"
    assert command_line("ship", wait=True) == "devflow ship --wait"
    assert command_line("start", "KEY") == "devflow start KEY"


def spelt_commands(source: Source) -> Iterator[Finding]:
    if source.path in STORIES:
        return
    docstrings = {id(node.value) for node in source.nodes if isinstance(node, ast.Expr)}
    for node in source.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if TYPED.search(node.value) and id(node) not in docstrings:
                yield node.lineno, repr(node.value)


def test_no_text_spells_a_command_itself() -> None:
    assert offenders(under("devflow"), spelt_commands) == []
    spelt = Source("devflow/one.py", '"""Try devflow ship."""\nhint = "type: devflow ship"\n')
    assert offenders([spelt], spelt_commands) == ["devflow/one.py:2 'type: devflow ship'"]


def test_nothing_says_to_install_devflow_from_the_index() -> None:
    """The name on the package index is another project's."""
    verb = r"(?:(?:pip|pipx|uv)\b[^\n`]*\b(?:install|add|run)\b|uvx\b)"
    by_name = re.compile(rf"{verb}[^\n`]*\s['\"]?devflow\b")
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("services/**/*.md")]
    texts = {path.name: path.read_text(encoding="utf-8") for path in pages}
    texts |= {source.path: source.text for source in under("devflow")}
    assert not [name for name, text in texts.items() if by_name.search(text)]
    assert by_name.search("pip install devflow") and by_name.search("pip install --upgrade devflow")
    assert not by_name.search(install_line("sandbox"))


@pytest.mark.parametrize(
    ("text", "named"),
    (
        ("devflow ship", "devflow ship NOPE-1"),
        ("or stay: devflow ship --wait", "or stay: devflow ship NOPE-1 --wait"),
        ("look, then: devflow ship (it asks)", "look, then: devflow ship NOPE-1 (it asks)"),
        ("devflow ship SCRUM-95", "devflow ship SCRUM-95"),
        ("devflow logs ticket", "devflow logs ticket NOPE-1"),
        ("devflow logs unit.slow, then more", "devflow logs unit.slow NOPE-1, then more"),
        ("devflow logs production backend", "devflow logs production backend"),
        ("devflow approve gate --now", "devflow approve gate NOPE-1 --now"),
        ("devflow --as 'Ann B' reject gate", "devflow --as 'Ann B' reject gate NOPE-1"),
        (
            "see  devflow status · devflow logs ENTRY",
            "see  devflow status NOPE-1 · devflow logs ENTRY NOPE-1",
        ),
        ("devflow promote production", "devflow promote production"),
        ("devflow shipped it", "devflow shipped it"),
    ),
)
def test_a_ticket_is_named_in_what_takes_one(text: str, named: str) -> None:
    assert naming("NOPE-1", text) == named
    assert naming("", text) == text
