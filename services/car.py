"""What may be said about a car: choices and ranges, for backend, frontend and training data.

The order of the choices is part of the trained model (a choice enters it as its position): append,
never reorder.
"""

from typing import NamedTuple

SEGMENTS = ("city", "compact", "saloon", "estate", "van", "suv")
FUELS = ("petrol", "diesel", "hybrid", "electric")
GEARBOXES = ("manual", "automatic")
CHOICES = {"segment": SEGMENTS, "fuel": FUELS, "gearbox": GEARBOXES}


class Range(NamedTuple):
    """The least and the greatest accepted value of a field, both included, and their unit."""

    low: int
    high: int
    unit: str

    def __str__(self) -> str:
        return f"{self.low:,} to {self.high:,} {self.unit}"


# chosen to lie inside the synthetic training data (backend/synthesis.py), where the model has
# something to say
RANGES = {
    "age_years": Range(0, 25, "years"),
    "mileage_km": Range(0, 400_000, "km"),
    "power_kw": Range(40, 300, "kW"),
    "years": Range(1, 10, "years"),
    "annual_km": Range(0, 60_000, "km"),
    "asking_price_eur": Range(100, 500_000, "EUR"),
}
FEATURES = ("current", "future", "publish")
