"""Reads a JUnit report: the cases, the criteria that they prove, and the figures that they
measured.

A case's property ``ac`` names a criterion such as ``AC-1`` or ``SCRUM-95 AC-1``; every other
property is a figure.
"""

import re
from dataclasses import dataclass, replace
from typing import Final, Iterator

from junitparser import JUnitXml, JUnitXmlError, Properties, Property, Skipped, TestCase, TestSuite

from devflow.model.wording import one_line
from devflow.model.change import Case, Reported

CRITERION: Final = "ac"
_NO_FIGURE: Final = (
    "hypothesis-statistics-"  # hypothesis' own record of its runs, encoded for its own tools
)
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
        entries: dict[str, ReportedCase] = {}
        facts: list[Reported] = []
        for suite in suites:
            facts += [_fact(one, "the suite") for one in _properties(suite)]
            for item in suite:
                entry = _entry(item)
                entries[entry.id] = entry = (
                    _joined(entries[entry.id], entry) if entry.id in entries else entry
                )
                facts += [
                    _fact(one, entry.case.name)
                    for one in _properties(item)
                    if one.name != CRITERION
                ]
        facts = [fact for fact in facts if not fact.name.startswith(_NO_FIGURE)]
    except (SyntaxError, JUnitXmlError, ValueError, TypeError) as error:
        return Report(problem=f"the JUnit report cannot be read: {one_line(str(error))}")
    return Report(tuple(entries.values()), tuple(facts))


def _entry(item: TestCase) -> ReportedCase:
    file = str(item._elem.get("file") or "")
    return ReportedCase(_case(item), file, f"{file}::{item.classname}::{item.name}")


def _joined(first: ReportedCase, later: ReportedCase) -> ReportedCase:
    """Two elements of one test: it has failed where one of them has."""
    told = first if first.case.outcome == "failed" else later
    spent_s = first.case.duration_s + later.case.duration_s
    return replace(
        first,
        case=told.case.model_copy(update={"duration_s": spent_s}),
        times=first.times + later.times,
    )


def _case(item: TestCase) -> Case:
    broken = [one for one in item.result if not isinstance(one, Skipped)]
    skipped = [one for one in item.result if isinstance(one, Skipped)]
    told = (broken or skipped or [None])[0]
    found = _FAILED_AT.findall(told.text or "") if broken and told is not None else []
    return Case(
        name=item.name or "a test without a name",
        outcome="failed" if broken else "skipped" if skipped else "passed",
        duration_s=float(item.time or 0),
        criteria=tuple(one.value for one in _properties(item) if one.name == CRITERION),
        message=one_line(told.message or "") if told is not None else "",
        at=found[-1] if found else item.classname or "",
    )


def _properties(item: TestCase | TestSuite) -> Iterator[Property]:
    for group in item.iterchildren(Properties):  # type: ignore[no-untyped-call]  # junitparser leaves this one out
        yield from group


def _fact(item: Property, source: str) -> Reported:
    return Reported(name=one_line(str(item.name)), value=one_line(str(item.value)), source=source)
