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
        chosen = numpy.isin(numpy.arange(len(self.rows)) % FOLDS, folds)
        return Sample(self.rows[chosen], self.log_prices[chosen])


def read_file(path: Path) -> Sample:
    """Read a CSV file in UTF-8. Raises OSError, or BadData with the file's name, the line and the
    column."""
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
        for values in lines:
            if values:
                known = _known(header, values, lines.line_num)
                rows.append(encode(Car(**{name: known[name] for name in COLUMNS})))
                log_prices.append(math.log(float(known[PRICE])))
    except csv.Error as error:
        raise BadData(f"line {lines.line_num}: {error}") from error
    if len(rows) < FEWEST:
        raise BadData(
            f"line {lines.line_num}: the file ends after {len(rows)} cars, and {FEWEST} are needed"
        )
    return Sample(numpy.array(rows, dtype=numpy.float32), numpy.array(log_prices))


def _check_header(header: Sequence[str]) -> None:
    wanted = (*COLUMNS, PRICE)
    for name in wanted:
        if header.count(name) != 1:
            problem = "is missing" if name not in header else "stands there twice"
            raise BadData(f"line 1, column {name}: {problem}; the columns are {', '.join(wanted)}")
    for name in header:
        if name not in wanted:
            raise BadData(
                f"line 1, column {name or '(without a name)'}: is not known; the columns are {', '.join(wanted)}"
            )


def _known(header: Sequence[str], values: Sequence[str], line: int) -> Dict[str, Any]:
    if len(values) != len(header):
        last = header[min(len(values), len(header) - 1)]
        raise BadData(
            f"line {line}, column {last}: there are {len(values)} values for {len(header)} columns"
        )
    return {name: _value(name, text.strip(), line) for name, text in zip(header, values)}


def _value(name: str, text: str, line: int) -> Union[str, int]:
    if name in CHOICES:
        if text not in CHOICES[name]:
            raise BadData(
                f"line {line}, column {name}: {_short(text)} is none of {', '.join(CHOICES[name])}"
            )
        return text
    low, high = LIMITS[name]
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
    if not low <= number <= high:
        raise BadData(
            f"line {line}, column {name}: {_short(text)} is no whole number from {low} to {high}"
        )
    return number


def _short(text: str) -> str:
    return repr(text if len(text) <= 20 else text[:20] + "…")
