"""Findings as the JSON of eslint, ruff and stylelint: a list, whose members tell by their keys
whose it is."""

from typing import Any, Iterator, Mapping

from devflow.craft.quality.outputs.documents import document_in
from devflow.craft.quality.outputs.output import LinterOutput, Source, placed, plain_lines
from devflow.craft.quality.outputs.summaries import said
from devflow.model.figures import Finding


def read_json(text: str, source: Source) -> LinterOutput:
    """The findings of a list, around which a tool may have printed other lines."""
    found = document_in(text)
    if found is None:
        return LinterOutput(problem="it printed no JSON that is whole")
    document, around = found
    if not isinstance(document, list):
        return LinterOutput(problem="its JSON is none of eslint, ruff or stylelint")
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
            return LinterOutput(problem="its JSON is none of eslint, ruff or stylelint")
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
