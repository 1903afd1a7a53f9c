"""Numbers as the Romans wrote them."""

SYMBOLS = {10: "X", 9: "IX", 5: "V", 4: "IV", 1: "I"}


def to_roman(number):
    """The numeral of a whole number."""
    text = ""
    for value, symbol in SYMBOLS.items():
        while number >= value:
            text, number = text + symbol, number - value
    return text
