"""Trains the price model anew from the synthetic data: `python -m services.backend.train [--out DIRECTORY]`.

It writes `cars.csv`, `model.json` and `metrics.json`. It is the only module of the services that needs xgboost and numpy,
and the only one that writes beside the code; a running service never does.
"""

import argparse
import csv
import io
import json
import math
from pathlib import Path
from typing import List, NamedTuple

import numpy
import xgboost

from services.backend import synthesis
from services.backend.appraisal import COLUMNS, MODEL_DIR, Car, encode

TREES = 80  # best of eight settings tried within 300 kB of JSON, by hold-out error
BOUND_PCT = 11.0  # mean absolute percentage error: measured 9.6; the data's noise alone gives 6.4 (0.08 * sqrt(2 / pi))
COVERAGE_PCT = 80.0  # of the hold-out that the interval is made to hold
FOLDS = 5  # of each 5 rows one is held out, one sets the interval, three train
PARAMETERS = {
    "objective": "reg:squarederror",
    "max_depth": 5,
    "min_child_weight": 8,
    "eta": 0.12,
    "nthread": 1,
    "seed": synthesis.SEED,
    # neither age nor mileage may ever raise a value; order of COLUMNS
    "monotone_constraints": "(0,0,0,-1,-1,0)",
}


class Sample(NamedTuple):
    """Encoded cars and the natural logarithm of their prices in EUR."""

    rows: numpy.ndarray
    log_prices: numpy.ndarray

    def fold(self, *folds: int) -> "Sample":
        """Return the rows of the named folds: position modulo FOLDS."""
        chosen = numpy.isin(numpy.arange(len(self.rows)) % FOLDS, folds)
        return Sample(self.rows[chosen], self.log_prices[chosen])


def read(text: str) -> Sample:
    """Read CSV text as synthesis.py writes it. Raises KeyError or ValueError for another shape."""
    rows: List[List[float]] = []
    log_prices: List[float] = []
    for line in csv.DictReader(io.StringIO(text)):
        choices = [line[name] for name in COLUMNS[:3]]
        rows.append(encode(Car(*choices, *(int(line[name]) for name in COLUMNS[3:]))))  # type: ignore[arg-type]
        log_prices.append(math.log(int(line["price_eur"])))
    return Sample(numpy.array(rows, dtype=numpy.float32), numpy.array(log_prices))


def fit(sample: Sample) -> xgboost.Booster:
    """Train on three of five rows; deterministic on one machine and one xgboost."""
    training = sample.fold(2, 3, 4)
    return xgboost.train(PARAMETERS, xgboost.DMatrix(training.rows, training.log_prices), TREES)


def error_pct(predicted: numpy.ndarray, actual: numpy.ndarray) -> float:
    """Return the mean absolute percentage error of prices given as logarithms."""
    return float(numpy.mean(numpy.abs(numpy.exp(predicted - actual) - 1)) * 100)


def same_age_median(sample: Sample) -> numpy.ndarray:
    """Return the naive baseline for the hold-out: the median log price of the training cars of the same age."""
    training, age = sample.fold(2, 3, 4), COLUMNS.index("age_years")
    ages = training.rows[:, age]
    medians = {value: numpy.median(training.log_prices[ages == value]) for value in numpy.unique(ages)}
    return numpy.array([medians[value] for value in sample.fold(0).rows[:, age]])


def measure(booster: xgboost.Booster, sample: Sample) -> dict:
    """Return what `metrics.json` holds: hold-out error, the naive baseline's, the bound, the interval and its coverage."""
    hold_out, calibration = sample.fold(0), sample.fold(1)
    residuals = calibration.log_prices - booster.inplace_predict(calibration.rows)
    tail = (1 - COVERAGE_PCT / 100) / 2
    low, high = numpy.quantile(residuals, [tail, 1 - tail])
    predicted = booster.inplace_predict(hold_out.rows)
    inside = (hold_out.log_prices >= predicted + low) & (hold_out.log_prices <= predicted + high)
    return {
        "data": "synthetic",
        "rows": {"total": len(sample.rows), "hold_out": len(hold_out.rows)},
        "hold_out_error_pct": round(error_pct(predicted, hold_out.log_prices), 2),
        "baseline_error_pct": round(error_pct(same_age_median(sample), hold_out.log_prices), 2),
        "bound_pct": BOUND_PCT,
        "interval": {
            "low_factor": round(math.exp(low), 4),
            "high_factor": round(math.exp(high), 4),
            "coverage_pct": round(float(numpy.mean(inside)) * 100, 1),
            "aimed_coverage_pct": COVERAGE_PCT,
        },
        "trained_with": f"xgboost {xgboost.__version__}",
    }


def main() -> None:
    """Write data, model and metrics, and print the metrics."""
    parser = argparse.ArgumentParser(prog="python -m services.backend.train", description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=MODEL_DIR, help="directory to write to (default: %(default)s)")
    out = parser.parse_args().out
    text = synthesis.csv_text()
    sample = read(text)
    booster = fit(sample)
    metrics = json.dumps(measure(booster, sample), indent=2) + "\n"
    out.mkdir(parents=True, exist_ok=True)
    (out / "cars.csv").write_text(text, encoding="utf-8")
    # a trailing newline, as text files have: the end-of-file hook would add it and so change the version
    (out / "model.json").write_bytes(bytes(booster.save_raw("json")) + b"\n")
    (out / "metrics.json").write_text(metrics, encoding="utf-8")
    print(metrics, end="")


if __name__ == "__main__":
    main()
