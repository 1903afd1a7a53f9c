"""Cobertura, Clover and JaCoCo."""

from devflow.craft.reports.covered import FileCoverage, Files, Share, share_of
from devflow.craft.reports.xml import Element


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
