"""A pytest plugin that devflow hands to a suite's run: test files that the change reaches run
first, each as a whole.

It runs in the suite's own process, from a copy beside ``affected.json``, for repositories that know
nothing of devflow: so it imports nothing, not even pytest. Loaded by ``-p``, it is heard after the
repository's own plugins.
"""

import json
from pathlib import Path
from typing import Any, List


def pytest_collection_modifyitems(config: Any, items: List[Any]) -> None:
    """Moves the affected files to the front; within both parts the order stays, so a module's
    fixtures keep together."""
    listed = Path(__file__).with_name("affected.json")
    names = json.loads(listed.read_text(encoding="utf-8"))
    folder = config.invocation_params.dir
    first = {(folder / name).resolve() for name in names}
    items.sort(key=lambda item: item.path.resolve() not in first)
