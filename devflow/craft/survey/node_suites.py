"""What a package of Node tests itself with: its script ``test``, with the report that its runner
can write, and what is left out."""

import re
import shlex
from posixpath import join
from typing import Any, Final, Iterator, Mapping, NamedTuple

from devflow.craft.imports.paths import JAVASCRIPT, collected_by, is_in
from devflow.craft.survey.files import Files, folder_of, text_at
from devflow.craft.survey.node_packages import PACKAGE, NodePackage, node_packages
from devflow.model.survey.seen import Sight
from devflow.ports.shell import ShellReads

_REPORT: Final = "junit.xml"
# what `npm init` writes
_NONE: Final = "no test specified"
_OPERATORS: Final = re.compile(r"&&|\|\||[;|<>&]")
_ASSIGNED: Final = re.compile(r"[A-Za-z_]\w*=.*")
_NODES_OWN: Final = re.compile(r"(?:require\(|from\s+|import\s+)['\"]node:test['\"]")
# scripts of a root that run those of its members
_ALL_MEMBERS: Final = re.compile(
    r"--workspaces\b|\s-ws\b|\s-r\b|--recursive|\bworkspaces (?:run|foreach)"
    r"|\b(?:turbo|lerna|nx)\b"
)
_REPORTER: Final = re.compile(r"--test-reporter[= ](\S+)")
_DESTINATION: Final = re.compile(r"--test-reporter-destination[= ](\S+)")


_IMPORTED: Final = re.compile(
    r"(?:\brequire\(|\bfrom[ \t]|^import[ \t])[ \t]*['\"]([^'\"\n]+)['\"]", re.MULTILINE
)
_NODES_MODULES: Final = frozenset(
    "assert async_hooks buffer child_process cluster console crypto dgram dns domain events fs "
    "http http2 https module net os path perf_hooks process punycode querystring readline repl "
    "stream string_decoder timers tls tty url util v8 vm wasi worker_threads zlib".split()
)
# scripts of all packages, and of each; a package of more names what it needs
_MOST_READ: Final = 200
_LEAST_READ: Final = 5


class _Runner(NamedTuple):
    """How a runner writes a report: the arguments, the file, what has to be installed for it, and
    the environment that keeps it from watching."""

    arguments: str
    report: str = _REPORT
    needs: str = ""
    env: Mapping[str, str] = {}


# by the program; each from the runner's own documentation
_RUNNERS: Final[Mapping[str, _Runner]] = {
    "vitest": _Runner("--run --reporter=default --reporter=junit --outputFile.junit=junit.xml"),
    "jest": _Runner("--ci --reporters=default --reporters=jest-junit", needs="jest-junit"),
    "react-scripts": _Runner("--reporters=default --reporters=jest-junit", needs="jest-junit"),
    "mocha": _Runner(
        "--reporter mocha-junit-reporter --reporter-option mochaFile=junit.xml",
        needs="mocha-junit-reporter",
    ),
    "playwright": _Runner("--reporter=junit", env={"PLAYWRIGHT_JUNIT_OUTPUT_NAME": _REPORT}),
    "bun": _Runner("--reporter=junit --reporter-outfile=junit.xml"),
}
_WATCHING: Final = ("react-scripts", "vitest", "ng")


def node_suites(files: Files, shell: ShellReads) -> Iterator[Sight]:
    """A suite for each package that tests itself."""
    packages = list(node_packages(files))
    by_folder = {package.folder: package for package in packages}
    for package in packages:
        sight = _suite(files, shell, package, by_folder.get(package.home))
        if sight is not None:
            yield sight
        yield from _others(package)


def _suite(
    files: Files, shell: ShellReads, package: NodePackage, home: NodePackage | None
) -> Sight | None:
    script = package.script("test")
    if script and _NONE not in script:
        settings = _settings(package, script)
    elif _tests_with_node(files, package):
        settings = _with_node(package, "node --test")
        script = "node:test in its tests"
    else:
        return None
    why_not = _missing(files, shell, package, str(settings["run"]))
    if home and package.is_member and _ALL_MEMBERS.search(f" {home.script('test')}"):
        why_not = f"{home.path} runs it: {home.script('test')}"
    name = package.folder.rpartition("/")[2] or package.name or "node"
    return Sight("suite", name, script, package.path, settings, why_not, True)


def _others(package: NodePackage) -> Iterator[Sight]:
    """Scripts beside ``test`` that are called as if they tested something."""
    scripts = package.table.get("scripts")
    for name in scripts if isinstance(scripts, dict) else ():
        if isinstance(name, str) and name.startswith(("test:", "test-", "e2e")):
            watches = "watch" in name or "watch" in package.script(name)
            why_not = "`test` is what is run of this package"
            if watches:
                why_not = "it waits for changes"
            elif not package.script("test"):
                why_not = "no script `test` names it"
            words = package.script(name)
            yield Sight("suite", name.replace(":", "-"), words, package.path, {}, why_not, True)


