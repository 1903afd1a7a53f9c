"""What is known of the change itself: the products of steps 6 to 11 and the suite results they
share with 17 to 19.

A tree is git's own id of a whole folder, so that "what was tested is what was committed" is one
comparison.
"""

from datetime import datetime
from typing import Literal

from devflow.model.ids import Sha
from devflow.model.planning import Criterion, Impact
from devflow.model.tree import FixesCommit, FixesTree, Tree
from devflow.model.values import Fact, Value
from devflow.model.wording import short_sha


class FileChange(Value):
    """Lines added and removed in one file; ``None`` for a binary one."""

    path: str
    added: int | None
    removed: int | None


class Branch(Value):
    """Step 6: the ticket's branch; ``pattern`` is the naming rule that it fits, ``missing`` are
    documents that it should hold and does not, ``left_out`` the subjects of commits that the local
    base alone has, newest first."""

    name: str
    base: str
    base_sha: Fact[Sha]
    pattern: Fact[str] = ""
    upstream: Fact[str] = ""
    documents: Fact[tuple[str, ...]] = ()
    missing: Fact[tuple[str, ...]] = ()
    protection: Fact[str] = ""
    pushed_sha: Fact[str] = ""
    left_out: Fact[tuple[str, ...]] = ()


class Coding(FixesTree):
    """Step 7: the tree that the developer says is done; ``base`` is the commit that it is compared
    with, ``documents`` are files that step 6 wrote, apart from the developer's own, ``named_in``
    the changed tests that name each criterion.
    """

    tree: str
    files: Fact[tuple[FileChange, ...]]
    documents: Fact[tuple[str, ...]] = ()
    criteria: Fact[tuple[Criterion, ...]] = ()
    unplanned: Fact[tuple[str, ...]] = ()
    untouched: Fact[tuple[str, ...]] = ()
    read_from: Fact[str] = ""
    base: Fact[str] = ""
    impact: Fact[Impact | None] = None
    named_in: Fact[dict[str, tuple[str, ...]]] = {}
    branch: Fact[str] = ""

    @property
    def settled(self) -> Tree:
        """The developer's tree, of which there is no commit yet."""
        return Tree(id=self.tree, branch=self.branch, read_from=self.read_from)


class Case(Value):
    """One test case as its suite reported it; ``criteria`` are the acceptance criteria that it
    proves, ``at`` is the module, or path and line where it failed.

    ``flaky``: it failed and, run once more on the same tree, passed; ``message`` is then the first
    failure's. ``then_failed``: it is the other way round.
    """

    name: str
    outcome: Literal["passed", "failed", "skipped", "flaky"]
    duration_s: float
    criteria: tuple[str, ...] = ()
    message: str = ""
    at: str = ""
    then_failed: bool = False


class Affected(Value):
    """The tests of one run that stand in files which the change reaches: ``tests`` in ``files``,
    ``failed`` of them in ``ran_s`` seconds of test time; ``late`` other tests ran before the last
    of them."""

    tests: int
    files: int
    failed: int
    ran_s: float
    late: int


class SecondAttempt(Value):
    """The failed tests run once more: how many passed; ``problem``: why it is no result. A suite's
    own command runs all of its tests: ``then_failed`` of them had passed."""

    tests: int
    passed: int = 0
    then_failed: int = 0
    duration_s: float = 0.0
    problem: str = ""


class Baseline(Value):
    """The coverage that was stored for the base branch's commit ``on``; ``None``: none was, and
    ``problem`` may say why.

    ``drops`` are the paths that lost most, with their share there, in per cent.
    """

    on: str
    coverage_pct: float | None = None
    drops: dict[str, float] = {}
    problem: str = ""


class Reported(Value):
    """A figure that a test (``source``) measured and reported as a property."""

    name: str
    value: str
    source: str


class Covered(Value):
    """How many of the code's ``unit`` (lines, statements, branches) ran under a suite."""

    unit: str
    covered: int
    valid: int


class Before(Value):
    """How many tests ran when the suite last passed, and ``on`` which commit of the base branch."""

    tests: int
    on: str


class Conditions(Value):
    """What a suite's result depends on beside its tree, each as a digest: how the suite is
    declared, the interpreter, what is installed for it, the environment, the machine, and what was
    ``asked`` of it for the ticket."""

    declaration: str
    interpreter: str
    packages: str
    environment: str
    machine: str
    asked: str


class Taken(Value):
    """Which entry measured a result that another one shows, and when it had it."""

    entry: str
    at: datetime


