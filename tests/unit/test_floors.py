"""The rooms and floors: who may import whom, and how large anything may be. The table of
docs/ARCHITECTURE.md, as a test.

What is loaded by name counts as imported: the tables of cli/main.py, cli/app.py, cli/arguments.py,
commands/ship.py, commands/told.py, wiring/lazy.py, steps/__init__.py and devflow/__init__.py are
followed.
"""

import ast
import sys
from collections import Counter
from functools import lru_cache
from typing import Final, Iterator, Mapping

import pytest

from devflow import EXPORTS
from devflow.cli.app import COMMANDS
from devflow.cli.arguments import CHOICES
from devflow.cli.ending import OUTPUT
from devflow.cli.main import FORMS, PARSER
from devflow.commands.ship import EXAMINING, TICKET_CHECK
from devflow.commands.told import DEPLOYED
from devflow.steps import MODULES as STEP_MODULES
from devflow.wiring.lazy import ADAPTERS
from tests.unit.sources import Finding, Function, Rule, Source, mass, offenders, sources, under

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
    "sandbox": (set(), {"uvicorn", "graphql", "markdown_it"}),
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
SIGNATURES: Final = "devflow/cli/"
READ_CLOCKS: Final = ("adapters", "config", "sandbox", "wiring", "commands", "cli")

# by what another room reads them, so that a long table does not count as a long function
MAX_FUNCTION: Final = 300  # syntax nodes
MAX_FILE: Final = 2600  # syntax nodes
MAX_LINES: Final = 400
MAX_PARAMETERS: Final = 5
MAX_NODES_A_STATEMENT: Final = 10.5  # of all of devflow/; pre-commit has 9.3, httpx 10.6
WIDTH: Final = 100

LOADED: Final[Mapping[str, tuple[str, ...]]] = {
    "devflow": tuple(EXPORTS.values()),
    "devflow.cli.app": tuple(command.module for command in COMMANDS.values()),
    "devflow.cli.main": (PARSER, *(name for form in FORMS.values() for name in form.modules)),
    "devflow.cli.arguments": (CHOICES,),
    "devflow.cli.ending": (OUTPUT,),
    "devflow.commands.ship": (EXAMINING, TICKET_CHECK),
    "devflow.commands.told": (DEPLOYED,),
    "devflow.wiring.lazy": tuple(ADAPTERS.values()),
    "devflow.steps": tuple(f"devflow.steps.{name}" for name in STEP_MODULES),
}


def room_of(source: Source) -> str:
    return source.path.split("/")[1].removesuffix(".py")


@lru_cache(maxsize=1)
def modules() -> frozenset[str]:
    return frozenset(source.module for source in under("devflow"))


def imports(source: Source) -> Iterator[Finding]:
    """What a module imports when it is loaded, or loads by name later, and in which line; never
    what stands under TYPE_CHECKING."""
    for node in source.tree.body:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                yield node.lineno, "." * node.level + (node.module or "")
                continue
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield node.lineno, whole if whole in modules() else node.module or ""
    yield from ((1, name) for name in LOADED.get(source.module, ()))


def closed_rooms(source: Source) -> Iterator[Finding]:
    """What a module imports though its room may not."""
    for line, name in imports(source):
        reason = _closed(source, room_of(source), name)
        if reason:
            yield line, reason


def _closed(source: Source, room: str, name: str) -> str:
    """Why a module may not import this; nothing where it may."""
    if name.startswith("."):
        return f"a relative import hides the room: {name}"
    if room in ("__init__", "__main__"):
        return ""
    rooms, libraries = ROOMS[room]
    top, *rest = name.split(".")
    if top == "devflow":
        target = rest[0] if rest else ""
        if not (target in ("", room) or rooms & {target, ".".join(rest[:2])}):
            return f"{room} may not import {name}"
        # steps 17 to 19 are one step with other defaults (ADR 0005)
        is_shared = source.path.endswith("__init__.py") or name == "devflow.steps.suite"
        is_step = room == "steps" and target == "steps"
        return f"a step may not import another: {name}" if is_step and not is_shared else ""
    if top in ONLY_IN:
        is_allowed = room in ONLY_IN[top] or source.path in SUBPROCESS_ADAPTERS
        return "" if is_allowed else f"{name} belongs in {ONLY_IN[top]}"
    is_allowed = top in sys.stdlib_module_names or "*" in libraries or top in libraries | ANYWHERE
    return "" if is_allowed else f"{room} may not import {name}"


def world_reads(source: Source) -> Iterator[Finding]:
    """Clock, chance and environment, read outside of the few rooms that may."""
    if room_of(source) in READ_CLOCKS or source.path in HANDED_OVER:
        return
    for number, line in enumerate(source.text.splitlines(), 1):
        yield from ((number, forbidden) for forbidden in CLOCKS if forbidden in line)


