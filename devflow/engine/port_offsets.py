"""What an entry's offset makes of the services' ports, told before anything runs."""

from typing import Iterator, Mapping

from devflow.config.pipeline import Pipeline
from devflow.config.yaml_source import Path
from devflow.model.bounds.numbers import GREATEST_PORT, PORT_OFFSET
from devflow.model.declared.project import Project
from devflow.model.values import Value


def impossible_ports(project: Project, params: Value) -> Iterator[tuple[str, str]]:
    """The parameters that make of a service's port what is none, each with what it would be."""
    for name, field in type(params).model_fields.items():
        if PORT_OFFSET not in field.metadata:
            continue
        for service, told in project.services.items():
            port = told.port + getattr(params, name)
            if port > GREATEST_PORT:
                problem = f"the port of {service} would be {port}, and the greatest"
                yield name, f"{name}: {problem} is {GREATEST_PORT}"


def refuse_shared_ports(pipeline: Pipeline, entries: Mapping[Path, Value]) -> None:
    """Raises ``PipelineInvalid`` where two services would be on one public port, in whichever
    environments; ``entries`` are their parameters, by where they stand."""
    known: dict[int, str] = {}
    for path, params in entries.items():
        for port, whose in _public_ports(pipeline.project, params):
            other = known.setdefault(port, whose)
            if other != whose:
                problem = f"port {port} would be that of {other} and of {whose}"
                hint = "port_offset: <another number>, which is added to each service's port"
                raise pipeline.source.error(problem, (*path, "with", "port_offset"), hint=hint)


def _public_ports(project: Project, params: Value) -> Iterator[tuple[int, str]]:
    """Each port with whose it is; none where the team's own commands bring them."""
    environment = getattr(params, "environment", "")
    offset = getattr(params, "port_offset", None)
    settings = project.environments.get(environment)
    if not environment or offset is None or (settings and settings.target == "command"):
        return
    for service, told in project.services.items():
        yield told.port + offset, f"{service} in {environment}"
