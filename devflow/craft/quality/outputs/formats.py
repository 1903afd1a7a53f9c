"""Which reader an output belongs to: the one that is named, else by what the output is."""

import re
from typing import Any, Callable, Final, Literal, Mapping

from devflow.craft.quality.outputs.checkstyle import read_checkstyle
from devflow.craft.quality.outputs.documents import document_in
from devflow.craft.quality.outputs.json_reports import is_report, read_json
from devflow.craft.quality.outputs.lines import read_lines
from devflow.craft.quality.outputs.output import LinterOutput, Source
from devflow.craft.quality.outputs.sarif_log import read_sarif

Format = Literal["", "sarif", "checkstyle", "json", "lines"]
READERS: Final[Mapping[str, Callable[[str, Source], LinterOutput]]] = {
    "sarif": read_sarif,
    "checkstyle": read_checkstyle,
    "json": read_json,
    "lines": read_lines,
}
_NOT_WHOLE: Final = "not whole"
_JUNIT: Final = "junit"
# what is none of them, and why it is not read: its findings would be lines that nobody knows
_PROBLEMS: Final[Mapping[str, str]] = {
    _NOT_WHOLE: "its report is not whole",
    _JUNIT: "its XML is a report of tests (JUnit): let it write SARIF, checkstyle's XML or lines",
}
# how a JSON report begins; a word in brackets or braces is a line of a tool
_BROKEN: Final = re.compile(r"\s*(\{\s*\"|\[\s*\{)")
_CHECKSTYLE: Final = re.compile(r"<checkstyle[\s/>]")
_TESTS: Final = re.compile(r"^(?:<\?xml [^>\n]*>)?[ \t]*<testsuites?[\s/>]", re.MULTILINE)


def read_output(text: str, source: Source, format_: Format) -> LinterOutput:
    """What a linter's output says in the named form, or in the one that it has."""
    form = format_ or format_of(text)
    if form in _PROBLEMS:
        return LinterOutput(problem=_PROBLEMS[form])
    return READERS[form](text, source)


def format_of(text: str) -> str:
    """The form of an output; what is none of the others is lines."""
    if _CHECKSTYLE.search(text):
        return "checkstyle"
    if _TESTS.search(text):
        return _JUNIT
    found = document_in(text)
    if found is None:
        return _NOT_WHOLE if _BROKEN.match(text) else "lines"
    document, around = found
    if isinstance(document, dict) and "runs" in document:
        return "sarif"
    if isinstance(document, dict) and is_report(document):
        return "json"
    # an object among other lines may be a word of the tool; alone, or with a list of what was
    # found, it is a report, of whatever form
    is_alone = not around.strip()
    is_some_report = isinstance(document, list) or _has_findings(document)
    return "json" if is_some_report or (document and is_alone) else "lines"


def _has_findings(document: Mapping[str, Any]) -> bool:
    """Whether an object holds a list of objects, as every tool's findings are."""
    lists = [value for value in document.values() if isinstance(value, list) and value]
    return any(isinstance(one, Mapping) for value in lists for one in value)
