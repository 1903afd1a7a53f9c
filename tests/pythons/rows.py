"""Which pytests are tried under which Pythons, and the projects that are tried."""

from typing import Final, NamedTuple

MARKED: Final = """
import unittest


def test_z_plain(record_property):
    record_property("ac", "AC-1")


class TestZ(unittest.TestCase):
    def test_z_in_a_class(self):
        self.assertTrue(True)
"""
OTHERS: Final = """
import pytest
from app.core import double


@pytest.mark.parametrize("number", range(8))
def test_double(number):
    assert double(number) == 2 * number


@pytest.mark.skip(reason="not here")
def test_skipped():
    pass
"""
CORE: Final = "def double(number):\n    return number * 2\n"
FLAKY: Final = """
import os
import pathlib

STATE = pathlib.Path(os.environ["STATE"])


def once(name):
    place = STATE / name
    if place.exists():
        return True
    place.write_text("")
    return False


def test_flaky():
    assert once("flaky")


def test_well():
    assert True
"""
SUBTESTS: Final = """
import pytest


def test_skips_a_part(subtests):
    for number in range(3):
        with subtests.test(number=number):
            if number == 1:
                pytest.skip("not this")


def test_fails_in_a_part(subtests):
    with subtests.test(number=1):
        assert 0


def test_well():
    pass
"""


class Row(NamedTuple):
    """A Python of this machine, and what is installed into an environment of it."""

    python: str
    packages: tuple[str, ...]

    @property
    def has_subtests(self) -> bool:
        """Whether it has the fixture."""
        return any("subtests" in name or name.startswith("pytest==9") for name in self.packages)

    @property
    def has_reruns(self) -> bool:
        """Whether it runs failed tests again by itself."""
        return any("rerunfailures" in name for name in self.packages)

    @property
    def name(self) -> str:
        """For a table and a folder."""
        return f"{self.python}-{self.packages[0].replace('==', '-')}"


ROWS: Final = (
    Row(
        "3.8",
        (
            "pytest==6.0.2",
            "pytest-cov==3.0.0",
            "pytest-xdist==2.4.0",
            "pytest-rerunfailures==10.3",
            "pytest-subtests==0.5.0",
        ),
    ),
    Row("3.9", ("pytest==6.2.5", "pytest-cov==4.1.0", "pytest-xdist==2.5.0")),
    Row("3.8", ("pytest==7.0.1", "pytest-cov==3.0.0", "pytest-xdist==2.5.0")),
    Row("3.10", ("pytest==7.4.4", "pytest-cov", "pytest-xdist==3.5.0", "pytest-subtests==0.11.0")),
    Row(
        "3.12",
        (
            "pytest==8.4.2",
            "pytest-cov",
            "pytest-xdist==3.8.0",
            "pytest-rerunfailures==16.0.1",
            "pytest-subtests==0.14.2",
        ),
    ),
    Row("3.11", ("pytest==9.0.1", "pytest-cov", "pytest-xdist==3.8.0")),
    Row(
        "3.13",
        ("pytest==9.2.0", "pytest-cov", "pytest-xdist==3.8.0", "pytest-rerunfailures==16.7"),
    ),
)
