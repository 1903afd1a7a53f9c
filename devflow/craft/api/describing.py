"""Where a service's OpenAPI description comes from: a file of a tree, or what a command prints in a
checkout of it, with the environment that the service itself is given.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final, Mapping

import yaml

from devflow.craft.api.openapi_operations import operations
from devflow.craft.api.schema_alternatives import Unreadable
from devflow.craft.deploy.own_python import own_commands
from devflow.model.bounds.commands import fill_in, text_of
from devflow.model.declared.project import Project, Service
from devflow.model.errors import Unavailable
from devflow.model.output.telling import telling_line
from devflow.model.tree import Base, Tree
from devflow.model.wording import one_line
from devflow.ports.repository import RepositoryReads
from devflow.ports.shell import Command, ShellReads

TIMEOUT_S: Final = 60.0  # s for a command; the bundled one takes 0.7
_PRINTED: Final = "openapi"
# only what it prints is the description: warnings go their own way into the log
_PRINTS: Final = f'exec "$@" >"{{out}}/{_PRINTED}"'


@dataclass(frozen=True)
class Sight:
    """Who reads, and the trees that are compared."""

    repository: RepositoryReads
    shell: ShellReads
    base: Base
    tree: Tree


@dataclass(frozen=True)
class Described:
    """A description, or why there is none; ``absent``: the tree has no such service or file."""

    document: Any = None
    problem: str = ""
    absent: bool = False


def words_of(service: Service) -> str:
    """The path or the command of its description, in one line."""
    return text_of(service.openapi)


def given_to(service: Service) -> str:
    """What tells two environments of its command apart, empty where it is given none.

    The values of ``pass_env`` are secrets, and kept nowhere; a tree is not described anew for
    them.
    """
    if isinstance(service.openapi, str) or not (service.env or service.pass_env):
        return ""
    given = json.dumps([dict(service.env), sorted(service.pass_env)], sort_keys=True)
    return hashlib.sha256(given.encode()).hexdigest()


def described(sight: Sight, project: Project, service: Service, tree: Tree | Base) -> Described:
    """The description of a service on one of the trees."""
    if not tree.id:
        return Described(problem="no commit of the base branch is known")
    if isinstance(service.openapi, str):
        text = sight.repository.read(tree.id, service.openapi)
        if text is None:
            return Described(problem=f"there is no {service.openapi}", absent=True)
        return _parsed(text)
    if not sight.repository.tree_of(tree.id, service.path):
        return Described(problem=f"there is no {service.path}", absent=True)
    return _printed(sight, project, service, tree)


def _printed(sight: Sight, project: Project, service: Service, tree: Tree | Base) -> Described:
    """What the service's command prints of a tree's files, in its project's own Python."""
    paths = sight.repository.paths(tree.id)
    try:
        (words,) = own_commands(sight.shell, service, paths, (service.openapi,))
        command = Command(
            ("sh", "-c", _PRINTS, "sh", *words),
            tree=tree,
            env=_environment(project, service),
            pass_env=service.pass_env,
            timeout_s=TIMEOUT_S,
            collect=(_PRINTED,),
        )
        ran = sight.shell.measure(command)
    except Unavailable as error:
        return Described(problem=one_line(f"{error.message}: {error.hint}"))
    if ran.exit_code != 0:
        said = ran.in_tree(telling_line(ran.output))
        ended = f"{service.openapi[0]} ended with {ran.exit_code}: {said}"
        return Described(problem=ran.problem or ended)
    return _parsed(ran.files.get(_PRINTED, ""))


def _environment(project: Project, service: Service) -> Mapping[str, str]:
    """The service's own. No replica is started to be described, so ports are those that are
    declared; ``{out}`` is gone afterwards."""
    values = {"port": str(service.port), "state": "{out}"}
    for name, other in project.services.items():
        values[f"{name}_url"] = f"http://127.0.0.1:{other.port}"
    return {name: fill_in(text, values) for name, text in service.env.items()}


def _parsed(text: str) -> Described:
    try:
        document = json.loads(text) if text.lstrip().startswith("{") else yaml.safe_load(text)
        if not operations(document):
            return Described(problem="it describes no operation")
        return Described(document)
    except (Unreadable, ValueError, yaml.YAMLError, RecursionError) as error:
        return Described(problem=one_line(f"it cannot be read: {error}", 160))
