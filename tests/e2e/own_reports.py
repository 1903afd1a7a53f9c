"""What the tools' own reports say, read by a few lines each and by nothing of devflow's."""

import json
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree


class Coverage(NamedTuple):
    """How many lines, or Go's statements, ran of those that may."""

    covered: int
    valid: int


def seconds_of(report: Path) -> list[float]:
    """How long each case of a JUnit report took, sorted."""
    found = []
    for case in ElementTree.parse(report).iter("testcase"):
        found.append(float(case.get("time", "0").replace(",", "")))
    return sorted(found)


def coverage_of(report: Path, below: str) -> Coverage:
    """What a coverage report says of the files below a folder."""
    text = report.read_text()
    if text.startswith("mode: "):
        hits = _of_go(text)
    elif report.suffix == ".xml":
        lines = ElementTree.fromstring(text).findall(".//class/lines/line")
        hits = [int(line.attrib["hits"]) for line in lines]
    elif report.suffix == ".json" and not report.name.startswith("."):
        totals = json.loads(text)["totals"]
        return Coverage(totals["covered_lines"], totals["num_statements"])
    elif report.suffix == ".json":
        hits = _of_ruby(text, below)
    else:
        hits = _of_lcov(text, below)
    return Coverage(sum(hit > 0 for hit in hits), len(hits))


def _of_go(text: str) -> list[int]:
    """``file:from,to statements times`` of each block, a number a statement."""
    blocks = [line.split(" ") for line in text.splitlines()[1:]]
    return [int(times) for _, statements, times in blocks for _ in range(int(statements))]


def _of_ruby(text: str, below: str) -> list[int]:
    hits = []
    for run in json.loads(text).values():
        for path, told in run["coverage"].items():
            if f"/{below}/" in path:
                hits += [hit for hit in told["lines"] if hit is not None]
    return hits


def _of_lcov(text: str, below: str) -> list[int]:
    hits = []
    counts = True
    for line in text.splitlines():
        kind, _, rest = line.partition(":")
        if kind == "SF":
            counts = not below or rest.startswith(f"{below}/")
        elif kind == "DA" and counts:
            hits.append(int(rest.split(",")[1]))
    return hits
