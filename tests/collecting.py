"""A plugin of pytest that keeps Python's garbage collector from what is collected: thousands of
tests and all that they import, of which none is garbage."""

import gc

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart() -> None:
    """Looks for no garbage while tests are collected."""
    gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What is there by now is never looked through again."""
    gc.freeze()
    gc.enable()
