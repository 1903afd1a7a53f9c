"""What is told of a pipeline without the models that validate it."""

from pathlib import Path

from devflow.config.yaml_source import Source
from devflow.model.declared.project import Project
from devflow.wiring.known_pipeline import landing_of


def landing(text: str) -> tuple[str, str]:
    return landing_of(Source("pipeline.yaml", text), Path("/state"))


def test_where_tickets_are_merged_is_as_the_project_says_or_its_model() -> None:
    project = Project()
    assert landing("connect: real") == (project.base, project.remote)
    assert landing("project: {base: trunk, remote: up}") == ("trunk", "up")
    assert landing("connect: sandbox") == (project.base, "/state/sandbox/remote.git")
