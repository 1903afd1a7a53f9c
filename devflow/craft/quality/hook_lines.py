"""The evidence lines of hooks, before a commit and for its message."""

from typing import Final, Iterable, Iterator

from devflow.craft.evidence import distinct
from devflow.model.change import Hook, HookManager
from devflow.model.checks import Check, fact, measure, note
from devflow.model.figures import Figure, absent, text
from devflow.model.wording import one_line

LINES: Final = 10  # of a hook that failed; its whole output is in the log
_NO_FILES: Final = "it has no file to look at, or SKIP names it"
HOOK_EVIDENCE: Final = {
    "hook": "how a hook ended and what it said, about its name",
    "hook_line": "a line that a failed hook printed, about its name and the line's number",
    "manager": "what keeps hooks here and was not asked, about its name",
}
"""Which evidence there is of hooks, by id."""


def has_run(hook: Hook) -> bool:
    """Whether it has looked at anything."""
    return hook.outcome in ("passed", "failed")


def hook_checks(hooks: Iterable[Hook], source: str) -> Iterator[Check]:
    """How each ended; of one that failed what it printed, where that does not fit into its line."""
    all_ = tuple(hooks)
    for about, hook in zip(distinct(hook.name for hook in all_), all_):
        ended = measure("hook", hook.name, _ended(hook), source, about=about)
        if not has_run(hook):
            yield note(ended)
            continue
        yield fact(ended, hook.outcome == "passed")
        if hook.outcome == "failed":
            yield from _lines(about, hook, source)


def _ended(hook: Hook) -> Figure:
    if hook.outcome == "skipped":
        return absent(one_line(hook.output) or _NO_FILES, "skipped")
    if hook.outcome == "not_run":
        return absent(one_line(hook.output), "not run")
    output = one_line(hook.output)
    by = f" by devflow's own {hook.devflows_own}" if hook.devflows_own else ""
    return text(f"{hook.outcome}{by}: {output}" if output else f"{hook.outcome}{by}")


def _lines(about: str, hook: Hook, source: str) -> Iterator[Check]:
    whole = " ".join(hook.output.split())
    if len(one_line(hook.output)) == len(whole):
        return
    for number, line in enumerate(hook.output.splitlines()[-LINES:], start=1):
        printed = text(one_line(line))
        yield note(measure("hook_line", hook.name, printed, source, about=f"{about} {number}"))


def manager_checks(managers: Iterable[HookManager]) -> Iterator[Check]:
    """What keeps hooks here and was not asked."""
    for one in managers:
        yield note(measure("manager", one.name, text(one.why), one.place, about=one.name))
