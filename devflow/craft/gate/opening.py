"""When the gate before production opens: once it is approved, and within its window, or before that
where somebody with the role that the window names says so.

That word is a line like every approval, of a gate of its own: ``production:now``.
"""

import hashlib
from dataclasses import dataclass
from itertools import chain
from typing import Final

from devflow.craft.gate.forum import Forum, Reads, Writes
from devflow.craft.gate.gate import Gate, read_gate
from devflow.craft.gate.window import Window
from devflow.model.command_line import command_line
from devflow.model.errors import UsageError
from devflow.model.outcomes import Absent, Waiting
from devflow.model.release import Approval
from devflow.model.wording import short_sha, short_version

EARLY: Final = "now"  # what follows the gate's name in the word that it need not wait


@dataclass(frozen=True)
class Opening:
    """A gate, and the window in which it opens; without the gate's ``now`` time is no matter."""

    gate: Gate
    window: Window | None

    @property
    def early(self) -> Gate | None:
        """The gate of the one more approval that does without the window."""
        if self.window is None or not self.window.override:
            return None
        told = {"name": f"{self.gate.name}:{EARLY}", "wanted": {self.window.override: 1}}
        return self.gate.model_copy(update=told)

    def asked(self, now: bool) -> Gate:
        """The gate of a person's word: that it need not wait, where they say so ``now``. Raises
        ``UsageError`` where nobody can."""
        if not now:
            return self.gate
        hasten(self.gate.name, self.window)
        return self.early or self.gate

    @property
    def is_closed(self) -> bool:
        """Whether it is outside the window now."""
        now = self.gate.now
        return self.window is not None and now is not None and not self.window.is_open(now)


def read_opening(
    see: Reads, opening: Opening, forum: Forum
) -> tuple[Approval, ...] | Absent | Waiting:
    """What ``read_gate`` reads; outside the window, without the word that does without it, what the
    gate waits for. Raises as ``read_gate`` does."""
    read = read_gate(see, opening.gate, forum)
    if isinstance(read, Absent):
        return read
    sooner = read_gate(see, opening.early, forum) if opening.early else None
    early: tuple[Approval, ...] = ()
    if isinstance(sooner, tuple):
        early = tuple(one.model_copy(update={"early": True}) for one in sooner)
    if opening.is_closed and not early:
        waiting = _until_it_opens(opening, read, sooner)
        return waiting.model_copy(update={"look_at": forum.place(see)})
    return (*read, *early) if isinstance(read, tuple) else read


def still_closed(see: Reads, opening: Opening, forum: Forum) -> Waiting | Absent | None:
    """Whom it waits for, or whose no keeps it closed; ``None`` where it is open."""
    read = read_opening(see, opening, forum)
    return None if isinstance(read, tuple) else read


def approved(see: Reads, opening: Opening, forum: Forum) -> tuple[Approval, ...]:
    """The approvals where nothing is missing and nobody says no, else none."""
    read = read_opening(see, opening, forum)
    return read if isinstance(read, tuple) else ()


def opened(
    tools: Writes, opening: Opening, forum: Forum, now: bool
) -> tuple[Approval, ...] | Absent | Waiting:
    """What ``read_opening`` reads; where it waits, those who may are asked, also whether it may be
    brought ``now``."""
    read = read_opening(tools, opening, forum)
    if isinstance(read, Waiting):
        if read.keep.get("gate") == opening.gate.name:
            _ask(tools, opening, forum)
        if now and opening.is_closed:
            _ask_early(tools, opening, forum)
    return read


def _until_it_opens(
    opening: Opening,
    read: tuple[Approval, ...] | Waiting,
    sooner: Absent | Waiting | tuple[Approval, ...] | None,
) -> Waiting:
    gate = opening.gate
    if opening.window is None or gate.now is None:
        raise ValueError("a gate without a window is not closed")
    opens = opening.window.opens(gate.now)
    for_ = f"the window {opening.window}, which opens {opens:%a %Y-%m-%d %H:%M %Z}"
    type_next: tuple[str, ...] = (command_line("ship"),)
    if isinstance(read, Waiting):
        for_ = f"{read.for_}; then {for_}"
        type_next = read.type_next
    match sooner:
        case Waiting():
            for_ += f", or {sooner.for_} to go now"
            type_next = (*type_next, command_line("approve", gate.name, now=True))
        case Absent():
            for_ += f"; not now: {sooner.why}"
    # the word that is missing first
    keep = next((one.keep for one in (read, sooner) if isinstance(one, Waiting)), {})
    return Waiting(for_=for_, by=_whose(read, sooner), until=opens, type_next=type_next, keep=keep)


def _whose(*words: Absent | Waiting | tuple[Approval, ...] | None) -> tuple[str, ...]:
    """Whose word is missing; of two missing words first those who can give both."""
    asked = [one.by for one in words if isinstance(one, Waiting)]
    every = tuple(dict.fromkeys(chain(*asked)))
    # a word of theirs is missing most often
    return tuple(sorted(every, key=lambda login: -sum(login in by for by in asked)))


def _ask(tools: Writes, opening: Opening, forum: Forum) -> None:
    """Asks the roles in the ticket's comments, where they are heard there, once for everything that
    an approval is bound to: people who know the ticket alone have to read the line somewhere.
    """
    gate = opening.gate
    if "jira" in forum.people.asked:
        question = _question(gate, f"be brought by {gate.name}", command_line("approve", gate.name))
        forum.write(tools, "jira", question, _slot("asked", gate))


def _ask_early(tools: Writes, opening: Opening, forum: Forum) -> None:
    """Asks where the gate does whether it need not wait for its window, once for everything that an
    approval is bound to."""
    gate = opening.early
    if gate is None:
        return
    what = f"be brought now, outside the window {opening.window}"
    question = _question(gate, what, command_line("approve", opening.gate.name, now=True))
    for service in forum.people.asked:
        forum.write(tools, service, question, _slot(EARLY, gate))


def _question(gate: Gate, what: str, command: str) -> str:
    roles = [role for role, count in gate.wanted.items() if count]
    who = f"the role {roles[0]}" if len(roles) == 1 else f"one of the roles {', '.join(roles)}"
    it = f"{short_version(gate.version)} at {short_sha(gate.sha)}"
    return (
        f"May {it} {what}?\n\n"
        f"Who has {who} says so by `{command}`, or by a comment that begins"
        f" with this line:\n\n```\n{gate.line('approve')}\n```"
    )


def _slot(name: str, gate: Gate) -> str:
    bound_to = hashlib.sha256(gate.line("approve").encode()).hexdigest()
    return f"{name}:{bound_to[:16]}"


def hasten(name: str, window: Window | None) -> None:
    """Raises ``UsageError`` where nobody can say that the gate need not wait for its window."""
    if window is None:
        raise UsageError(f"{name} has no window: it waits for nothing but approvals")
    if not window.override:
        problem = f"nobody may bring {name} outside its window {window}"
        hint = "window: {override: devops} names the role of who may say so"
        raise UsageError(problem, hint=hint)
