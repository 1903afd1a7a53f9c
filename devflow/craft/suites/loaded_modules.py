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


def pytest_sessionfinish(session: Any) -> None:
    """Adds a line for each watched module that this process has loaded; several processes append
    to one file."""
    beside = Path(__file__).parent
    watched = json.loads(beside.joinpath("watched.json").read_text(encoding="utf-8"))
    top = os.path.realpath(str(session.config.invocation_params.dir))
    lines = []
    for name in watched:
        file = getattr(sys.modules.get(name), "__file__", None)
        if file:
            path = os.path.realpath(file)
            inside = path.startswith(top + os.sep)
            shown = os.path.relpath(path, top) if inside else path
            lines.append(json.dumps([name, shown, inside]) + "\n")
    with beside.parent.joinpath("loaded.jsonl").open("a", encoding="utf-8") as file_of_all:
        file_of_all.write("".join(lines))
