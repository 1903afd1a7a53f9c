"""Reads the cars that the model is trained on from CSV: the bundled synthetic ones, or the user's
own in the same columns.

A file with one bad value is refused as a whole, by line and column: silently dropped rows would be
another data set.
"""

import csv
import io
import math
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Sequence, Union

import numpy

from services.backend.appraisal import COLUMNS, Car, encode
from services.car import CHOICES

PRICE = "price_eur"
# wider than what may be asked (services.car.RANGES): a forecast needs older cars, and real data has
# its extremes
LIMITS = {
    "age_years": (0, 100),
    "mileage_km": (0, 2_000_000),
    "power_kw": (1, 2_000),
    PRICE: (1, 10_000_000),
}
FOLDS = 5  # of each 5 rows one is held out, one sets the interval, three train
FEWEST = 100  # rows: 20 in a fold, so that the interval's 10 % quantiles rest on two cars each


class BadData(ValueError):
    """The file cannot be trained on; the text says where and why, in one line."""


class Sample(NamedTuple):
    """Encoded cars and the natural logarithm of their prices in EUR."""

    rows: numpy.ndarray
    log_prices: numpy.ndarray

    def fold(self, *folds: int) -> "Sample":
        """Return the rows of the named folds: position modulo FOLDS, so that the same file always
        splits the same way."""
        positions = numpy.arange(len(self.rows))
        chosen = numpy.isin(positions % FOLDS, folds)
        return Sample(self.rows[chosen], self.log_prices[chosen])


def read_file(path: Path) -> Sample:
    """Read a CSV file in UTF-8. Raises OSError, or BadData with file, line and column."""
    data = path.read_bytes()
    try:
        return read(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadData(f"{path}, line {line}: the text is not UTF-8") from error
    except BadData as error:
        raise BadData(f"{path}, {error}") from error


def read(text: str) -> Sample:
    """Read CSV text with a header line that names our columns, in any order. Raises BadData with
    line and column."""
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: List[List[float]] = []
    log_prices: List[float] = []
    try:
        header = [name.strip() for name in next(lines, [])]
        _check_header(header)
        for texts in lines:
            # an empty line is none
            if texts:
                values = _values(header, texts, lines.line_num)
                price_eur = float(values.pop(PRICE))
                rows.append(encode(Car(**values)))
                log_prices.append(math.log(price_eur))
    except csv.Error as error:
        raise BadData(f"line {lines.line_num}: {error}") from error
    if len(rows) < FEWEST:
        raise BadData(
            f"line {lines.line_num}: the file ends after {len(rows)} cars, and {FEWEST} are needed"
        )
    return Sample(numpy.array(rows, dtype=numpy.float32), numpy.array(log_prices))


def _check_header(header: Sequence[str]) -> None:
    columns = (*COLUMNS, PRICE)
    rule = f"the columns are {', '.join(columns)}"
    for name in columns:
        if header.count(name) != 1:
            problem = "is missing" if name not in header else "stands there twice"
            raise BadData(f"line 1, column {name}: {problem}; {rule}")
    for name in header:
        if name not in columns:
            shown = name or "(without a name)"
            raise BadData(f"line 1, column {shown}: is not known; {rule}")


def _values(header: Sequence[str], texts: Sequence[str], line: int) -> Dict[str, Any]:
    number = len(texts)
    if number != len(header):
        last = header[min(number, len(header) - 1)]
        problem = f"there are {number} values for {len(header)} columns"
        raise BadData(f"line {line}, column {last}: {problem}")
    values: Dict[str, Any] = {}
    for name, text in zip(header, texts):
        try:
            values[name] = _value(name, text.strip())
        except ValueError as error:
            raise BadData(f"line {line}, column {name}: {error}") from None
    return values


def _value(name: str, text: str) -> Union[str, int]:
    """Return the value of a column. Raises ValueError, with the text and what it may be."""
    if name in CHOICES:
        if text not in CHOICES[name]:
            raise ValueError(f"{_short(text)} is none of {', '.join(CHOICES[name])}")
        return text
    low, high = LIMITS[name]
    # int() would take signs, spaces, other alphabets' digits, and refuse what has thousands
    is_number = text.isascii() and text.isdigit() and len(text) < 10
    number = int(text) if is_number else -1
    if not low <= number <= high:
        raise ValueError(f"{_short(text)} is no whole number from {low} to {high}")
    return number


def _short(text: str) -> str:
    return repr(text if len(text) <= 20 else text[:20] + "…")
