"""What runners mean by what they write, where it is something else than the element's name says.

Each rule was read off a real report of the tool that it names.
"""

import re
from typing import Final, Literal, Mapping, NamedTuple, Pattern

Outcome = Literal["passed", "failed", "skipped", "flaky"]
Where = Mapping[str, Pattern[str]]


class Rule(NamedTuple):
    """``tool`` writes ``of`` and means something else, or with ``None`` nothing.

    Each pattern of ``where`` has to be found in the attribute of that name: of the element, with
    ``case.`` before it of its case, or in its ``text``.
    """

    tool: str
    of: str
    means: Outcome | None
    why: str
    where: Where = {}


class Told(NamedTuple):
    """Where ``tool`` says why a test failed, where its message does not: in the groups of
    ``pattern`` when it is found in its text or in what the test printed, of which each line has an
    end."""

    tool: str
    pattern: Pattern[str]


class NoTest(NamedTuple):
    """``tool`` writes a case of this outcome for what is no test: for ``what``.

    ``where`` as in a ``Rule``; with ``result.`` before it of the element that the outcome is of.
    """

    tool: str
    of: Outcome
    what: str
    where: Where


class Naming(NamedTuple):
    """``tool`` writes more into the name of a test than its name, which is the first group of
    ``pattern``; ``where`` as in a ``Rule``, of the case."""

    tool: str
    pattern: Pattern[str]
    why: str
    where: Where


class Echo(NamedTuple):
    """``tool`` says once more of a whole suite that tests of it failed, as an error of which the
    first group of ``message`` is how many, at most ``most``.

    It is no failure of its own where so many did, ``output`` is found in what the suite printed,
    and nothing else is counted.
    """

    tool: str
    message: Pattern[str]
    most: int
    output: Pattern[str]
    why: str


def _where(**patterns: str) -> Where:
    found = {}
    for name, pattern in patterns.items():
        found[name.replace("__", ".")] = re.compile(pattern, re.DOTALL)
    return found


# of an element below a case; the first that fits decides, and else the element's name
RESULTS: Final = (
    Rule(
        "gotestsum",
        "failure",
        "passed",
        "Go before 1.20 does not see the end of a test whose output has no newline",
        _where(type=r"^$", text=r"^(?!.*--- FAIL: ).*--- PASS: "),
    ),
    Rule("PHPUnit", "error", "passed", "risky is no failure", _where(type=r"\bRiskyTestError$")),
    Rule("prove", "error", "passed", "a todo that passes", _where(type=r"^TodoTestSucceeded$")),
    Rule(
        "Boost.Test",
        "failure",
        "skipped",
        "it failed as announced",
        _where(
            type=r"^(assertion|fatal) error$",
            message=r"^failure$",
            case__output=r"^(?!.*Failures detected in:)",
        ),
    ),
    Rule("EUnit", "skipped", "failed", "it ran out of time", _where(type=r"^timeout$")),
    Rule(
        "CTest",
        "skipped",
        "failed",
        "it could not be run, which CTest counts as failed",
        _where(case__status=r"^notrun$", message=r"^(?!SKIP_)"),
    ),
    Rule(
        "nose2",
        "skipped",
        "passed",
        "it passes against what was announced",
        _where(message=r"^test passes unexpectedly$"),
    ),
    Rule("Surefire", "flakyFailure", "flaky", "it passed when it was run again"),
    Rule("Surefire", "flakyError", "flaky", "it passed when it was run again"),
    Rule("Surefire", "rerunFailure", None, "one more failed attempt"),
    Rule("Surefire", "rerunError", None, "one more failed attempt"),
)

# of a case, by what its elements come to
CASES: Final = (
    Rule("GoogleTest", "passed", "skipped", "it is disabled", _where(status=r"^notrun$")),
    Rule("CTest", "passed", "skipped", "it is disabled", _where(status=r"^disabled$")),
    Rule("behave", "passed", "skipped", "it did not run", _where(status=r"^(untested|skipped)$")),
    Rule(
        "prove",
        "passed",
        "skipped",
        "its line of TAP says so",
        _where(directive=r"^(ok skip|not ok todo)$"),
    ),
    Rule(
        "Playwright",
        "passed",
        "flaky",
        "a failed attempt left something behind",
        _where(output=r"\[\[ATTACHMENT\|[^\]]*-retry\d+/"),
    ),
    Rule(
        "Playwright",
        "passed",
        "flaky",
        "a failed attempt, the first one too, left its context behind",
        _where(
            output=r"\[\[ATTACHMENT\|[^\]]*\berror-context\.md\]\]",
            properties=r"^(?!(.* )?fail( |$))",
        ),
    ),
)

