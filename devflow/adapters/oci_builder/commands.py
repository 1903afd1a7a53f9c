"""The commands of RUN that need no machine to run on: they are carried out on the stage's files.

Each takes what its program takes; what it does not know of is for an engine.
"""

import posixpath
import re
import shlex
from dataclasses import dataclass, replace
from typing import Callable, Final, Iterator, Mapping, Sequence

from devflow.adapters.images.store import Store
from devflow.adapters.oci_builder.bytecode import Compiler, Interpreter
from devflow.adapters.oci_builder.wheels import Target, Wheels, laid_out, locked
from devflow.craft.dockerfile.filesystem import Filesystem
from devflow.craft.dockerfile.patterns import has_wildcard
from devflow.craft.dockerfile.planning import Step, engine_only
from devflow.craft.oci.layers import Entry, Kind
from devflow.craft.oci.writing import Source
from devflow.model.errors import StepFailed

Say = Callable[..., None]
_SEPARATORS: Final = frozenset({"&&"})
_OPERATORS: Final = frozenset("|;&><`$()") - {"&"}
PYTHONS: Final = re.compile(r"(?:/usr/(?:local/)?bin/)?python(?:3(?:\.\d+)?)?")
OCTAL: Final = re.compile(r"[0-7]{3,4}")
PIP_QUIET: Final = frozenset(
    "--no-cache-dir --no-compile --require-hashes --no-deps --quiet -q --disable-pip-version-check "
    "--no-warn-script-location".split()
)
PIP_VALUED: Final = frozenset(
    "--target -t --platform --python-version --implementation --abi --only-binary -r "
    "--root-user-action".split()
)


class Unknown(Exception):
    """A command, or an option of one, that is for an engine."""


@dataclass
class Workshop:
    """What the commands work with: the files, wheels, a compiler; ``python`` answers the Python of
    the base that it is given, and where that is in the image."""

    store: Store
    wheels: Wheels
    compiler: Compiler
    say: Say
    python: Callable[[str], tuple[Interpreter, str]]


@dataclass(frozen=True)
class Bench:
    """The workshop, and the base of the stage that is worked on."""

    workshop: Workshop
    base: str

    def python(self) -> tuple[Interpreter, str]:
        """The stage's Python. Raises ``Unknown`` where there is none."""
        if not self.base:
            raise Unknown("python, in a stage from scratch")
        return self.workshop.python(self.base)


def carry_out(step: Step, files: Filesystem, workshop: Workshop, base: str) -> None:
    """Does what a RUN says in a stage that begins with ``base``. Raises ``Unavailable`` for what
    only an engine does, ``StepFailed`` where the command would fail."""
    if any(not _is_needless(flag, value) for flag, value in step.instruction.flags):
        raise engine_only(step.written, step.where)
    for argv in _commands(step):
        try:
            _carry_out(argv, step, files, Bench(workshop, base))
        except Unknown as error:
            raise engine_only(f"RUN {error}", step.where) from error


def _is_needless(flag: str, value: str) -> bool:
    """Whether a flag is nothing to what is carried out here: a cache, or a secret that tells pip
    where its index is, which is asked of this machine's own pip."""
    return flag == "mount" and value.startswith(("type=cache", "type=secret"))


def _commands(step: Step) -> Iterator[list[str]]:
    line = step.instruction.exec_form
    if line is not None:
        yield list(line)
        return
    lexer = shlex.shlex(step.text, posix=True, punctuation_chars="&|;<>()")
    lexer.whitespace_split = True
    argv: list[str] = []
    for word in lexer:
        if word in _SEPARATORS:
            yield argv
            argv = []
        elif set(word) <= _OPERATORS | {"&"}:
            raise engine_only(step.written, step.where)
        else:
            argv.append(word)
    yield argv


def _carry_out(argv: list[str], step: Step, files: Filesystem, bench: Bench) -> None:
    if not argv:
        raise StepFailed("there is no command", where=step.where)
    if PYTHONS.fullmatch(argv[0]) and argv[1:2] == ["-m"]:
        argv = argv[2:]
    program = posixpath.basename(argv[0]) if argv else ""
    todo = {
        "pip": _pip,
        "compileall": _compileall,
        "rm": _rm,
        "mkdir": _mkdir,
        "ln": _ln,
        "chmod": _chmod,
    }.get(program)
    if todo is None:
        raise Unknown(shlex.join(argv))
    todo(argv[1:], step, files, bench)


def _options(
    words_: Sequence[str], flags: frozenset[str], valued: frozenset[str]
) -> tuple[dict[str, list[str]], list[str]]:
    """Options with their values, and the other words. Raises ``Unknown``."""
    found: dict[str, list[str]] = {}
    rest: list[str] = []
    todo = list(words_)
    while todo:
        word = todo.pop(0)
        key, equals, value = word.partition("=")
        if word in flags:
            found.setdefault(word, [])
        elif key in valued and (equals or todo):
            found.setdefault(key, []).append(value if equals else todo.pop(0))
        elif word.startswith("-") and word != "-":
            raise Unknown(shlex.join(words_))
        else:
            rest.append(word)
    return found, rest


def _real(path: str, step: Step, files: Filesystem, *, follow_last: bool = True) -> str:
    whole = posixpath.join(step.workdir, path)
    return files.resolved(whole.strip("/"), follow_last=follow_last)


