"""What the CI phase measures and reads: the products of steps 15 to 19, of ``uses: checks`` and
``uses: shell``, and checks on the code host.

Each is bound to the commit that it was measured on, never to a branch name.
"""

import re
from datetime import datetime
from typing import Any, ClassVar, Final, Literal, Mapping

from pydantic import Field

from devflow.model.change import SuiteResult
from devflow.model.figures import Finding
from devflow.model.ids import Sha
from devflow.model.values import Fact, Upgrade, Value


class Condition(Value):
    """One trigger condition with the value that it was decided on."""

    label: str
    met: bool
    value: str


class Trigger(Value):
    """Step 15: why the checks run on this commit; ``status`` is the commit status as it was read
    back."""

    sha: Sha
    event: Fact[str]
    action: Fact[str]
    workflow: Fact[str] = ""
    conditions: Fact[tuple[Condition, ...]] = ()
    run_id: Fact[str] = ""
    estimate: Fact[str] = ""
    status: Fact[str] = ""


class FunctionComplexity(Value):
    """The cyclomatic complexity of one function, called as in flake8's C901."""

    path: str
    line: int
    function: str
    value: int


class LinterResult(Value):
    """One linter, under one interpreter of a matrix or (``python`` empty) as the project runs it;
    ``findings`` are those that decide, in ``files`` looked at (None: it does not tell).
    ``ran=False``: not measured, see ``problem``.

    ``unlisted`` findings decide too, and stand in the kept SARIF alone. ``before`` counts those
    that the base commit has as well, as they were found at ``before_at`` where an earlier command
    has found them; ``uncompared`` says why all of them decide though only new
    ones were asked for. ``unread`` lines of its output are neither findings nor known words.
    ``complexities`` are the most complex functions, the highest first, whatever any limit says.
    """

    python: str
    linter: str
    ran: bool
    files: Fact[int | None] = 0
    findings: Fact[tuple[Finding, ...]] = ()
    unlisted: Fact[int] = 0
    before: Fact[int | None] = None
    before_at: Fact[datetime | None] = None
    uncompared: Fact[str] = ""
    unread: Fact[int] = 0
    first_unread: Fact[str] = ""
    complexities: Fact[tuple[FunctionComplexity, ...]] = ()
    version: Fact[str] = ""
    problem: Fact[str] = ""


ANNOTATIONS: Final = "annotations"
"""The id of the evidence that says where findings are annotated: ok where the code host shows them
at their lines itself."""

CheckState = Literal[
    "pending",
    "success",
    "failure",
    "error",
    "neutral",
    "skipped",
    "cancelled",
    "timed_out",
    "action_required",
    "stale",
]
"""What a check says, in GitHub's words; whatever has not ended is pending."""


class Annotation(Value):
    """A finding at a line of a commit; ``title`` says who found it."""

    path: str
    line: int
    title: str
    message: str
    column: int | None = None
    level: Literal["notice", "warning", "failure"] = "failure"


class CheckReport(Value):
    """A check run as it is put on a commit, with its annotations.

    ``summary`` is Markdown; ``began`` and ``ended`` say when the work did.
    """

    name: str
    conclusion: Literal["success", "failure", "neutral"]
    title: str
    summary: str
    annotations: tuple[Annotation, ...] = ()
    began: datetime | None = None
    ended: datetime | None = None

    @property
    def content(self) -> str:
        """What it says, whenever that was: the same said twice is one check run."""
        return self.model_dump_json(exclude={"began", "ended"})


class HostCheck(Value):
    """One result on a commit as the code host has it: a check run of an app, or a commit status,
    whose poster is not told.

    ``id`` counts upwards within a kind, so the newest of a name has the highest.
    """

    id: int
    kind: Literal["check run", "status"]
    name: str
    sha: Sha
    state: CheckState
    app: str = ""
    title: str = ""
    url: str = ""
    annotations: int = 0


class Announcement(Value):
    """Where findings stand on the code host, as read back: as what, of which name, and the page;
    ``why``: they do not."""

    how: Literal["check run", "comment", "status", ""] = ""
    name: str = ""
    count: int = 0
    url: str = ""
    why: str = ""


class CommitChecks(Value):
    """``uses: checks``: what a CI system says of a commit, the newest of each name and app;
    ``missing`` are those awaited that nobody has reported.

    ``chosen``: they are judged one by one, since they were named or are required; else together, as
    all that are there.
    """

    sha: Sha
    verdict: Literal["ended", "failed", "pending"]
    chosen: Fact[bool] = False
    checks: Fact[tuple[HostCheck, ...]] = ()
    missing: Fact[tuple[str, ...]] = ()
    waited_s: Fact[float] = 0.0


_FOUND: Final = re.compile(r"(.+?):(\d+):(\d+): (?:([A-Z]+\d+) )?(.*)", re.DOTALL)


def _with_findings(fields: dict[str, Any]) -> dict[str, Any]:
    """Schema 1 held findings as ``path:line:column: text``."""
    rows = []
    for row in fields.get("linters", ()):
        found = [_finding(text) for text in row.get("findings", ())]
        rows.append({**row, "findings": found})
    return {**fields, "linters": rows}


def _finding(text: str) -> dict[str, Any]:
    found = _FOUND.fullmatch(text)
    if found is None:
        return {"kind": "finding", "text": text}
    path, line, column, rule, words = found.groups()
    said = f"{rule} {words}" if rule else words
    place = {"path": path, "line": int(line), "column": int(column)}
    return {"kind": "finding", "text": said, **place, "rule": rule or ""}


class Quality(Value):
    """Step 16: what each linter found, and the observed maxima of a matrix (``None``: not
    measured).

    ``base`` is the commit whose findings do not decide, empty where all do. ``unnamed`` are
    configurations of linters that devflow does not run by itself and the entry does not name.
    """

    SCHEMA: ClassVar[int] = 2
    UPGRADES: ClassVar[Mapping[int, Upgrade]] = {1: _with_findings}

    sha: Sha
    linters: tuple[LinterResult, ...]
    base: Fact[str] = ""
    unnamed: Fact[tuple[str, ...]] = ()
    files: Fact[int] = 0
    max_complexity: Fact[int | None] = None
    complexity_at: Fact[str] = ""
    max_line_length: Fact[int | None] = None
    line_at: Fact[str] = ""
    told: Fact[Announcement] = Field(default_factory=Announcement)


class SuiteReport(Value):
    """Steps 17 to 19: one suite in a checkout of the commit; ``criteria`` are the ticket's."""

    sha: Sha
    result: SuiteResult
    criteria: Fact[tuple[str, ...]] = ()


class CommandResult(Value):
    """How a command ended; ``problem`` says why it has no exit code, ``output`` is its last line,
    ``tree`` what it ran on or was run for, and ``read_from`` where that was read."""

    exit_code: int | None
    tree: str = ""
    read_from: Fact[str] = ""
    output: Fact[str] = ""
    duration_s: Fact[float] = 0.0
    problem: Fact[str] = ""
