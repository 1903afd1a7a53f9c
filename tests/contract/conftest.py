"""Which tests stay together when several workers run them: a module's, and all of the sandbox's, which share one log."""

from pathlib import Path

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts each test into the group of its module, the sandbox's contract into one."""
    for item in items:
        folder = item.path.parent
        together = folder if folder == Path(__file__).parent / "sandbox" else item.path
        item.add_marker(pytest.mark.xdist_group(str(together)))
