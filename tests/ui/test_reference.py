"""docs/steps.md says what the steps themselves say; ``make golden`` writes it anew."""

from datetime import datetime, timezone

import pytest
from rich.console import Console

from devflow.commands.explaining.pages import step_page, step_pages
from devflow.commands.explaining.project_page import project_page
from devflow.model.declared.project import Project, Service, TrackerSettings
from devflow.model.errors import UsageError
from devflow.steps import REGISTRY
from devflow.ui.outline import ParamLine, StepPage
from devflow.ui.pages.explain import page_lines
from devflow.ui.pen import Pen
from tests.ui.gallery import INDEX, LINTERS_MD, PROJECT_MD, REPORTS_MD, STEPS_MD, gallery
from tests.ui.golden import assert_golden
from tests.ui.linters_page import linters_page
from tests.ui.project_reference import project_reference
from tests.ui.reference import reference
from tests.ui.reports_page import reports_page

PAGES = step_pages(REGISTRY, None)
NAMES = "the names that are allowed, the key's project in the place of {project}"


def test_the_step_reference_is_fresh() -> None:
    assert_golden(STEPS_MD, reference(PAGES))


def test_the_page_of_reports_is_fresh() -> None:
    assert_golden(REPORTS_MD, reports_page())


def test_the_page_of_linters_is_fresh() -> None:
    assert_golden(LINTERS_MD, linters_page())


def test_the_page_of_every_key_of_project_is_fresh() -> None:
    assert_golden(PROJECT_MD, project_reference())


def test_every_key_of_project_stands_on_its_page_once() -> None:
    rows = [row for row in project_reference().splitlines() if row.startswith("| `")]
    assert len(rows) == len(project_page(None).params)


def test_the_index_says_of_each_step_what_the_step_says() -> None:
    assert_golden(INDEX, gallery()[INDEX]())


def test_every_step_stands_in_the_reference_once() -> None:
    headings = [line for line in reference(PAGES).splitlines() if line.startswith("## ")]
    assert len(headings) == len(set(headings)) == len(REGISTRY)


@pytest.mark.parametrize("one", PAGES, ids=lambda one: one.name)
def test_every_step_with_parameters_says_what_they_are(one: StepPage) -> None:
    assert one.doc and (one.params_doc or not one.params)


def test_defaults_are_written_as_the_pipeline_takes_them() -> None:
    params = {param.name: param for param in step_page(PAGES, "branch").params}
    assert params["patterns"] == ParamLine(
        "patterns", "tuple[str, ...]", '["feature/*", "{project}-*"]', doc=NAMES
    )
    assert {param.name: param.default for param in step_page(PAGES, "4").params}["write"] == "true"


def test_a_mistyped_entry_is_told_with_the_one_that_is_meant() -> None:
    with pytest.raises(UsageError, match='"monitorin", did you mean "monitoring"'):
        step_page(PAGES, "monitorin")


@pytest.mark.parametrize("one", PAGES, ids=lambda one: one.name)
def test_no_parameter_is_explained_by_what_a_reader_does_not_have(one: StepPage) -> None:
    assert not [param.name for param in one.params if "reference step" in param.doc]


def test_a_parameter_without_a_default_is_required() -> None:
    assert [
        param.name for param in step_page(PAGES, "shell").params if param.default == "required"
    ] == ["run"]


def test_the_project_s_table_is_explained_key_by_key_with_this_pipeline_s_values() -> None:
    tracker = TrackerSettings(project="SCRUM", runners=("bot@acme.example",))
    services = {"api": Service(path="api", port=80)}
    page = project_page(Project(tracker=tracker, services=services))
    params = {param.name: param for param in page.params}
    assert params["tracker.runners"].default == '["bot@acme.example"]'
    assert "github-actions[bot]" in params["host"].doc and params["host.runners"].limit
    assert params["services.NAME.port"].default == "required"
    assert params["services.NAME.image.base"].default == '"named"'
    pen = Pen(Console(width=200))
    lines = page_lines(pen, page, None, datetime.now(timezone.utc))
    words = "\n".join(line.plain for line in lines)
    assert "parameters (pipeline.yaml, project:)" in words and "\n  needs" not in words
    # a name that Python has taken is shown as pipeline.yaml has it
    assert params["services.NAME.health.version.json"].default == '"/version"'


def test_a_page_that_does_not_exist_says_where_the_names_stand() -> None:
    with pytest.raises(UsageError) as raised:
        step_page(PAGES, "qualty")
    assert raised.value.hint == "devflow explain"


def test_markdown_in_a_docstring_has_no_meaning() -> None:
    page = reference(
        [StepPage(None, "x", "X", doc="a|b *c* `d`", params=(ParamLine("p", "a | b", '"|"'),))]
    )
    assert "a\\|b \\*c\\* \\`d\\`" in page and '| `p` | `a \\| b` | `"\\|"` |  |' in page
