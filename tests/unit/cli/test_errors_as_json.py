"""Who asks for JSON is told an error as JSON, by every command, wherever it comes up: before the
command has begun its work, and before the command line is one at all."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final, Iterator

import pytest
import typer

from devflow.cli.app import COMMANDS, app
from devflow.cli.main import main
from devflow.model.errors import PipelineInvalid, PipelineMissing, UsageError
from devflow.ui.errors import mistake_object

ME: Final = ("-c", "user.name=Jose Rubio", "-c", "user.email=jose.rubio@acme.example")
# what a command that takes words is given where it needs some; nothing of it is there
WORDS: Final = {
    "image": "./nowhere",
    "name": "nowhere",
    "environment": "nowhere",
    "gate": "nowhere",
    "key": "SCRUM-95",
}
# these look at a folder or this machine alone, and need neither a repository nor a pipeline
ANYWHERE: Final = {
    "explain",
    "verify",
    "analyse",
    "cache",
    "keys",
    *(f"sandbox {verb}" for verb in ("status", "down", "reset", "ticket")),
}
# it plays other commands, each with what that shows
NO_OUTPUT: Final = {"demo"}
# `init` reads no pipeline.yaml before it knows the branch
TICKET: Final = {"doctor", "start", "ship", "continue", "plan", "status"}
WRONG: Final = """\
devflow: 1
project:
  services:
    api: {path: src, port: many}
phases:
  ci: [qualty]
"""


def every_command() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each command, also of a group, by the words that name it."""
    group: Any = typer.main.get_group(app)
    for name in COMMANDS:
        command = group.get_command(typer.Context(group), name)
        inner = getattr(command, "commands", None)
        alone = [((name,), command)]
        of_group = [((name, key), value) for key, value in inner.items()] if inner else alone
        yield from of_group


def takes_output(command: Any) -> bool:
    return any("--output" in parameter.opts for parameter in command.params)


def with_output() -> Iterator[tuple[str, ...]]:
    """Each command that takes ``--output``, with the least words that it takes."""
    for words, one in every_command():
        if takes_output(one):
            needed = [each.name for each in one.params if each.required]
            # without a ticket it would have to create one
            needed += ["key"] if words == ("start",) else []
            yield (*words, *(WORDS[each] for each in needed))


EVERY: Final = list(with_output())


def named(words: tuple[str, ...]) -> str:
    return " ".join(word for word in words if word not in WORDS.values())


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home and a folder of this test's own, which is no repository."""
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    return folder


@pytest.fixture
def repository(somewhere: Path) -> Path:
    (somewhere / "pipeline.yaml").write_text(WRONG)
    for git in (("init", "--quiet"), ("add", "--all"), (*ME, "commit", "--quiet", "-m", "wrong")):
        subprocess.run(["git", *git], check=True)
    return somewhere


