"""A service that dies fails the suite, loudly and with its last words; it is never a skip."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
STORY = """
import pytest


@pytest.fixture(scope="session")
def services(start):
    return [start("docs")]  # one is enough to die


def test_one_is_killed(services):
    services[0].process.kill()
    services[0].process.wait(10)


def test_something_else(services):
    pass
"""


def test_a_service_that_cannot_start_is_a_failure_with_its_own_words(start, services, tmp_path):
    complaint = "backend ended or did not answer within 60.0 s: carprice-backend: "
    with pytest.raises(pytest.fail.Exception, match=complaint):
        start("backend", "--database", str(tmp_path))


def test_a_service_that_was_killed_fails_every_test_after_it(tmp_path):
    for name, origin in (
        ("conftest.py", HERE),
        ("../conftest.py", HERE.parent),
        ("../pytest.ini", HERE.parent),
    ):
        target = tmp_path / "suite" / name
        target.parent.mkdir(exist_ok=True)
        target.resolve().write_text((origin / Path(name).name).read_text())
    (tmp_path / "suite" / "test_story.py").write_text(STORY)
    command = [sys.executable, "-B", "-m", "pytest", "suite", "-q", "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTHONPATH": str(HERE.parents[1])}
    # the story needs none, and to load them all takes as long as the story
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    ended = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
    )
    assert ended.returncode == 1
    assert "docs died with exit code -9: it said nothing" in ended.stdout
    assert "1 passed, 2 errors in " in ended.stdout.splitlines()[-1]
