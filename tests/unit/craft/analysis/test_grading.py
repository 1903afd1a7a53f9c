"""The published table of grades is the one that is computed with."""

import re
from pathlib import Path

from devflow.craft.analysis import grading, hygiene

DOCS = Path(__file__).parents[4] / "docs" / "analysis.md"


def rows() -> dict[str, str]:
    found = {}
    for line in DOCS.read_text(encoding="utf-8").splitlines():
        cells = re.fullmatch(r"\| ([^|]+) \| ([^|]+) \|", line)
        if cells:
            found[cells[1]] = cells[2]
    return found


def test_the_least_points_of_each_grade_are_published() -> None:
    published = rows()
    for name, least in grading.GRADES:
        assert float(published[name]) == least


def test_each_penalty_is_published() -> None:
    published = {name.split(":")[0].split(",")[0]: points for name, points in rows().items()}
    assert float(published["secret"]) == grading.SECRET_POINTS
    assert float(published["root"]) == grading.ROOT_POINTS
    assert float(published["budget missed"]) == grading.BUDGET_POINTS
    for name, (each, most) in (("hidden", grading.HIDDEN), ("avoidable", grading.AVOIDABLE)):
        assert published[name] == f"{each:g} for each per cent of the size, at most {most:g}"
    for name, rule in (("set-uid or set-gid", hygiene.SET_UID), ("world-writable", None)):
        each, most = grading.EACH_PATH[rule or hygiene.WORLD_WRITABLE]
        assert published[name].startswith(f"{each:g} for each")
        assert published[name].endswith(f"at most {most:g}")