class Typed:
    """A command line, and how it ended."""

    def __init__(
        self, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch, *words: str
    ) -> None:
        patch.setattr(sys, "argv", ["devflow", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        self.code = ended.value.code
        shown = capsys.readouterr()
        self.stdout = shown.out
        self.stderr = shown.err

    @property
    def error(self) -> dict[str, Any]:
        """The error that standard output has, in the form that all of them have."""
        told = json.loads(self.stdout)
        error: dict[str, Any] = told["error"]
        assert isinstance(told["schema"], int)
        assert list(error) == ["message", "hint", "where", "exit_code", "mistakes"]
        assert error["exit_code"] == self.code != 0
        # a person reads the same
        assert self.stderr.startswith(f"error: {error['message']}"), self.stderr
        return error


def test_every_command_takes_the_output_that_is_wanted() -> None:
    without = {" ".join(words) for words, one in every_command() if not takes_output(one)}
    assert without == NO_OUTPUT


@pytest.mark.parametrize("words", EVERY, ids=named)
@pytest.mark.parametrize(
    ("before", "after", "message"),
    (
        ((), ("--nope",), "No such option"),
        # more words than any command takes, or one that is none of those it knows
        ((), ("one", "two", "three", "four"), ""),
        (("--nope",), (), "No such option"),
        (("-C", "nowhere"), (), "no such directory"),
    ),
)
def test_what_ends_a_command_before_it_is_one(
    words: tuple[str, ...],
    before: tuple[str, ...],
    after: tuple[str, ...],
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for asked in (("--output", "json"), ("--output=json",)):
        typed = Typed(capsys, monkeypatch, *before, *words, *asked, *after)
        assert message.casefold() in typed.error["message"].casefold()
        assert typed.code == UsageError.exit_code
    typed = Typed(capsys, monkeypatch, *before, *words, "--output", "plain", *after)
    assert (typed.code, typed.stdout) == (UsageError.exit_code, "")


@pytest.mark.parametrize("words", EVERY, ids=named)
def test_where_there_is_no_repository(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = Typed(capsys, monkeypatch, *words, "--output", "json")
    if typed.code:
        assert typed.error["message"]
    if named(words) not in ANYWHERE:
        assert "is in no git repository" in typed.error["message"]


@pytest.mark.parametrize("words", EVERY, ids=named)
def test_of_a_pipeline_with_mistakes_each_has_its_place(
    words: tuple[str, ...],
    repository: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if named(words) in ANYWHERE:
        return
    typed = Typed(capsys, monkeypatch, *words, "--output", "json")
    assert typed.code == PipelineInvalid.exit_code
    mistakes = typed.error["mistakes"]
    assert [(one["file"], one["line"], one["column"]) for one in mistakes] == [
        ("pipeline.yaml", 4, 22),
        ("pipeline.yaml", 6, 8),
    ]
    assert 'unknown step "qualty"' in mistakes[1]["message"] and mistakes[1]["hint"]
    assert all(one["where"].startswith("pipeline.yaml:") for one in mistakes)
    (repository / "pipeline.yaml").unlink()
    if named(words) == "init":
        return
    typed = Typed(capsys, monkeypatch, *words, "--output", "json")
    assert typed.code == PipelineMissing.exit_code
    (missing,) = typed.error["mistakes"]
    assert missing["file"] == str(repository / "pipeline.yaml") and missing["line"] is None


@pytest.mark.parametrize("command", sorted(TICKET))
def test_a_key_that_is_none(
    command: str,
    repository: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (repository / "pipeline.yaml").write_text(
        "devflow: 1\nconnect: sandbox\nphases: {a: [ticket]}\n"
    )
    typed = Typed(capsys, monkeypatch, command, "scrum95", "--output", "json")
    assert typed.code == UsageError.exit_code
    assert "scrum95" in typed.error["message"] and typed.error["mistakes"] == []


def test_a_page_is_shown_beside_the_error_of_the_pipeline(
    repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = Typed(capsys, monkeypatch, "explain", "coding", "--output", "json")
    assert json.loads(typed.stdout)["name"] == "coding"
    assert len(typed.error["mistakes"]) == 2


@pytest.mark.parametrize(
    ("argv", "is_json"),
    (
        (("plan", "--output", "json", "--output", "plain"), False),
        (("plan", "--output", "plain", "--output", "json"), True),
        (("plan", "--output"), False),
        (("plan", "--", "--output", "json"), False),
        (("plan", "--output", "jsn"), False),
    ),
)
def test_the_last_word_for_the_output_counts(
    argv: tuple[str, ...],
    is_json: bool,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    typed = Typed(capsys, monkeypatch, *argv)
    assert typed.code == UsageError.exit_code
    assert bool(typed.stdout) is is_json


@pytest.mark.parametrize(
    ("where", "place"),
    (
        ("pipeline.yaml:12:3  phases → ci", ("pipeline.yaml", 12, 3)),
        ("pipeline.yaml:12", ("pipeline.yaml", 12, None)),
        ("/a:b/pipeline.yaml", ("/a:b/pipeline.yaml", None, None)),
        ("", ("", None, None)),
    ),
)
def test_a_place_is_told_in_its_parts(where: str, place: tuple[str, int, int]) -> None:
    told = mistake_object(PipelineInvalid("wrong", where=where))
    assert (told["file"], told["line"], told["column"]) == place
