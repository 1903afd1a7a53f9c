"""A service whose packages lie in the project's own environment, and whose project is installed
there for development: it runs in that, and of the commit's files, and so does what describes its
API."""

import json
import re
import urllib.request
from pathlib import Path
from typing import Iterator

import pytest

from tests.e2e.checkout import KEY, Checkout, tiny_checkout
from tests.standins.python_environment import python_environment

PIPELINE = """devflow: 1
connect: sandbox
project:
  tracker: {project: SCRUM}
  version_path: src
  services:
    tide:
      path: src
      port: PORT
      run: python -m tide {port}
      openapi: [python, -m, tide.describe]
      env: {TIDE_AT: "{port}"}
      pass_env: [TIDE_KEY]
      before: python -c 'import tide, depths; print(tide.__file__)'
      health: {path: /, version: {header: X-Version}}
phases:
  planning: [ticket]
  development: [branch, coding, commit, push]
  deploy: [development]
  operate: [closure]
"""
# answers by a package that only the project's environment has, and says where it was loaded from
APP = """import http.server, sys

import depths
from tide import version


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"{depths.NAME} {depths.__file__} {version.__file__} {sys.prefix}".encode()
        self.send_response(200)
        self.send_header("X-Version", version.VERSION)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
KEYED = {"TIDE_KEY": "spring-and-neap-95"}
# as a framework does it: from the project's own modules, by a package of its environment, once its
# settings are whole
DESCRIBE = """import json, os

import depths
from tide import operations

assert int(os.environ["TIDE_AT"]) and os.environ["TIDE_KEY"]
get = {"responses": {"200": {"description": depths.NAME}}}
paths = {path: {"get": get} for path in operations.PATHS}
print(json.dumps({"openapi": "3.1.0", "paths": paths}))
"""
VERSION = """import pathlib

from . import tree

VERSION = tree.tree_id(pathlib.Path(__file__).parents[1])
"""


def _committed(checkout: Checkout) -> None:
    """The service as it was before the ticket."""
    (checkout.folder / "src" / "tide").mkdir(parents=True)
    checkout.write("src/tide/__init__.py", "")
    checkout.write("src/tide/describe.py", DESCRIBE)
    checkout.write("src/tide/operations.py", "PATHS = ['/tide', '/moon']\n")
    checkout.git("add", "--all")
    checkout.git("commit", "--quiet", "--message", "a service of somebody else")


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Checkout, int]]:
    checkout = tiny_checkout(tmp_path_factory.mktemp("own") / "tiny")
    port = int(re.findall(r"port: (\d+)", (checkout.folder / "pipeline.yaml").read_text())[0])
    environment = python_environment(checkout.folder / ".venv", with_packages=False)
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "depths.py").write_text("NAME = 'soundings'\n")
    # as an installation for development leads to it
    (packages / "__editable__.tide.pth").write_text(f"{checkout.folder / 'src'}\n")
    checkout.write("pipeline.yaml", PIPELINE.replace("PORT", str(port)))
    checkout.write(".gitignore", ".venv/\n__pycache__/\n")
    checkout.write("pyproject.toml", '[project]\nname = "tide"\nversion = "1"\n')
    _committed(checkout)
    try:
        checkout.ends(0, "start", KEY)
        version = (checkout.folder / "svc" / "version.py").read_text()
        checkout.write("src/tide/tree.py", version)
        checkout.write("src/tide/version.py", VERSION)
        checkout.write("src/tide/operations.py", "PATHS = ['/tide', '/wind']\n")
        checkout.write("src/tide/__main__.py", APP)
        said = checkout.ends(5, "ship", KEY, "--output", "plain")
        lacking = "API of tide: not measured: the environment has no TIDE_KEY"
        assert lacking in said and re.search(r"exit 5 +commit: unavailable", said)
        checkout.ends(0, "ship", KEY, "--output", "plain", **KEYED)
        yield checkout, port
    finally:
        checkout.close()


def test_it_runs_in_the_projects_environment_and_of_the_commits_files(
    shipped: tuple[Checkout, int],
) -> None:
    checkout, port = shipped
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20) as answer:
        name, package, code, prefix = answer.read().decode().split()
    environment = checkout.folder / ".venv"
    assert (name, prefix) == ("soundings", str(environment))
    assert Path(package).is_relative_to(environment)
    assert Path(code).is_relative_to(checkout.state), "the working tree was deployed"


def test_what_comes_before_it_runs_in_the_same(shipped: tuple[Checkout, int]) -> None:
    checkout, _ = shipped
    (log,) = checkout.state.glob("deploys/development/**/tide.before*")
    assert Path(log.read_text().strip()).is_relative_to(checkout.state)


def test_its_api_is_described_of_the_files_of_either_commit(
    shipped: tuple[Checkout, int],
) -> None:
    checkout, _ = shipped
    entries = {one["name"]: one for one in checkout.status()["entries"]}
    told = {check["id"]: check["measured"] for check in entries["commit"]["checks"]}
    assert KEYED["TIDE_KEY"] not in json.dumps(entries)
    # both sides described from the working tree would be the same
    assert told["api_break"] == "GET /moon: removed"
    assert told["api"] == "1 break, 2 operations; said in the message"
