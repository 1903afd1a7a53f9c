"""What pre-commit's output says, compared with the hooks that the repository configures.

A hook may print anything, also a line that looks like another hook's head: a head is one where its
id follows at once, and where that id comes next in the configuration.
"""

import re
from dataclasses import dataclass
from typing import Any, Final, Iterator, Sequence

import yaml

from devflow.model.change import Hook

CONFIG: Final = ".pre-commit-config.yaml"
_HEAD: Final = re.compile(r"(.+?)\.{3,}(?:\([^()]*\))?(Passed|Failed|Skipped)")
_ID: Final = re.compile(r"- hook id: (.+)")
_DETAIL: Final = re.compile(r"- (hook id|duration|exit code|files were modified).*")
_OUTPUT_LINES: Final = 40  # lines of a hook that are kept; its end says what went wrong
# "commit" is what pre-commit 2 called it
_STAGES: Final = frozenset({"pre-commit", "commit"})
# what these repositories' hooks are for is said in the configuration alone
_OWN: Final = frozenset({"local", "meta"})


@dataclass(frozen=True)
class Configured:
    """A hook of the configuration. Whether it runs before a commit is not known (``may_rest``)
    where only its own repository says that."""

    id: str
    may_rest: bool


@dataclass(frozen=True)
class Told:
    """What the output tells: every hook with its outcome, and those that it should have named."""

    hooks: tuple[Hook, ...]
    silent: tuple[str, ...] = ()


def configured(text: str) -> tuple[Configured, ...] | None:
    """The hooks that run before a commit, in order; ``None`` for a text that is no configuration,
    which is pre-commit's to complain of."""
    try:
        return tuple(_configured(yaml.load(text, Loader=yaml.SafeLoader)))
    except (yaml.YAMLError, LookupError, TypeError, AttributeError, ValueError, RecursionError):
        return None


def _configured(config: Any) -> Iterator[Configured]:
    by_default = config.get("default_stages")
    for repository in config["repos"]:
        is_own = repository["repo"] in _OWN
        for hook in repository["hooks"]:
            stages = hook.get("stages")
            # a default gives way to what the hook's own repository says, which is not known here
            is_for_another = not _STAGES & set(stages or by_default or _STAGES)
            if is_for_another and (stages or is_own):
                continue
            yield Configured(str(hook["id"]), may_rest=not is_own and not stages)


def told(output: str, expected: Sequence[Configured] | None) -> Told:
    """The hooks in pre-commit's verbose output, each with what it said."""
    hooks: list[Hook] = []
    texts: list[str] = []
    lines = output.splitlines()
    left = list(expected or ())
    silent: list[str] = []
    for number, line in enumerate(lines):
        head = _HEAD.fullmatch(line.rstrip())
        id_ = _id_after(lines, number) if head else ""
        if head and id_ and (expected is None or id_ in [one.id for one in left]):
            silent += _passed_over(left, id_)
            texts = []
            hooks.append(Hook.model_validate({"name": head[1], "outcome": head[2].lower()}))
        elif hooks and line.strip() and not _DETAIL.fullmatch(line):
            texts.append(line.rstrip())
            newest = "\n".join(texts[-_OUTPUT_LINES:])
            hooks[-1] = hooks[-1].model_copy(update={"output": newest})
    silent += [one.id for one in left if not one.may_rest]
    return Told(tuple(hooks), tuple(silent))


def _id_after(lines: Sequence[str], number: int) -> str:
    """The id that the next line names, which pre-commit prints right after a hook's head."""
    following = lines[number + 1] if number + 1 < len(lines) else ""
    named = _ID.fullmatch(following.rstrip())
    return named[1] if named else ""


def _passed_over(left: list[Configured], id_: str) -> list[str]:
    """Takes the configured hooks up to this one away; answers those before it that should have been
    named."""
    over = []
    while left:
        one = left.pop(0)
        if one.id == id_:
            break
        if not one.may_rest:
            over.append(one.id)
    return over
