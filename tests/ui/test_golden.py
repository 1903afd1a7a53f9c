"""Every screen as it looks, at several widths, with and without colour, in ASCII and in a pipe."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, List

import pytest

from devflow.ui.pages.doctor import doctor_lines
from devflow.ui.pages.environments import environments_lines
from devflow.ui.pages.image import image_lines
from devflow.ui.pages.init import init_lines
from devflow.ui.picture import live
from tests.ui import environments, examinations, golden, images, inits
from tests.ui.drawing import drawn, overflowing
from tests.ui.gallery import FOLDER, STORIES, gallery, moment
from tests.ui.golden import assert_golden, difference, left_over, main
from tests.ui.judged import PRODUCTS, checks_of, step_of

SCREENS = gallery()


def shown_as(*beginnings: str) -> List[Path]:
    """The files of one kind of screen."""
    paths = [path for path in SCREENS if path.name.startswith(beginnings)]
    assert paths, beginnings
    return paths


def name_of(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("path", shown_as("judged_"), ids=name_of)
def test_a_recorded_product_is_judged_as_it_should(path: Path) -> None:
    assert_golden(path, SCREENS[path]())


@pytest.mark.parametrize("path", sorted(PRODUCTS.glob("*.json")), ids=name_of)
def test_a_check_is_selected_by_its_id_and_what_it_is_about(path: Path) -> None:
    checks = checks_of(path)
    vocabulary = step_of(path).evidence
    if vocabulary:
        assert {check.id for check in checks} <= set(vocabulary)
        keys = [(check.id, check.about) for check in checks]
        assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("path", shown_as("live_"), ids=name_of)
def test_the_live_tree_looks_as_it_should(path: Path) -> None:
    assert_golden(path, SCREENS[path]())


@pytest.mark.parametrize("path", shown_as("checks_"), ids=name_of)
def test_the_whole_tree_shows_each_check_with_its_limit_and_source(path: Path) -> None:
    assert_golden(path, SCREENS[path]())


@pytest.mark.parametrize("path", shown_as("status_"), ids=name_of)
def test_status_is_the_tree_without_the_checks_or_a_json_object(path: Path) -> None:
    assert_golden(path, SCREENS[path]())


@pytest.mark.parametrize("path", shown_as("watched_"), ids=name_of)
def test_a_watched_turn_is_a_picture_or_lines_for_what_is_new_and_gone(path: Path) -> None:
    assert_golden(path, SCREENS[path]())


@pytest.mark.parametrize("path", shown_as("plain_"), ids=name_of)
def test_plain_output_is_one_line_a_fact(path: Path) -> None:
    assert_golden(path, SCREENS[path]())


@pytest.mark.parametrize("path", shown_as("actions_", "summary_"), ids=name_of)
def test_github_actions_gets_groups_annotations_and_a_step_summary(path: Path) -> None:
    assert_golden(path, SCREENS[path]())


@pytest.mark.parametrize("path", shown_as("plan", "explain_", "steps_"), ids=name_of)
def test_a_page_looks_as_it_should(path: Path) -> None:
    assert_golden(path, SCREENS[path]())


@pytest.mark.parametrize("path", shown_as("image"), ids=name_of)
def test_an_image_is_a_picture_of_its_layers_or_lines_or_an_object(path: Path) -> None:
    assert_golden(path, SCREENS[path]())


@pytest.mark.parametrize("path", shown_as("environments"), ids=name_of)
def test_environments_are_a_page_or_lines_or_an_object(path: Path) -> None:
    assert_golden(path, SCREENS[path]())


@pytest.mark.parametrize("path", shown_as("doctor"), ids=name_of)
def test_what_is_needed_is_a_page_or_lines_or_an_object(path: Path) -> None:
    assert_golden(path, SCREENS[path]())


@pytest.mark.parametrize("width", (40, 50, 64, 80, 200))
@pytest.mark.parametrize("page", (examinations.ILL, examinations.WELL))
def test_the_page_of_what_is_needed_fits_its_console(page: Any, width: int) -> None:
    text = drawn(lambda pen: doctor_lines(pen, page), width)
    assert overflowing(text, width) == []


@pytest.mark.parametrize("width", (40, 50, 64, 80, 200))
@pytest.mark.parametrize(
    "these",
    (
        environments.EVERY,
        (environments.taken_back(),),
        (environments.left_half_way(), environments.unkept()),
    ),
)
def test_the_page_of_environments_fits_its_console(these: Any, width: int) -> None:
    text = drawn(lambda pen: environments_lines(pen, these, environments.NOW), width)
    assert max(len(line) for line in text.splitlines()) <= width


@pytest.mark.parametrize("path", shown_as("plot_"), ids=name_of)
def test_two_versions_are_a_table_a_plot_or_words(path: Path) -> None:
    assert_golden(path, SCREENS[path]())


@pytest.mark.parametrize("width", (30, 50, 64, 80, 200))
def test_the_picture_of_an_image_fits_its_console(width: int) -> None:
    text = drawn(lambda pen: image_lines(pen, images.NAME, images.REPORT), width)
    assert max(len(line) for line in text.splitlines()) <= width


@pytest.mark.parametrize("path", shown_as("init"), ids=name_of)
def test_what_init_has_seen_is_a_screen_or_lines_or_an_object(path: Path) -> None:
    assert_golden(path, SCREENS[path]())


@pytest.mark.parametrize("width", (40, 50, 64, 80, 200))
def test_the_screen_of_init_fits_its_console(width: int) -> None:
    text = drawn(lambda pen: init_lines(pen, inits.WRITTEN, inits.SURVEY), width)
    assert overflowing(text, width) == []


@pytest.mark.parametrize("path", shown_as("error_"), ids=name_of)
def test_an_error_says_what_where_and_what_to_type_next(path: Path) -> None:
    assert_golden(path, SCREENS[path]())


def test_each_file_shows_a_screen() -> None:
    assert not left_over(set(SCREENS))


def test_a_difference_is_told_as_a_diff_and_with_how_to_accept_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = shown_as("plan.json")[0]
    assert not difference(path, SCREENS[path]())
    with pytest.raises(AssertionError) as raised:
        assert_golden(path, "{}\n")
    assert "--- a/tests/ui/golden/plan.json" in str(raised.value)
    assert golden.ACCEPT in str(raised.value)
    assert main([str(path)]) == 0 and not capsys.readouterr().out


@pytest.mark.parametrize("name", STORIES)
@pytest.mark.parametrize("height", (1, 2, 5, 10, 23, 50))
@pytest.mark.parametrize("width", (40, 64, 80, 120))
def test_the_live_tree_never_outgrows_the_terminal(name: str, height: int, width: int) -> None:
    text = drawn(lambda pen: live(replace(pen, beat=1), moment(name), height), width)
    lines = text.splitlines()
    assert len(lines) <= height
    assert max(len(line) for line in lines) <= width


@pytest.mark.parametrize("height", (3, 8))
def test_a_short_terminal_still_shows_what_failed(height: int) -> None:
    text = drawn(lambda pen: live(replace(pen, beat=1), moment("failed"), height), 80)
    assert "FAILED" in text


@pytest.mark.parametrize(("name", "least"), (("deploys.md", 4), ("doctor.md", 3), ("init.md", 2)))
def test_a_page_of_docs_shows_the_screens_as_they_are(name: str, least: int) -> None:
    page = (golden.ROOT / "docs" / name).read_text(encoding="utf-8")
    shown = re.findall(r"<!-- shown by tests/ui/golden/(\S+) -->\n```\w*\n(.*?)\n```\n", page, re.S)
    assert len(shown) >= least
    for screen, text in shown:
        lines = (FOLDER / screen).read_text(encoding="utf-8").rstrip("\n").split("\n")
        assert text.split("\n") == [line.rstrip() for line in lines], screen
