"""Reads what coverage tools write: of each file, which lines ran and how many branches were taken.

No tool's own percentage is read: they count lines, statements, or both with branches in one, and
call it the same.
"""

import json
from dataclasses import replace
from typing import Any, Callable, Final, Mapping

from devflow.craft.reports import coverage_json, coverage_text, coverage_xml
from devflow.craft.reports.covered import Coverage, FileCoverage, Files, joined
from devflow.craft.reports.xml import Element, parse
from devflow.model.wording import one_line

_OF_ROOT: Final[Mapping[str, Callable[[Element], Files]]] = {
    "coverage": coverage_xml.of_coverage,
    "report": coverage_xml.of_jacoco,
}


def read(data: bytes) -> Coverage:
    """The coverage in a report of any of the formats. Never raises: what is none is a problem."""
    text = data.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    try:
        if text.startswith("<"):
            return _xml(data)
        if text.startswith("{"):
            return _of(coverage_json.files(_object(text)), coverage_json.UNIT)
        if text.startswith("mode:"):
            return _of(coverage_text.of_go(text), "statements")
        return _of(coverage_text.of_lcov(text), "lines")
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        reason = one_line(str(error)) or type(error).__name__
        return Coverage(problem=f"the coverage report cannot be read: {reason}")


def _xml(data: bytes) -> Coverage:
    parsed = parse(data)
    if parsed.root is None:
        return Coverage(problem=f"the coverage report cannot be read: {parsed.problem}")
    reader = _OF_ROOT.get(parsed.root.tag)
    if reader is None:
        raise ValueError(f"it is a <{parsed.root.tag}>")
    is_clover = parsed.root.find("project") is not None
    found = _of(reader(parsed.root), "statements" if is_clover else "lines")
    problem = found.problem or coverage_xml.lost(parsed.root, found.whole)
    if problem:
        return Coverage(problem=problem)
    return replace(found, folders=coverage_xml.folders(parsed.root))


def _object(text: str) -> Mapping[str, Any]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("it is no object")
    return found


def _of(files: Files, unit: str) -> Coverage:
    found: dict[str, FileCoverage] = {}
    for path, file in files:
        earlier = found.get(path)
        found[path] = joined(earlier, file) if earlier else file
    if not found:
        return Coverage(problem="the coverage report names no file")
    return Coverage(files=found, unit=unit)
