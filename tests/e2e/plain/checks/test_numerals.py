import pytest

from roman import to_roman


@pytest.mark.parametrize("number, text", [(1, "I"), (4, "IV"), (9, "IX"), (28, "XXVIII")])
def test_a_number_is_written_as_the_romans_did(number, text):
    assert to_roman(number) == text
