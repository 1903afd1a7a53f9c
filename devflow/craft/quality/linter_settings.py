"""How people name their linters under ``linters:``, and which a project configures without being
asked.

The shortest forms are names (``[ruff, black]``), a command (``{eslint: npx eslint .}``), and a
table with what is to be said beside it.
"""

import shlex
import tomllib
from typing import Annotated, Any, Callable, Final, Iterable, Mapping

from pydantic import BeforeValidator, Field

from devflow.craft.quality.outputs.formats import Format
from devflow.model.bounds.places import RepositoryPath, RepositoryPathOrNone
from devflow.model.bounds.words import Argument, Name, NameOrNone, Variable
from devflow.model.values import Value

# those that are asked by name alone
NAMED: Final = ("black", "flake8", "ruff", "ruff-format")


def _words(command: Any) -> Any:
    """A command as a text is the words of it; no shell reads them."""
    return tuple(shlex.split(command)) if isinstance(command, str) else command


Words = Annotated[tuple[Argument, ...], BeforeValidator(_words)]


class Linter(Value):
    """One linter. Without ``run`` it is one that devflow knows by its name. A command's output is
    read in the ``format`` named, else in the one that it has: SARIF, checkstyle's XML, the JSON of
    eslint, ruff or stylelint, or lines ``path:line:column: text``. One that writes a file writes it
    into ``{out}``, and ``report`` is its name there."""

    run: Words = Field(default=(), description="the command, as a list of words or as one text")
    format: Format = Field(default="", description="of its output, where that does not tell itself")
    report: NameOrNone = Field(default="", description="the file that it writes into `{out}`")
    cwd: RepositoryPathOrNone = Field(default="", description="the folder of the tree it runs in")
    paths: tuple[RepositoryPath, ...] = Field(
        default=(), description="what it looks at, of one that devflow knows; else all"
    )
    env: dict[Variable, Argument] = Field(default={}, description="more of its environment")
    pass_env: tuple[Variable, ...] = Field(
        default=(),
        description="names of variables that it gets from devflow's own environment; their values "
        "are secrets",
    )
    setup: Words = Field(
        default=(),
        description="a command that runs before it in the same checkout, as `npm ci`",
    )


def _as_table(linters: Any) -> Any:
    """Names alone, and commands alone, as what they are short for."""
    if isinstance(linters, (list, tuple)):
        return {name: {} for name in linters}
    if not isinstance(linters, Mapping):
        return linters
    table: dict[str, Any] = {}
    for name, linter in linters.items():
        if linter is None:
            table[name] = {}
        elif isinstance(linter, (str, list, tuple)):
            table[name] = {"run": linter}
        else:
            table[name] = linter
    return table


Linters = Annotated[dict[Name, Linter], BeforeValidator(_as_table)]


def refuse_unknown(linters: Mapping[str, Linter]) -> None:
    """Raises ``ValueError`` for a linter that has no command and is none that devflow knows."""
    for name, linter in linters.items():
        if not linter.run and name not in NAMED:
            known = ", ".join(NAMED)
            raise ValueError(f"{name}: say how it is run; devflow knows {known} by their names")


class Configured(Value):
    """What a tree configures: the linters that devflow knows, and the files of others."""

    linters: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


_PYPROJECT: Final = "pyproject.toml"
_RUFF: Final = ("ruff.toml", ".ruff.toml")
CONFIGURATIONS: Final = (_PYPROJECT, *_RUFF)
_INI: Final = (".flake8", "setup.cfg", "tox.ini")
_OTHERS: Final = (
    "eslint.config.",
    ".eslintrc",
    "biome.json",
    ".golangci.",
    ".stylelintrc",
    "stylelint.config.",
    ".rubocop.yml",
    "phpcs.xml",
    "phpstan.neon",
    ".hadolint.y",
    "mypy.ini",
    ".mypy.ini",
    ".pylintrc",
    ".yamllint",
    "detekt.yml",
    ".swiftlint.yml",
    "clippy.toml",
)


def configured(paths: Iterable[str], read: Callable[[str], str | None]) -> Configured:
    """What the files at the top of a tree configure; ``read`` answers the text of one."""
    top = [path for path in paths if "/" not in path]
    found: list[str] = []
    if _PYPROJECT in top:
        found += _by_pyproject(read(_PYPROJECT) or "")
    for path in _RUFF:
        if path in top:
            found.append("ruff")
            found += ["ruff-format"] if "format" in _toml(read(path) or "") else []
    if any(_has_flake8(read(path) or "") for path in _INI if path in top):
        found.append("flake8")
    others = [path for path in top if path.startswith(_OTHERS)]
    linters = tuple(name for name in NAMED if name in found)
    return Configured(linters=linters, others=tuple(sorted(others)))


def _by_pyproject(text: str) -> list[str]:
    tools = _toml(text).get("tool")
    if not isinstance(tools, Mapping):
        return []
    found = [name for name in ("black", "ruff") if name in tools]
    ruff = tools.get("ruff")
    if isinstance(ruff, Mapping) and "format" in ruff:
        found.append("ruff-format")
    return found


def _toml(text: str) -> Mapping[str, Any]:
    """A table; what is none is for the linter to complain of."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        # it may configure a linter, which then says what is wrong with it
        return {"tool": {name: {} for name in ("black", "ruff") if f"[tool.{name}" in text}}


def _has_flake8(text: str) -> bool:
    return any(line.rstrip() == "[flake8]" for line in text.splitlines())
