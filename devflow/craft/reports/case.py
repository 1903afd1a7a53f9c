"""One case of a JUnit report: what it came to, by its elements and by the rules of its runner."""

import re
from dataclasses import dataclass
from functools import partial
from typing import Callable, Final, Iterator, NamedTuple, Sequence, TypeVar

from devflow.craft.reports import go_output
from devflow.craft.reports.rules import (
    CASES,
    ENDS,
    FRAME,
    NAMES,
    NO_TESTS,
    NO_TEXT,
    RESULTS,
    SAYS_NOTHING,
    TOLD,
    NoTest,
    Outcome,
    Rule,
    Where,
)
from devflow.craft.reports.xml import Element
from devflow.model.change import Case
from devflow.model.output.telling import named_line
from devflow.model.wording import one_line

Attribute = Callable[[str], str]
AnyRule = TypeVar("AnyRule", Rule, NoTest)

CRITERION: Final = "ac"
RED: Final = ("failure", "error")
# what a suite may count as a failure
RESULTS_OF_FAILURE: Final = frozenset(
    (*RED, "flakyFailure", "flakyError", "rerunFailure", "rerunError")
)
NUMBER: Final = re.compile(r"[-+]?(\d[\d,]*\.?\d*|\.\d+)([eE][-+]?\d+)?")
_SKIPPED: Final = ("skipped", "skip")
_RESULTS: Final = RESULTS_OF_FAILURE | frozenset(_SKIPPED)
_OUTPUTS: Final = ("system-out", "system-err")
_NAMELESS: Final = "a test without a name"
# the heavier one decides
_BY_WEIGHT: Final[Sequence[Outcome]] = ("failed", "flaky", "skipped")


class TapLine(NamedTuple):
    """The line of TAP that a test has in its suite's own output, if any: of a ``test``, or of a
    ``subtest`` before its own tests; and its directive, such as ``ok skip``."""

    kind: str = ""
    directive: str = ""


@dataclass(frozen=True)
class Surrounded:
    """A case's element, and what stands around it: the name of its suite, the schema that the
    report names, whether its name is that of a suite of others, and its line of TAP."""

    element: Element
    suite: str = ""
    schema: str = ""
    is_outer: bool = False
    line: TapLine = TapLine()

    @property
    def classname(self) -> str:
        """The class that its runner names; tests of TAP have none but their file's suite."""
        return self.element.get("classname", "") or (self.suite if self.line.kind else "")

    def attribute(self, name: str) -> str:
        """What a rule may ask of a case."""
        match name:
            case "output":
                return "".join(text_below(self.element, tag) for tag in _OUTPUTS)
            case "properties":
                return " ".join(name for name, _ in properties(self.element))
            case "schema":
                return self.schema
            case "is_outer":
                return "yes" if self.is_outer else ""
            case "is_class":
                is_class = self.element.get("name") == self.element.get("classname")
                return "yes" if is_class else ""
            case "tap":
                return self.line.kind
            case "directive":
                return self.line.directive
            case _:
                return self.element.get(name, "")

    def of_result(self, result: Element | None, name: str) -> str:
        """What a rule may ask of one of its results, with ``case.`` before it of the case."""
        if name.startswith("case."):
            return self.attribute(name.removeprefix("case."))
        if result is None:
            return ""
        return (result.text or "") if name == "text" else result.get(name, "")

    def of_case(self, result: Element | None, name: str) -> str:
        """What a rule may ask of the case, with ``result.`` before it of the element that says what
        the case came to."""
        if name.startswith("result."):
            return self.of_result(result, name.removeprefix("result."))
        return self.attribute(name)


@dataclass(frozen=True)
class Meant:
    """What a case came to, and the element that says so; ``is_test`` is false of hooks and their
    like."""

    outcome: Outcome
    is_test: bool = True
    result: Element | None = None


def meaning_of(surrounded: Surrounded) -> Meant:
    """What the elements of a case say, and its attributes where they say nothing."""
    results = [one for one in surrounded.element if one.tag in _RESULTS]
    said: dict[Outcome, Element] = {}
    for result in results:
        outcome = _outcome(surrounded, result)
        if outcome is not None:
            said.setdefault(outcome, result)
    if _is_announced(results, said):
        del said["failed"]
    elements_say: Outcome = next((one for one in _BY_WEIGHT if one in said), "passed")
    result_of = said.get(elements_say)
    attribute = partial(surrounded.of_case, result_of)
    rule = _first(CASES, elements_say, attribute)
    meant = (rule.means if rule else None) or elements_say
    is_test = _first(NO_TESTS, meant, attribute) is None
    return Meant(meant, is_test, result_of)


