"""What the CI phase measures: the products of steps 15 to 19.

Each is bound to the commit that it was measured on, never to a branch name.
"""

from devflow.model.change import SuiteResult
from devflow.model.values import Fact, Value


class Condition(Value):
    """One trigger condition with the value that it was decided on."""

    label: str
    met: bool
    value: str


class Trigger(Value):
    """Step 15: why the checks run on this commit; ``status`` is the commit status as it was read back."""

    sha: str
    event: Fact[str]
    action: Fact[str]
    workflow: Fact[str] = ""
    conditions: Fact[tuple[Condition, ...]] = ()
    run_id: Fact[str] = ""
    estimate: Fact[str] = ""
    status: Fact[str] = ""


class LinterResult(Value):
    """One linter under one interpreter; ``findings`` are ``path:line:column: text`` in ``files`` looked at. ``ran=False``: not
    measured, see ``problem``."""

    python: str
    linter: str
    ran: bool
    files: Fact[int] = 0
    findings: Fact[tuple[str, ...]] = ()
    version: Fact[str] = ""
    problem: Fact[str] = ""


class Quality(Value):
    """Step 16: linters under each interpreter, and the observed maxima (``None``: not measured)."""

    sha: str
    linters: tuple[LinterResult, ...]
    files: Fact[int] = 0
    max_complexity: Fact[int | None] = None
    complexity_at: Fact[str] = ""
    max_line_length: Fact[int | None] = None
    line_at: Fact[str] = ""


class SuiteReport(Value):
    """Steps 17 to 19: one suite on a clean export of the commit; ``criteria`` are the ticket's."""

    sha: str
    result: SuiteResult
    criteria: Fact[tuple[str, ...]] = ()
