"""Reads a JUnit report of whatever runner: its tests, what else it has elements for, the criteria
that tests prove, and the figures that they measured.

A case's property ``ac`` names a criterion such as ``AC-1`` or ``SCRUM-95 AC-1``; another property
of a case whose value begins with a number is a figure, and so is one of a pytest suite.
"""

import re
from dataclasses import dataclass, replace
from typing import Final, Iterator, Sequence

from devflow.craft.reports.case import (
    CRITERION,
    NUMBER,
    RED,
    RESULTS_OF_FAILURE,
    Meant,
    Surrounded,
    TapLine,
    case_of,
    meaning_of,
    message_of,
    properties,
    text_below,
)
from devflow.craft.reports.places import NamedPlace, named_places
from devflow.craft.reports.rules import COUNTS_OTHERS, ECHOES, REPEATS, Outcome, Repeats
from devflow.craft.reports.xml import Element, parse
from devflow.model.change import Case, Reported
from devflow.model.wording import one_line, plural

# hypothesis' own record of its runs, encoded for its own tools
_NO_FIGURE: Final = "hypothesis-statistics-"
# a line of TAP, its directive, and whether an indented line or the end of a subtest follows:
# https://testanything.org/tap-version-13-specification.html
_TAP: Final = re.compile(
    r"^(not ok|ok) (\d+)\b(?:[^#\n]*# (skip|todo)\b)?[^\n]*\n?(?=([ }]?))",
    re.IGNORECASE | re.MULTILINE,
)
_TAP_NAME: Final = re.compile(r"^(\d+)(?: - |$)")
_SCHEMA: Final = "{http://www.w3.org/2001/XMLSchema-instance}noNamespaceSchemaLocation"
_OUTER: Final = " > "  # what vitest puts between the names of suites and tests


@dataclass(frozen=True)
class ReportedCase:
    """A case, the file and the class that it stands in as its runner names them, and what it is
    known by in another run's report.

    ``times`` counts its elements: a test that fails in its body and in its teardown has two, and so
    has one that was run again. ``named`` are the places that its failure names.
    """

    case: Case
    file: str
    id: str
    times: int = 1
    classname: str = ""
    named: tuple[NamedPlace, ...] = ()


@dataclass(frozen=True)
class Other:
    """What is no test and has an element: a hook, a class, a file, an error of a whole suite."""

    name: str
    outcome: Outcome
    message: str = ""


@dataclass(frozen=True)
class Report:
    """What a report holds, in the order in which the tests ended; ``problem`` says why it holds
    nothing.

    ``contradiction``: failures or tests that its attributes count and no element is there for.
    ``repaired``: it was no XML before characters were replaced.
    """

    entries: tuple[ReportedCase, ...] = ()
    others: tuple[Other, ...] = ()
    facts: tuple[Reported, ...] = ()
    contradiction: str = ""
    repaired: bool = False
    problem: str = ""

    @property
    def is_red(self) -> bool:
        """Whether anything in it has failed, or was counted as failed."""
        outcomes = {entry.case.outcome for entry in self.entries}
        outcomes.update(other.outcome for other in self.others)
        return "failed" in outcomes or bool(self.contradiction)


def read(data: bytes) -> Report:
    """The report in ``data``. Never raises: what is no report is a problem."""
    parsed = parse(data)
    if parsed.root is None:
        return Report(problem=f"the JUnit report cannot be read: {parsed.problem}")
    if parsed.root.tag not in ("testsuites", "testsuite"):
        name = one_line(parsed.root.tag)
        return Report(problem=f"the JUnit report cannot be read: it is a <{name}>")
    return replace(_Reading(parsed.root).report(), repaired=parsed.repaired)


class _Reading:
    """One report."""

    def __init__(self, root: Element) -> None:
        self._root = root
        self._repeats = _repeats(root)
        self._schema = root.get(_SCHEMA, "")

    def report(self) -> Report:
        """All of it."""
        entries: dict[str, ReportedCase] = {}
        others: list[Other] = []
        facts: list[Reported] = []
        for suite in _suites(self._root):
            others += _errors_of(suite)
            if self._repeats and self._repeats.tool == "pytest":
                facts += _figures(suite, "the suite")
            for surrounded in self._cases(suite):
                entry, is_test = _entry(surrounded)
                if is_test:
                    self._take(entries, entry)
                else:
                    others.append(Other(entry.case.name, entry.case.outcome, entry.case.message))
                facts += _figures(surrounded.element, entry.case.name)
        report = Report(tuple(entries.values()), tuple(others), tuple(facts))
        contradiction = _contradiction(self._root)
        if not contradiction and not report.is_red:
            # after a hook that failed tests are counted that never began
            contradiction = _missing_tests(self._root)
        return replace(report, contradiction=contradiction)

    def _cases(self, suite: Element) -> Iterator[Surrounded]:
        elements = suite.findall("testcase")
        names = [element.get("name", "") for element in elements]
        outer = _outer(names)
        lines = _tap_lines(suite)
        own = suite.get("name", "")
        for element, name in zip(elements, names):
            number = _TAP_NAME.match(name)
            line = lines.get(number[1], TapLine()) if number else TapLine()
            yield Surrounded(element, own, self._schema, name in outer, line)

    def _take(self, entries: dict[str, ReportedCase], entry: ReportedCase) -> None:
        earlier = entries.get(entry.id)
        if earlier is None:
            entries[entry.id] = entry
        elif self._repeats:
            entries[entry.id] = _joined(earlier, entry, self._repeats)
        else:
            # another test of the same name; what the two are known by has to differ
            again = f"{entry.id}#{len(entries)}"
            entries[again] = replace(entry, id=again)


