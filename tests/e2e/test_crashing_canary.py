"""A new version that answers, ends every two seconds and is started again, on the command line: it
is taken back, and what served before serves."""

import json
import urllib.request
from contextlib import closing
from pathlib import Path

from tests.crash.canary_story import SHIP, up_to_production
from tests.e2e.checkout import Checkout, tiny_checkout
from tests.e2e.story import first_change

DIES = """
if os.environ.get("DIES_AFTER_S"):
    threading.Timer(float(os.environ["DIES_AFTER_S"]), os._exit, (3,)).start()
"""
# the version before does not know the variable
PRODUCTION = '{env: {DIES_AFTER_S: "2"}}'
CANARY = "canary: {pct: 30, within_s: 60}"


def dies(checkout: Checkout) -> None:
    """A change whose process ends a while after its start."""
    first_change(checkout)
    checkout.edit("svc/app.py", "import sys\n", "import os\nimport sys\nimport threading\n")
    checkout.edit("svc/app.py", "\n\nclass", f"{DIES}\n\nclass")


def test_a_canary_that_crashes_again_and_again_is_taken_back_and_it_is_said(
    tmp_path: Path,
) -> None:
    checkout = tiny_checkout(tmp_path / "tiny")
    try:
        up_to_production(checkout, CANARY, PRODUCTION, dies)
        said = checkout.ends(9, *SHIP)
        assert "svc crashes again and again: taken back" in said, said[-3000:]
        shown = json.loads(checkout.ends(0, "environments", "production", "--output", "json"))
        (production,) = shown["environments"]
        before = checkout.git("rev-parse", "main:svc")
        assert production["version"] == before != production["rolled_back"]
        assert [held["version"] for held in production["held"]] == [before]
        with closing(urllib.request.urlopen(production["services"][0]["url"])) as answer:
            assert json.load(answer)["version"] == before
        # it is not brought again, and nothing was left on the way
        assert "is not brought again" in checkout.ends(9, *SHIP)
    finally:
        checkout.close()
