"""Whether the linters and hooks of the project can run here."""

from typing import Final, Iterator, Mapping

from devflow.craft.examine.programs import program_needed
from devflow.craft.quality.hook_place import HookPlace
from devflow.craft.quality.hooks import fetched
from devflow.craft.quality.linter_checks import NAME_LINTERS, NONE_CONFIGURED
from devflow.craft.quality.linter_settings import Linter
from devflow.craft.quality.own_hooks import own_hook
from devflow.craft.quality.own_linters import program_of
from devflow.craft.quality.tools import own_python, tool
from devflow.model.bounds.commands import argv_of
from devflow.model.outcomes import Needed
from devflow.model.wording import first_of
from devflow.ports.around import Around

_SHOWN: Final = 3


def matrix(around: Around, pythons: tuple[str, ...]) -> Iterator[Needed]:
    """Each Python of a matrix."""
    for index, version in enumerate(pythons):
        path = around.shell.interpreter(version)
        yield Needed(
            about=f"Python {version}",
            here=bool(path),
            found=path or f"no python{version} on this machine",
            remedy="" if path else f"uv python install {version}",
            at=("pythons", index),
        )


def none_configured(others: tuple[str, ...]) -> Needed:
    """What is said where nothing would be looked at; ``others`` configure linters that have to be
    named."""
    found = NONE_CONFIGURED
    if others:
        found += f", and {first_of(others, _SHOWN)} a linter that has to be named"
    return Needed(about="linters", here=False, found=found, remedy=NAME_LINTERS)


def linters(around: Around, asked: Mapping[str, Linter]) -> Iterator[Needed]:
    """Each linter: one that devflow knows by the version that it says, a command by its program."""
    for name, linter in asked.items():
        about = f"linter {name}"
        at = ("linters", name)
        if linter.run:
            argv = argv_of(linter.setup or linter.run)
            python = own_python(around.shell, linter.python, linter.cwd, around.paths)
            what = f"{about}, its setup" if linter.setup else about
            yield from program_needed(around.shell, what, argv, at, python)
            continue
        found = tool(around.shell, program_of(name), linter, around.paths)
        said = found.problem or f"{found.version} {found.where}"
        here = not found.problem
        yield Needed(about=about, here=here, found=said, remedy=found.remedy, at=at)


def hooks(around: Around, config: str, stage: str) -> Iterator[Needed]:
    """pre-commit where the tree has its configuration, and what keeps hooks that git does not
    run."""
    if config in around.paths:
        program = HookPlace.of(around.shell, around.paths).program("pre-commit")
        yield Needed(
            about="pre-commit",
            here=bool(program),
            found=program or f"no pre-commit on this machine, and {config} asks for it",
            remedy="" if program else "pipx install pre-commit",
        )
        yield from _fetched(around, config)
    own = own_hook(around.repository, "", stage)
    if own.argv:
        yield Needed(about="git's hook", here=True, found=own.name)
    for one in own.managers:
        found = f"{one.name}, in {one.place}: {one.why}"
        yield Needed(about="hooks", here=None, found=found, required=False)
    if config not in around.paths and not own.argv and not own.managers:
        found = f"no {config}, and {own.none}"
        yield Needed(about="hooks", here=False, found=found, remedy="add one, or drop the entry")


def _fetched(around: Around, config: str) -> Iterator[Needed]:
    """Other people's hooks: those that pre-commit has here, and those that it would fetch."""
    named = fetched(around.repository.read("", config) or "")
    missing = []
    for repository, revision in named:
        kept = [repo for repo, ref in around.kept_hooks if ref == revision]
        if not any(one == repository or one.startswith(f"{repository}:") for one in kept):
            missing.append(f"{repository} at {revision}")
    if missing:
        found = f"fetched when they first run: {first_of(missing, _SHOWN)}"
        yield Needed(about="hooks", here=None, found=found, remedy="pre-commit install-hooks")
    elif named:
        yield Needed(about="hooks", here=True, found=f"pre-commit has all {len(named)} of others")
