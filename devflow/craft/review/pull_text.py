"""The pull request's text, from evidence of this run: what changed, what was tested, and which test
proves which criterion.

What was not measured is said so in its section; a section for which there is nothing at all is left
out.
"""

import re
from dataclasses import dataclass, field
from typing import Final, Mapping

from devflow.craft.review.commands import outcome_text
from devflow.craft.suites.proofs import nothing_proves, proof_text, suite_text
from devflow.craft.tree.ticket_branch import plus_minus, totals
from devflow.model.change import FileChange, Hooks, LocalTests
from devflow.model.ci import CommandResult
from devflow.model.marks import SECTION_END, Mark
from devflow.model.outcomes import Absent
from devflow.model.planning import Ticket
from devflow.model.review import Screenshot
from devflow.model.wording import and_more, one_line, short_sha

MAX_ROWS: Final = 50  # files in the table; the host's own list of files has all of them
_PICTURE: Final = re.compile(r"^!\[(\w+) (\d+)x(\d+)\]\((\S+)\)$", re.MULTILINE)
MAX_LINES: Final = 40  # of a story; the ticket's page has all of them
_BULLET: Final = "- "
# what at the beginning of a line would begin a heading, a quote, a list or a rule
_BLOCK: Final = re.compile(r"^(\d*)([#>+=.)-]+)")
_MEASURED_ON: Final = re.compile(r"^Measured on ([0-9a-f]{7,64})$", re.MULTILINE)
_NO_PICTURE: Final = re.compile(r"^Not measured: (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class PullEvidence:
    """What the text is rendered from; ``no_screenshots`` says why there is no picture, empty where
    none was asked for; ``commands`` are the project's own, by their entries."""

    sha: str
    ticket: Ticket
    files: tuple[FileChange, ...]
    tests: LocalTests | None = None
    hooks: Hooks | None = None
    screenshots: tuple[Screenshot, ...] = ()
    no_screenshots: str = ""
    commands: Mapping[str, CommandResult | Absent] = field(default_factory=dict)


def cell(text: str) -> str:
    """Outside text for Markdown: one line, no table border, no HTML, no link or code, and nobody is
    called by it."""
    return (
        re.sub(r"([\\`|\[\]*_~])", r"\\\1", one_line(text))
        .replace("<", "&lt;")
        .replace("@", "&#64;")
    )


def _prose(text: str) -> str:
    """Outside text of some lines for Markdown: its bullets stay bullets, the other lines are
    lines of plain words."""
    lines = text.splitlines()
    shown = []
    for line in lines[:MAX_LINES]:
        bullet = _BULLET if line.startswith(_BULLET) else ""
        shown.append(bullet + _plain(line.removeprefix(bullet)))
    if len(lines) > MAX_LINES:
        shown.append(and_more(len(lines) - MAX_LINES))
    return "\n".join(shown)


def _plain(line: str) -> str:
    return _BLOCK.sub(lambda begun: begun[1] + re.sub("(.)", r"\\\1", begun[2]), cell(line))


def title(ticket: Ticket) -> str:
    """``SCRUM-95 Add tabbed interface``; 120 characters keep it on one line of the host's list."""
    return one_line(f"{ticket.key} {ticket.summary}", 120)


def body(evidence: PullEvidence) -> str:
    """The Markdown text."""
    sections = {
        "Summary": _summary(evidence),
        "Changes": _changes(evidence.files),
        "Testing": _testing(evidence.tests),
        "Hooks": _hooks(evidence.hooks),
        "Commands": _commands(evidence.commands),
        "Acceptance criteria": _criteria(evidence),
        "Screenshots": _screenshots(evidence),
    }
    return (
        "\n\n".join(f"## {heading}\n\n{text}" for heading, text in sections.items() if text) + "\n"
    )


def findings_comment(sha: str, findings: tuple[str, ...], missing: tuple[str, ...] = ()) -> str:
    """The comment that carries the automated findings on a head commit; ``missing`` is why a tool
    has measured nothing."""
    lines = [f"- {cell(text)}" for text in findings]
    lines += [f"- not measured: {cell(reason)}" for reason in missing]
    text = "\n".join(lines) or "None on the added Python lines."
    return f"### Automated findings on {short_sha(sha)}\n\n{text}\n"


def section(text: str, mark: Mark) -> str:
    """Our section of a text that others wrote in too, such as the template's author; the whole text
    where our mark is not in it."""
    _, begin, rest = text.partition(mark.section_begin)
    return rest.partition(SECTION_END)[0] if begin else text


def headings(text: str) -> tuple[str, ...]:
    """The names of the sections of a text."""
    return tuple(re.findall(r"^## (.+?)\s*$", text, re.MULTILINE))


def pictures(text: str) -> tuple[Screenshot, ...]:
    """The pictures that a pull request shows, as ``body`` wrote them."""
    found = _PICTURE.findall(text.replace("\r\n", "\n"))
    return tuple(
        Screenshot(name=name, width_px=int(width), height_px=int(height), url=url)
        for name, width, height, url in found
    )


def why_no_pictures(text: str) -> str:
    """Why a pull request shows no pictures, as ``body`` wrote it."""
    _, _, section = text.replace("\r\n", "\n").partition("## Screenshots\n")
    found = _NO_PICTURE.search(section)
    return found[1] if found else ""


def measured_on(text: str) -> str:
    """The commit that a text's evidence was measured on, as ``body`` wrote it; empty in a text of
    another hand."""
    found: list[str] = _MEASURED_ON.findall(text.replace("\r\n", "\n"))
    # a line of the story may say the same; ours follows it
    return found[-1] if found else ""


def _summary(evidence: PullEvidence) -> str:
    ticket = evidence.ticket
    link = f"Ticket: [{ticket.key}]({ticket.url})" if ticket.url else f"Ticket: {ticket.key}"
    told = _prose(ticket.story or ticket.summary)
    return f"{told}\n\n{link}\n\nMeasured on {evidence.sha}"


def _changes(files: tuple[FileChange, ...]) -> str:
    lines = [f"{totals(files)}", "", "| file | lines |", "|---|---|"]
    lines += [f"| {cell(file.path)} | {plus_minus(file)} |" for file in files[:MAX_ROWS]]
    if len(files) > MAX_ROWS:
        lines.append(f"| {and_more(len(files) - MAX_ROWS)} | |")
    return "\n".join(lines)


def _testing(tests: LocalTests | None) -> str:
    if tests is None:
        return ""
    rows = [f"| {cell(suite.suite)} | {cell(suite_text(suite))} |" for suite in tests.suites]
    return "\n".join(["| suite | result |", "|---|---|", *rows])


def _hooks(hooks: Hooks | None) -> str:
    return (
        ""
        if hooks is None
        else "\n".join(f"- {cell(hook.name)}: {hook.outcome}" for hook in hooks.hooks)
    )


def _commands(commands: Mapping[str, CommandResult | Absent]) -> str:
    """The project's own commands before the push, by their entries."""
    rows = []
    for entry, result in commands.items():
        if isinstance(result, Absent):
            ended = f"not measured: {result.why}"
        else:
            ended = outcome_text(result)
        rows.append(f"| {cell(entry)} | {cell(ended)} |")
    return "\n".join(["| command | result |", "|---|---|", *rows]) if rows else ""


def _criteria(evidence: PullEvidence) -> str:
    criteria = evidence.ticket.criteria
    tests = evidence.tests
    if not criteria:
        return ""
    unproved = nothing_proves(tests, criteria)
    if tests is None or unproved:
        bare = [f"- {criterion.id} {cell(criterion.text)}" for criterion in criteria]
        return "\n".join([*bare, "", f"Proved by nothing: {unproved}."])
    rows = []
    for criterion in criteria:
        proof = proof_text(tests, criterion.id)
        rows.append(f"| {criterion.id} | {cell(criterion.text)} | {cell(proof)} |")
    return "\n".join(["| criterion | text | proved by |", "|---|---|---|", *rows])


def _screenshots(evidence: PullEvidence) -> str:
    shown = [
        f"![{item.name} {item.width_px}x{item.height_px}]({item.url})"
        for item in evidence.screenshots
    ]
    return "\n\n".join(shown) or (
        f"Not measured: {one_line(evidence.no_screenshots)}" if evidence.no_screenshots else ""
    )
