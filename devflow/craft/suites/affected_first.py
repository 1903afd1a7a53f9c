"""A pytest plugin that devflow hands to a suite's run: test files that the change reaches run
first, each as a whole.

It runs in the suite's own process, from a copy beside ``affected.json``, for repositories that know
nothing of devflow: so it imports nothing, not even pytest. Loaded by ``-p``, it is heard after the
repository's own plugins.
"""

import json
from pathlib import Path
from typing import Any, List

# of pytest-dependency, which skips a test that runs before the one that it depends on
DEPENDS = "dependency"


def pytest_configure(config: Any) -> None:
    """Keeps pytest-xdist from handing out the largest classes and files first, as it does since
    3.7 where it hands out whole ones."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(config: Any, items: List[Any]) -> None:
    """Moves the affected files to the front; within both parts the order stays, so a module's
    fixtures keep together. Where tests depend on others, all of it stays."""
    if any(item.get_closest_marker(DEPENDS) for item in items):
        return
    listed = Path(__file__).with_name("affected.json")
    names = json.loads(listed.read_text(encoding="utf-8"))
    folder = config.invocation_params.dir
    first = {(folder / name).resolve() for name in names}
    items.sort(key=lambda item: file_of(item) not in first)


def file_of(item: Any) -> Path:
    """Where a test stands; before pytest 7 its path is of the py library."""
    path = getattr(item, "path", None)
    return Path(str(item.fspath if path is None else path)).resolve()
