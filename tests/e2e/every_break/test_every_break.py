"""Every other break of every shape, and what each shape alone can tell: ``make shapes``."""

import shutil
from pathlib import Path
from typing import Callable

import pytest

from tests.e2e.broken import GOOD_ENDS, is_green_nowhere
from tests.e2e.checkout import Checkout
from tests.e2e.first_runs import SHAPES_FOUND, run_first, shape_without_pipeline
from tests.e2e.shape_place import SUBMODULE, Place, new_place
from tests.e2e.shapes import CASES, LARGE, RAISES, Case, Edit

AUTHOR = ("-c", "user.name=Jose Rubio", "-c", "user.email=jose.rubio@acme.example")
OTHERS = [case for case in CASES if not case.is_always_run]


@pytest.mark.parametrize("case", OTHERS, ids=str)
def test_what_is_broken_is_green_nowhere(copied: Callable[[str], Place], case: Case) -> None:
    is_green_nowhere(case, copied(case.shape))


def test_a_command_that_stood_is_run_again_after_an_edit_and_only_then(
    copied: Callable[[str], Place],
) -> None:
    place = copied("node")
    assert place.ship().records("unit") == []
    place.edit(Edit("README.md", "# Slugs\n"))
    shipped = place.ship()
    shipped.must_be_done()
    ran = {entry: len(shipped.records(entry)) for entry in place.commands}
    assert ran == {"install": 1, "unit": 1, "syntax": 1}


def test_a_good_commit_is_measured_and_not_a_broken_working_tree(
    copied: Callable[[str], Place],
) -> None:
    place = copied("src_layout")
    place.edit(Edit("README.md", "# Tide words\n"))
    place.commit()
    place.push()
    place.edit(RAISES)
    shipped = place.ship("--as-pushed")
    shipped.must_be_done()
    for entry in place.measured:
        assert shipped.came_to(entry) == "passed"


def test_a_submodule_that_was_never_initialised_is_told(tmp_path: Path) -> None:
    place = new_place("master_submodule", tmp_path)
    place.checkout.git("submodule", "--quiet", "deinit", "--force", SUBMODULE)
    shutil.rmtree(place.checkout.folder / ".git" / "modules" / SUBMODULE)
    try:
        shipped = place.ship()
    finally:
        place.close()
    assert shipped.exit_code not in GOOD_ENDS, str(shipped)
    assert shipped.came_to("local_tests") == "unavailable"
    told = shipped.told("local_tests")
    assert SUBMODULE in told and "git submodule update --init" in told


def test_a_submodule_is_measured_at_the_commit_that_the_tree_names(
    copied: Callable[[str], Place],
) -> None:
    place = copied("master_submodule")
    data = Checkout(place.checkout.folder / SUBMODULE)
    data.write("one.json", '{"text": "I", "number": 2}\n')
    # not committed in the submodule, so that no tree names it
    place.edit(Edit("README.md", "# Numerals\n"))
    place.ship().must_be_done()
    data.git("add", "--all")
    data.git(*AUTHOR, "commit", "--quiet", "--message", "a wrong case")
    shipped = place.ship()
    assert shipped.came_to("local_tests") == "failed", str(shipped)
    assert shipped.writes == []


def test_a_large_file_that_this_clone_does_not_hold_is_told(
    copied: Callable[[str], Place],
) -> None:
    place = copied("lfs")
    pointer = place.checkout.git("show", f"HEAD:{LARGE}")
    shutil.rmtree(place.checkout.folder / ".git" / "lfs" / "objects")
    place.checkout.write(LARGE, f"{pointer}\n")
    place.edit(Edit("README.md", "# Rates\n"))
    shipped = place.ship()
    assert shipped.exit_code not in GOOD_ENDS, str(shipped)
    assert shipped.came_to("local_tests") == "unavailable"
    told = shipped.told("local_tests")
    assert LARGE in told and "git lfs" in told


def test_a_hook_that_asks_git_sees_the_same_before_and_after_the_commit(
    copied: Callable[[str], Place],
) -> None:
    place = copied("fastapi")
    place.edit(Edit("quotes/app.py", "\nVERSION = 2\n"), Edit("CHANGES.md", "- a version\n"))
    place.commit()
    shipped = place.ship()
    shipped.must_be_done()
    assert "CHANGES.md, quotes/app.py" in shipped.told("pre_commit")


@pytest.mark.parametrize("name", SHAPES_FOUND)
def test_three_commands_lead_from_no_pipeline_to_a_shipped_ticket(
    name: str, tmp_path: Path
) -> None:
    place = shape_without_pipeline(name, tmp_path)
    try:
        run_first(
            place.checkout,
            SHAPES_FOUND[name],
            lambda: place.edit(*place.shape.work),
            place.python,
        )
    finally:
        place.close()
