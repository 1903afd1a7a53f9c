"""Everything that is seen of a repository, one look after the other."""

import re
from dataclasses import replace
from typing import Final, Iterable, Iterator

from pydantic import ValidationError

from devflow.craft.imports.paths import SAMPLES
from devflow.craft.quality.linter_settings import NAMED, Linter
from devflow.craft.survey.around import commit_style, deployed, languages, notes
from devflow.craft.survey.ci import ci_systems, runs_for_changes
from devflow.craft.survey.files import Files, folder_of
from devflow.craft.survey.hooks import hooks
from devflow.craft.survey.linters import is_found_by_itself, linters, unused
from devflow.craft.survey.node_suites import node_name, node_suites
from devflow.craft.survey.other_suites import bats_suites, other_names, other_suites, target_suites
from devflow.craft.survey.perl_suites import perl_name, perl_suites
from devflow.craft.survey.python_suites import project_name, python_suites
from devflow.model.declared.project import Suite
from devflow.model.survey.clone import CloneFacts
from devflow.model.survey.seen import Connect, Known, Sight
from devflow.model.values import Value
from devflow.model.wording import first_of, plural
from devflow.ports.repository import RepositoryReads
from devflow.ports.shell import ShellReads

_UNFIT: Final = re.compile(r"[^A-Za-z0-9_.-]+")
_NAME_CHARS: Final = 40
_SHOWN: Final = 2  # projects among the tests that a line names
_AMONG_TESTS: Final = "they lie among the tests, which look at them"
_ONCE: Final = "its name stands in the list: give this one a name and a command, as run:"
_NO_CI: Final = "nothing runs them in the sandbox: with connect: real they are waited for"
_NOT_READ: Final = "devflow waits for checks at GitHub, and its jobs are not read"
_NOT_FOR_CHANGES: Final = "no push and no pull request starts it"


def sights(
    files: Files,
    shell: ShellReads,
    repository: RepositoryReads,
    clone: CloneFacts,
    connect: Connect,
) -> tuple[Sight, ...]:
    """All of it, in the order in which a person reads it."""
    return (
        *languages(files),
        *_with_own_names(_suites(files, shell)),
        *_linters(files, shell),
        *hooks(files, shell, repository),
        *_waited_for(ci_systems(files), connect),
        *deployed(files),
        *notes(files, clone),
        *commit_style(clone),
        # the last: by now everybody has read what they look into
        *_unread(files),
    )


def _unread(files: Files) -> Iterator[Sight]:
    for path, (form, why) in sorted(files.unread.items()):
        yield Sight("unread", path, form, path, {}, why)


def named(files: Files, clone: CloneFacts, folder: str) -> Known:
    """What the project is called: by its own files, by its remote, by its folder."""
    own = (project_name(files), node_name(files), *other_names(files), perl_name(files))
    for name, source in own:
        if name and name.isprintable():
            return Known(name[:_NAME_CHARS], source)
    for remote, address in clone.remotes.items():
        last = re.split(r"[/:]", address.removesuffix("/").removesuffix(".git"))[-1]
        if last:
            return Known(last[:_NAME_CHARS], f"the address of {remote}")
    return Known(folder[:_NAME_CHARS] or "project", "the folder's name")


def _suites(files: Files, shell: ShellReads) -> Iterator[Sight]:
    others = other_suites(files, shell)
    projects = [*node_suites(files, shell), *others, *perl_suites(files, shell)]
    samples = [suite for suite in projects if _is_among_tests(suite.source)]
    own = [suite for suite in projects if suite not in samples]
    found = [*python_suites(files, shell), *own, *bats_suites(files, shell)]
    yield from found
    yield from target_suites(files, shell, found)
    if samples:
        sources = [suite.source for suite in samples]
        words = f"{plural(len(samples), 'suite')} of {first_of(sources, _SHOWN)}"
        source = folder_of(sources[0])
        yield Sight("suite", "samples", words, source, {}, _AMONG_TESTS, True)


def _is_among_tests(source: str) -> bool:
    """Whether a project lies deeper in a folder of tests: what they look at, as our own do."""
    return not SAMPLES.isdisjoint(folder_of(folder_of(source)).split("/"))


def _with_own_names(suites: Iterable[Sight]) -> Iterator[Sight]:
    """Suites with names that pipeline.yaml takes, each of its own."""
    taken: set[str] = set()
    for suite in suites:
        fit = _UNFIT.sub("-", suite.name).strip("-_.")[:_NAME_CHARS] or "suite"
        name = unused(fit, taken)
        yield _refused(replace(suite, name=name), Suite)


def _linters(files: Files, shell: ShellReads) -> Iterator[Sight]:
    """Where they have to be listed, a name that devflow knows can stand there once."""
    found = [_refused(linter, Linter) for linter in linters(files, shell)]
    is_listed = any(linter.is_in != is_found_by_itself(linter) for linter in found)
    for linter in found:
        is_known = is_found_by_itself(linter)
        if is_listed and linter.is_in and is_known and linter.name not in NAMED:
            linter = replace(linter, why_not=_ONCE)
        yield linter


def _refused(sight: Sight, model: type[Value]) -> Sight:
    """A suite or a linter that pipeline.yaml cannot say, such as one in a folder whose name is none
    there, is left out."""
    if not sight.settings:
        return sight
    try:
        model.model_validate(dict(sight.settings))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        why_not = f"pipeline.yaml cannot name {first['input']!r} as its {place or 'settings'}"
        return replace(sight, why_not=why_not)
    return sight


def _waited_for(systems: Iterable[Sight], connect: Connect) -> Iterator[Sight]:
    """CI systems as the pipeline has them: those whose checks GitHub shows are waited for."""
    for system in systems:
        why_not = ""
        if not system.settings.get("names") or "for_changes" not in system.settings:
            why_not = _NOT_READ
        elif not runs_for_changes(system):
            why_not = _NOT_FOR_CHANGES
        elif connect == "sandbox":
            why_not = _NO_CI
        yield replace(system, why_not=why_not, is_line=True)
