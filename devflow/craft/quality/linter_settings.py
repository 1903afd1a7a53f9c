"""How people name their linters under ``linters:``, and which a project configures without being
asked.

The shortest forms are names (``[ruff, black]``), a command (``{eslint: npx eslint .}``), and a
table with what is to be said beside it.
"""

import tomllib
from itertools import chain
from typing import Annotated, Any, Callable, Final, Iterable, Iterator, Mapping, Self

from pydantic import BeforeValidator, Field, model_validator

from devflow.craft.imports.paths import is_foreign, is_in, is_sample
from devflow.craft.quality.outputs.formats import Format
from devflow.model.bounds.commands import CommandOrNone
from devflow.model.bounds.places import PythonPlaceOrNone, RepositoryPath, RepositoryPathOrNone
from devflow.model.bounds.references import ExistingPath, ExistingPathOrNone
from devflow.model.bounds.words import Argument, Name, Variable
from devflow.model.values import Value

# those that are asked by name alone
NAMED: Final = ("black", "flake8", "ruff", "ruff-format")


class Linter(Value):
    """One linter. Without ``run`` it is one that devflow knows by its name. A command's output is
    read in the ``format`` named, else in the one that it has: SARIF, checkstyle's XML, the JSON of
    eslint, ruff or stylelint, or lines ``path:line:column: text``. Paths are relative to ``cwd``.
    """

    run: CommandOrNone = Field(
        default=(),
        description="the command: a list of words, or one text of them; no shell reads it",
    )
    format: Format = Field(default="", description="of its output, where that does not tell itself")
    report: RepositoryPathOrNone = Field(
        default="", description="the file that it writes, read in place of what it prints"
    )
    cwd: ExistingPathOrNone = Field(default="", description="the folder of the tree it runs in")
    paths: tuple[ExistingPath, ...] = Field(
        default=(), description="what it looks at, of one that devflow knows; else all"
    )
    python: PythonPlaceOrNone = Field(
        default="",
        description="a folder with an environment, as .venv, or the path of an interpreter; else "
        "the project's own, as for suites",
    )
    env: dict[Variable, Argument] = Field(default={}, description="more of its environment")
    pass_env: tuple[Variable, ...] = Field(
        default=(),
        description="names of variables that it gets from devflow's own environment; their values "
        "are secrets, shown and kept nowhere",
    )
    setup: CommandOrNone = Field(
        default=(), description="a command that runs before it in the same checkout, as `npm ci`"
    )
    setup_key: tuple[RepositoryPath, ...] = Field(
        default=(),
        description="files, such as a lock file, while whose contents are the same what keep names "
        "is taken from the cache in place of setup",
    )
    keep: tuple[RepositoryPath, ...] = Field(
        default=(), description="folders that setup makes, copied into each later checkout"
    )

    @model_validator(mode="after")
    def _kept_of_a_setup(self) -> Self:
        if (self.setup_key or self.keep) and not self.setup:
            raise ValueError("setup_key: and keep: are of a setup:, which is missing")
        if bool(self.setup_key) != bool(self.keep):
            raise ValueError("setup_key: says how long what keep: names holds: say both")
        return self


def _as_table(linters: Any) -> Any:
    """Names alone, and commands alone, as what they are short for."""
    if isinstance(linters, (list, tuple)):
        if not all(isinstance(name, str) for name in linters):
            raise ValueError("a list has names alone; a command stands behind one: {name: command}")
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
    """What a tree configures: the ``linters`` that devflow knows at its top, those of ``folders``
    by name and folder, and the files of ``others`` and of those that do not apply from the top."""

    linters: tuple[str, ...] = ()
    folders: tuple[tuple[str, str], ...] = ()
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


# they look for the configuration that is nearest to each file themselves
_NEAREST: Final = ("ruff", "ruff-format")
# folders; a monorepo with more projects than that names its linters
_MOST_FOLDERS: Final = 50


def configured(paths: Iterable[str], read: Callable[[str], str | None]) -> Configured:
    """What the files of a tree configure; ``read`` answers the text of one.

    A folder's linter is one that neither the top nor a folder around it configures: that is asked
    there, where its own configuration is the one that it finds.
    """
    by_folder = _by_folder(paths)
    asked: dict[str, list[str]] = {}
    others: list[str] = []
    for folder in sorted(by_folder)[:_MOST_FOLDERS]:
        for name, path in _known_in(by_folder[folder], read):
            around = [one for one in asked.get(name, ()) if not one or is_in(folder, one)]
            if around or is_sample(folder):
                others += [path] if folder not in around and name not in _NEAREST else []
            else:
                asked.setdefault(name, []).append(folder)
    others += [path for path in chain(*by_folder.values()) if _name(path).startswith(_OTHERS)]
    known = [(name, folder) for name in NAMED for folder in asked.get(name, ())]
    return Configured(
        linters=tuple(name for name, folder in known if not folder),
        folders=tuple((name, folder) for name, folder in known if folder),
        others=tuple(sorted(set(others))),
    )


def configurations(
    paths: Iterable[str], read: Callable[[str], str | None]
) -> Iterator[tuple[str, str]]:
    """Names of linters that devflow knows, each with a file that configures it, the outer folders
    first."""
    for files in list(_by_folder(paths).values())[:_MOST_FOLDERS]:
        yield from _known_in(files, read)


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _by_folder(paths: Iterable[str]) -> dict[str, list[str]]:
    """The configurations of each folder."""
    found: dict[str, list[str]] = {}
    for path in sorted(paths):
        folder, _, name = path.rpartition("/")
        is_configuration = name in (*CONFIGURATIONS, *_INI) or name.startswith(_OTHERS)
        if is_configuration and not is_foreign(folder):
            found.setdefault(folder, []).append(path)
    return found


def _known_in(files: Iterable[str], read: Callable[[str], str | None]) -> Iterator[tuple[str, str]]:
    """Names of linters that devflow knows, each with the file of this folder that configures it."""
    for path in files:
        name = _name(path)
        if name == _PYPROJECT:
            yield from ((linter, path) for linter in _by_pyproject(read(path) or ""))
        elif name in _RUFF:
            yield "ruff", path
            if "format" in _toml(read(path) or ""):
                yield "ruff-format", path
        elif name in _INI and _has_flake8(read(path) or ""):
            yield "flake8", path


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
