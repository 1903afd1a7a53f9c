"""Reads a JUnit report: the cases, the criteria that they prove, and the figures that they measured.

A case's property ``ac`` names a criterion such as ``AC-1``; every other property is a figure.
"""

import re
from dataclasses import dataclass
from typing import Final, Iterator

from junitparser import JUnitXml, JUnitXmlError, Properties, Property, Skipped, TestCase, TestSuite

from devflow.craft.one_line import one_line
from devflow.model.change import Case, Reported

CRITERION: Final = "ac"
_FAILED_AT: Final = re.compile(r"^(\S+\.py:\d+): \S", re.MULTILINE)


@dataclass(frozen=True)
class Report:
    """What a report holds; ``problem`` says why it holds nothing."""

    cases: tuple[Case, ...] = ()
    facts: tuple[Reported, ...] = ()
    problem: str = ""


def read(text: str) -> Report:
    """The report in ``text``. Never raises: a text that is no report is a problem."""
    try:
        root = JUnitXml.fromstring(text.encode())
        # a report may be one suite instead of several, which the parser does not say in its types
        suites: list[TestSuite] = [root] if isinstance(root, TestSuite) else list(root)
        cases: list[Case] = []
        facts: list[Reported] = []
        for suite in suites:
            facts += [_fact(one, "the suite") for one in _properties(suite)]
            for item in suite:
                cases.append(_case(item))
                facts += [_fact(one, cases[-1].name) for one in _properties(item) if one.name != CRITERION]
    except (SyntaxError, JUnitXmlError, ValueError, TypeError) as error:
        return Report(problem=f"the JUnit report cannot be read: {one_line(str(error))}")
    return Report(tuple(cases), tuple(facts))


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
