"""The question that every server is asked, each in its own words: a hold-out car in, a price out.

Rivals import this module in environments that know neither devflow nor our backend: standard
library and `services.car` only.
"""

import csv
import json
import math
from pathlib import Path
from typing import Any, Literal, Mapping

from services.car import CHOICES, RANGES

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "services/backend/model/model.json"
DATA = ROOT / "services/backend/model/cars.csv"
HOLD_OUT_EVERY = 5  # rows; services.backend.train holds out positions 0, 5, 10 ...
NUMBERS = ("age_years", "mileage_km", "power_kw")

Car = Mapping[str, Any]
# named fields and a price, or the Open Inference Protocol: columns and the model's own answer
Wire = Literal["fields", "tensor"]


def hold_out() -> list[Car]:
    """Return the cars that the model was not trained on and that may be asked about."""
    with DATA.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[::HOLD_OUT_EVERY]
    # the data has older cars than a service answers for
    return [car for car in map(_car, rows) if _may_be_asked(car)]


def _car(row: Mapping[str, str]) -> Car:
    car: dict[str, Any] = {name: row[name] for name in CHOICES}
    for name in NUMBERS:
        car[name] = int(row[name])
    return car


def _may_be_asked(car: Car) -> bool:
    return all(RANGES[name].low <= car[name] <= RANGES[name].high for name in NUMBERS)


def columns(car: Car) -> list[int]:
    """Return the model's row for a car: choices as their position. Raises ValueError for others."""
    row = [choices.index(car[name]) for name, choices in CHOICES.items()]
    row += [car[name] for name in NUMBERS]
    return row


def question(wire: Wire, car: Car) -> str:
    """Return the request body for a car, as one line of JSON."""
    if wire == "fields":
        return json.dumps(dict(car))
    tensor = {"name": "car", "shape": [1, 6], "datatype": "FP32", "data": columns(car)}
    return json.dumps({"inputs": [tensor]})


def value_eur(wire: Wire, answer: bytes) -> int:
    """Return the price in a response body, in whole EUR. Raises ValueError, LookupError or
    TypeError where there is none."""
    body = json.loads(answer)
    if wire == "fields":
        return int(body["value_eur"])
    return whole_eur(body["outputs"][0]["data"][0])


def whole_eur(log_price: float) -> int:
    """Return the price that the model's answer, the logarithm of a price in EUR, stands for."""
    return round(math.exp(log_price))
