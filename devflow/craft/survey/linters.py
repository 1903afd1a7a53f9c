"""The linters, formatters and type checkers that a repository configures: those that devflow knows
by name, those whose output it can read, and why the others are left out."""

import shlex
from dataclasses import dataclass, replace
from itertools import chain, count
from posixpath import join
from typing import Any, Callable, Final, Iterator, Mapping

from devflow.craft.quality.linter_settings import Linter, configurations, configured
from devflow.craft.quality.own_linters import program_of
from devflow.craft.quality.tools import own_python, program, tool
from devflow.craft.survey.files import Files, folder_of, table_at
from devflow.craft.survey.node_packages import NodePackage, node_packages
from devflow.model.survey.seen import Sight
from devflow.ports.shell import ShellReads

_NO_FORM: Final = "its output has no form that devflow reads: let a hook or a `shell` entry run it"
_PERL_FOLDERS: Final = ("lib", "bin", "script", "scripts")
_PERL_LINE: Final = r"%f:%l:%c: %m [%p]\n"
_MOST_PACKAGES: Final = 3  # that a command names
_MOST_SCRIPTS: Final = 50  # files that a command names


@dataclass(frozen=True)
class _Other:
    """A linter by the beginnings of its configurations' names: ``run`` makes its command, ``node``
    is the package that has to be named for it, ``why_not`` why there is no command."""

    name: str
    beginnings: tuple[str, ...]
    run: Callable[[Files, str], str] | None = None
    node: str = ""
    report: str = ""
    why_not: str = _NO_FORM


def _plain(command: str) -> Callable[[Files, str], str]:
    return lambda files, path: command


def _mypy(files: Files, path: str) -> str:
    section = table_at(files.toml(path), "tool", "mypy") or files.ini(path).get("mypy", {})
    named = any(section.get(key) for key in ("files", "packages", "modules"))
    return "mypy" if named else shlex.join(("mypy", *_packages(files)))


def _pylint(files: Files, path: str) -> str:
    return shlex.join(("pylint", *_packages(files)))


def _packages(files: Files) -> tuple[str, ...]:
    """The folders of the repository's Python packages, else its top."""
    found: dict[str, None] = {}
    for path in files.named("__init__.py"):
        folder = folder_of(path)
        is_outer = not any(folder.startswith(f"{one}/") for one in found)
        if folder and is_outer and folder.split("/")[0] not in ("tests", "test"):
            found[folder] = None
    return tuple(found) if 0 < len(found) <= _MOST_PACKAGES else (".",)


def _shellcheck(files: Files, path: str) -> str:
    scripts = [one for one in files.own if one.endswith((".sh", ".bash"))]
    return shlex.join(("shellcheck", "-f", "gcc", *scripts[:_MOST_SCRIPTS]))


def _hadolint(files: Files, path: str) -> str:
    return shlex.join(("hadolint", "-f", "sarif", *files.beginning("Dockerfile")))


def _perlcritic(files: Files, path: str) -> str:
    # it refuses a folder in which it finds no Perl
    asked = [folder for folder in _PERL_FOLDERS if _has_perl(files, join(folder_of(path), folder))]
    return shlex.join(("perlcritic", "--quiet", "--verbose", _PERL_LINE, *(asked or ["."])))


def _has_perl(files: Files, folder: str) -> bool:
    for path in files.below(folder):
        begun = files.text(path).partition("\n")[0]
        if path.endswith((".pm", ".pl")) or (begun.startswith("#!") and "perl" in begun):
            return True
    return False


# each command prints what a report under docs/linters.md was read from, or one of its forms
_OTHERS: Final = (
    _Other("mypy", ("mypy.ini", ".mypy.ini"), _mypy),
    _Other("pylint", (".pylintrc", "pylintrc"), _pylint),
    _Other("pyright", ("pyrightconfig.json",), _plain("pyright")),
    _Other("eslint", ("eslint.config.", ".eslintrc"), _plain("eslint -f json ."), "eslint"),
    _Other(
        "stylelint",
        (".stylelintrc", "stylelint.config."),
        _plain("stylelint -f json **/*.css"),
        "stylelint",
    ),
    _Other(
        "biome",
        ("biome.json",),
        _plain("biome lint --reporter=sarif --reporter-file=b.sarif"),
        "@biomejs/biome",
        report="b.sarif",
    ),
    _Other("oxlint", (".oxlintrc.json",), _plain("oxlint -f checkstyle"), "oxlint"),
    _Other("tsc", ("tsconfig.json",), _plain("tsc --noEmit --pretty false"), "typescript"),
    _Other("golangci-lint", (".golangci.",), _plain("golangci-lint run")),
    _Other("rubocop", (".rubocop.yml",), _plain("rubocop --format emacs")),
    _Other("perlcritic", (".perlcriticrc",), _perlcritic),
    _Other("phpcs", ("phpcs.xml", ".phpcs.xml"), _plain("phpcs -q --report=checkstyle")),
    _Other(
        "phpstan",
        ("phpstan.neon",),
        _plain("phpstan analyse --no-progress --error-format=checkstyle"),
    ),
    _Other("hadolint", (".hadolint.y",), _hadolint),
    _Other("yamllint", (".yamllint",), _plain("yamllint -f parsable .")),
    _Other("swiftlint", (".swiftlint.yml",), _plain("swiftlint lint --reporter checkstyle")),
    _Other("shellcheck", (".shellcheckrc",), _shellcheck),
    _Other(
        "clippy", ("clippy.toml", ".clippy.toml"), _plain("cargo clippy --message-format short")
    ),
    _Other("prettier", (".prettierrc", "prettier.config.")),
    _Other("isort", (".isort.cfg",)),
    _Other("rustfmt", ("rustfmt.toml", ".rustfmt.toml")),
    _Other("detekt", ("detekt.yml",)),
    _Other("markdownlint", (".markdownlint",)),
    _Other(
        "commitlint",
        ("commitlint.config.", ".commitlintrc"),
        why_not="it is about messages: a hook commit-msg runs it at step 10",
    ),
)
_BY_NAME: Final = {other.name: other for other in _OTHERS}
# sections of pyproject.toml and setup.cfg, and of package.json
_SECTIONS: Final = ("mypy", "pylint", "pyright", "isort")
_PACKAGE_KEYS: Final = {"eslintConfig": "eslint", "prettier": "prettier", "stylelint": "stylelint"}


