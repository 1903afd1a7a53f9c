"""Trains the price model: `python -m services.backend.train [--data CSV] [--out DIRECTORY]`.

Without `--data` it makes the bundled synthetic cars and trains on them. It writes `model.json`,
`metrics.json` and `CARD.md`, and `cars.csv` only if it made the cars itself. It is the only module
of the services that always needs xgboost and numpy, and the only one that may write beside the
code; a running service never does.
"""

import argparse
import hashlib
import json
import math
import sys
from pathlib import Path
from typing import Any, Dict, NamedTuple, Optional

import numpy
import xgboost

from services.backend import card, synthesis
from services.backend.appraisal import COLUMNS, MODEL_DIR
from services.backend.training_data import BadData, Sample, read, read_file

TREES = 80  # best of eight settings tried within 300 kB of JSON, by hold-out error
# mean absolute percentage error that the bundled model has to keep: measured 9.6; the data's noise
# alone gives 6.4 (0.08 * sqrt(2 / pi))
BOUND_PCT = 11.0
COVERAGE_PCT = 80.0  # of the hold-out that the interval is made to hold
# the folds of training_data.FOLDS
HOLD_OUT = (0,)
CALIBRATION = (1,)
TRAINING = (2, 3, 4)
# where a model of the user's own data goes: the bundled one stays as it is
OUT = Path("carprice-model")
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


class _Cars(NamedTuple):
    """What is trained on, where it came from, and the file's text where it was made here."""

    sample: Sample
    origin: Dict[str, str]
    text: str = ""


def fit(sample: Sample) -> xgboost.Booster:
    """Train on three of five rows; deterministic on one machine and one xgboost."""
    training = sample.fold(*TRAINING)
    matrix = xgboost.DMatrix(training.rows, training.log_prices)
    return xgboost.train(PARAMETERS, matrix, TREES)


def error_pct(predicted: numpy.ndarray, actual: numpy.ndarray) -> float:
    """Return the mean absolute percentage error of prices given as logarithms."""
    return float(numpy.mean(numpy.abs(numpy.exp(predicted - actual) - 1)) * 100)


def same_age_median(sample: Sample) -> numpy.ndarray:
    """Return the naive baseline for the hold-out: the median log price of training cars as old.

    A car of an age that none of them has gets the median of all.
    """
    training = sample.fold(*TRAINING)
    column = COLUMNS.index("age_years")
    ages = training.rows[:, column]
    medians = {}
    for age in numpy.unique(ages):
        medians[age] = numpy.median(training.log_prices[ages == age])
    overall = numpy.median(training.log_prices)
    hold_out = sample.fold(*HOLD_OUT)
    return numpy.array([medians.get(age, overall) for age in hold_out.rows[:, column]])


def measure(booster: xgboost.Booster, sample: Sample, data: Dict[str, str]) -> Dict[str, Any]:
    """Return what `metrics.json` holds: where the data came from, hold-out error, the naive
    baseline's, interval, coverage."""
    actual = sample.fold(*HOLD_OUT)
    predicted = booster.inplace_predict(actual.rows)
    model_pct = error_pct(predicted, actual.log_prices)
    naive_pct = error_pct(same_age_median(sample), actual.log_prices)
    return {
        "data": data,
        "rows": _row_counts(sample),
        "model": {"trees": booster.num_boosted_rounds(), "depth": PARAMETERS["max_depth"]},
        "hold_out_error_pct": round(model_pct, 2),
        "baseline_error_pct": round(naive_pct, 2),
        "interval": _interval(booster, sample),
        "trained_with": f"xgboost {xgboost.__version__}",
    }


def _row_counts(sample: Sample) -> Dict[str, int]:
    counts = {"total": len(sample.rows)}
    folds = {"training": TRAINING, "calibration": CALIBRATION, "hold_out": HOLD_OUT}
    for name, fold in folds.items():
        counts[name] = len(sample.fold(*fold).rows)
    return counts


def _interval(booster: xgboost.Booster, sample: Sample) -> Dict[str, float]:
    """Return the interval's factors, set on one fold, and how many cars of another it holds."""
    calibration = sample.fold(*CALIBRATION)
    residuals = calibration.log_prices - booster.inplace_predict(calibration.rows)
    tail = (1 - COVERAGE_PCT / 100) / 2
    low, high = numpy.quantile(residuals, [tail, 1 - tail])
    hold_out = sample.fold(*HOLD_OUT)
    predicted = booster.inplace_predict(hold_out.rows)
    is_above = hold_out.log_prices >= predicted + low
    is_below = hold_out.log_prices <= predicted + high
    coverage = float(numpy.mean(is_above & is_below))
    return {
        "low_factor": round(math.exp(low), 4),
        "high_factor": round(math.exp(high), 4),
        "coverage_pct": round(coverage * 100, 1),
        "aimed_coverage_pct": COVERAGE_PCT,
    }


def train(csv: Optional[Path], out: Path) -> Dict[str, Any]:
    """Train, write model, metrics and card (and the synthetic cars), and return the metrics.

    Raises OSError, or BadData where the file is bad or a model of it would be no better than the
    naive baseline; nothing is written then.
    """
    cars = _own_cars(csv) if csv else _synthetic_cars()
    booster = fit(cars.sample)
    metrics = measure(booster, cars.sample, cars.origin)
    model_pct = metrics["hold_out_error_pct"]
    naive_pct = metrics["baseline_error_pct"]
    if not model_pct < naive_pct:
        raise BadData(
            f"{cars.origin['file']}: the model's error of {model_pct} % is not below "
            f"the naive {naive_pct} %; nothing is written"
        )
    out.mkdir(parents=True, exist_ok=True)
    if cars.text:
        (out / "cars.csv").write_text(cars.text, encoding="utf-8")
    # a trailing newline, as text files have: the end-of-file hook would change the version by it
    (out / "model.json").write_bytes(bytes(booster.save_raw("json")) + b"\n")
    (out / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    (out / "CARD.md").write_text(card.text(metrics), encoding="utf-8")
    return metrics


def _own_cars(csv: Path) -> _Cars:
    sample = read_file(csv)
    digest = hashlib.sha256(csv.read_bytes()).hexdigest()
    return _Cars(sample, {"kind": "csv", "file": csv.name, "sha256": digest})


def _synthetic_cars() -> _Cars:
    text = synthesis.csv_text()
    origin = {"kind": "synthetic", "file": "cars.csv", "seed": str(synthesis.SEED)}
    return _Cars(read(text), origin, text)


def main() -> int:
    """Train as the command line says; print metrics and origin; return the exit code."""
    arguments = _arguments()
    out = arguments.out or (OUT if arguments.data else MODEL_DIR)
    try:
        metrics = train(arguments.data, out)
    except (OSError, BadData) as error:
        print(f"carprice-train: {error}", file=sys.stderr)
        return 1
    print(json.dumps(metrics, indent=2))
    origin = "synthetic cars: the prices are made up"
    if arguments.data:
        origin = f"cars of {arguments.data}"
    print(f"trained on {metrics['rows']['total']:,} {origin}", file=sys.stderr)
    print(f"written to {out}; serve it: python -m services.backend --model {out}", file=sys.stderr)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m services.backend.train", description="Train the price model."
    )
    data_help = "your own cars (default: synthetic ones, made here)"
    parser.add_argument("--data", type=Path, metavar="CSV", help=data_help)
    out_help = f"directory to write to (default: the bundled model's; with --data {OUT})"
    parser.add_argument("--out", type=Path, help=out_help)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
