"""The rooms and floors: who may import whom, and how large anything may be. The table of
docs/ARCHITECTURE.md, as a test."""

import ast
import sys
from pathlib import Path
from typing import Iterator

import pytest

ROOT = Path(__file__).parents[2]
DEVFLOW = ROOT / "devflow"

# room: (rooms of devflow it may import, libraries beside the standard library and pydantic)
ROOMS: dict[str, tuple[set[str], set[str]]] = {
    "model": (set(), set()),
    "config": ({"model"}, {"yaml", "pydantic_settings"}),
    "ports": ({"model"}, set()),
    "step": ({"model", "ports"}, set()),
    "craft": (
        {"model", "ports"},
        {"junitparser", "yaml"},
    ),  # formats of reports: JUnit XML, OpenAPI as YAML
    "steps": ({"model", "ports", "step", "craft"}, set()),
    "engine": ({"model", "config", "ports", "step"}, {"pydantic_core"}),
    "adapters": ({"model", "ports"}, {"*"}),
    "ui": ({"model"}, {"rich"}),
    "sandbox": (set(), {"fastapi", "starlette", "uvicorn"}),
    "commands": ({"model", "config", "ports", "step", "engine", "ui"}, set()),
    "wiring": (
        {
            "model",
            "config",
            "ports",
            "step",
            "steps",
            "engine",
            "adapters",
            "commands",
            "ui",
            "sandbox",
        },
        set(),
    ),
    "cli": ({"app", "ui", "config", "model"}, {"typer", "click"}),
}
ANYWHERE = {"pydantic", "devflow"}
# a library that only one room may import, whatever else it may
ONLY_IN = {
    "subprocess": {"sandbox"},
    "rich": {"ui"},
    "typer": {"cli"},
    "sqlite3": {"adapters", "sandbox"},
}
SUBPROCESS_ADAPTER = "devflow/adapters/machine/shell.py"


def modules() -> list[Path]:
    return sorted(DEVFLOW.rglob("*.py"))


def room_of(path: Path) -> str:
    first = path.relative_to(DEVFLOW).parts[0]
    return first.removesuffix(".py")


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the room"
            yield node.module or ""


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", modules(), ids=named)
def test_a_module_imports_only_what_its_room_may(path: Path) -> None:
    room = room_of(path)
    if room in ("__init__", "__main__", "app"):
        return
    rooms, libraries = ROOMS[room]
    for name in imports(ast.parse(path.read_text())):
        top, *rest = name.split(".")
        if top == "devflow":
            target = rest[0] if rest else ""
            assert target in ("", room) or target in rooms, f"{room} may not import {name}"
            if room == "steps" and rest[:1] == ["steps"]:
                # steps 17 to 19 are one step with other defaults (ADR 0005)
                assert (
                    path.name == "__init__.py" or name == "devflow.steps.suite"
                ), f"a step may not import another: {name}"
        elif top in ONLY_IN:
            assert (
                room in ONLY_IN[top] or named(path) == SUBPROCESS_ADAPTER
            ), f"{name} belongs in {ONLY_IN[top]}"
        elif top not in sys.stdlib_module_names:
            assert "*" in libraries or top in libraries | ANYWHERE, f"{room} may not import {name}"


@pytest.mark.parametrize("path", modules(), ids=named)
def test_clock_chance_and_environment_are_read_in_adapters_and_config_alone(path: Path) -> None:
    if room_of(path) in ("adapters", "config", "sandbox", "app", "wiring"):
        return
    text = path.read_text()
    for forbidden in (
        "os.environ",
        "os.getenv",
        "datetime.now(",
        "time.time(",
        "import random",
        "import secrets",
    ):
        assert forbidden not in text, f"{forbidden} in {named(path)}"


@pytest.mark.parametrize("path", modules(), ids=named)
def test_imports_stand_at_the_top_but_in_app(path: Path) -> None:
    if path.name == "app.py" and path.parent == DEVFLOW:
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            inner = [
                one.lineno
                for one in ast.walk(node)
                if isinstance(one, (ast.Import, ast.ImportFrom))
            ]
            assert not inner, f"{named(path)}:{inner} imports inside {node.name}"


@pytest.mark.parametrize("path", modules(), ids=named)
def test_nothing_is_too_large(path: Path) -> None:
    lines = path.read_text().count("\n")
    assert lines <= (150 if room_of(path) == "steps" else 300), f"{lines} lines"
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= 60, f"{node.name} has {length} lines"
            given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            own = [one for one in given if one.arg not in ("self", "cls", "mark", "slot")]
            # a typer command's parameters are its options
            assert len(own) <= 5 or room_of(path) == "cli", f"{node.name} has {len(own)} parameters"


@pytest.mark.parametrize("path", modules(), ids=named)
def test_no_error_is_swallowed_and_nothing_is_left_to_do(path: Path) -> None:
    text = path.read_text()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ExceptHandler):
            assert not (
                len(node.body) == 1 and isinstance(node.body[0], ast.Pass)
            ), f"{named(path)}:{node.lineno}"
    for word in ("TO" + "DO", "FIX" + "ME", "NotImplemented"):
        assert word not in text


def test_no_import_cycle() -> None:
    graph = {}
    names = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in modules()
    }
    for name, path in names.items():
        at_top = ast.Module([node for node in ast.parse(path.read_text()).body], [])
        graph[name] = {one for one in imports(at_top) if one in names and one != name}
    done: set[str] = set()

    def walk(name: str, above: tuple[str, ...]) -> None:
        assert name not in above, " -> ".join((*above, name))
        if name not in done:
            for inner in graph[name]:
                walk(inner, (*above, name))
            done.add(name)

    for name in [one for one in graph if one != "devflow.app"]:
        walk(name, ())
