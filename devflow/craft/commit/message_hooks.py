"""The message that is going to be committed, through the project's own hooks: prepare-commit-msg,
then commit-msg, as ``git commit`` calls them.

They run in a checkout of the tree, with the message where git keeps it. What they make of it is
what is committed.
"""

from dataclasses import dataclass, replace
from typing import Callable, Final, Iterator

from devflow.craft.quality.hook_errors import is_waiting, problem_of
from devflow.craft.quality.hook_place import HookPlace
from devflow.craft.quality.hooks import CONFIG, Configured, configured, is_installed_for, told
from devflow.craft.quality.own_hooks import OwnHook, ended, own_hook
from devflow.model.change import Hook, HookManager
from devflow.model.tree import Tree
from devflow.model.wording import one_line
from devflow.ports.repository import RepositoryReads
from devflow.ports.shell import Ran, ShellReads

# git calls them in this order, and tells the first of them where the message comes from
STAGES: Final = ("prepare-commit-msg", "commit-msg")
_SOURCE: Final = "message"
_FILE: Final = ".git/COMMIT_EDITMSG"
_KEPT: Final = "message"
# some hooks read the file where git keeps it, and not the one that they are told
_AROUND: Final = f"""\
kept=$1
shift
cp "$kept" {_FILE}
"$@"
code=$?
cp {_FILE} "$kept"
exit $code
"""
HOOKS_S: Final = 120.0  # s for one command of hooks; they read one text
_WAITING: Final = "waiting for another pre-commit, which works in the same store"


@dataclass(frozen=True)
class Seen:
    """A message after its hooks: each hook that ran, and why one could not be run."""

    text: str
    hooks: tuple[Hook, ...] = ()
    problem: str = ""

    @property
    def is_refused(self) -> bool:
        """Whether git would not commit it."""
        return bool(self.problem) or any(hook.outcome == "failed" for hook in self.hooks)


@dataclass(frozen=True)
class Place:
    """The tree that is going to be committed, and where its hooks are."""

    repository: RepositoryReads
    shell: ShellReads
    tree: Tree
    say: Callable[[str], None]

    def hear(self, line: str) -> None:
        """Tells what a hook prints."""
        self.say(_WAITING if is_waiting(line) else one_line(line))


@dataclass(frozen=True)
class _Call:
    """One command of hooks at a stage; of pre-commit's the hooks that it may run."""

    stage: str
    argv: tuple[str, ...]
    own: OwnHook | None = None
    expected: tuple[Configured, ...] = ()
    skipped: str = ""


def has_hooks(repository: RepositoryReads, tree: str) -> bool:
    """Whether the project has a word about messages."""
    return any(
        own_hook(repository, tree, stage).argv or _chosen(repository, tree, stage)
        for stage in STAGES
    )


def managers_of_messages(repository: RepositoryReads, tree: str) -> tuple[HookManager, ...]:
    """What keeps hooks for messages and is not asked."""
    return own_hook(repository, tree, STAGES[-1]).managers


def seen_by_hooks(place: Place, text: str) -> Seen:
    """The message as its hooks leave it; the first that refuses it is the last that sees it."""
    seen = Seen(text)
    around = HookPlace.of(place.shell, place.repository.paths(place.tree.id))
    for stage in STAGES:
        for call in _calls(place, around, stage):
            seen = _called(place, around, call, seen)
            if seen.is_refused:
                return seen
    return seen


def _calls(place: Place, around: HookPlace, stage: str) -> Iterator[_Call]:
    own = own_hook(place.repository, place.tree.id, stage)
    chosen = _chosen(place.repository, place.tree.id, stage)
    if chosen:
        program = around.program("pre-commit") or "pre-commit"
        asked = ("run", "--color", "never", "--verbose", "--hook-stage", stage)
        options = ["--commit-msg-filename", _FILE]
        if stage == STAGES[0]:
            options += ["--prepare-commit-message-source", _SOURCE]
        expected, skipped = chosen
        known = around.marked(expected) or ()
        yield _Call(stage, (program, *asked, *options), None, known, skipped)
    if own.argv:
        source = (_SOURCE,) if stage == STAGES[0] else ()
        yield _Call(stage, (*own.argv, _FILE, *source), own)


def _chosen(
    repository: RepositoryReads, tree: str, stage: str
) -> tuple[tuple[Configured, ...], str] | None:
    """pre-commit's hooks for the stage, and the ids of those that it has to skip: one that names no
    stage runs at this one only where pre-commit is installed for it."""
    config = repository.read(tree, CONFIG)
    hooks = configured(config, stage) if config else None
    if not config or not hooks:
        return None
    own = own_hook(repository, tree, stage)
    if own.is_pre_commits or is_installed_for(config, stage):
        return hooks, ""
    skipped = [hook.id for hook in hooks if hook.at_every_stage]
    return (hooks, ",".join(skipped)) if len(skipped) < len(hooks) else None


def _called(place: Place, around: HookPlace, call: _Call, before: Seen) -> Seen:
    argv = ("sh", "-c", _AROUND, "sh", f"{{out}}/{_KEPT}", *call.argv)
    command = around.command(argv, place.tree)
    command = replace(
        command,
        env={**command.env, "SKIP": call.skipped},
        timeout_s=HOOKS_S,
        given={_KEPT: before.text},
        collect=(_KEPT,),
        keep_log=call.stage,
    )
    ran = place.shell.measure(command, place.hear)
    text = ran.files.get(_KEPT, before.text)
    hooks, problem = _outcomes(call, ran)
    if not text.strip():
        problem = problem or f"{call.stage} left an empty message, which git does not commit"
    if text != before.text and hooks and not problem:
        hooks = (*hooks[:-1], _rewriting(hooks[-1]))
    return Seen(text, (*before.hooks, *hooks), problem)


def _outcomes(call: _Call, ran: Ran) -> tuple[tuple[Hook, ...], str]:
    if call.own:
        hook, problem = ended(call.own, ran)
        return (() if problem else (hook,)), problem
    said = told(ran.in_tree(ran.output), call.expected)
    problem = problem_of(ran, said)
    hooks = []
    for hook in said.hooks:
        if hook.outcome != "skipped":
            hooks.append(hook.model_copy(update={"name": f"{hook.name} ({call.stage})"}))
    return tuple(hooks), problem


def _rewriting(hook: Hook) -> Hook:
    words = "; ".join(filter(None, ("changed the message", hook.output)))
    return hook.model_copy(update={"output": words})
