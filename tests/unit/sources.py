"""The project's own Python files, each read and parsed once for all tests about how code looks."""

import ast
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Iterator

ROOT = Path(__file__).parents[2]
FOLDERS = ("devflow", "services", "tests", "benchmarks")
# projects of another house, which the end-to-end tests copy
SAMPLES = (ROOT / "tests" / "e2e" / "plain", ROOT / "tests" / "e2e" / "repositories")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One file: its path from the root, its text, and its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def module(self) -> str:
        """The name by which it is imported."""
        return self.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")

    @property
    def package(self) -> str:
        """The package that the module is in; a package is in itself."""
        return self.module if self.path.endswith("__init__.py") else self.module.rpartition(".")[0]

    def functions(self) -> Iterator[Function]:
        """Every function, methods and inner ones too."""
        for node in ast.walk(self.tree):
            if isinstance(node, Function):
                yield node


@lru_cache(maxsize=1)
def sources() -> tuple[Source, ...]:
    """Every file of the project, in the order of their paths."""
    found = []
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            is_sample = any(path.is_relative_to(samples) for samples in SAMPLES)
            # a folder may be named like a file
            if is_sample or not path.is_file():
                continue
            text = path.read_text(encoding="utf-8")
            found.append(Source(path.relative_to(ROOT).as_posix(), text, ast.parse(text)))
    return tuple(found)


def under(folder: str) -> tuple[Source, ...]:
    """The files below one folder of the root."""
    return tuple(source for source in sources() if source.path.startswith(f"{folder}/"))


def mass(node: ast.AST) -> int:
    """How many syntax nodes a piece of code has: its size, however it is laid out."""
    return sum(1 for _ in ast.walk(node))
