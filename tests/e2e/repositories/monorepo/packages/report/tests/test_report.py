import report


def test_a_line_has_name_and_total():
    assert report.line("tea", [199, 1]) == "tea: 2.00"