def too_large(source: Source) -> Iterator[Finding]:
    if len(source.nodes) > MAX_FILE:
        yield 1, f"the file has {len(source.nodes)} syntax nodes"
    lines = source.text.count("\n")
    if lines > MAX_LINES:
        yield lines, f"the file has {lines} lines"
    for function in source.functions():
        size = mass(function)
        if size > MAX_FUNCTION:
            yield function.lineno, f"{function.name} has {size} syntax nodes"


def many_parameters(source: Source) -> Iterator[Finding]:
    # a typer command's parameters are its options, an ASGI endpoint's the API's
    if not source.path.startswith(("devflow/", "services/")) or source.path.startswith(SIGNATURES):
        return
    for function in source.functions():
        own = _own_parameters(function)
        if len(own) > MAX_PARAMETERS:
            yield function.lineno, f"{function.name} has {own}"


def _own_parameters(function: Function) -> list[str]:
    arguments = function.args
    names = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return [one.arg for one in names if one.arg not in ("self", "cls", "mark", "slot")]


def wide_lines(source: Source) -> Iterator[Finding]:
    for number, line in enumerate(source.text.splitlines(), 1):
        if len(line) > WIDTH:
            yield number, f"the line has {len(line)} characters"


def test_a_module_imports_only_what_its_room_may() -> None:
    assert offenders(under("devflow"), closed_rooms) == []


def test_clock_chance_and_environment_are_read_in_few_rooms() -> None:
    assert offenders(under("devflow"), world_reads) == []


def test_nothing_is_too_large() -> None:
    assert offenders(sources(), too_large, many_parameters) == []


def test_no_line_is_wider_than_a_page() -> None:
    assert offenders(sources(), wide_lines) == []


@pytest.mark.parametrize(
    ("rule", "path", "code"),
    (
        (closed_rooms, "devflow/model/one.py", "from devflow.engine import run"),
        (closed_rooms, "devflow/model/one.py", "import yaml"),
        (closed_rooms, "devflow/__init__.py", "from . import model"),
        (closed_rooms, "devflow/adapters/one.py", "from .two import three"),
        (closed_rooms, "devflow/steps/one.py", "from devflow.steps import s01_ticket"),
        (closed_rooms, "devflow/craft/one.py", "import subprocess"),
        (world_reads, "devflow/engine/one.py", "now = datetime.now(UTC)"),
        (too_large, "tests/one.py", f"def long(): {'one; ' * MAX_FUNCTION}"),
        (many_parameters, "services/one.py", "def many(a, b, c, *, d, e, f): ..."),
        (wide_lines, "tests/one.py", "one" * WIDTH),
    ),
)
def test_each_rule_finds_what_it_is_for(rule: Rule, path: str, code: str) -> None:
    assert offenders([Source(path, "\n" + code)], rule)[0].startswith(f"{path}:2 ")


@pytest.mark.parametrize("text", ("\n" * (MAX_LINES + 1), "one;" * MAX_FILE))
def test_a_file_is_found_too_large(text: str) -> None:
    assert offenders([Source("tests/one.py", text)], too_large)


def test_a_room_holds_few_files() -> None:
    files = [source for source in under("devflow") if not source.path.endswith("__init__.py")]
    rooms = Counter(source.package for source in files)
    crowded = {room: count for room, count in rooms.items() if count > FILES}
    # one file a step, one file a command
    assert set(crowded) <= {"devflow.steps", "devflow.cli"}, crowded


def test_devflow_is_not_packed() -> None:
    """The anchors' measure: all syntax nodes to all statements of all files."""
    nodes = 0
    statements = 0
    for source in under("devflow"):
        nodes += len(source.nodes)
        statements += sum(1 for node in source.nodes if isinstance(node, ast.stmt))
    assert nodes / statements <= MAX_NODES_A_STATEMENT, f"{nodes / statements:.2f}"


def test_no_cycle_between_files_or_packages() -> None:
    files: dict[str, set[str]] = {}
    packages: dict[str, set[str]] = {}
    package_of = {source.module: source.package for source in under("devflow")}
    for source in under("devflow"):
        targets = {name for _, name in imports(source) if name in package_of} - {source.module}
        files[source.module] = targets
        others = {package_of[name] for name in targets} - {source.package}
        if source.module != "devflow":
            packages.setdefault(source.package, set()).update(others - {"devflow"})
    # the public names, which nobody inside asks for
    files.pop("devflow")
    _refuse_cycles(files)
    _refuse_cycles(packages)


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
