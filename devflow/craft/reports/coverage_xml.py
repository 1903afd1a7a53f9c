"""Cobertura, Clover and JaCoCo."""

from typing import Final

from devflow.craft.reports.covered import FileCoverage, Files, Share, share_of
from devflow.craft.reports.xml import Element

# those name files from where the tool ran
INSTEAD: Final = "let the tool write JSON or lcov"


def folders(root: Element) -> tuple[str, ...]:
    """Cobertura names files from one of its sources, and does not say from which."""
    texts = [(one.text or "").strip() for one in root.findall("sources/source")]
    return tuple(text for text in texts if text)


def lost(root: Element, found: Share) -> str:
    """Why a report with several sources is none of all files: coverage.py keeps one of those that
    are called alike, and counts them all."""
    names = [one.get("filename") for one in root.iter("class")]
    several = len(folders(root))
    counted = root.get("lines-valid", "")
    # other tools count otherwise, or write a file's classes one by one
    if several < 2 or len(set(names)) < len(names) or not counted.isdecimal():
        return ""
    if int(counted) <= found.valid:
        return ""
    return (
        f"the coverage report counts {counted} lines and has {found.valid} of them: of files that "
        f"are called alike in its {several} sources it keeps one; {INSTEAD}"
    )


def of_coverage(root: Element) -> Files:
    """Cobertura and Clover name their root alike."""
    if root.find("project") is not None:
        yield from _clover(root)
        return
    for one in root.iter("class"):
        yield one.get("filename", ""), _cobertura_file(one)


def _cobertura_file(one: Element) -> FileCoverage:
    lines = {}
    branches = Share()
    # the lines of methods stand there twice
    for line in one.findall("lines/line"):
        lines[int(line.get("number", ""))] = int(line.get("hits", "0")) > 0
        coverage = line.get("condition-coverage", "")
        if coverage:
            branches = branches.plus(share_of(coverage))
    return FileCoverage.of_lines(lines, branches)


def _clover(root: Element) -> Files:
    for file in root.iter("file"):
        lines = {}
        for line in file.findall("line"):
            # a method's line is its head, and no statement
            if line.get("type") in ("stmt", "cond"):
                lines[int(line.get("num", ""))] = int(line.get("count", "0")) > 0
        metrics = file.find("metrics")
        # PHPUnit has the path as name
        path = file.get("path", file.get("name", ""))
        yield (
            path,
            FileCoverage(lines, _counted(metrics, "statements"), _counted(metrics, "conditionals")),
        )


def _counted(metrics: Element | None, what: str) -> Share:
    if metrics is None:
        return Share()
    return Share(int(metrics.get(f"covered{what}", "0")), int(metrics.get(what, "0")))


def of_jacoco(root: Element) -> Files:
    """The path is the package and the source file: JaCoCo knows no folder."""
    for package in root.iter("package"):
        for file in package.findall("sourcefile"):
            lines = {}
            branches = Share()
            for line in file.findall("line"):
                lines[int(line.get("nr", ""))] = int(line.get("ci", "0")) > 0
                covered = int(line.get("cb", "0"))
                branches = branches.plus(Share(covered, covered + int(line.get("mb", "0"))))
            path = f"{package.get('name', '')}/{file.get('name', '')}".lstrip("/")
            yield path, FileCoverage.of_lines(lines, branches)
