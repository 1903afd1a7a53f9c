from tidewords import rising


def test_more_water_is_rising():
    assert rising(1.0, 1.2)


def test_less_water_is_not_rising():
    assert not rising(1.2, 1.0)
