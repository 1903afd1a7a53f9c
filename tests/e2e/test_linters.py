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
    (entry,) = [one for one in checkout.status()["entries"] if one["name"] == "quality"]
    return {(check["id"], check["about"]): check for check in entry["checks"]}


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
    assert checks["linter", "vars"]["measured"] == "1 finding"
    assert checks["linter_before", "vars"]["measured"] == "1 finding"
    assert checks["linter", "ruff"]["measured"] == "1 finding in 2 files"
    assert checks["linter_before", "ruff"]["measured"] == "1 finding"
    assert checks["finding", "src/more.js:1:1"]["source"] == "vars"
    assert checks["finding", "src/price.py:4:7"]["measured"].startswith("F821")
    assert checks["annotations", ""]["measured"] == "2 on check run devflow/quality"
    logs = json.loads(checkout.ends(0, "logs", "quality", KEY, "--output", "json"))
    assert [Path(one["path"]).name for one in logs["results"]] == ["quality.sarif"]

    checkout.write("src/more.js", "let more = 1;\n")
    checkout.write("src/price.py", "import os\n\nPRICE_EUR = 13\n")
    checkout.ends(0, "ship", KEY)
    checks = quality(checkout)
    assert checks["linter", "vars"]["measured"] == "0 findings in 2 files"
    assert checks["linter_before", "vars"]["measured"] == "1 finding"
    assert checks["linter", "ruff"]["ok"] is True
