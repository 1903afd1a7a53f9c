"""What an entry's offset makes of the services' ports, told before anything runs."""

from dataclasses import dataclass
from typing import Iterator, Mapping

from devflow.config.pipeline import Pipeline
from devflow.config.yaml_source import Path
from devflow.engine.names import environments_of
from devflow.model.bounds.numbers import GREATEST_PORT, PORT_OFFSET
from devflow.model.declared.project import Project
from devflow.model.errors import PipelineInvalid
from devflow.model.values import Value


def impossible_ports(project: Project, params: Value) -> Iterator[tuple[str, str]]:
    """The parameters that make of a service's port what is none, each with what it would be."""
    for name, offset in _offsets_of(params):
        for service, told in project.services.items():
            port = told.port + offset
            if port > GREATEST_PORT:
                problem = f"the port of {service} would be {port}, and the greatest"
                yield name, f"{name}: {problem} is {GREATEST_PORT}"


def shared_ports(pipeline: Pipeline, entries: Mapping[Path, Value]) -> Iterator[PipelineInvalid]:
    """Each public port on which two services would be, in whichever environments; ``entries`` are
    their parameters, by where they stand."""
    known: dict[int, str] = {}
    second = dict(_on_one_port(pipeline))
    for path, params in entries.items():
        for one in public_ports(pipeline.project, params):
            if one.service in second:
                # no offset parts these two
                yield second[one.service]
                continue
            port = one.port
            whose = f"{one.service} in {one.environment}"
            other = known.setdefault(port, whose)
            if other != whose:
                problem = f"port {port} would be that of {other} and of {whose}"
                hint = "port_offset: <another number>, which is added to each service's port"
                yield pipeline.source.error(problem, (*path, "with", "port_offset"), hint=hint)


def _on_one_port(pipeline: Pipeline) -> Iterator[tuple[str, PipelineInvalid]]:
    """Each service that has the port of one before it, with what is wrong about that."""
    first: dict[int, str] = {}
    for name, told in pipeline.project.services.items():
        other = first.setdefault(told.port, name)
        if other == name:
            continue
        problem = f"port {told.port} is that of {other} already"
        place: Path = ("project", "services", other, "port")
        if pipeline.source.has(place):
            problem += f" ({pipeline.source.where(place)})"
        hint = f"give {name} another one: in each environment both are reached on this machine"
        path = ("project", "services", name, "port")
        yield name, pipeline.source.error(problem, path, hint=hint)


@dataclass(frozen=True)
class PublicPort:
    """Where a service of an environment is reached on this machine."""

    port: int
    service: str
    environment: str


def public_ports(project: Project, params: Value) -> Iterator[PublicPort]:
    """The ports that an entry's environment takes; none where the team's own commands bring it."""
    for _, environment in environments_of(params):
        settings = project.environments.get(environment)
        if settings is not None and settings.target == "command":
            continue
        for _, offset in _offsets_of(params):
            for service, told in project.services.items():
                yield PublicPort(told.port + offset, service, environment)


def _offsets_of(params: Value) -> Iterator[tuple[str, int]]:
    """The parameters that are added to each service's port, each with its number."""
    for parameter, field in type(params).model_fields.items():
        if PORT_OFFSET in field.metadata:
            yield parameter, getattr(params, parameter)
