"""What an entry's offset makes of the services' ports, told before anything runs."""

from typing import Iterator

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


def public_ports(project: Project, params: Value) -> Iterator[tuple[int, str, str]]:
    """The ports that an entry brings services to, each with its environment and service; none where
    the team's own commands do."""
    environment = getattr(params, "environment", "")
    offset = getattr(params, "port_offset", None)
    settings = project.environments.get(environment)
    if not environment or offset is None or (settings and settings.target == "command"):
        return
    for service, told in project.services.items():
        yield told.port + offset, environment, service
