"""Public ports that nobody keeps, or whose keeper is stopped, on the command line: each is told
with a command that works."""

import json
import os
import re
import signal
from pathlib import Path
from typing import Any

from tests.contract.deploys.world import until
from tests.e2e.checkout import KEY, Checkout, tiny_checkout
from tests.e2e.story import approves, first_change


def development(checkout: Checkout) -> dict[str, Any]:
    told = json.loads(checkout.ends(0, "environments", "development", "--output", "json"))
    (environment,) = told["environments"]
    assert isinstance(environment, dict)
    return environment


def keeper_of(checkout: Checkout) -> int:
    folder = checkout.state / "deploys" / "development" / "proxy"
    told = json.loads((folder / "keeper.json").read_text())
    return int(told["pid"])


def test_what_is_told_of_a_keeper_is_so_and_what_is_to_be_typed_mends_it(tmp_path: Path) -> None:
    checkout = tiny_checkout(tmp_path / "tiny")
    try:
        checkout.ends(0, "start", KEY)
        first_change(checkout)
        checkout.ends(8, "ship", KEY)
        approves(checkout)
        checkout.ends(8, "ship", KEY)
        keeper = keeper_of(checkout)
        # with its copy
        os.killpg(keeper, signal.SIGKILL)
        until(lambda: development(checkout)["is_unkept"])
        assert "to be kept devflow ship" in checkout.ends(0, "environments", "development")
        said = checkout.ends(8, "ship", KEY)
        assert "public ports kept by nobody" in said
        assert re.search(r"proxy begun anew: [0-9.]+ ms, for which at most", said), said[-3000:]
        after = development(checkout)
        assert not after["is_unkept"] and 0 < after["unheld_s"] < 5
        # the next one has nothing to tell of it
        assert "begun anew" not in checkout.ends(8, "ship", KEY)
        keeper = keeper_of(checkout)
        os.kill(keeper, signal.SIGSTOP)
        until(lambda: development(checkout)["stopped_keeper"] == keeper)
        told = checkout.ends(0, "environments", "development")
        assert f"its keeper is stopped, pid {keeper}" in told
        (command,) = re.findall(r"to be kept (kill -CONT [0-9]+)", told)
        assert checkout.run(["sh", "-c", command]).returncode == 0
        until(lambda: not development(checkout)["stopped_keeper"])
    finally:
        checkout.close()