def linters(files: Files, shell: ShellReads) -> Iterator[Sight]:
    """Those that devflow asks by name first, each once for a place."""
    taken: set[str] = set()
    for sight in (*_known(files, shell), *_others(files, shell)):
        yield replace(sight, name=unused(sight.name, taken), is_line=True)


def unused(name: str, taken: set[str]) -> str:
    """The name, or with a number where it is taken already; it is taken then."""
    numbered = (f"{name}-{number}" for number in count(2))
    free = next(one for one in chain((name,), numbered) if one not in taken)
    taken.add(free)
    return free


def is_found_by_itself(sight: Sight) -> bool:
    """Whether the step finds it without being told."""
    return "run" not in sight.settings


def _known(files: Files, shell: ShellReads) -> Iterator[Sight]:
    found = configured(files.paths, files.text)
    sources = {
        (name, folder_of(path)): path for name, path in configurations(files.paths, files.text)
    }
    for name, folder in (*((name, "") for name in found.linters), *found.folders):
        # a folder that pipeline.yaml cannot name is left out later, with that reason
        linter = Linter.model_construct(cwd=folder)
        problem = tool(shell, program_of(name), linter, files.paths).told
        words = f"{name} {folder}".rstrip()
        settings = {"cwd": folder} if folder else {}
        yield Sight("linter", name, words, sources[name, folder], settings, problem)


def _others(files: Files, shell: ShellReads) -> Iterator[Sight]:
    packages = {package.folder: package for package in node_packages(files)}
    seen: set[tuple[str, str]] = set()
    for other, path in _places(files):
        folder = folder_of(path)
        if (other.name, folder) not in seen:
            seen.add((other.name, folder))
            yield _other(files, shell, other, path, packages)


def _places(files: Files) -> Iterator[tuple[_Other, str]]:
    for other in _OTHERS:
        for path in files.beginning(*other.beginnings):
            yield other, path
    for path in files.named("pyproject.toml"):
        tools = table_at(files.toml(path), "tool")
        yield from ((_BY_NAME[name], path) for name in _SECTIONS if name in tools)
    for path in files.named("setup.cfg"):
        sections = files.ini(path)
        yield from ((_BY_NAME[name], path) for name in _SECTIONS if name in sections)
    for path in files.named("package.json"):
        table = files.json(path)
        yield from ((_BY_NAME[name], path) for key, name in _PACKAGE_KEYS.items() if key in table)


def _other(
    files: Files, shell: ShellReads, other: _Other, path: str, packages: Mapping[str, NodePackage]
) -> Sight:
    folder = folder_of(path)
    if other.run is None:
        return Sight("linter", other.name, other.name, path, {}, other.why_not)
    command = other.run(files, path)
    settings: dict[str, Any] = {"run": command}
    if other.node:
        package = _package_around(packages, folder)
        if package is None or not _has_tool(packages, package, other.node):
            why_not = f"no package.json names {other.node}"
            return Sight("linter", other.name, command, path, settings, why_not)
        settings = {"run": f"npx --no-install {command}", **package.setup()}
        why_not = "" if shell.found("npx") else "no npx on this machine"
    else:
        python = own_python(shell, "", folder, files.paths)
        why_not = program(shell, command.partition(" ")[0], python).told
    if folder:
        settings["cwd"] = folder
    if other.report:
        settings["report"] = other.report
    return Sight("linter", other.name, command, path, settings, why_not)


def _package_around(packages: Mapping[str, NodePackage], folder: str) -> NodePackage | None:
    while folder not in packages and folder:
        folder = folder_of(folder)
    return packages.get(folder)


def _has_tool(packages: Mapping[str, NodePackage], package: NodePackage, name: str) -> bool:
    home = packages.get(package.home)
    return package.has(name) or (home is not None and home.has(name))