class SuiteResult(Value):
    """What one run of one suite on one tree measured; ``problem`` says why there is no result,
    ``unmeasured`` why tests that passed are none of this tree or too few, ``python`` which
    interpreter it ran in.

    ``runner`` is the command of a suite that has its own, or its setup where that failed;
    ``exit_only``: it names no report, so
    that nothing but ``exit_code`` is known, and ``said`` is the line of its output that says most
    of why it failed. ``others`` failed and are no tests, such as hooks;
    ``contradiction``: exit code and report, or the report by itself, do not agree. ``repaired``:
    the report could be read only after characters in it were replaced. ``set_up`` says how its
    setup came to be there, ``covered`` what its coverage is made of, ``coverage_folders`` which of
    the tree's may be meant by ``coverage_of``, the first of which counts. ``conditions``: under
    which another entry may take it; ``taken``: it is another entry's; ``not_taken`` says why not.
    """

    suite: str
    tree: str
    interpreter: str
    passed: int
    failed: int
    skipped: int
    cases: Fact[tuple[Case, ...]]
    coverage_of: Fact[str] = ""
    coverage_pct: Fact[float | None] = None
    coverage_by_path: Fact[dict[str, float]] = {}
    duration_s: Fact[float] = 0.0
    facts: Fact[tuple[Reported, ...]] = ()
    problem: str = ""
    unmeasured: str = ""
    flaky: int = 0
    coverage_problem: Fact[str] = ""
    affected: Fact[Affected | None] = None
    second: Fact[SecondAttempt | None] = None
    baseline: Fact[Baseline | None] = None
    python: Fact[str] = ""
    runner: Fact[str] = ""
    exit_only: bool = False
    exit_code: int | None = None
    others: tuple[Case, ...] = ()
    contradiction: str = ""
    repaired: Fact[bool] = False
    set_up: Fact[str] = ""
    before: Fact[Before | None] = None
    fewer_because: Fact[str] = ""
    covered: Fact[tuple[Covered, ...]] = ()
    covered_changed: Fact[Covered | None] = None
    coverage_from: Fact[str] = ""
    coverage_folders: Fact[tuple[str, ...]] = ()
    conditions: Fact[Conditions | None] = None
    taken: Fact[Taken | None] = None
    not_taken: Fact[str] = ""
    said: Fact[str] = ""

    @property
    def ran(self) -> int:
        """How many tests ran; skipped ones did not."""
        return self.passed + self.failed + self.flaky

    @property
    def red(self) -> str:
        """Why it is red, empty where it is not; without a result it is neither."""
        if self.failed:
            return f"{self.failed} failed"
        if self.others:
            return f"{len(self.others)} failed beside the tests"
        if self.exit_only and self.exit_code:
            return f"ended with {self.exit_code}"
        return self.contradiction


class LocalTests(Value):
    """Step 8: every suite on the developer's tree; ``criteria`` are the ticket's, ``base_suites``
    what was measured on the base branch to have a baseline, ``named_in`` the changed tests that
    name each criterion, as step 7 found them."""

    tree: str
    suites: tuple[SuiteResult, ...]
    criteria: Fact[tuple[Criterion, ...]] = ()
    base_suites: Fact[tuple[SuiteResult, ...]] = ()
    named_in: Fact[dict[str, tuple[str, ...]]] = {}


class Hook(Value):
    """One hook as it ended; one that was ``not_run`` ended with 0, and ``output`` says why it is
    none. ``devflows_own`` is its program, where only devflow has brought it."""

    name: str
    outcome: Literal["passed", "failed", "skipped", "not_run"]
    output: str = ""
    devflows_own: str = ""


class HookManager(Value):
    """What keeps hooks in a repository and was not asked: where that is said, and why not."""

    name: str
    place: str
    why: str


class Hooks(Value):
    """Step 9: the repository's own hooks on the tree that will be committed; ``problem`` says why
    there is no result.

    ``files`` counts the files of the ticket that they were asked about, where they were not asked
    about ``all_files``. ``left`` are files that a hook would have changed though the ticket does
    not touch them, ``left_by_git`` those of a hook of git's own, ``managers``
    those that keep hooks here and were not asked.
    """

    tree: str
    hooks: Fact[tuple[Hook, ...]]
    problem: Fact[str] = ""
    files: Fact[int] = 0
    all_files: Fact[bool] = True
    left: Fact[tuple[str, ...]] = ()
    left_by_git: Fact[tuple[str, ...]] = ()
    managers: Fact[tuple[HookManager, ...]] = ()


class ApiChange(Value):
    """What a change does to a service's API, from its OpenAPI description on the base and on the
    tree.

    ``asked`` is the path or command of the description, ``given`` the environment that a command
    gets, in a digest; ``operations`` is its count on the tree.
    ``problem`` says why there is none on the tree, ``no_base`` why there is nothing to compare it
    with; ``is_new``: because the service is new. ``uncompared`` are places of which it cannot be
    told whether they break, each with the reason.
    """

    service: str
    asked: str
    given: str = ""
    base: str
    tree: str
    operations: int = 0
    breaks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    uncompared: tuple[str, ...] = ()
    problem: str = ""
    no_base: str = ""
    is_new: bool = False


class Commit(Value):
    """Step 10: the commit; ``refused`` names what kept it from being made.

    ``faults`` are rules that its message breaks; ``compatible`` is the ticket's constraint where it
    forbids to break the API, ``proofs`` say what passed on this very tree before it. ``hooks``
    are those that saw its message, ``hook_problem`` is why their word is not known;
    ``hooked``: the project has such hooks. ``managers`` keep hooks here and were not asked.
    ``by_git``: its message is one that git begins, of a merge for instance, and no rule is for it.
    """

    sha: Sha
    tree: str
    subject: Fact[str] = ""
    files: Fact[tuple[FileChange, ...]] = ()
    breaking: Fact[bool] = False
    refused: tuple[str, ...] = ()
    faults: Fact[tuple[str, ...]] = ()
    by_hand: Fact[bool] = False
    by_git: Fact[bool] = False
    api: Fact[tuple[ApiChange, ...]] = ()
    compatible: Fact[str] = ""
    proofs: Fact[tuple[str, ...]] = ()
    hooks: Fact[tuple[Hook, ...]] = ()
    hook_problem: Fact[str] = ""
    managers: Fact[tuple[HookManager, ...]] = ()
    hooked: Fact[bool] = False


class Push(FixesCommit):
    """Step 11: the commit that the remote branch stands at, read back; ``moved_from`` is our commit
    where the remote does not contain it, ``tree`` its tree where the commit is here."""

    branch: str
    sha: Sha
    commits: Fact[int] = 0
    remote: Fact[str] = ""
    moved_from: Fact[str] = ""
    tree: Fact[str] = ""

    @property
    def settled(self) -> Tree:
        """The pushed commit's tree."""
        return Tree(
            id=self.tree or self.sha,
            commit=self.sha,
            branch=self.branch,
            read_from=f"{self.branch} at {short_sha(self.sha)}",
        )