def _pip(argv: list[str], step: Step, files: Filesystem, bench: Bench) -> None:
    if argv[:1] != ["install"]:
        raise Unknown(f"pip {shlex.join(argv)}")
    found, rest = _options(argv[1:], PIP_QUIET, PIP_VALUED)
    needed = {"--no-compile", "--require-hashes", "--platform", "--target", "-r"}
    if rest or not needed <= set(found) or found.get("--only-binary") != [":all:"]:
        raise Unknown(f"pip {shlex.join(argv)}")
    target = _target(found)
    python = bench.python()[1]
    folder = _real(found["--target"][0], step, files)
    files.make_folder(folder)
    workshop = bench.workshop
    for name in found["-r"]:
        packages = locked(_text(_real(name, step, files), step, files), target, name)
        for package, digest in workshop.wheels.fetch(packages, target, workshop.say):
            files.wheels.add(package.wheel(digest))
            for source in laid_out(workshop.store, digest, folder, python):
                files.put(source)


def _target(found: Mapping[str, list[str]]) -> Target:
    """For what wheels are wanted, as pip's options say it."""
    major, _, minor = found.get("--python-version", ["3.11"])[0].partition(".")
    if not major.isdigit() or not minor.isdigit():
        raise Unknown(f"pip install --python-version {major}.{minor}")
    platforms = tuple(found["--platform"])
    return Target((int(major), int(minor)), platforms, tuple(found.get("--abi", ())))


def _text(path: str, step: Step, files: Filesystem) -> str:
    source = files.files.get(path)
    if source is None or source.entry.kind is not Kind.FILE:
        raise StepFailed(f"there is no file /{path}", where=step.where)
    with source.content() as content:
        return content.read().decode("utf-8")


def _compileall(argv: list[str], step: Step, files: Filesystem, bench: Bench) -> None:
    flags = frozenset({"-q", "-qq", "-f"})
    valued = frozenset({"--invalidation-mode", "-s", "-p", "-j"})
    found, folders = _options(argv, flags, valued)
    if found.get("--invalidation-mode") != ["unchecked-hash"] or not folders:
        raise Unknown(f"compileall {shlex.join(argv)}")
    stripped = found.get("-s", [""])[0].rstrip("/") or "/"
    prefix = found.get("-p", [""])[0] or "/"
    sources = []
    for folder in folders:
        for source in _programs(_real(folder, step, files), files):
            place = f"/{source.entry.path}".removeprefix(stripped)
            sources.append((source, posixpath.join(prefix, place.lstrip("/"))))
    bench.workshop.say(f"byte code of {len(sources)} files")
    for source in bench.workshop.compiler.compiled(sources, bench.python()[0]):
        files.put(source)


def _programs(folder: str, files: Filesystem) -> Iterator[Source]:
    """The Python files below a folder; what a link leads to is compiled under the link's name."""
    for path in files.below(folder):
        found: Source | None = files.files[path]
        if path.endswith(".py") and files.files[path].entry.kind is Kind.SYMLINK:
            found = _led_to(path, files)
        if path.endswith(".py") and found is not None and found.entry.kind is Kind.FILE:
            yield found


def _led_to(path: str, files: Filesystem) -> Source | None:
    """The file that a link leads to, at the link's place."""
    found = files.files.get(files.resolved(path, follow_last=True))
    if found is None or found.entry.kind is not Kind.FILE:
        return None
    return Source(replace(found.entry, path=path), found.content)


def _rm(argv: list[str], step: Step, files: Filesystem, bench: Bench) -> None:
    found, paths = _options(argv, frozenset({"-r", "-f", "-rf", "-fr"}), frozenset())
    is_forced = bool({"-f", "-rf", "-fr"} & set(found))
    is_deep = bool({"-r", "-rf", "-fr"} & set(found))
    for path in paths:
        whole = posixpath.join(step.workdir, path).strip("/")
        if has_wildcard(path):
            matches = files.matching(whole)
        else:
            real = files.resolved(whole, follow_last=False)
            matches = [real] if real in files.files else []
        if not matches and not is_forced:
            raise StepFailed(f"rm: there is no {path}", where=step.where)
        for match in matches:
            if files.is_folder(match) and not is_deep:
                raise StepFailed(f"rm: {path} is a folder", where=step.where)
            files.remove(match)


def _mkdir(argv: list[str], step: Step, files: Filesystem, bench: Bench) -> None:
    found, paths = _options(argv, frozenset({"-p"}), frozenset({"-m"}))
    for path in paths:
        real = _real(path, step, files)
        if real in files.files and "-p" not in found:
            raise StepFailed(f"mkdir: {path} is there", where=step.where)
        files.make_folder(real)
        for mode in found.get("-m", []):
            if not OCTAL.fullmatch(mode):
                raise Unknown(f"mkdir {shlex.join(argv)}")
            _set_mode(real, mode, files)


def _ln(argv: list[str], step: Step, files: Filesystem, bench: Bench) -> None:
    found, paths = _options(argv, frozenset({"-s", "-sf"}), frozenset())
    if not found or len(paths) != 2:
        raise Unknown(f"ln {shlex.join(argv)}")
    real = _real(paths[1], step, files, follow_last=False)
    if files.is_folder(real):
        real = posixpath.join(real, posixpath.basename(paths[0]))
    files.put(Source(Entry(real, Kind.SYMLINK, 0o777, link=paths[0])))


def _chmod(argv: list[str], step: Step, files: Filesystem, bench: Bench) -> None:
    if len(argv) < 2 or not OCTAL.fullmatch(argv[0]):
        raise Unknown(f"chmod {shlex.join(argv)}")
    for path in argv[1:]:
        real = _real(path, step, files)
        if real not in files.files:
            raise StepFailed(f"chmod: there is no {path}", where=step.where)
        _set_mode(real, argv[0], files)


def _set_mode(path: str, mode: str, files: Filesystem) -> None:
    source = files.files[path]
    files.put(Source(replace(source.entry, mode=int(mode, 8)), source.content))
