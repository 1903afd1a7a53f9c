"""Which Python a service's commands run in, where they begin with ``python``."""

import os
from typing import Collection, Final, Mapping

from devflow.craft.suites.imports import import_roots, in_front
from devflow.craft.suites.interpreter import interpreter_of
from devflow.model.bounds.commands import argv_of
from devflow.model.declared.project import Service
from devflow.ports.shell import ShellReads

_PYTHON: Final = ("python", "python3")
_LOADS_FROM: Final = "PYTHONPATH"
Words = str | tuple[str, ...]


def in_own_python(
    shell: ShellReads, services: Mapping[str, Service], paths: Collection[str]
) -> dict[str, Service]:
    """The services of a tree with these ``paths``, each to be started by the interpreter of its own
    project as a suite would be, whatever is first on the PATH.

    Where the project has none, the words stay: devflow's own is taken then. Raises ``Unavailable``
    where it has one that cannot be started.
    """
    found = {}
    for name, service in services.items():
        commands = own_commands(shell, service, paths, (service.run, service.before))
        found[name] = service.model_copy(update=dict(zip(("run", "before"), commands)))
    return found


def own_commands(
    shell: ShellReads, service: Service, paths: Collection[str], commands: Collection[Words]
) -> tuple[Words, ...]:
    """Commands about a service of a tree with these ``paths``, each to be started by its project's
    own interpreter. Raises ``Unavailable`` as ``in_own_python``."""
    begins = _begin(shell, service, paths) if any(map(_is_python, commands)) else ()
    return tuple(_begun(begins, command) for command in commands)


def _begin(shell: ShellReads, service: Service, paths: Collection[str]) -> tuple[str, ...]:
    """What stands in the place of ``python``; nothing where that is devflow's own."""
    interpreter = interpreter_of(shell, "", service.path, paths, modules=())
    if interpreter.by in ("editable", "devflow"):
        return ()
    # the folder itself is its project, where a suite's would be a project to test with
    roots = in_front(paths, import_roots(paths, f"{service.path}/."))
    if not roots or _LOADS_FROM in {*service.env, *service.pass_env}:
        return (interpreter.python.path,)
    # what is installed there for development leads to the working tree, which is not what is
    # deployed; the service is started where the commit's files lie
    return ("env", f"{_LOADS_FROM}={os.pathsep.join(roots)}", interpreter.python.path)


def _is_python(command: Words) -> bool:
    return argv_of(command)[:1] in [(name,) for name in _PYTHON]


def _begun(begins: tuple[str, ...], command: Words) -> Words:
    return (*begins, *argv_of(command)[1:]) if begins and _is_python(command) else command
