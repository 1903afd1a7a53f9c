import ledger


def test_amounts_are_added():
    assert ledger.total([199, 1]) == 200


def test_no_amounts_are_nothing():
    assert ledger.total([]) == 0
