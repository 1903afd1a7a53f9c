"""Entries that want to give a version a part of the requests where everything or nothing is given,
told before anything runs."""

from typing import Iterator

from devflow.engine.names import environments_of
from devflow.model.declared.project import Project
from devflow.model.values import Value
from devflow.step import AnyStep


def impossible_parts(project: Project, step: AnyStep, params: Value) -> Iterator[tuple[str, str]]:
    """The parameters that name an environment in which no part of the requests can be given, each
    with why."""
    if step.holds is None or not step.holds(params):
        return
    for name, environment in environments_of(params):
        settings = project.environments.get(environment)
        if settings is not None and settings.target == "command":
            yield name, (
                f"a canary gets a part of the requests, and {environment} runs by target: command, "
                "which gives a version everything or nothing"
            )
