"""The pytest plugins that a suite's run is handed, as options and as files for its output folder.

They lie in a folder of their own, since what the tests start finds it on its path too.
"""

import json
from pathlib import Path
from typing import Collection, Final, Mapping

from devflow.craft.suites.imports import modules_in

LISTENER: Final = "devflow_ended_tests"
"""What tells how each test ended; it is part of every run."""
_WATCHER: Final = "devflow_loaded_modules"
_FIRST: Final = "devflow_affected_first"


def _file(plugin: str) -> dict[str, str]:
    source = Path(__file__).with_name(plugin.removeprefix("devflow_") + ".py")
    return {f"plugin/{plugin}.py": source.read_text(encoding="utf-8")}


LISTENING: Final[Mapping[str, str]] = _file(LISTENER)


def plugins(
    paths: Collection[str], roots: Collection[str], affected: Collection[str]
) -> tuple[list[str], dict[str, str]]:
    """The options and files of a first attempt on a tree with these paths."""
    sources = [path for path in paths if path.endswith(".py")]
    watched = {"names": modules_in(sources, roots), "paths": sources}
    options = ["-p", _WATCHER, "--devflow-working-tree={root}"]
    files = {**_file(_WATCHER), "plugin/watched.json": json.dumps(watched)}
    if affected:
        options += ["-p", _FIRST]
        files |= {**_file(_FIRST), "plugin/affected.json": json.dumps(list(affected))}
    return options, files
