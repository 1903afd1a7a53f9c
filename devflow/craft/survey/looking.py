"""Everything that is seen of a repository, one look after the other."""

import re
from collections import Counter
from dataclasses import replace
from typing import Final, Iterable, Iterator

from pydantic import ValidationError

from devflow.craft.quality.linter_settings import Linter
from devflow.craft.survey.around import commit_style, deployed, languages, notes
from devflow.craft.survey.ci import ci_systems, runs_for_changes
from devflow.craft.survey.files import Files
from devflow.craft.survey.hooks import hooks
from devflow.craft.survey.linters import linters
from devflow.craft.survey.node_suites import node_name, node_suites
from devflow.craft.survey.other_suites import bats_suites, other_names, other_suites, target_suites
from devflow.craft.survey.python_suites import project_name, python_suites
from devflow.model.declared.project import Suite
from devflow.model.survey.clone import CloneFacts
from devflow.model.survey.seen import Connect, Known, Sight
from devflow.model.values import Value
from devflow.ports.repository import RepositoryReads
from devflow.ports.shell import ShellReads

_UNFIT: Final = re.compile(r"[^A-Za-z0-9_.-]+")
_NAME_CHARS: Final = 40
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
        *(_refused(linter, Linter) for linter in linters(files, shell)),
        *hooks(files, shell, repository),
        *_waited_for(ci_systems(files), connect),
        *deployed(files),
        *notes(files, clone),
        *commit_style(clone),
    )


def named(files: Files, clone: CloneFacts, folder: str) -> Known:
    """What the project is called: by its own files, by its remote, by its folder."""
    for name, source in (project_name(files), node_name(files), *other_names(files)):
        if name and name.isprintable():
            return Known(name[:_NAME_CHARS], source)
    for remote, address in clone.remotes.items():
        last = re.split(r"[/:]", address.removesuffix("/").removesuffix(".git"))[-1]
        if last:
            return Known(last[:_NAME_CHARS], f"the address of {remote}")
    return Known(folder[:_NAME_CHARS] or "project", "the folder's name")


def _suites(files: Files, shell: ShellReads) -> Iterator[Sight]:
    found = [
        *python_suites(files, shell),
        *node_suites(files, shell),
        *other_suites(files, shell),
        *bats_suites(files, shell),
    ]
    yield from found
    yield from target_suites(files, shell, any(suite.is_in for suite in found))


def _with_own_names(suites: Iterable[Sight]) -> Iterator[Sight]:
    """Suites with names that pipeline.yaml takes, each of its own."""
    counts: Counter[str] = Counter()
    for suite in suites:
        name = _UNFIT.sub("-", suite.name).strip("-_.")[:_NAME_CHARS] or "suite"
        counts[name] += 1
        if counts[name] > 1:
            name = f"{name}-{counts[name]}"
        yield _refused(replace(suite, name=name), Suite)


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
