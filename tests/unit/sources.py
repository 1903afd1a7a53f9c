"""The project's own Python files, each read and parsed once for all tests about how code looks."""

import ast
import gc
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Callable, Iterable, Iterator

ROOT = Path(__file__).parents[2]
FOLDERS = ("devflow", "services", "tests", "benchmarks")
# projects of another house, which the end-to-end tests copy
SAMPLES = (ROOT / "tests" / "e2e" / "plain", ROOT / "tests" / "e2e" / "repositories")
Function = ast.FunctionDef | ast.AsyncFunctionDef
Finding = tuple[int, str]


@dataclass(frozen=True)
class Source:
    """One file: its path from the root, its text, and, parsed when it is first asked for, its
    syntax tree."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the tree, as ``ast.walk`` gives them."""
        return tuple(ast.walk(self.tree))

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
        for node in self.nodes:
            if isinstance(node, Function):
                yield node


Rule = Callable[[Source], Iterable[Finding]]


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
            found.append(Source(path.relative_to(ROOT).as_posix(), text))
    return tuple(found)


def under(folder: str) -> tuple[Source, ...]:
    """The files below one folder of the root."""
    return tuple(source for source in sources() if source.path.startswith(f"{folder}/"))


def offenders(looked_at: Iterable[Source], *rules: Rule) -> list[str]:
    """Every place that breaks a rule, with its file and line: one test tells them all."""
    read = _parsed(looked_at)
    found = []
    for source in read:
        for rule in rules:
            found += [f"{source.path}:{line} {text}" for line, text in rule(source)]
    return found


def _parsed(looked_at: Iterable[Source]) -> list[Source]:
    """The files with their trees, a million nodes: Python never looks through them for
    garbage, which takes more than twice as long as parsing."""
    read = list(looked_at)
    if all("nodes" in vars(source) for source in read):
        return read
    gc.collect()
    gc.disable()
    for source in read:
        assert source.nodes
    gc.freeze()
    gc.enable()
    return read


def mass(node: ast.AST) -> int:
    """How many syntax nodes a piece of code has: its size, however it is laid out."""
    return sum(1 for _ in ast.walk(node))
