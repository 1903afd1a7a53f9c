"""Reads a JUnit report: the cases, the criteria that they prove, and the figures that they
measured.

A case's property ``ac`` names a criterion such as ``AC-1`` or ``SCRUM-95 AC-1``; every other
property is a figure.
"""

import re
from dataclasses import dataclass, replace
from typing import Any, Final, Iterable, Iterator, Literal

from junitparser import JUnitXml, JUnitXmlError, Properties, Property, Skipped, TestCase, TestSuite

from devflow.model.change import Case, Reported
from devflow.model.wording import one_line

CRITERION: Final = "ac"
# hypothesis' own record of its runs, encoded for its own tools
_NO_FIGURE: Final = "hypothesis-statistics-"
_FAILED_AT: Final = re.compile(r"^(\S+\.py:\d+): \S", re.MULTILINE)


@dataclass(frozen=True)
class ReportedCase:
    """A case, the file that it stands in as pytest names it, and what it is known by in another
    run's report.

    ``times`` counts its elements: a test that fails in its body and in its teardown has two, and so
    has one that pytest-rerunfailures ran again.
    """

    case: Case
    file: str
    id: str
    times: int = 1


@dataclass(frozen=True)
class Report:
    """What a report holds, in the order in which the tests ended; ``problem`` says why it holds
    nothing."""

    entries: tuple[ReportedCase, ...] = ()
    facts: tuple[Reported, ...] = ()
    problem: str = ""


def read(text: str) -> Report:
    """The report in ``text``. Never raises: a text that is no report is a problem."""
    try:
        root = JUnitXml.fromstring(text.encode())
        # a report may be one suite instead of several, which the parser does not say in its types
        suites: list[TestSuite] = [root] if isinstance(root, TestSuite) else list(root)
        return _report(suites)
    except (SyntaxError, JUnitXmlError, ValueError, TypeError) as error:
        return Report(problem=f"the JUnit report cannot be read: {one_line(str(error))}")


def _report(suites: Iterable[TestSuite]) -> Report:
    entries: dict[str, ReportedCase] = {}
    facts: list[Reported] = []
    for suite in suites:
        facts += _facts(_properties(suite), "the suite")
        for item in suite:
            entry = _entry(item)
            earlier = entries.get(entry.id)
            if earlier is not None:
                entry = _joined(earlier, entry)
            entries[entry.id] = entry
            figures = [one for one in _properties(item) if one.name != CRITERION]
            facts += _facts(figures, entry.case.name)
    return Report(tuple(entries.values()), tuple(facts))


def _entry(item: TestCase) -> ReportedCase:
    file = str(item._elem.get("file") or "")
    return ReportedCase(_case(item), file, f"{file}::{item.classname}::{item.name}")


def _joined(first: ReportedCase, later: ReportedCase) -> ReportedCase:
    """Two elements of one test: it has failed where one of them has."""
    worse = first if first.case.outcome == "failed" else later
    spent_s = first.case.duration_s + later.case.duration_s
    case = worse.case.model_copy(update={"duration_s": spent_s})
    return replace(first, case=case, times=first.times + later.times)


def _case(item: TestCase) -> Case:
    outcome: Literal["passed", "failed", "skipped"] = "passed"
    # junitparser has no type for its results in common
    result: Any = None
    for one in item.result:
        is_failure = not isinstance(one, Skipped)
        if result is None or (is_failure and outcome == "skipped"):
            result = one
            outcome = "failed" if is_failure else "skipped"
    message = "" if result is None else one_line(result.message or "")
    at = item.classname or ""
    if outcome == "failed":
        places = _FAILED_AT.findall(result.text or "")
        # the last frame of a traceback is where the test failed
        at = places[-1] if places else at
    criteria = [one.value for one in _properties(item) if one.name == CRITERION]
    return Case(
        name=item.name or "a test without a name",
        outcome=outcome,
        duration_s=float(item.time or 0),
        criteria=tuple(criteria),
        message=message,
        at=at,
    )


def _properties(item: TestCase | TestSuite) -> Iterator[Property]:
    # junitparser leaves this method without types
    groups = item.iterchildren(Properties)  # type: ignore[no-untyped-call]
    for group in groups:
        yield from group


def _facts(properties: Iterable[Property], source: str) -> list[Reported]:
    """The figures that a case or a suite measured."""
    facts = []
    for one in properties:
        name = one_line(str(one.name))
        value = one_line(str(one.value))
        if not name.startswith(_NO_FIGURE):
            facts.append(Reported(name=name, value=value, source=source))
    return facts
