"""The commit message: Conventional Commits with the ticket's key, a body of what changed and what
proves it, ``Closes KEY``.

All outside text goes in as single lines behind ``- `` or after the key, so that a ticket cannot
forge a trailer. A message is held to the rules of commitizen's ``cz_conventional_commits`` (a test
compares them: importing it takes 140 ms and twelve more packages), to git's length of a subject,
and to the ticket's key.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal, Mapping

from devflow.craft.commit.conventional import CONVENTIONAL, SUBJECT
from devflow.craft.suites.proofs import nothing_proves, proof_text, suite_text
from devflow.craft.tree.ticket_branch import plus_minus
from devflow.model.change import FileChange, LocalTests
from devflow.model.ids import names_ticket
from devflow.model.outcomes import SendBack
from devflow.model.planning import Criterion, Ticket
from devflow.model.wording import and_more, one_line

MAX_SUBJECT: Final = 72  # characters; what git log and GitHub show without cutting
# of a list in the body; a larger change is read in the diff, not in its message
MAX_LINES: Final = 50
# JIRA names the types that it makes itself in the language of the site
TYPES: Final = {
    "bug": "fix",
    "fehler": "fix",
    "bogue": "fix",
    "error": "fix",
    "defect": "fix",
    "hotfix": "fix",
    "incident": "fix",
    "task": "chore",
    "aufgabe": "chore",
    "tâche": "chore",
    "tarea": "chore",
    "chore": "chore",
    "maintenance": "chore",
    "documentation": "docs",
    "docs": "docs",
    "test": "test",
    "refactoring": "refactor",
    "technical debt": "refactor",
    "performance": "perf",
}
Style = Literal["conventional", "plain"]
_TO_DO: Final = re.compile(r"^(\S+:\d+ )?\S+: ")
_TRAILER: Final = re.compile(r"^Devflow-Run: \S", re.MULTILINE)
_BREAKING: Final = re.compile(r"^BREAKING[ -]CHANGE: \S", re.MULTILINE)


@dataclass(frozen=True)
class Content:
    """What goes into a message; ``breaking`` says what no longer works for callers, and ``breaks``
    are lines of what was measured of it; both are empty where all works. ``style`` is how a subject
    begins: with the type, or with the ticket's key alone."""

    kind: str
    key: str
    summary: str
    breaking: str = ""
    files: tuple[FileChange, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    tests: LocalTests | None = None
    breaks: tuple[str, ...] = ()
    style: Style = "conventional"


@dataclass(frozen=True)
class MessageRules:
    """What a message is held to: ``types`` beside the conventional ones; ``breaking``: it has to
    say that something breaks."""

    key: str
    types: tuple[str, ...] = ()
    breaking: bool = False
    style: Style = "conventional"


def kind_of(ticket: Ticket, types: Mapping[str, str]) -> str:
    """The Conventional Commits type of a ticket, by its issue type, and by its parent's for a
    sub-task whose own type nobody names; what nobody names is a feature."""
    kinds = dict(TYPES)
    for name, kind in types.items():
        kinds[_plain(name)] = kind
    for issue_type in (ticket.type, ticket.parent_type):
        if _plain(issue_type) in kinds:
            return kinds[_plain(issue_type)]
    return "feat"


def _plain(issue_type: str) -> str:
    return issue_type.strip().lower()


def rework_summary(send_back: SendBack) -> str:
    """What a new round mends: its only to-do in the reviewer's words, else why it came back."""
    if len(send_back.todo) != 1:
        return send_back.why
    return _TO_DO.sub("", send_back.todo[0])


def is_ours(text: str) -> bool:
    """Whether devflow made the commit with this message."""
    return _TRAILER.search(text) is not None


def says_breaking(text: str) -> bool:
    """Whether a message says that something breaks: by ``!`` or by its footer."""
    found = SUBJECT.fullmatch(text.partition("\n")[0])
    return bool(found and found["breaking"]) or _BREAKING.search(text) is not None


def faults(text: str, rules: MessageRules) -> tuple[str, ...]:
    """The rules that a whole message breaks, each with what it should be."""
    first, _, rest = text.strip("\n").partition("\n")
    told = [] if rules.style == "plain" else _type_faults(first, rules)
    if len(first) > MAX_SUBJECT:
        told.append(f"the subject has {len(first)} characters, more than {MAX_SUBJECT}")
    if not names_ticket(first, rules.key):
        told.append(f"the subject does not name {rules.key}")
    if rest and not rest.startswith("\n"):
        told.append("no blank line after the subject")
    if not re.search(rf"^Closes {re.escape(rules.key)}$", rest, re.MULTILINE):
        told.append(f"no line 'Closes {rules.key}'")
    if rules.breaking and not _BREAKING.search(rest):
        told.append("something breaks, and there is no footer 'BREAKING CHANGE: ...'")
    return tuple(told)


def _type_faults(first: str, rules: MessageRules) -> list[str]:
    """What is wrong with the type that a subject begins with."""
    found = SUBJECT.fullmatch(first)
    allowed = dict.fromkeys((*CONVENTIONAL, *rules.types))
    told = []
    if not found:
        told.append(f"the subject is not 'type: text': {one_line(first, MAX_SUBJECT)}")
    elif found["type"] not in allowed:
        told.append(f"the type {found['type']} is none of {', '.join(allowed)}")
    if rules.breaking and not (found and found["breaking"]):
        told.append("something breaks, and the subject has no '!'")
    return told


def subject(content: Content) -> str:
    """``feat: SCRUM-95 add tabbed interface``, at most 72 characters; ``!`` where it breaks
    something. Plain it is ``SCRUM-95 Add tabbed interface``."""
    if content.style == "plain":
        return one_line(f"{content.key} {content.summary}", MAX_SUBJECT)
    head = f"{content.kind}{'!' if content.breaking or content.breaks else ''}: {content.key} "
    text = one_line(content.summary, MAX_SUBJECT - len(head))
    # an acronym (API, CSS) keeps its capitals
    return head + (text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text)


def message(content: Content) -> str:
    """The whole message without trailers of the run, which the repository adds."""
    files = _listed(
        [f"{one_line(file.path)} {plus_minus(file)}" for file in content.files], "files"
    )
    breaks = _listed([one_line(line) for line in content.breaks], "breaks")
    parts = [subject(content), files, breaks, _criteria(content), _tests(content)]
    closes = f"Closes {content.key}"
    if content.breaking or content.breaks:
        closes = (
            f"BREAKING CHANGE: {one_line(content.breaking or '; '.join(content.breaks))}\n{closes}"
        )
    return "\n\n".join(part for part in (*parts, closes) if part) + "\n"


def _listed(lines: list[str], what: str) -> str:
    more = [and_more(len(lines) - MAX_LINES, what)] if len(lines) > MAX_LINES else []
    return "\n".join(f"- {line}" for line in (*lines[:MAX_LINES], *more))


def _criteria(content: Content) -> str:
    if not content.criteria:
        return ""
    unproved = nothing_proves(content.tests, content.criteria)
    lines = []
    for criterion in content.criteria:
        proof = ""
        if content.tests and not unproved:
            proof = f" ({one_line(proof_text(content.tests, criterion.id), 160)})"
        lines.append(f"- {criterion.id} {one_line(criterion.text, 160)}{proof}")
    if unproved:
        lines.append(f"- proved by nothing: {unproved}")
    return "\n".join(lines)


def _tests(content: Content) -> str:
    return (
        "\n".join(f"- {suite.suite} tests: {suite_text(suite)}" for suite in content.tests.suites)
        if content.tests
        else ""
    )
