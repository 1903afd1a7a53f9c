"""Roman numerals."""

VALUES = {"I": 1, "V": 5, "X": 10}


def number(text):
    """The number that a numeral stands for."""
    total = 0
    for letter, following in zip(text, f"{text[1:]}I"):
        value = VALUES[letter]
        total += -value if value < VALUES[following] else value
    return total
