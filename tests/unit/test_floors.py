"""The rooms and floors: who may import whom, and how large anything may be. The table of
docs/ARCHITECTURE.md, as a test.

What is loaded by name counts as imported: the tables of cli/main.py, cli/app.py, cli/arguments.py,
commands/told.py, wiring/lazy.py, steps/__init__.py and devflow/__init__.py are followed.
"""

import ast
import sys
from collections import Counter
from typing import Final, Iterator, Mapping

import pytest

from devflow import EXPORTS
from devflow.cli.app import COMMANDS
from devflow.cli.arguments import CHOICES
from devflow.cli.main import FORMS, PARSER
from devflow.commands.told import DEPLOYED
from devflow.steps import MODULES as STEP_MODULES
from devflow.wiring.lazy import ADAPTERS
from tests.unit.sources import Function, Source, mass, sources, under

# room: (rooms of devflow it may import, libraries beside the standard library and pydantic)
ROOMS: Final[Mapping[str, tuple[set[str], set[str]]]] = {
    "model": (set(), set()),
    "config": ({"model"}, {"yaml"}),
    "ports": ({"model"}, set()),
    "step": ({"model", "ports"}, set()),
    # formats: JUnit XML, OpenAPI as YAML, Prometheus' text, the grammars of JavaScript
    "craft": (
        {"model", "ports"},
        {"defusedxml", "yaml", "prometheus_client"}
        | {"tree_sitter", "tree_sitter_javascript", "tree_sitter_typescript"},
    ),
    "steps": ({"model", "ports", "step", "craft"}, set()),
    "engine": ({"model", "config", "ports", "step"}, {"pydantic_core"}),
    # an image's documents are what builders, registries and runners of containers speak
    "adapters": ({"model", "ports", "craft.oci", "craft.dockerfile"}, {"*"}),
    "ui": ({"model"}, {"rich"}),
    "sandbox": (set(), {"uvicorn", "graphql"}),
    "wiring": (
        {"model", "config", "ports", "step", "steps", "engine", "adapters", "ui", "sandbox"},
        set(),
    ),
    "commands": (
        {"model", "config", "ports", "step", "craft", "engine", "adapters"}
        | {"ui", "wiring", "sandbox"},
        set(),
    ),
    "cli": ({"commands", "wiring", "ui", "model"}, {"typer"}),
    # what steps are tested with: shipped, and no room imports it
    "testing": ({"model", "ports", "step", "engine", "craft"}, set()),
}
# a bigger room than its floor's rule is read by nobody; `steps` is the lifecycle itself
FILES: Final = 25
ANYWHERE: Final = {"pydantic", "devflow"}
# a library that only one room may import, whatever else it may
ONLY_IN: Final = {
    "subprocess": {"sandbox"},
    "rich": {"ui"},
    "typer": {"cli"},
    "sqlite3": {"adapters", "sandbox"},
}
SUBPROCESS_ADAPTERS: Final = {"devflow/adapters/machine/children.py"}
CLOCKS: Final = ("os.environ", "os.getenv", "datetime.now(", "time.time(", "import random")
# run in a suite's interpreter, which they are about, and are imported by nobody
HANDED_OVER: Final = {"devflow/craft/suites/told_conditions.py"}
READ_CLOCKS: Final = ("adapters", "config", "sandbox", "wiring", "commands", "cli")

# by what another room reads them, so that a long table does not count as a long function
MAX_FUNCTION: Final = 300  # syntax nodes
MAX_FILE: Final = 2600  # syntax nodes
MAX_LINES: Final = 400
MAX_PARAMETERS: Final = 5
MAX_NODES_A_STATEMENT: Final = 10.5  # of all of devflow/; pre-commit has 9.3, httpx 10.6
WIDTH: Final = 100

DEVFLOW: Final = under("devflow")
LOADED: Final[Mapping[str, tuple[str, ...]]] = {
    "devflow": tuple(EXPORTS.values()),
    "devflow.cli.app": tuple(command.module for command in COMMANDS.values()),
    "devflow.cli.main": (PARSER, *(name for form in FORMS.values() for name in form.modules)),
    "devflow.cli.arguments": (CHOICES,),
    "devflow.commands.told": (DEPLOYED,),
    "devflow.wiring.lazy": tuple(ADAPTERS.values()),
    "devflow.steps": tuple(f"devflow.steps.{name}" for name in STEP_MODULES),
}


def room_of(source: Source) -> str:
    return source.path.split("/")[1].removesuffix(".py")


