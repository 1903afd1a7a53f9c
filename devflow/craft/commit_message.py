"""The commit message: Conventional Commits with the ticket's key, a body of what changed and what proves it, ``Closes KEY``.

All outside text goes in as single lines behind ``- `` or after the key, so that a ticket cannot forge a trailer.
"""

import re
from dataclasses import dataclass
from typing import Final, Mapping

from devflow.craft.one_line import one_line
from devflow.craft.proofs import proof_text, suite_text
from devflow.craft.ticket_branch import plus_minus
from devflow.model.change import FileChange, LocalTests
from devflow.model.outcomes import SendBack
from devflow.model.planning import Criterion

MAX_SUBJECT: Final = 72  # characters; what git log and GitHub show without cutting
MAX_FILES: Final = 50  # lines of the body; a larger change is read in the diff, not in its message
TYPES: Final = {
    "bug": "fix", "defect": "fix", "incident": "fix", "documentation": "docs", "test": "test", "refactoring": "refactor",
    "technical debt": "refactor", "performance": "perf", "chore": "chore", "maintenance": "chore",
}  # fmt: skip
_TO_DO: Final = re.compile(r"^(\S+:\d+ )?\S+: ")
_SUBJECT: Final = re.compile(r"[a-z]+(\([^()]+\))?!?: \S.*")


@dataclass(frozen=True)
class Content:
    """What goes into a message; ``breaking`` says what no longer works for callers, empty where all does."""

    kind: str
    key: str
    summary: str
    breaking: str = ""
    files: tuple[FileChange, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    tests: LocalTests | None = None


def kind_of(issue_type: str, types: Mapping[str, str]) -> str:
    """The Conventional Commits type of an issue type; a type that nobody names is a feature."""
    wanted = issue_type.strip().lower()
    return {**TYPES, **{name.lower(): kind for name, kind in types.items()}}.get(wanted, "feat")


def rework_summary(send_back: SendBack) -> str:
    """What a new round mends: its only to-do in the reviewer's words, else why the work came back."""
    if len(send_back.todo) != 1:
        return send_back.why
    return _TO_DO.sub("", send_back.todo[0])


def is_conventional(subject: str) -> bool:
    """Whether a subject is ``type(scope)!: text``."""
    return _SUBJECT.fullmatch(subject) is not None


def subject(content: Content) -> str:
    """``feat: SCRUM-95 add tabbed interface``, at most 72 characters; ``!`` where it breaks something."""
    head = f"{content.kind}{'!' if content.breaking else ''}: {content.key} "
    text = one_line(content.summary, MAX_SUBJECT - len(head))
    # an acronym (API, CSS) keeps its capitals
    return head + (text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text)


def message(content: Content) -> str:
    """The whole message without trailers of the run, which the repository adds."""
    files = [f"- {one_line(file.path)} {plus_minus(file)}" for file in content.files[:MAX_FILES]]
    if len(content.files) > MAX_FILES:
        files.append(f"- and {len(content.files) - MAX_FILES} more files")
    parts = [subject(content), "\n".join(files), _criteria(content), _tests(content)]
    closes = f"Closes {content.key}"
    if content.breaking:
        closes = f"BREAKING CHANGE: {one_line(content.breaking)}\n{closes}"
    return "\n\n".join(part for part in (*parts, closes) if part) + "\n"


def _criteria(content: Content) -> str:
    lines = []
    for criterion in content.criteria:
        proof = f" ({one_line(proof_text(content.tests, criterion.id), 160)})" if content.tests else ""
        lines.append(f"- {criterion.id} {one_line(criterion.text, 160)}{proof}")
    return "\n".join(lines)


def _tests(content: Content) -> str:
    return "\n".join(f"- {suite.suite} tests: {suite_text(suite)}" for suite in content.tests.suites) if content.tests else ""
