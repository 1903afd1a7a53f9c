"""The hooks that git itself would run, of whichever manager: core.hooksPath, husky, lefthook, or a
plain file in .git/hooks.

They run in the checkout of a tree, as ``git commit`` runs them in the working tree.
"""

import re
from dataclasses import dataclass
from typing import AbstractSet, Final, Iterator

from devflow.craft.quality.hook_configurations import Configurations
from devflow.craft.quality.hook_managers import MANAGERS, Manager, idle, manager_of
from devflow.craft.quality.hooks import OUTPUT_LINES
from devflow.model.change import Hook, HookManager
from devflow.model.wording import first_of
from devflow.ports.repository import GitHook, RepositoryReads
from devflow.ports.shell import Ran

PLACES: Final = 3  # that are named of one manager; in a monorepo each package may have one
# husky installs a file of its own there for every name that git knows
_HUSKYS: Final = re.compile(r"((?:.*/)?\.husky/)_/[^/]+")
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
# what lefthook draws around the lines of a hook, and says of itself
_FRAME: Final = re.compile(r"[\u2500-\u257f]|summary: ")
# by which pre-commit itself knows its hook, since its first version for git's own
_PRE_COMMITS: Final = re.compile(
    "138fd403232d2ddd5efb44317e38bf03|4d9958c90bc262f47553e2c073f14cfe"
    "|d8ee923c46731b42cd95cc869add4062|49fd668cb42069aa1b6048464be5d395"
    "|79f09a650522a87b0da915d0d983b2de|e358c9dae00eac5d06b38dfdb1e33a8c"
)
_NOT_INSTALLED: Final = "not installed in this clone, so git runs no hook of it"
_NOT_HERE: Final = "its hooks run in the working tree alone, so devflow does not run them"


@dataclass(frozen=True)
class OwnHook:
    """What git would run at a ``stage``: ``argv`` begins the command and ``name`` tells it apart;
    both are empty where there is none that devflow runs, ``not_run`` is the manager then whose hook
    there is. ``is_pre_commits``: it would run pre-commit."""

    stage: str
    argv: tuple[str, ...] = ()
    name: str = ""
    manager: Manager | None = None
    is_pre_commits: bool = False
    not_run: str = ""
    managers: tuple[HookManager, ...] = ()

    @property
    def none(self) -> str:
        """What is said where there is none that devflow runs."""
        if self.not_run:
            return f"devflow does not run {self.not_run}'s hook {self.stage}"
        return f"git runs no hook {self.stage} here"


def own_hook(repository: RepositoryReads, tree: str, stage: str) -> OwnHook:
    """The hook of this name."""
    paths = frozenset(repository.paths(tree))
    hook = repository.hook(stage)
    manager = manager_of(hook) if hook else None
    configured = Configurations(repository, tree, paths, stage)
    others = tuple(_others(configured, manager))
    if hook is None:
        return OwnHook(stage, managers=others)
    if _is_empty(hook, configured, manager):
        return OwnHook(stage, managers=others)
    if _PRE_COMMITS.search(hook.text):
        return OwnHook(stage, is_pre_commits=True, managers=others)
    if manager and not manager.is_run:
        there = HookManager(name=manager.name, place=hook.path, why=_NOT_HERE)
        return OwnHook(stage, not_run=manager.name, managers=(there, *others))
    # .git/hooks, or the folder of core.hooksPath
    folder = "/".join(hook.path.split("/")[-3:-1])
    name = f"{stage} ({manager.name if manager else folder or hook.path})"
    return OwnHook(stage, (_place(hook, paths),), name, manager, managers=others)


def _is_empty(hook: GitHook, configured: Configurations, manager: Manager | None) -> bool:
    """Whether it is there for every name alike, and the project has nothing for this one."""
    huskys = _HUSKYS.fullmatch(hook.path)
    if huskys and f"{huskys[1]}{configured.stage}" not in configured.paths:
        return True
    return manager is not None and manager.is_silent and not configured.packages(manager)


def _place(hook: GitHook, paths: AbstractSet[str]) -> str:
    """The tree's own hook where it has it, since that is what is going to be committed."""
    if hook.path.startswith("/"):
        return hook.path
    # husky's own folder is lent
    is_there = hook.path in paths or _HUSKYS.fullmatch(hook.path)
    return f"{{tree}}/{hook.path}" if is_there else f"{{root}}/{hook.path}"


def _others(configured: Configurations, manager: Manager | None) -> Iterator[HookManager]:
    """The managers that the tree configures, without the one whose hook is there."""
    for one in MANAGERS:
        if manager is not None and one.name == manager.name:
            continue
        places = configured.places(one)
        if places:
            why = _NOT_INSTALLED if one.is_run else _NOT_HERE
            yield HookManager(name=one.name, place=first_of(places, PLACES), why=why)


def ended(own: OwnHook, ran: Ran) -> tuple[Hook, str]:
    """How git's own hook ended, and why that is not to be told, else empty."""
    printed = ran.in_tree(ran.output)
    lines = [_COLOUR.sub("", line).rstrip() for line in printed.splitlines()]
    words = [line.strip() for line in lines if line.strip() and not _FRAME.match(line.strip())]
    output = "\n".join(words[-OUTPUT_LINES:])
    outcome = "failed" if ran.exit_code else "passed"
    problem = ran.problem
    none = idle(own.manager, own.stage, "\n".join(lines)) if own.manager else None
    if none and ran.exit_code == 0:
        outcome = "skipped" if none.is_of_files else "not_run"
        output = none.why
        if none.is_broken:
            problem = f"{own.name} ended with 0, and has run nothing: {none.why}"
    hook = Hook.model_validate({"name": own.name, "outcome": outcome, "output": output})
    return hook, problem
