"""FastAPI with xgboost inside, for information: what a careful person writes in ten minutes."""

from fastapi import FastAPI
from pydantic import BaseModel

from benchmarks.serving.rivals.price import Pricer


class Car(BaseModel):
    """A car to appraise."""

    segment: str
    fuel: str
    gearbox: str
    age_years: int
    mileage_km: int
    power_kw: int


class Price(BaseModel):
    """What it is worth."""

    value_eur: int


app = FastAPI()
pricer = Pricer()


@app.post("/price")
async def price(car: Car) -> Price:
    """Appraise a car."""
    return Price(value_eur=pricer.value_eur(car.model_dump()))