def _repeats(root: Element) -> Repeats | None:
    for rule in REPEATS:
        for element in root.iter(rule.at):
            if rule.name.search(element.get("name", "")):
                return rule
    return None


def _suites(root: Element) -> Iterator[Element]:
    """Every element that cases stand in, whatever it is called: node's stand in the root too, and
    after a hook of a file that failed in an ``undefined``."""
    for element in root.iter():
        if element.tag in ("testsuites", "testsuite") or element.find("testcase") is not None:
            yield element


def _errors_of(suite: Element) -> Iterator[Other]:
    """What failed in a suite and is no test's: a file that did not load, a hook, an exit code."""
    for tag in RED:
        for error in suite.findall(tag):
            if not _is_echo(error, suite):
                yield Other(suite.get("name", ""), "failed", message_of(error, suite))


def _is_echo(error: Element, suite: Element) -> bool:
    """Whether it says no more than that the suite's own failed tests have failed."""
    failed = sum(1 for case in suite.findall("testcase") if case.find("failure") is not None)
    for rule in ECHOES:
        found = rule.message.search(error.get("message", ""))
        if found and 0 < int(found[1]) == min(failed, rule.most):
            is_whole = rule.output.search(text_below(suite, "system-out")) is not None
            return is_whole and _beside(suite) == 0
    return False


def _tap_lines(suite: Element) -> dict[str, TapLine]:
    """The lines of TAP in a suite's own output, by the test's number: ``ok todo`` is a test that
    passes though nobody expected it to."""
    lines = {}
    for how, number, said, after in _TAP.findall(text_below(suite, "system-out")):
        directive = f"{how} {said}".lower() if said else ""
        lines[number] = TapLine("subtest" if after else "test", directive)
    return lines


def _outer(names: Sequence[str]) -> frozenset[str]:
    """The names that other names begin with, as those of suites do."""
    found: set[str] = set()
    for name in names:
        parts = name.split(_OUTER)
        found.update(_OUTER.join(parts[:count]) for count in range(1, len(parts)))
    return frozenset(found)


def _entry(surrounded: Surrounded) -> tuple[ReportedCase, bool]:
    """A case as its element says, and whether it is a test."""
    element = surrounded.element
    meant = meaning_of(surrounded)
    file = element.get("file", "")
    classname = surrounded.classname
    id_ = f"{file}::{classname}::{element.get('name', '')}"
    case = case_of(surrounded, meant)
    entry = ReportedCase(case, file, id_, classname=classname, named=_named(meant, case))
    return entry, meant.is_test


def _named(meant: Meant, case: Case) -> tuple[NamedPlace, ...]:
    """The places of a failure; where its element names none, those of what the test printed."""
    if meant.outcome != "failed" or meant.result is None:
        return ()
    own = named_places(f"{meant.result.text or ''}\n{meant.result.get('message', '')}")
    return own or named_places(case.message)


def _joined(first: ReportedCase, later: ReportedCase, repeats: Repeats) -> ReportedCase:
    """Two elements of one test: parts of it, of which the worse counts, or attempts."""
    outcomes = (first.case.outcome, later.case.outcome)
    worse = first if outcomes[0] in ("failed", "flaky") else later
    changes: dict[str, object] = {"duration_s": first.case.duration_s + later.case.duration_s}
    if repeats.last_counts and len({*outcomes} - {"skipped"}) == 2:
        # in whichever order: it did both on the same tree
        changes["outcome"] = "flaky"
    elif repeats.last_counts:
        worse = later
    case = worse.case.model_copy(update=changes)
    times = first.times + later.times
    return replace(first, case=case, times=times, named=worse.named)


def _figures(element: Element, source: str) -> Iterator[Reported]:
    """What a case or a suite measured."""
    for name, value in properties(element):
        is_figure = name != CRITERION and not name.startswith(_NO_FIGURE)
        if is_figure and NUMBER.match(value.strip()):
            yield Reported(name=one_line(name), value=one_line(value), source=source)


def _contradiction(root: Element) -> str:
    """Failures that a suite counts, and that nothing in it is there for."""
    for suite in _suites(root):
        beside = _beside(suite)
        if beside > 0:
            verbs = "is counted and stands" if beside == 1 else "are counted and stand"
            return f"{plural(beside, 'failure')} {verbs} at no test"
    return ""


def _beside(suite: Element) -> int:
    """How many failures a suite counts more than there are elements of."""
    counted = sum(_count(suite, name) for name in ("failures", "errors"))
    return counted - sum(1 for element in suite.iter() if element.tag in RESULTS_OF_FAILURE)


def _missing_tests(root: Element) -> str:
    """Tests that a suite counts, and that nothing in it is there for."""
    for rule in COUNTS_OTHERS:
        for element in root.iter(rule.at):
            if rule.where.search(element.get(rule.name, "")):
                return ""
    for suite in _suites(root):
        counted = _count(suite, "tests")
        there = sum(1 for _ in suite.iter("testcase"))
        if there < counted:
            return f"of {plural(counted, 'test')} that it counts {there} are there"
    return ""


def _count(suite: Element, name: str) -> int:
    text = suite.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() else 0
