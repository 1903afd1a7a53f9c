"""A pytest plugin that devflow hands to a suite's run: it writes down from which file each module
of the project was loaded.

An editable installation leads to the working tree, and an ordinary one to a copy: tests that
import the project from there say nothing of the checkout that they lie in. It runs in the suite's
own processes, from a copy beside ``watched.json``, for repositories that know nothing of devflow:
so it imports nothing but the standard library.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

OPTION = "--devflow-working-tree"


def pytest_addoption(parser: Any) -> None:
    """Where the user works, which is not where the tests lie."""
    parser.addoption(OPTION, help="the folder that nothing may be loaded from")


def pytest_sessionfinish(session: Any) -> None:
    """Adds a line for each watched module that this process has loaded, and for each that lies at
    a path of the tree in the working tree; several processes append to one file."""
    beside = Path(__file__).parent
    watched = json.loads(beside.joinpath("watched.json").read_text(encoding="utf-8"))
    names = set(watched["names"])
    paths = set(watched["paths"])
    top = os.path.realpath(str(session.config.invocation_params.dir)) + os.sep
    here = os.path.realpath(session.config.getoption(OPTION)) + os.sep
    lines = []
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        path = os.path.realpath(file) if isinstance(file, str) else ""
        inside = path.startswith(top)
        is_here = not inside and path.startswith(here) and path[len(here) :] in paths
        if path and (name in names or is_here):
            shown = path[len(top) :] if inside else path
            lines.append(json.dumps([name, shown, inside]) + "\n")
    with beside.parent.joinpath("loaded.jsonl").open("a", encoding="utf-8") as file_of_all:
        file_of_all.write("".join(lines))