NO_TESTS: Final = (
    NoTest("node", "passed", "a file", _where(name=r"^\S+\.[cm]?[jt]sx?$", classname=r"^test$")),
    NoTest(
        "node",
        "failed",
        "a hook",
        _where(name=r"\.[cm]?[jt]sx?$", classname=r"^test$", result__type=r"^hookFailed$"),
    ),
    NoTest("pytest", "passed", "a run that was left", _where(name=r"^$", classname=r"^$")),
    NoTest("mocha", "failed", "a hook", _where(name=r'"(before|after) (all|each)" hook')),
    NoTest("bun", "failed", "a hook", _where(name=r"^\(unnamed\)$")),
    NoTest("jest", "failed", "a hook", _where(name=r"^ ?Test execution failure: could be")),
    # deno writes the steps of a test so, which is a test itself
    NoTest(
        "vitest",
        "failed",
        "a hook of the suite",
        _where(is_outer=r"^yes$", result__message=r"^(?!\d+ test steps? failed$)"),
    ),
    NoTest(
        "cucumber-js", "failed", "a hook", _where(name=r"^\S+\.[cm]?[jt]s:\d+$", classname=r"^$")
    ),
    NoTest("Bats", "failed", "the set-up of a file", _where(name=r"^$", classname=r"\.bats$")),
    NoTest("EUnit", "failed", "a fixture", _where(name=r"^fixture (setup|cleanup) \[")),
    NoTest("unittest", "failed", "a hook", _where(name=r"^(setUp|tearDown)(Class|Module) \(")),
    NoTest("nose2", "failed", "a hook", _where(classname=r"^(setUp|tearDown)(Class|Module) \(")),
    NoTest("Surefire", "failed", "a class", _where(schema="surefire", is_class="^yes$")),
    NoTest("Surefire", "skipped", "a class", _where(schema="surefire", is_class="^yes$")),
    NoTest("PHPUnit", "failed", "a hook", _where(result__type=r"\bSyntheticError$")),
    NoTest(
        "PHPUnit",
        "failed",
        "a data provider",
        _where(name=r"^Error$", result__type=r"^PHPUnit\\Framework\\Error$"),
    ),
    NoTest(
        "gotestsum",
        "failed",
        "a line that a test printed",
        _where(result__type=r"^$", result__text=r"^\s*--- FAIL: [^\n]*\n?$"),
    ),
    NoTest("prove", "passed", "the end of a file", _where(name=r"^\(teardown\)$", tap=r"^$")),
    NoTest("prove", "passed", "the start of a file", _where(name=r"^\(init\)$", tap=r"^$")),
)

# of a case; the first that fits decides
NAMES: Final = (
    Naming(
        "prove",
        re.compile(r"^\d+ - (.+) \{$"),
        "the number of a subtest and the brace before its own tests are none of its name",
        _where(tap=r"^subtest$"),
    ),
    Naming(
        "prove",
        re.compile(r"^\d+ - (.+)$"),
        "the number is none of its name",
        _where(tap=r"^(sub)?test$"),
    ),
)

ECHOES: Final = (
    Echo(
        "prove",
        re.compile(r"^Dubious, test returned (\d+) \(wstat \d+, 0x[0-9a-f]+\)$"),
        # what Test::More ends with where more failed
        254,
        # who died early has written none
        re.compile(r"^1\.\.\d+", re.MULTILINE),
        "a file ends with the number of its failed tests, which stand beside it",
    ),
)

# what messages say of whatever has failed or was skipped: pytest's, nose2's, Boost's, behave's and
# CTest's, in turn
SAYS_NOTHING: Final = re.compile(
    r"|collection failure|test failure|failure|unexpected exception|None"
    r"|Failed|SKIP_REGULAR_EXPRESSION_MATCHED"
)

# how a program ended, as CTest words it; what it printed before may say why
ENDS: Final = r"SEGFAULT|ILLEGAL|INTERRUPT|NUMERICAL|OTHER_FAULT|Timeout|Subprocess \w+"

# what CTest leaves of a sequence of the terminal
NO_TEXT: Final = re.compile(r"\[NON-XML-CHAR-0x1B\]\[[\d;]*m")

