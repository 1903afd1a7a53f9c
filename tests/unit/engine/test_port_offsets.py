"""Nobody else is on a public port of an environment."""

from pathlib import Path

import pytest

from devflow.config.mistakes import Mistakes
from devflow.config.pipeline import parse
from devflow.engine.plan import build
from devflow.engine.port_offsets import public_ports, shared_ports
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


ONE_PORT = """\
devflow: 1
project:
  services:
    api: {path: api, port: 5002}
    web: {path: web, port: 3000}
    docs: {path: docs, port: %s}
phases:
  all:
    - development
    - again: {uses: development, with: {environment: staging, port_offset: 50}}
    - other: {uses: development, with: {environment: other, port_offset: 0}}
"""


def test_two_services_on_one_port_are_told_once_where_the_second_says_its_own() -> None:
    entries = {}
    pipeline = parse("pipeline.yaml", ONE_PORT % 5002)
    for (spec,) in pipeline.groups:
        entries[spec.path] = REGISTRY["development"].params.model_validate(spec.options.with_)
    found = Mistakes()
    found.add(shared_ports(pipeline, entries))
    with pytest.raises(PipelineInvalid) as refused:
        found.refuse()
    twin, *others = refused.value.every
    assert twin.message == "port 5002 is that of api already (pipeline.yaml:4)"
    assert twin.where == "pipeline.yaml:6:24  project → services → docs → port"
    assert "port_offset" not in twin.hint and "docs" in twin.hint
    # between two environments it is a matter of the offset, and of the others alone
    assert [one.message.split(" would")[0] for one in others] == ["port 5002", "port 3000"]
    assert all(one.where.endswith("other → with → port_offset") for one in others)


def test_one_port_twice_is_nobody_s_matter_where_nothing_is_brought_here() -> None:
    pipeline = parse("pipeline.yaml", ONE_PORT % 5002)
    assert not list(shared_ports(pipeline, {}))
    assert not list(shared_ports(parse("pipeline.yaml", ONE_PORT % 5004), {}))


def test_the_team_s_own_commands_take_no_port_here() -> None:
    api = {"path": "src", "port": 5002}
    commands = {"target": "command", "command": {"deploy": "true", "version": "true"}}
    table = {"services": {"api": api}, "environments": {"production": commands}}
    project = Project.model_validate(table)
    params = REGISTRY["development"].params
    (one,) = public_ports(project, params(port_offset=7))
    assert (one.port, one.service, one.environment) == (5009, "api", "development")
    assert not list(public_ports(project, params(environment="production")))
