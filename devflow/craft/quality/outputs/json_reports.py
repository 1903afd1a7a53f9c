"""Findings as the JSON of eslint, ruff and stylelint: a list, whose members tell by their keys
whose it is; and as that of golangci-lint and oxlint, an object."""

from typing import Any, Final, Iterator, Mapping

from devflow.craft.quality.outputs.documents import document_in
from devflow.craft.quality.outputs.output import LinterOutput, Source, placed, plain_lines
from devflow.craft.quality.outputs.summaries import said
from devflow.model.figures import Finding

_UNKNOWN: Final = "its JSON is none of eslint, golangci-lint, oxlint, ruff or stylelint"


def is_report(document: Mapping[str, Any]) -> bool:
    """Whether an object is a report of golangci-lint or oxlint, whatever else was printed."""
    return {"Issues", "Report"} <= set(document) or {"diagnostics", "number_of_files"} <= set(
        document
    )


def _object(document: Mapping[str, Any], around: str, source: Source) -> LinterOutput:
    rest = said(plain_lines(around))
    files = rest.files
    if "Issues" in document:
        findings = [_golangci(issue, source) for issue in _maps(document["Issues"])]
    else:
        findings = [_oxlint(one, source) for one in _maps(document["diagnostics"])]
        number = document["number_of_files"]
        files = number if isinstance(number, int) else files
    return LinterOutput(
        files=files, findings=tuple(findings), unread=rest.unread, problem=rest.problem
    )


def _golangci(issue: Mapping[str, Any], source: Source) -> Finding:
    """As its printers write it (pkg/printers/json.go); column 0 is none."""
    position = issue.get("Pos")
    place = position if isinstance(position, Mapping) else {}
    at = (place.get("Line"), place.get("Column"))
    words = (str(issue.get("FromLinter") or ""), str(issue.get("Text", "")))
    return placed(source, str(place.get("Filename", "")), at, words)


def _oxlint(diagnostic: Mapping[str, Any], source: Source) -> Finding:
    """https://oxc.rs/docs/guide/usage/linter/output-formats; a file that does not parse has no
    code."""
    labels = list(_maps(diagnostic.get("labels")))
    span = labels[0].get("span") if labels else None
    place = span if isinstance(span, Mapping) else {}
    at = (place.get("line"), place.get("column"))
    words = (str(diagnostic.get("code") or ""), str(diagnostic.get("message", "")))
    return placed(source, str(diagnostic.get("filename", "")), at, words)


def read_json(text: str, source: Source) -> LinterOutput:
    """The findings of a list, around which a tool may have printed other lines."""
    found = document_in(text)
    if found is None:
        return LinterOutput(problem="it printed no JSON that is whole")
    document, around = found
    if isinstance(document, dict) and is_report(document):
        return _object(document, around, source)
    if not isinstance(document, list):
        return LinterOutput(problem=_UNKNOWN)
    findings: list[Finding] = []
    files: int | None = len(document)
    for item in document:
        if "filePath" in item:
            findings += _eslint(item, source)
        elif "filename" in item:
            findings.append(_ruff(item, source))
            # ruff lists findings, not files
            files = None
        elif "source" in item and "warnings" in item:
            findings += _stylelint(item, source)
        else:
            return LinterOutput(problem=_UNKNOWN)
    rest = said(plain_lines(around))
    return LinterOutput(
        files=files if rest.files is None else rest.files,
        findings=tuple(findings),
        unread=rest.unread,
        problem=rest.problem,
    )


def _eslint(item: Mapping[str, Any], source: Source) -> Iterator[Finding]:
    """https://eslint.org/docs/latest/use/formatters/#json."""
    for message in _maps(item.get("messages")):
        # a file that does not parse has no rule
        rule = str(message.get("ruleId") or "")
        at = (message.get("line"), message.get("column"))
        yield placed(source, str(item["filePath"]), at, (rule, str(message.get("message", ""))))


def _ruff(item: Mapping[str, Any], source: Source) -> Finding:
    """https://docs.astral.sh/ruff/settings/#output-format; a file that does not parse has no code
    with older ones."""
    location = item.get("location")
    place = location if isinstance(location, Mapping) else {}
    rule = str(item.get("code") or "invalid-syntax")
    text = f"{rule} {item.get('message', '')}"
    return placed(
        source, str(item["filename"]), (place.get("row"), place.get("column")), (rule, text)
    )


def _stylelint(item: Mapping[str, Any], source: Source) -> Iterator[Finding]:
    """https://stylelint.io/user-guide/options/#formatter."""
    for warning in _maps(item.get("warnings")):
        rule = str(warning.get("rule") or "")
        at = (warning.get("line"), warning.get("column"))
        yield placed(source, str(item["source"]), at, (rule, str(warning.get("text", ""))))


def _maps(value: Any) -> Iterator[Mapping[str, Any]]:
    for one in value if isinstance(value, list) else ():
        if isinstance(one, Mapping):
            yield one
