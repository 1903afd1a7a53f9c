"""The coverage plug-in for templates: what ran is told from what did not, by coverage itself."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGE = """{% extends "base.html" %}
{% block main %}
{% if well %}
<p>{{ well }}</p>
{% else %}
<p>not {{ well }}</p>
{% endif %}
{% for one in many %}
<p>text alone</p>
{% endfor %}
{% endblock %}
"""
RENDER = """
from jinja2 import Environment, FileSystemLoader
templates = Environment(loader=FileSystemLoader("app/templates"), trim_blocks=True)
print(templates.get_template("page.html").render(well="fine", many=[]))
"""


@pytest.fixture
def report(tmp_path: Path) -> dict[str, dict[str, list[int]]]:
    """The report of a run that renders one of two pages, and of it one branch."""
    folder = tmp_path / "app" / "templates"
    folder.mkdir(parents=True)
    (folder / "base.html").write_text("<main>\n{% block main %}{% endblock %}\n</main>\n")
    (folder / "page.html").write_text(PAGE)
    (folder / "unused.html").write_text("{{ nothing }}\n")
    (tmp_path / "app" / "render.py").write_text(RENDER)
    (tmp_path / ".coveragerc").write_text((TESTS.parent / ".coveragerc").read_text())
    environment = {
        **os.environ,
        "PYTHONPATH": str(TESTS),
        "COVERAGE_FILE": str(tmp_path / ".coverage"),
    }
    for arguments in (
        ["run", "--source=app", "app/render.py"],
        ["json", "--quiet", "-o", "report.json"],
    ):
        command = [sys.executable, "-W", "error", "-m", "coverage", *arguments]
        subprocess.run(
            command, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True
        )
    coverage = json.loads((tmp_path / "report.json").read_text())
    files: dict[str, dict[str, list[int]]] = coverage["files"]
    return files


def test_the_branch_that_was_taken_ran_and_the_other_did_not(
    report: dict[str, dict[str, list[int]]],
) -> None:
    page = report["app/templates/page.html"]
    assert page["executed_lines"] == [1, 2, 3, 4, 8]
    assert page["missing_lines"] == [6]


def test_a_template_that_nobody_renders_counts_as_not_run(
    report: dict[str, dict[str, list[int]]],
) -> None:
    assert report["app/templates/unused.html"]["missing_lines"] == [1]
    assert report["app/templates/base.html"]["missing_lines"] == []
