"""From no pipeline.yaml to a shipped ticket in three commands; the other shapes stand in
``every_break/``."""

from pathlib import Path

import pytest

from tests.e2e.checkout import Checkout
from tests.e2e.first_runs import SHAPES_FOUND, SMALL, run_first, small_checkout
from tests.e2e.shapes import SHAPES


@pytest.mark.parametrize("name", SMALL)
def test_three_commands_lead_to_a_shipped_ticket(name: str, tmp_path: Path) -> None:
    checkout = small_checkout(name, tmp_path)
    path, text = SMALL[name].work
    try:
        run_first(checkout, SMALL[name], lambda: checkout.write(path, text))
    finally:
        _ended(checkout)


def test_every_shape_has_its_row() -> None:
    assert set(SHAPES_FOUND) == set(SHAPES)


def _ended(checkout: Checkout) -> None:
    checkout.devflow("sandbox", "down")
