"""Findings as checkstyle's XML, which many tools write: https://checkstyle.org.

Some name every file that they looked at, others only those with a finding; only the first tell how
many they were.
"""

from typing import Final

from devflow.craft.quality.outputs.output import LinterOutput, Source, placed, plain_lines
from devflow.craft.quality.outputs.summaries import said
from devflow.craft.reports.xml import Element, parse
from devflow.model.figures import Finding

_BEGINS: Final = ("<?xml", "<checkstyle")
_END: Final = "</checkstyle>"
_EMPTY: Final = "/>"


def read_checkstyle(text: str, source: Source) -> LinterOutput:
    """The findings of a document, around which a tool may have printed other lines."""
    document, around = _document(text)
    parsed = parse(document.encode())
    if parsed.root is None:
        return LinterOutput(problem=f"its XML cannot be read: {parsed.problem}")
    if parsed.root.tag != "checkstyle":
        return LinterOutput(problem=f"its XML is no checkstyle: <{parsed.root.tag}>")
    findings: list[Finding] = []
    clean = 0
    files = parsed.root.findall("file")
    for file in files:
        errors = file.findall("error")
        clean += not errors
        findings += [_finding(source, file.get("name", ""), error) for error in errors]
    rest = said(plain_lines(around))
    told = len(files) if clean else None
    return LinterOutput(
        files=told if rest.files is None else rest.files,
        findings=tuple(findings),
        unread=rest.unread,
        problem=rest.problem,
    )


def _document(text: str) -> tuple[str, str]:
    """The document, and what stands around it."""
    begins = [text.find(mark) for mark in _BEGINS if mark in text]
    start = min(begins, default=0)
    end = text.rfind(_END)
    stop = end + len(_END) if end >= 0 else text.find(_EMPTY, start) + len(_EMPTY)
    return text[start:stop], f"{text[:start]}\n{text[stop:]}"


def _finding(source: Source, name: str, error: Element) -> Finding:
    at = (_number(error.get("line")), _number(error.get("column")))
    # eslint says eslint.rules.no-var
    rule = (error.get("source") or "").removeprefix("eslint.rules.")
    return placed(source, name, at, (rule, error.get("message") or ""))


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 1
