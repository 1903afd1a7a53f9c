import pytest

from numerals import number


@pytest.mark.parametrize("text", ["x", "Z", " "])
def test_what_is_no_numeral_is_refused(text):
    with pytest.raises(KeyError):
        number(text)
