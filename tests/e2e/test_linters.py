"""A ticket of a project with linters of its own, by the real command line: what was there before
decides nothing, what the ticket brings fails it, and mended it passes."""

import json
import shutil
from pathlib import Path
from typing import Any, Iterator

import pytest

from tests.e2e.checkout import KEY, Checkout, first_commit

LINTED = Path(__file__).parent / "linted"


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    folder = tmp_path / "shop"
    shutil.copytree(LINTED, folder, ignore=shutil.ignore_patterns("__pycache__"))
    made = first_commit(Checkout(folder))
    yield made
    made.close()


def quality(checkout: Checkout) -> dict[tuple[str, str], dict[str, Any]]:
    entries = {one["name"]: one for one in checkout.status()["entries"]}
    entry = entries["quality"]
    return {(check["id"], check["about"]): check for check in entry["checks"]}


def figures(checks: dict[tuple[str, str], dict[str, Any]]) -> dict[tuple[str, str], str]:
    """What the lines say that are about a linter, or about all of them."""
    of_linters = ("linter", "linter_before", "annotations")
    return {key: check["measured"] for key, check in checks.items() if key[0] in of_linters}


def test_a_ticket_answers_for_its_own_findings_alone(checkout: Checkout) -> None:
    checkout.ends(0, "start", KEY)
    checkout.git("mv", "src/cart.js", "src/basket.js")
    checkout.write("src/basket.js", "// the basket\nvar total = 0;\n")
    checkout.write("src/more.js", "var more = 1;\n")
    checkout.write("src/price.py", "PRICE_EUR = 13\nimport os\n\nprint(PRICE)\n")
    said = checkout.ends(1, "ship", KEY, "--output", "plain")
    assert "src/more.js:1:1" in said
    checks = quality(checkout)
    # the renamed file's var and the moved import were there before
    assert figures(checks) == {
        ("linter", "vars"): "1 new finding, 1 from before",
        ("linter_before", "vars"): "1 finding still there",
        ("linter", "ruff"): "1 new finding in 2 files, 1 from before",
        ("linter_before", "ruff"): "1 finding still there",
        ("annotations", ""): "2 on check run devflow/quality",
    }
    assert checks["finding", "src/more.js:1:1"]["source"] == "vars"
    assert checks["finding", "src/price.py:4:7"]["measured"].startswith("F821")

    checkout.write("src/more.js", "let more = 1;\n")
    checkout.write("src/price.py", "import os\n\nPRICE_EUR = 13\n")
    checkout.ends(0, "ship", KEY)
    second = figures(quality(checkout))
    # of devflow's own ruff it is known what it loads, of a script of the project it is not
    assert second["linter_before", "ruff"].startswith("1 finding still there, found ")
    assert "linters: " in checkout.ends(0, "cache")
    assert second == {
        ("linter", "vars"): "0 new findings in 2 files, 1 from before",
        ("linter_before", "vars"): "1 finding still there",
        ("linter", "ruff"): "0 new findings in 2 files, 1 from before",
        ("linter_before", "ruff"): second["linter_before", "ruff"],
        ("annotations", ""): "0 on check run devflow/quality",
    }
    logs = json.loads(checkout.ends(0, "logs", "quality", KEY, "--output", "json"))
    kept = [Path(one["path"]).name for one in logs["results"]]
    assert kept == ["quality.sarif"]
