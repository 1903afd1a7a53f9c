"""What `doctor` shows: a clone in which a few things are missing, and one in which nothing is."""

import json
from functools import partial
from typing import Any, Callable, Iterator, Tuple

from devflow.model.outcomes import Needed
from devflow.ui.pages.doctor import Page, doctor_lines, doctor_object, doctor_plain
from tests.ui.drawing import drawn

MISSING = (
    Needed(
        about="suites.unit.path",
        here=False,
        found='the repository has no tests/unt, did you mean "tests/unit"?',
        remedy="name what is there, or add it to the repository",
        where="pipeline.yaml:9:12",
        entries=("local_tests",),
        group="pipeline",
    ),
    Needed(
        about="base",
        here=False,
        found="there is no branch trunk here; branches: main",
        remedy="project: {base: NAME}, or: git fetch origin trunk",
        cure="pipeline",
        where="pipeline.yaml:5:3",
        group="repository",
    ),
    Needed(about="git identity", here=True, found="Ada <ada@example.org>", group="repository"),
    Needed(
        about="submodules",
        here=False,
        found="the submodule vendor/lib was never fetched",
        remedy="git submodule update --init --recursive -- vendor/lib",
        group="repository",
    ),
    Needed(
        about="GitHub",
        here=False,
        found="ada may not write to https://github.com/acme/shop: read",
        remedy="a token of somebody who may push: GITHUB_TOKEN",
        cure="credential",
        group="connection",
    ),
    Needed(about="protection", here=None, found="main has no protection rules", group="connection"),
    Needed(
        about="suite unit",
        here=False,
        found="Python 3.12.1 of .venv/bin/python, lacks requests, attrs",
        remedy=".venv/bin/python -m pip install requests attrs",
        where="pipeline.yaml:9:5",
        entries=("local_tests", "unit_tests"),
    ),
    Needed(about="linter ruff", here=True, found="0.6.9 of .venv/bin/python", entries=("quality",)),
    Needed(
        about="Python 3.9",
        here=False,
        found="no python3.9 on this machine",
        remedy="uv python install 3.9",
        where="pipeline.yaml:31:20",
        entries=("quality",),
        required=False,
    ),
    Needed(about="disk", here=True, found="76.8 GB free at /home/ada/.cache", group="machine"),
)
UNTRACKED = (
    "pipeline.yaml is not tracked by git, so it is outside of the tree that is judged: "
    "git add pipeline.yaml"
)
ILL = Page(UNTRACKED, "https://acme.atlassian.net · acme/shop", MISSING)
WELL = Page(
    "", "sandbox: nothing leaves this machine", tuple(one for one in MISSING if one.here is True)
)
LISTED = Page("", "sandbox: nothing leaves this machine", MISSING[6:])


def screens() -> Iterator[Tuple[str, Callable[[], str]]]:
    """Every golden file of it, with what draws it."""
    for width in (60, 80, 120):
        yield f"doctor_{width}.txt", partial(page, ILL, width)
    yield "doctor_120.ansi", partial(page, ILL, 120, colour=True)
    yield "doctor_80_ascii.txt", partial(page, ILL, 80, encoding="ascii")
    yield "doctor_well_80.txt", partial(page, WELL, 80)
    yield "doctor_listed_80.txt", partial(page, LISTED, 80)
    yield "doctor_plain.txt", lambda: "\n".join(doctor_plain(ILL)) + "\n"
    yield "doctor.json", lambda: json.dumps(doctor_object(ILL), indent=1, ensure_ascii=False) + "\n"


def page(of: Page, width: int, **console: Any) -> str:
    """The page on a console of this width."""
    return drawn(lambda pen: doctor_lines(pen, of), width, **console)
