"""A part of the requests that no target could give is refused when the plan is made."""

from pathlib import Path

import pytest

from devflow.config.pipeline import parse
from devflow.engine.plan import build
from devflow.model.errors import PipelineInvalid
from devflow.steps import REGISTRY

BUNDLED = (Path(__file__).parents[3] / "pipeline.yaml").read_text()
IN_DEVELOPMENT = "    development: {replicas: 2} # of each service, brought one by one\n"
COMMAND = "command: {deploy: ./deploy, version: ./deploy version}"
ALL_AT_ONCE = ("pct: 10", "pct: 0")
NOTHING_ELSE = ("", "")


def planned(environments: str, change: tuple[str, str] = NOTHING_ELSE) -> None:
    """The bundled pipeline with these environments in place of its own."""
    assert IN_DEVELOPMENT in BUNDLED and change[0] in BUNDLED
    text = BUNDLED.replace(IN_DEVELOPMENT, environments).replace(*change)
    build(parse("pipeline.yaml", text), REGISTRY)


def test_a_canary_of_a_command_target_is_refused_with_the_place_and_the_way_out() -> None:
    with pytest.raises(PipelineInvalid, match="gets a part of the requests") as raised:
        planned("    production: {target: command, %s}\n" % COMMAND)
    assert "production runs by target: command" in raised.value.message
    assert raised.value.where.endswith("phases → deploy[1] → production → with")
    assert "canary: {pct: 0}" in raised.value.hint


def test_everything_at_once_may_be_brought_by_a_command() -> None:
    planned("    production: {target: command, %s}\n" % COMMAND, ALL_AT_ONCE)
    # where nothing is given in parts, the canary is another environment's
    planned("    development: {target: command, %s}\n" % COMMAND)


def test_replicas_that_would_be_brought_one_by_one_are_refused() -> None:
    with pytest.raises(PipelineInvalid, match="the matter of your command"):
        planned("    development: {target: command, replicas: 2, %s}\n" % COMMAND)
