"""Nobody else is on a public port of an environment."""

from pathlib import Path

import pytest

from devflow.config.pipeline import parse
from devflow.engine.plan import build
from devflow.engine.port_offsets import public_ports
from devflow.model.declared.project import Project
from devflow.model.errors import PipelineInvalid
from devflow.steps import REGISTRY

BUNDLED = (Path(__file__).parents[3] / "pipeline.yaml").read_text()
APPROVALS = "approvals: {devops: 1, product_owner: 1, security: 1}"


def planned(production: str) -> None:
    """The bundled pipeline, whose services are on 5002, 3000 and 5004, with this said too."""
    assert APPROVALS in BUNDLED
    build(
        parse("pipeline.yaml", BUNDLED.replace(APPROVALS, f"{APPROVALS}\n          {production}")),
        REGISTRY,
    )


@pytest.mark.parametrize(
    ("offset", "whose"),
    (
        (0, "port 5002 would be that of backend in development and of backend in production"),
        (2, "port 5004 would be that of docs in development and of backend in production"),
    ),
)
def test_two_environments_on_one_port_are_refused_with_the_place(offset: int, whose: str) -> None:
    with pytest.raises(PipelineInvalid, match=whose) as refused:
        planned(f"port_offset: {offset}")
    assert refused.value.where.endswith("production → with → port_offset")
    assert "port_offset" in refused.value.hint


def test_entries_of_one_environment_share_its_ports() -> None:
    planned("port_offset: 200")
    planned("port_offset: 0\n          environment: development")


def test_the_team_s_own_commands_take_no_port_here() -> None:
    api = {"path": "src", "port": 5002}
    commands = {"target": "command", "command": {"deploy": "true", "version": "true"}}
    table = {"services": {"api": api}, "environments": {"production": commands}}
    project = Project.model_validate(table)
    params = REGISTRY["development"].params
    (one,) = public_ports(project, params(port_offset=7))
    assert (one.port, one.service, one.environment) == (5009, "api", "development")
    assert not list(public_ports(project, params(environment="production")))
