"""The plain forms say what typer would have heard, and everything else is left to typer."""

from typing import Any

import pytest
import typer

from devflow.cli.app import COMMANDS, app
from devflow.cli.main import FORMS, parameters

GROUP = typer.main.get_group(app)


LEFT_OUT = ("output", "dry_run", "again", "now", "hold")


def heard_by_typer(argv: list[str]) -> dict[str, Any]:
    """What typer hands to the command, but for what a plain form never says."""
    command = GROUP.get_command(typer.Context(GROUP), argv[0])
    params: dict[str, Any] = command.make_context(argv[0], argv[1:]).params
    return {name: value for name, value in params.items() if name not in LEFT_OUT}


@pytest.mark.parametrize(
    "argv",
    (
        ["status"],
        ["status", "SCRUM-95"],
        ["status", "--short"],
        ["status", "--short", "SCRUM-95"],
        ["status", "SCRUM-95", "--short"],
        ["explain"],
        ["explain", "16"],
        ["explain", "code_review"],
        ["ship"],
        ["ship", "SCRUM-95"],
    ),
)
def test_a_plain_form_says_what_typer_hears(argv: list[str]) -> None:
    assert parameters(argv) == heard_by_typer(argv)


@pytest.mark.parametrize(
    "argv",
    (
        [],
        ["--help"],
        ["status", "--help"],
        ["status", "--shor"],
        ["status", "--short=1"],
        ["status", "--watch"],
        ["status", "A-1", "B-2"],
        ["status", "--", "A-1"],
        ["status", ""],
        ["-C", ".", "status"],
        ["ship", "--wait"],
        ["ship", "--dry-run"],
        ["explain", "--output", "json"],
        ["approve", "code_review"],
        ["nosuch"],
    ),
)
def test_anything_else_is_left_to_typer(argv: list[str]) -> None:
    assert parameters(argv) is None


def test_every_plain_form_is_of_a_command() -> None:
    assert set(FORMS) <= set(COMMANDS)
