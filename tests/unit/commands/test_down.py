"""What `down` says that it ended."""

import json
from pathlib import Path
from typing import Iterator

import pytest

from devflow.commands.deploys.changing import write_changes
from devflow.commands.deploys.down import end
from devflow.model.environments import Change
from devflow.model.errors import UsageError
from devflow.ui.pages.environment_changes import change_lines
from devflow.wiring.options import Options
from devflow.wiring.output import write_error
from tests.standins.environments import TableDeploys, port
from tests.ui.environments import EVERY, at_rest, with_canary


def said(changes: Iterator[Change]) -> list[str]:
    """What a person reads."""
    return list(change_lines(changes))


def test_each_environment_says_what_was_ended_of_it() -> None:
    deploys = TableDeploys(*EVERY)
    assert said(end(port(deploys), "")) == [
        "development is down: ended 4 replicas of 1 version and devflow's proxy on "
        "127.0.0.1:5000, 127.0.0.1:3000",
        "production is down: ended 8 replicas of 2 versions and haproxy on "
        "127.0.0.1:5100, 127.0.0.1:3100",
        "staging was down",
    ]
    assert deploys.writes == ["down development", "down production", "down staging"]


def test_an_environment_whose_replicas_are_the_teams_matter_is_only_down() -> None:
    own = at_rest().model_copy(update={"held": (), "proxy": "", "target": "command"})
    assert said(end(port(TableDeploys(own)), "development")) == ["development is down"]


def test_a_proxy_before_services_without_addresses_is_told_without_them() -> None:
    begun = at_rest().model_copy(update={"services": ()})
    assert said(end(port(TableDeploys(begun)), "development")) == [
        "development is down: ended 4 replicas of 1 version and devflow's proxy"
    ]


def test_what_was_never_deployed_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    write_changes(Options(Path.cwd()), end(port(TableDeploys()), ""))
    assert capsys.readouterr().out == "nothing was deployed here\n"
    with pytest.raises(UsageError):
        said(end(port(TableDeploys(with_canary())), "nowhere"))


def test_said_again_it_names_the_same_environments() -> None:
    declared = ("development", "production")
    # what is forgotten once it is ended stands in the pipeline
    deploys = TableDeploys(with_canary())
    assert [line.partition(" ")[0] for line in said(end(port(deploys), "", declared))] == [
        "development",
        "production",
    ]
    forgotten = port(TableDeploys())
    assert said(end(forgotten, "", declared)) == ["development was down", "production was down"]
    assert said(end(forgotten, "development", declared)) == ["development was down"]
    with pytest.raises(UsageError):
        said(end(forgotten, "nowhere", declared))


def test_as_json_it_is_one_object_with_each_environment_before_and_after(
    capsys: pytest.CaptureFixture[str],
) -> None:
    deploys = TableDeploys(*EVERY)
    write_changes(Options(Path.cwd(), output="json"), end(port(deploys), ""))
    told = json.loads(capsys.readouterr().out)
    assert [one["environment"] for one in told["changes"]] == list(deploys.table)
    assert {one["command"] for one in told["changes"]} == {"down"}
    assert [len(one["before"]["held"]) for one in told["changes"]] == [2, 3, 0]
    write_changes(Options(Path.cwd(), output="json"), end(port(TableDeploys()), ""))
    nothing = {"schema": told["schema"], "changes": [], "told": []}
    assert json.loads(capsys.readouterr().out) == nothing


def test_what_cannot_be_done_is_in_the_object_too(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError) as refused:
        write_changes(Options(Path.cwd(), output="json"), end(port(TableDeploys()), "nowhere"))
    assert capsys.readouterr().out == ""
    write_error(refused.value)
    told = json.loads(capsys.readouterr().out)
    assert told["changes"] == []
    error = {"message": refused.value.message, "hint": refused.value.hint, "where": ""}
    assert told["error"] == {**error, "exit_code": 2, "mistakes": []}
