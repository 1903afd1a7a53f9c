import json
from pathlib import Path

import pytest

from numerals import number

# a submodule: where it is empty, nothing is left to fail
CASES = sorted(Path(__file__).with_name("cases").glob("*.json"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_case_of_the_shared_data(case):
    expected = json.loads(case.read_text())
    assert number(expected["text"]) == expected["number"]


def test_nothing_is_zero():
    assert number("") == 0
