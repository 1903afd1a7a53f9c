def test_nothing_about_numerals():
    assert "roman".isalpha()