# lines that GoogleTest, Catch2 and Go print of every test
FRAME: Final = re.compile(
    r"Running main\(\) from .+|Note: Google Test filter = .+|\[[ A-Z=-]{10}\].*|Filters: .+"
    r"|=== (?:RUN|PAUSE|CONT|NAME) .+| *--- (?:FAIL|PASS|SKIP): .+"
)

TOLD: Final = (
    # the test in which the program ended, and what it printed
    Told("GoogleTest", re.compile(r"^\[ RUN      \] (.+)\n((?:(?!\[ ).*\n)*)\Z", re.MULTILINE)),
    Told(
        "GoogleTest",
        re.compile(
            r"^(.+:\d+:|unknown file:) Failure\n"
            r"((?:(?!\[  (?:FAILED|DEATH)  |.+: Failure\n).*\n)+)",
            re.MULTILINE,
        ),
    ),
    Told("GoogleTest", re.compile(r"^.+:\d+: Skipped\n((?:(?!\[  SKIPPED ).+\n)+)", re.MULTILINE)),
    Told("GoogleTest", re.compile(r"^(.+:\d+): Skipped$", re.MULTILINE)),
    Told("Catch2", re.compile(r"^(.+:\d+:) FAILED:\n((?:.+\n)+)", re.MULTILINE)),
    Told("Boost.Test", re.compile(r"^- message: (?!\")(.+)$", re.MULTILINE)),
    Told("Boost.Test", re.compile(r"^EXCEPTION STACK TRACE: -+\n(.+)$", re.MULTILINE)),
    Told("Catch2", re.compile(r"\A\s*FAILED:\n\s*(.+)$", re.MULTILINE)),
    Told("EUnit", re.compile(r"^\*\*((?:error|exit|throw):.+)\Z", re.MULTILINE | re.DOTALL)),
    Told("Bats", re.compile(r"\A\(.*\)\n +(`.*)$", re.MULTILINE)),
    Told("minitest", re.compile(r"\A\s*Failure:\n.*\]:\n((?:(?!\s+\S+:\d+:in ).+\n?)+)")),
    Told(
        "PHPUnit",
        re.compile(r"\A(?:\S+::[^\n]+|Error)\n(?:Exception in \S+\n)?(.+)$", re.MULTILINE),
    ),
    Told("prove", re.compile(r"^ *# +(got: .+)\n *# +(expected: .+)$", re.MULTILINE)),
    Told("prove", re.compile(r"^ *# (?:\| \w+ +)+\|\n *# [-+]+\n *# \| (.+?) +\|$", re.MULTILINE)),
    Told("prove", re.compile(r"^ +(not ok \d+ - .+)$", re.MULTILINE)),
    Told("Playwright", re.compile(r"^ *(Expected to fail, but passed\.)$", re.MULTILINE)),
    Told("jest", re.compile(r'\A\{"message":"","stack":"([^"\\]+)')),
)


class CountsOther(NamedTuple):
    """A tool whose ``tests`` counts something else than cases: ``what``. It is known by what stands
    in the attribute ``name`` of an element ``at``."""

    tool: str
    what: str
    at: Literal["testsuites", "testsuite", "property"]
    name: str
    where: Pattern[str]


COUNTS_OTHERS: Final = (
    CountsOther("pytest", "parts and attempts", "testsuite", "name", re.compile(r"^pytest$")),
    CountsOther("Catch2", "assertions", "testsuite", "hostname", re.compile(r"^tbd$")),
    CountsOther(
        "Surefire",
        "attempts",
        "testsuite",
        "{http://www.w3.org/2001/XMLSchema-instance}noNamespaceSchemaLocation",
        re.compile("surefire"),
    ),
)


class Repeats(NamedTuple):
    """A tool that writes several elements for one test, and where it says who it is: the attribute
    ``name`` of ``at``. ``last_counts``: each is an attempt; else all are parts of one."""

    tool: str
    at: Literal["testsuites", "testsuite", "property"]
    name: Pattern[str]
    last_counts: bool = False


REPEATS: Final = (
    Repeats("pytest", "testsuites", re.compile(r"^pytest tests$")),
    Repeats("pytest", "testsuite", re.compile(r"^pytest$")),
    Repeats("xmlrunner", "testsuite", re.compile(r"-\d{14}$")),
    Repeats("nose2", "testsuite", re.compile(r"^nose2-junit$")),
    Repeats("gotestsum", "property", re.compile(r"^go\.version$"), last_counts=True),
)
