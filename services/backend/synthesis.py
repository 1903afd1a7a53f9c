"""Makes the synthetic cars that the price model is trained on; no real sale is among them.

The same seed gives the same file to the byte, so that the bundled `model/cars.csv` can be checked
against this module.
"""

import math
import random

from services.backend.appraisal import Car
from services.car import FUELS, GEARBOXES, SEGMENTS

COLUMNS = ("segment", "fuel", "gearbox", "age_years", "mileage_km", "power_kw", "price_eur")
ROWS = 6000  # about 220 kB of CSV
SEED = 95
NOISE = 0.08  # standard deviation of log price: what the buyer sees and our columns do not

# EUR for a new car of typical power; invented, in the order of size that European price lists have
NEW_PRICE_EUR = {
    "city": 16_000,
    "compact": 24_000,
    "saloon": 36_000,
    "estate": 38_000,
    "van": 41_000,
    "suv": 44_000,
}
TYPICAL_POWER_KW = {"city": 60, "compact": 95, "saloon": 130, "estate": 130, "van": 110, "suv": 140}
FUEL_FACTOR = {"petrol": 1.0, "diesel": 1.05, "hybrid": 1.15, "electric": 1.25}
YEARLY_LOSS = {"petrol": 0.105, "diesel": 0.115, "hybrid": 0.11, "electric": 0.14}
# ages reach beyond what may be asked (25), so that a forecast of 10 years lies inside the data
OLDEST_YEARS = 35


def csv_text() -> str:
    """Return the whole data set as CSV text with a header line; deterministic."""
    lines = [",".join(COLUMNS)]
    rng = random.Random(SEED)  # nosec B311: the same cars each time, no secret
    for _ in range(ROWS):
        car = _car(rng)
        price_eur = round(math.exp(_log_price(car, rng)))
        lines.append(",".join(map(str, (*car, price_eur))))
    return "\n".join(lines) + "\n"


def _car(rng: random.Random) -> Car:
    # the order of the draws is part of the data set, and so is each number here
    segment = rng.choice(SEGMENTS)
    fuel = rng.choice(FUELS)
    gearbox = rng.choice(GEARBOXES)
    age_years = int(OLDEST_YEARS * rng.random() ** 1.7)
    mileage_km = int((age_years + rng.random()) * rng.uniform(3_000, 32_000))
    power_kw = round(rng.gauss(TYPICAL_POWER_KW[segment], 30))
    power_kw = min(300, max(40, power_kw))
    return Car(segment, fuel, gearbox, age_years, mileage_km, power_kw)


def _log_price(car: Car, rng: random.Random) -> float:
    # added up in this order, since another one would round otherwise
    log_price = math.log(NEW_PRICE_EUR[car.segment] * FUEL_FACTOR[car.fuel])
    log_price += 0.7 * math.log(car.power_kw / TYPICAL_POWER_KW[car.segment])
    log_price += 0.05 if car.gearbox == "automatic" else 0.0
    log_price -= YEARLY_LOSS[car.fuel] * car.age_years
    log_price -= car.mileage_km / 400_000
    log_price += rng.gauss(0, NOISE)
    return log_price
