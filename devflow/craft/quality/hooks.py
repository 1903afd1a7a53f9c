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
_MODIFIED: Final = "- files were modified by this hook"
OUTPUT_LINES: Final = 40  # lines of a hook that are kept; its end says what went wrong
# what pre-commit 2 called them
_OLD_NAMES: Final = {"pre-commit": "commit", "pre-push": "push", "pre-merge-commit": "merge-commit"}
BEFORE_COMMIT: Final = "pre-commit"
# what these repositories' hooks are for is said in the configuration alone
_OWN: Final = frozenset({"local", "meta"})
# of hooks whose programs are the machine's; since pre-commit 4.4 the second name
_MACHINES: Final = ("system", "unsupported")


@dataclass(frozen=True)
class Configured:
    """A hook of the configuration. Whether it runs at the stage is not known (``may_rest``) where
    only its own repository says that; where nobody names one, it is ``at_every_stage``. The
    ``program`` is named where it is one of the machine's, that pre-commit does not install."""

    id: str
    may_rest: bool
    at_every_stage: bool = False
    program: str = ""


@dataclass(frozen=True)
class Told:
    """What the output tells: every hook with its outcome, those that it should have named
    (``silent``), and the names of those that changed files."""

    hooks: tuple[Hook, ...]
    silent: tuple[str, ...] = ()
    changing: tuple[str, ...] = ()


def configured(text: str, stage: str = BEFORE_COMMIT) -> tuple[Configured, ...] | None:
    """The hooks that run at this stage, in order; ``None`` for a text that is no configuration,
    which is pre-commit's to complain of."""
    try:
        return tuple(_configured(yaml.load(text, Loader=yaml.SafeLoader), stage))
    except (yaml.YAMLError, LookupError, TypeError, AttributeError, ValueError, RecursionError):
        return None


def fetched(text: str) -> tuple[tuple[str, str], ...]:
    """Repository and revision of the hooks that are other people's, which pre-commit fetches."""
    try:
        repositories = yaml.load(text, Loader=yaml.SafeLoader)["repos"]
        named = [(one["repo"], str(one["rev"])) for one in repositories if one["repo"] not in _OWN]
    except (yaml.YAMLError, LookupError, TypeError, AttributeError, ValueError, RecursionError):
        return ()
    return tuple(dict.fromkeys(named))


def is_installed_for(text: str, stage: str) -> bool:
    """Whether ``pre-commit install`` would install a hook for this stage too."""
    try:
        return stage in yaml.load(text, Loader=yaml.SafeLoader)["default_install_hook_types"]
    except (yaml.YAMLError, LookupError, TypeError, ValueError, RecursionError):
        return False


def _configured(config: Any, stage: str) -> Iterator[Configured]:
    by_default = config.get("default_stages")
    wanted = frozenset({stage, _OLD_NAMES.get(stage, stage)})
    for repository in config["repos"]:
        is_own = repository["repo"] in _OWN
        for hook in repository["hooks"]:
            stages = hook.get("stages")
            # a default gives way to what the hook's own repository says, which is not known here
            is_for_another = not wanted & set(stages or by_default or wanted)
            if is_for_another and (stages or is_own):
                continue
            is_everywhere = is_own and not (stages or by_default)
            may_rest = not is_own and not stages
            program = _program(hook) if is_own else ""
            yield Configured(str(hook["id"]), may_rest, is_everywhere, program)


def _program(hook: Any) -> str:
    """The program of a hook that runs what is on the machine; empty of one with a path."""
    words = str(hook.get("entry", "")).split()
    is_found = hook.get("language") in _MACHINES and words and "/" not in words[0]
    return words[0] if is_found else ""


def told(output: str, expected: Sequence[Configured] | None) -> Told:
    """The hooks in pre-commit's verbose output, each with what it said."""
    reading = _Reading(list(expected or ()), expected is None)
    lines = output.splitlines()
    for number, line in enumerate(lines):
        head = _HEAD.fullmatch(line.rstrip())
        id_ = _id_after(lines, number) if head else ""
        if head and reading.takes(id_):
            reading.begin(head[1], head[2].lower(), id_)
        elif reading.hooks:
            reading.hear(line)
    silent = [*reading.silent, *(one.id for one in reading.left if not one.may_rest)]
    return Told(tuple(reading.hooks), tuple(silent), tuple(dict.fromkeys(reading.changing)))


class _Reading:
    """What was read so far; ``left`` are the configured hooks that come yet."""

    def __init__(self, left: list[Configured], takes_all: bool) -> None:
        self.left = left
        self.hooks: list[Hook] = []
        self.silent: list[str] = []
        self.changing: list[str] = []
        self._takes_all = takes_all
        self._texts: list[str] = []

    def takes(self, id_: str) -> bool:
        """Whether a hook of this id may come now."""
        return bool(id_) and (self._takes_all or id_ in [one.id for one in self.left])

    def begin(self, name: str, outcome: str, id_: str) -> None:
        """A hook's head."""
        over, taken = _taken(self.left, id_)
        self.silent += over
        self._texts = []
        known = {"devflows_own": taken.program} if taken else {}
        self.hooks.append(Hook.model_validate({"name": name, "outcome": outcome, **known}))

    def hear(self, line: str) -> None:
        """A line after the newest hook's head."""
        newest = self.hooks[-1]
        if line == _MODIFIED:
            self.changing.append(newest.name)
        elif line.strip() and not _DETAIL.fullmatch(line):
            self._texts.append(line.rstrip())
            output = "\n".join(self._texts[-OUTPUT_LINES:])
            self.hooks[-1] = newest.model_copy(update={"output": output})


def _id_after(lines: Sequence[str], number: int) -> str:
    """The id that the next line names, which pre-commit prints right after a hook's head."""
    following = lines[number + 1] if number + 1 < len(lines) else ""
    named = _ID.fullmatch(following.rstrip())
    return named[1] if named else ""


def _taken(left: list[Configured], id_: str) -> tuple[list[str], Configured | None]:
    """Takes the configured hooks up to this one away; answers those before it that should have been
    named, and this one."""
    over: list[str] = []
    while left:
        one = left.pop(0)
        if one.id == id_:
            return over, one
        if not one.may_rest:
            over.append(one.id)
    return over, None