def _outcome(surrounded: Surrounded, result: Element) -> Outcome | None:
    """What one element says; ``None`` for nothing."""
    rule = _first(RESULTS, result.tag, partial(surrounded.of_result, result))
    return rule.means if rule else _by_name(result)


def _by_name(result: Element) -> Outcome:
    return "failed" if result.tag in RED else "skipped"


def _is_announced(results: Sequence[Element], said: dict[Outcome, Element]) -> bool:
    """Whether a failure was allowed beforehand: its runner then says "skipped" beside it."""
    if "failed" not in said or "skipped" not in said:
        return False
    return all(one.tag != "error" for one in results)


def _first(rules: Sequence[AnyRule], of: str, attribute: Attribute) -> AnyRule | None:
    """The first rule that is about this and fits."""
    for rule in rules:
        if rule.of == of and _fits(rule.where, attribute):
            return rule
    return None


def _fits(where: Where, attribute: Attribute) -> bool:
    return all(pattern.search(attribute(name)) for name, pattern in where.items())


def case_of(surrounded: Surrounded, meant: Meant) -> Case:
    """The case, at the class that its runner names, and where it names none at its file or
    suite."""
    element = surrounded.element
    result = meant.result
    criteria = [value for name, value in properties(element) if name == CRITERION]
    return Case(
        name=_name(surrounded),
        outcome=meant.outcome,
        duration_s=_seconds(element.get("time", "")),
        criteria=tuple(criteria),
        message="" if result is None else message_of(result, element),
        at=surrounded.classname or element.get("file", "") or surrounded.suite,
    )


def _name(surrounded: Surrounded) -> str:
    name = surrounded.element.get("name") or _NAMELESS
    for rule in NAMES:
        found = rule.pattern.search(name)
        if found and _fits(rule.where, surrounded.attribute):
            return found[1]
    return name


def message_of(result: Element, around: Element) -> str:
    """Why, on one line: its message, and where that says nothing of this very failure the line of
    its text, or of what the test printed, that says most."""
    name = around.get("name", "")
    message = result.get("message", "")
    text = result.text or ""
    said = go_output.why(message, text) or one_line(message)
    has_ended = re.fullmatch(ENDS, said) is not None
    if said and not has_ended and not _says_nothing(said, name):
        return said
    printed = "".join(text_below(around, tag) for tag in _OUTPUTS)
    told = _told(text, name) or _told(printed, name)
    if has_ended:
        return ended_so(said, told)
    told = told or said
    return "" if _is_name(told, name) else told


def ended_so(how: str, why: str) -> str:
    """How a program ended, with what it had said before, which may say of itself how it ended."""
    if why.startswith(how):
        return why
    return one_line(f"{how}: {why}") if why else how


def _says_nothing(message: str, name: str) -> bool:
    """Whether it would be the same of any failure of the test, or was cut off at its first line."""
    of_any = SAYS_NOTHING.fullmatch(message)
    return message.endswith("...") or _is_name(message, name) or of_any is not None


def _is_name(message: str, name: str) -> bool:
    """Whether it says no more than which test it is of."""
    return re.fullmatch(rf"(not ok |\S+:\d+:\d+ )?{re.escape(name)}", message) is not None


def _told(text: str, name: str) -> str:
    """What says most of a text; the test's own name is not said again."""
    plain = NO_TEXT.sub("", text) + "\n"
    for rule in TOLD:
        found = rule.pattern.search(plain)
        if found:
            return one_line(" ".join(group for group in found.groups() if group != name))
    lines = [line for line in plain.splitlines() if line.strip() and not FRAME.match(line)]
    return named_line(plain) or (one_line(lines[0]) if lines else "")


def properties(element: Element) -> Iterator[tuple[str, str]]:
    """Each name and value, which some tools write as text."""
    for one in element.findall("properties/property"):
        yield one.get("name", ""), one.get("value") or (one.text or "")


def text_below(element: Element, tag: str) -> str:
    """The text of the elements of that name right below."""
    return "".join(one.text or "" for one in element.findall(tag))


def _seconds(text: str) -> float:
    """``5,521.218`` and ``7.5e-05``; what is no number, or less than nothing, is 0."""
    found = NUMBER.fullmatch(text.strip())
    return max(float(text.replace(",", "")), 0.0) if found else 0.0
