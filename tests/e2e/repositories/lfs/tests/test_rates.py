from rates import rates


def test_every_currency_has_a_rate():
    assert sorted(rates()) == ["CHF", "SEK", "USD"]


def test_a_rate_is_positive():
    assert min(rates().values()) > 0
