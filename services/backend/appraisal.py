"""Turns a car into money: the model's value with its interval, now and over the coming years.

The model speaks of the logarithm of the price; the interval's factors are quantiles of its errors
on cars that it was not trained on (split conformal), stored in `model/metrics.json`.
"""

import json
import math
from pathlib import Path
from typing import List, NamedTuple

from services.backend import scorer
from services.car import FUELS, GEARBOXES, SEGMENTS

MODEL_DIR = Path(__file__).resolve().parent / "model"
COLUMNS = ("segment", "fuel", "gearbox", "age_years", "mileage_km", "power_kw")


class Car(NamedTuple):
    """A car as the model knows it: ages in years, mileage in km, power in kW."""

    segment: str
    fuel: str
    gearbox: str
    age_years: int
    mileage_km: int
    power_kw: int


class Value(NamedTuple):
    """A value and its interval, in whole EUR of today."""

    value_eur: int
    low_eur: int
    high_eur: int


class Appraiser:
    """The loaded model; safe to share between threads, since nothing in it changes.

    `scorer` names what computes, `data` the kind of data that the model was trained on.
    """

    def __init__(self, model_dir: Path = MODEL_DIR) -> None:
        """Load model and metrics. Raises OSError when one cannot be read, ValueError when it is not
        what train.py writes."""
        try:
            metrics = json.loads((model_dir / "metrics.json").read_text(encoding="utf-8"))
            chosen = scorer.load(model_dir / "model.json")
            # a model of other columns fails here, and not at the first car
            chosen.predict([0.0] * len(COLUMNS))
            self.data = str(metrics["data"]["kind"])
            interval = metrics["interval"]
            self._low_factor = float(interval["low_factor"])
            self._high_factor = float(interval["high_factor"])
        except (KeyError, TypeError, IndexError) as error:
            problem = f"{type(error).__name__}: {error}"
            raise ValueError(
                f"{model_dir} holds no model as services.backend.train writes it ({problem})"
            ) from error
        self.scorer = chosen.name
        self._predict = chosen.predict

    def current(self, car: Car) -> Value:
        """Return what the car is worth now."""
        value_eur = math.exp(self._predict(encode(car)))
        return Value(
            round(value_eur),
            round(value_eur * self._low_factor),
            round(value_eur * self._high_factor),
        )

    def future(self, car: Car, years: int, annual_km: int) -> List[Value]:
        """Return the car's value at the end of each of the coming years, driven `annual_km` a year;
        it never rises."""
        values = []
        for year in range(1, years + 1):
            mileage_km = car.mileage_km + year * annual_km
            older = car._replace(age_years=car.age_years + year, mileage_km=mileage_km)
            values.append(self.current(older))
        return values


def encode(car: Car) -> List[float]:
    """Return the model's row for a car: choices as their position. Raises ValueError for others."""
    return [
        SEGMENTS.index(car.segment),
        FUELS.index(car.fuel),
        GEARBOXES.index(car.gearbox),
        car.age_years,
        car.mileage_km,
        car.power_kw,
    ]
