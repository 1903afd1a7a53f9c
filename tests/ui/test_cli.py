"""The command line as a process: what it loads, what it says to a mistake in typing, and what it
leaves for a CI system."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Iterator

import pytest

from tests.e2e.checkout import KEY, ROOT, Checkout, tiny_checkout

ASCII = {"PYTHONIOENCODING": "ascii"}


def devflow(folder: Path, *arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
    """The real CLI as a process in a folder."""
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **env}
    argv = [sys.executable, "-m", "devflow", *arguments]
    return subprocess.run(
        argv, cwd=folder, capture_output=True, text=True, timeout=60, check=False, env=surroundings
    )


def test_help_loads_neither_engine_nor_a_library_that_draws_or_validates() -> None:
    code = (
        "import sys; sys.argv = ['devflow', '--help']\n"
        "from devflow.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'rich', 'pydantic', 'click', 'yaml', 'jira', "
        "'devflow.engine', 'devflow.steps', 'devflow.commands'}\n"
        "sys.exit(' '.join(heavy & set(sys.modules)) or 0)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("Usage: devflow")


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    (
        (("nosuch",), "No such command 'nosuch'.", "devflow --help"),
        (("ship", "--nope"), "No such option", "devflow ship --help"),
        (("ship", KEY, "--output", "foo"), "'foo' is not one of", "devflow ship --help"),
        (("approve",), "Missing argument 'gate'", "devflow approve --help"),
    ),
)
def test_a_mistake_in_typing_is_one_error_with_what_to_type_next(
    tmp_path: Path, arguments: tuple[str, ...], message: str, hint: str
) -> None:
    ran = devflow(tmp_path, *arguments)
    first, *rest = ran.stderr.splitlines()
    assert (ran.returncode, ran.stdout) == (2, "")
    assert (
        first.startswith("error: ")
        and "value error" not in first.casefold()
        and message.casefold() in first.casefold()
        and rest == [f"  {hint}"]
    )


@pytest.mark.parametrize(
    "arguments", ((), ("ship",), ("status", KEY), ("explain", "project"), ("sandbox", "up"))
)
def test_help_has_a_short_form_wherever_it_is_known(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    short = devflow(tmp_path, *arguments, "-h")
    long = devflow(tmp_path, *arguments, "--help")
    assert (short.returncode, short.stdout) == (0, long.stdout)
    assert "-h, --help" in short.stdout and short.stdout.startswith("Usage: devflow")


@pytest.mark.parametrize("arguments", ((), ("sandbox",)))
def test_a_command_that_is_not_named_shows_the_help_and_did_nothing(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    ran = devflow(tmp_path, *arguments)
    assert (ran.returncode, ran.stderr) == (2, "")
    assert ran.stdout.startswith(f"Usage: {' '.join(('devflow', *arguments))} ")


def test_the_steps_are_explained_where_there_is_no_repository(tmp_path: Path) -> None:
    assert devflow(tmp_path, "explain").stdout.splitlines()[15].split()[:2] == ["16", "quality"]
    assert "devflow explain project" in devflow(tmp_path, "explain").stdout
    page = json.loads(devflow(tmp_path, "explain", "16", "--output", "json").stdout)
    assert (page["name"], page["makes"]) == ("quality", "Quality")


def test_a_pipeline_that_is_no_file_is_named(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    ran = devflow(tmp_path, "--pipeline", "", "plan", KEY)
    assert ran.returncode == 2 and ran.stderr.startswith("error: ")
    assert "error:  " not in ran.stderr


def test_the_steps_are_explained_where_the_pipeline_is_wrong(tmp_path: Path) -> None:
    me = ("-c", "user.name=Jose Rubio", "-c", "user.email=jose.rubio@acme.example")
    (tmp_path / "pipeline.yaml").write_text("devflow: 1\nphases: {ci: [qualty]}\n")
    for git in (
        ("init", "--quiet"),
        ("add", "--all"),
        (*me, "commit", "--quiet", "--message", "wrong"),
    ):
        subprocess.run(["git", *git], cwd=tmp_path, check=True)
    assert "devflow explain" in devflow(tmp_path, "plan", KEY).stderr
    assert devflow(tmp_path, "explain").returncode == 0
    # a page shows what the pipeline says, and this one says nothing that can be read
    for page in ("coding", "project"):
        ran = devflow(tmp_path, "explain", page)
        assert ran.returncode == 3 and page in ran.stdout.splitlines()[0]
        assert ran.stderr.startswith("error: ") and "qualty" in ran.stderr
    (tmp_path / "pipeline.yaml").unlink()
    assert devflow(tmp_path, "explain", "coding").returncode == 0


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A checkout whose run waits for the developer, shipped on a terminal that knows only ASCII, in
    CI."""
    checkout = tiny_checkout(tmp_path_factory.mktemp("cli") / "tiny")
    try:
        (checkout.folder.parent / "summary.md").write_text("before\n")
        checkout.ends(
            8, "ship", KEY, GITHUB_STEP_SUMMARY=str(checkout.folder.parent / "summary.md"), **ASCII
        )
        yield checkout
    finally:
        checkout.close()


def test_a_ci_system_finds_the_run_in_its_summary_after_what_was_there(shipped: Checkout) -> None:
    before, heading, *_ = (shipped.folder.parent / "summary.md").read_text().splitlines()
    assert before == "before"
    assert heading == f"### {KEY} waits: 29 entries, 6 passed, 22 pending, 1 waiting"


def test_a_summary_that_cannot_be_written_changes_no_exit_code(shipped: Checkout) -> None:
    ran = shipped.devflow("ship", KEY, GITHUB_STEP_SUMMARY="/nonexistent/summary.md")
    assert ran.returncode == 8
    assert "the step summary was not written" in ran.stderr


def test_explain_shows_what_the_entry_came_to(shipped: Checkout) -> None:
    page = shipped.ends(0, "explain", "branch")
    assert "in this run" in page and "protection of main: no rules" in page
    assert "in this run" not in shipped.ends(0, "explain", "smoke")


@pytest.mark.parametrize(
    "arguments",
    (
        ("status",),
        ("status", "--short"),
        ("status", "--output", "json"),
        ("explain",),
        ("explain", "branch"),
    ),
)
def test_every_look_fits_a_terminal_that_knows_only_ascii(
    shipped: Checkout, arguments: tuple[str, ...]
) -> None:
    assert shipped.ends(0, *arguments, **ASCII).isascii()


@pytest.mark.parametrize("name", ("", "ticket", "no such"))
def test_what_cannot_be_begun_anew_is_named_as_it_was_typed(shipped: Checkout, name: str) -> None:
    ran = shipped.devflow("ship", KEY, "--again", name)
    assert ran.returncode == 2 and ran.stderr.startswith(f'error: "{name}" is no entry that')
