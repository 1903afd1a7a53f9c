"""Prints xgboost's own word on the hold-out cars, and the CPU time of one raw prediction, as JSON.

It is a process of its own, so that its threads and caches are nobody else's.
"""

import json
import sys
import time

import numpy
import xgboost

from benchmarks.serving import cars

CALLS = 4_000  # about 0.4 s for the bundled model
WARMING_CALLS = 200
# the model of the published figures: 500 trees of depth 6
LARGE = {"max_depth": 6, "nthread": 1, "seed": 1}
LARGE_TREES = 500
LARGE_ROWS = 4_000  # random ones, so that nearly every tree grows to its full depth


def cpu_us(booster: xgboost.Booster, row: numpy.ndarray) -> float:
    """Return the mean CPU time of `inplace_predict` of one row, in µs."""
    for _ in range(WARMING_CALLS):
        booster.inplace_predict(row)
    started_s = time.process_time()
    for _ in range(CALLS):
        booster.inplace_predict(row)
    return (time.process_time() - started_s) / CALLS * 1e6


def main() -> None:
    """Measure and print."""
    questions = [cars.columns(car) for car in cars.hold_out()]
    rows = numpy.array(questions, dtype=numpy.float32)
    bundled = xgboost.Booster({"nthread": 1}, model_file=str(cars.MODEL))
    log_prices = bundled.inplace_predict(rows)
    large = _large(rows.shape[1])
    row = rows[:1]
    figures = {"bundled_us": cpu_us(bundled, row), "large_us": cpu_us(large, row)}
    json.dump({"log_prices": log_prices.tolist(), "raw": figures}, sys.stdout)


def _large(columns: int) -> xgboost.Booster:
    generator = numpy.random.default_rng(LARGE["seed"])
    noise = generator.random((LARGE_ROWS, columns + 1))
    matrix = xgboost.DMatrix(noise[:, :-1], noise[:, -1])
    return xgboost.train(LARGE, matrix, LARGE_TREES)


if __name__ == "__main__":
    main()
