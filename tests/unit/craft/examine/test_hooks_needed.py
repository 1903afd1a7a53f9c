"""Whether hooks can run here is told before a commit waits for them."""

from typing import Any, FrozenSet, List, Tuple

from devflow.craft.examine.quality import hooks, matrix
from devflow.model.outcomes import Needed
from devflow.ports.around import Around
from devflow.ports.shell import Program
from devflow.testing import MemoryRepository

CONFIG = """repos:
- repo: https://github.com/psf/black
  rev: 24.1.0
  hooks: [{id: black}]
- repo: https://github.com/pycqa/flake8
  rev: "7.0"
  hooks: [{id: flake8, additional_dependencies: [flake8-bugbear]}]
- repo: local
  hooks: [{id: own, language: system, entry: make, name: own}]
"""
BLACK = ("https://github.com/psf/black", "24.1.0")
FLAKE8 = ("https://github.com/pycqa/flake8:flake8-bugbear", "7.0")


class Shell:
    def __init__(self, has: str = "/bin/pre-commit") -> None:
        self.has = has

    def project_python(self, by: str, place: str, modules: Any) -> None:
        return None

    def program(self, name: str, python: str, folders: Any) -> Program:
        return Program(self.has)

    def interpreter(self, version: str) -> str:
        return "/bin/python3.11" if version == "3.11" else ""


def needs(shell: Any, kept: FrozenSet[Tuple[str, str]], **files: str) -> List[Needed]:
    repository = MemoryRepository(files or {".pre-commit-config.yaml": CONFIG})
    nothing: Any = None
    paths = repository.paths("")
    around = Around(shell, repository, nothing, nothing, nothing, paths=paths, kept_hooks=kept)
    return list(hooks(around, ".pre-commit-config.yaml", "pre-commit"))


def test_hooks_of_others_are_kept_here_or_fetched_when_they_first_run() -> None:
    _, fetched = needs(Shell(), frozenset([FLAKE8]))
    assert fetched.here is None
    assert fetched.found == ("fetched when they first run: https://github.com/psf/black at 24.1.0")
    _, kept = needs(Shell(), frozenset([BLACK, FLAKE8]))
    assert (kept.here, kept.found) == (True, "pre-commit has all 2 of others")


def test_without_pre_commit_the_remedy_is_told() -> None:
    first = needs(Shell(""), frozenset())[0]
    assert (first.here, first.remedy) == (False, "pipx install pre-commit")


def test_a_clone_without_any_hook_is_told() -> None:
    (one,) = needs(Shell(), frozenset(), README="x")
    assert (one.here, one.exit_code) == (False, 5)
    assert one.found == "no .pre-commit-config.yaml, and git runs no hook pre-commit here"


def test_each_python_of_a_matrix_is_looked_for_at_its_place() -> None:
    shell: Any = Shell()
    nothing: Any = None
    around = Around(shell, nothing, nothing, nothing, nothing)
    there, missing = matrix(around, ("3.11", "3.9"))
    assert there.here
    assert (missing.here, missing.at) == (False, ("pythons", 1))
    assert missing.remedy == "uv python install 3.9"
