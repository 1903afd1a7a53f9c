"""The hooks of a repository: what git would run before a commit here, and what is configured and
does not run here."""

from typing import Iterator

from devflow.craft.quality.hook_place import HookPlace
from devflow.craft.quality.hooks import BEFORE_COMMIT, CONFIG, configured
from devflow.craft.quality.own_hooks import own_hook
from devflow.craft.survey.files import Files
from devflow.model.survey.seen import Sight
from devflow.model.wording import first_of
from devflow.ports.repository import RepositoryReads
from devflow.ports.shell import ShellReads

_SHOWN = 6  # hooks that a line names


def hooks(files: Files, shell: ShellReads, repository: RepositoryReads) -> Iterator[Sight]:
    """Everything that step 9 would run, and every manager that it would not."""
    if CONFIG in files.paths:
        yield _pre_commits(files, shell)
    own = own_hook(repository, "", BEFORE_COMMIT)
    if own.argv:
        yield Sight("hooks", own.name, own.name, own.argv[0], is_line=True)
    for manager in own.managers:
        yield Sight("hooks", manager.name, manager.name, manager.place, {}, manager.why, True)


def _pre_commits(files: Files, shell: ShellReads) -> Sight:
    told = configured(files.text(CONFIG))
    names = [hook.id for hook in told or ()]
    words = f"pre-commit: {first_of(names, _SHOWN)}" if names else "pre-commit"
    why_not = ""
    if told is None:
        why_not = "it is no configuration that can be read"
    elif not names:
        why_not = f"it has no hook for {BEFORE_COMMIT}"
    elif not HookPlace.of(shell, files.paths).program("pre-commit"):
        why_not = "no pre-commit on this machine: pipx install pre-commit"
    return Sight("hooks", "pre-commit", words, CONFIG, {}, why_not, True)