def _settings(package: NodePackage, script: str) -> dict[str, Any]:
    """How the script is run, with a report where its runner can write one."""
    written = _written_reports(script)
    if written:
        return _placed(package, {"run": package.runs("test", ""), **written})
    words = _words(script)
    program = words[0].rpartition("/")[2] if words else ""
    env = {"CI": "1"} if program in _WATCHING else {}
    runner = _RUNNERS.get(program)
    if program == "node" and "--test" in words:
        return _with_node(package, shlex.join(words))
    if runner and (not runner.needs or package.has(runner.needs)):
        run = package.runs("test", runner.arguments)
        return _placed(package, {"run": run, "junit": runner.report}, {**env, **runner.env})
    return _placed(package, {"run": package.runs("test", "")}, env)


def _with_node(package: NodePackage, command: str) -> dict[str, Any]:
    """A command of node's own runner, with the report that it can write."""
    report = f"--test --test-reporter=junit --test-reporter-destination={_REPORT}"
    run = package.executes(command.replace("--test", report, 1))
    return _placed(package, {"run": run, "junit": _REPORT})


def _placed(
    package: NodePackage, settings: dict[str, Any], env: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The settings as they count from the folder that the command is typed in."""
    placed = dict(settings)
    for name in ("junit", "coverage"):
        if name in placed:
            placed[name] = join(package.inner, placed[name])
    if package.home:
        placed["cwd"] = package.home
    if env:
        placed["env"] = dict(env)
    return {**placed, **package.setup()}


def _words(script: str) -> list[str]:
    """The words of a script that is one command, without what it sets; none of another."""
    if _OPERATORS.search(script):
        return []
    try:
        words = shlex.split(script)
    except ValueError:
        return []
    while words and (
        words[0] in ("cross-env", "npx", "yarn", "pnpm", "exec") or _ASSIGNED.fullmatch(words[0])
    ):
        words.pop(0)
    return words


def _written_reports(script: str) -> dict[str, Any]:
    """What node's own runner writes already: each destination belongs to the reporter before."""
    reporters = _REPORTER.findall(script)
    written = dict(zip(reporters, _DESTINATION.findall(script)))
    if "junit" not in written or written["junit"] in ("stdout", "stderr"):
        return {}
    reports = {"junit": written["junit"]}
    if written.get("lcov", "stdout") not in ("stdout", "stderr"):
        reports["coverage"] = written["lcov"]
    return reports


def _tests_with_node(files: Files, package: NodePackage) -> bool:
    """Whether there are tests of node's own runner, which needs no script."""
    is_test = collected_by("node")
    inside = [path for path in _own(files, package) if is_test.fullmatch(path)]
    return any(_NODES_OWN.search(files.text(path)) for path in inside[:50])


def _own(files: Files, package: NodePackage) -> Iterator[str]:
    """The files of a package that are in no package inside of it."""
    inner = [folder_of(path) for path in files.named(PACKAGE) if path != package.path]
    others = [folder for folder in inner if not package.folder or is_in(folder, package.folder)]
    begins = tuple(f"{folder}/" for folder in others if folder)
    for path in files.below(package.folder):
        if not path.startswith(begins):
            yield path


def _unresolved(files: Files, package: NodePackage) -> str:
    """A module of others that a package without any dependency asks for; empty where all is its
    own or node's."""
    scripts = [path for path in _own(files, package) if path.endswith(JAVASCRIPT)]
    most = max(_LEAST_READ, _MOST_READ // len(files.named(PACKAGE)))
    for path in scripts[:most]:
        for name in _IMPORTED.findall(files.text(path)):
            top = name.split("/")[0]
            is_own = name.startswith((".", "/", "#", "node:")) or top in _NODES_MODULES
            if not is_own and name != text_at(package.table, "name"):
                return f"{path} asks for {name}, which no package.json names"
    return ""


def _missing(files: Files, shell: ShellReads, package: NodePackage, run: str) -> str:
    program = run.partition(" ")[0]
    if not shell.found(program):
        return f"no {program} on this machine"
    unresolved = "" if package.needs_install else _unresolved(files, package)
    return f"{unresolved}: name what installs it as setup:" if unresolved else ""


def node_name(files: Files) -> tuple[str, str]:
    """What the package at the top calls itself, and the file that says so."""
    return (text_at(files.json("package.json"), "name").rpartition("/")[2], "package.json")
