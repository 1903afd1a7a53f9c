from rates import FILE, rates


def test_nothing_stands_around_a_figure():
    assert " " not in FILE.read_text()


def test_it_is_read_whole():
    assert len(rates()) == FILE.read_text().count("\n") - 1