def imports(source: Source) -> Iterator[str]:
    """What a module imports when it is loaded, or loads by name later; never what stands under
    TYPE_CHECKING."""
    for node in source.tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the room"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in MODULES else node.module or ""
    yield from LOADED.get(source.module, ())


MODULES: Final = {source.module for source in DEVFLOW}


@pytest.mark.parametrize("source", DEVFLOW, ids=lambda source: source.path)
def test_a_module_imports_only_what_its_room_may(source: Source) -> None:
    room = room_of(source)
    if room in ("__init__", "__main__"):
        return
    rooms, libraries = ROOMS[room]
    for name in imports(source):
        top, *rest = name.split(".")
        if top == "devflow":
            target = rest[0] if rest else ""
            is_open = target in ("", room) or rooms & {target, ".".join(rest[:2])}
            assert is_open, f"{room} may not import {name}"
            if room == "steps" and rest[:1] == ["steps"]:
                # steps 17 to 19 are one step with other defaults (ADR 0005)
                is_shared = source.path.endswith("__init__.py") or name == "devflow.steps.suite"
                assert is_shared, f"a step may not import another: {name}"
        elif top in ONLY_IN:
            allowed = room in ONLY_IN[top] or source.path in SUBPROCESS_ADAPTERS
            assert allowed, f"{name} belongs in {ONLY_IN[top]}"
        elif top not in sys.stdlib_module_names:
            allowed = "*" in libraries or top in libraries | ANYWHERE
            assert allowed, f"{room} may not import {name}"


def test_a_room_holds_few_files() -> None:
    rooms = Counter(source.package for source in DEVFLOW if not source.path.endswith("__init__.py"))
    crowded = {room: count for room, count in rooms.items() if count > FILES}
    # one file a step, one file a command
    assert set(crowded) <= {"devflow.steps", "devflow.cli"}, crowded


@pytest.mark.parametrize("source", DEVFLOW, ids=lambda source: source.path)
def test_clock_chance_and_environment_are_read_in_few_rooms(source: Source) -> None:
    if room_of(source) in READ_CLOCKS or source.path in HANDED_OVER:
        return
    for forbidden in CLOCKS:
        assert forbidden not in source.text, f"{forbidden} in {source.path}"


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.path)
def test_nothing_is_too_large(source: Source) -> None:
    assert mass(source.tree) <= MAX_FILE, f"{mass(source.tree)} syntax nodes"
    assert source.text.count("\n") <= MAX_LINES
    for function in source.functions():
        assert mass(function) <= MAX_FUNCTION, f"{function.name} has {mass(function)} nodes"
        if source.path.startswith(("devflow/", "services/")):
            _few_parameters(source, function)


def _few_parameters(source: Source, function: Function) -> None:
    arguments = function.args
    names = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    own = [one.arg for one in names if one.arg not in ("self", "cls", "mark", "slot")]
    # a typer command's parameters are its options, an ASGI endpoint's the API's
    is_signature = source.path.startswith("devflow/cli/")
    assert len(own) <= MAX_PARAMETERS or is_signature, f"{function.name} has {own}"


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.path)
def test_no_line_is_wider_than_a_page(source: Source) -> None:
    lines = enumerate(source.text.splitlines(), 1)
    wide = [f"{source.path}:{number}" for number, line in lines if len(line) > WIDTH]
    assert not wide


def test_devflow_is_not_packed() -> None:
    """The anchors' measure: all syntax nodes to all statements of all files."""
    nodes = 0
    statements = 0
    for source in DEVFLOW:
        for node in ast.walk(source.tree):
            nodes += 1
            statements += isinstance(node, ast.stmt)
    assert nodes / statements <= MAX_NODES_A_STATEMENT, f"{nodes / statements:.2f}"


def test_no_cycle_between_files_or_packages() -> None:
    files: dict[str, set[str]] = {}
    packages: dict[str, set[str]] = {}
    for source in DEVFLOW:
        targets = {name for name in imports(source) if name in MODULES} - {source.module}
        files[source.module] = targets
        others = {_package(name) for name in targets} - {source.package}
        if source.module != "devflow":
            packages.setdefault(source.package, set()).update(others - {"devflow"})
    # the public names, which nobody inside asks for
    files.pop("devflow")
    _refuse_cycles(files)
    _refuse_cycles(packages)


def _package(module: str) -> str:
    return next(source.package for source in DEVFLOW if source.module == module)


def _refuse_cycles(graph: Mapping[str, set[str]]) -> None:
    done: set[str] = set()

    def walk(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " -> ".join((*above, name))
        if name in done:
            return
        for target in sorted(graph.get(name, ())):
            walk(target, (*above, name))
        done.add(name)

    for name in graph:
        walk(name, ())
