"""Pages of docs are followed from an empty folder, as somebody would who has only the page."""

import shutil
from pathlib import Path

import pytest

from tests.e2e.checkout import ROOT
from tests.e2e.followed import ACCEPT, PACKAGES, Said, followed
from tests.ui.golden import difference

PAGES = sorted(path for path in (ROOT / "docs").rglob("*.md") if "<!-- run in" in path.read_text())

# of another language, which the page's reader has
PROGRAMS = {
    "go-module.md": ("go", "gotestsum"),
    "monorepo.md": ("node",),
    "node-package.md": ("node",),
    "node-service.md": ("node", "npm", "curl"),
    "php-package.md": ("php", "phpunit"),
    "roles.md": ("ruby", "curl"),
}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_shows_what_its_commands_print(page: Path, tmp_path: Path) -> None:
    missing = [one for one in PROGRAMS.get(page.name, ()) if shutil.which(one) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not installed")
    as_it_should_be = followed(page, tmp_path, *PACKAGES.get(page.name, ()))
    changes = difference(page, as_it_should_be)
    assert not changes, f"{changes}\nto accept it: {ACCEPT} {page.relative_to(ROOT)}"


def said(shown: str, printed: str) -> Said:
    return Said("devflow ship", tuple(shown.split("\n")), tuple(printed.split("\n")))


@pytest.mark.parametrize(
    ("shown", "printed"),
    (
        ("done in 1 min 02 s", "done in 3.5 s"),
        ("12:00:01  passed", "13:11:12  passed"),
        ("on 4f2c1ab at 127.0.0.1:80", "on 54d5243 at 127.0.0.1:4181"),
        ("first\n…\nlast", "first\nand\nmore\nlast"),
        ("first\n…", "first"),
        ("ok  branch SCRUM-95-some-na…  0.2 s", "ok  branch SCRUM-95-some…  10.2 s"),
        ("ok  tests 2 passed in 1.0 s · cover…  2 s", "ok  tests 2 passed in 0.9 s · c…  9 s"),
    ),
)
def test_what_differs_each_time_is_as_shown(shown: str, printed: str) -> None:
    one = said(shown, printed)
    assert one.is_as_shown and one.text == f"$ devflow ship\n{shown}\n"


@pytest.mark.parametrize(
    ("shown", "printed"),
    (
        ("1 passed", "2 passed"),
        ("ok 1 · a…", "ok 2 · a…"),
        ("first\nlast", "first"),
        ("…\nlast", "last\nfailed"),
        ("", "x"),
    ),
)
def test_anything_else_is_not_and_corrects_the_page(shown: str, printed: str) -> None:
    one = said(shown, printed)
    assert not one.is_as_shown and one.text == f"$ devflow ship\n{printed}\n"
