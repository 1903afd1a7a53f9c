"""What the price service accepts and answers, with units, ranges and examples; the OpenAPI
description comes from here.

Unknown fields are refused, so that a misspelt one is an error and not a silent default.
"""

from datetime import datetime
from typing import Any, Dict, List, Literal, Optional

from pydantic import BaseModel, ConfigDict, Field

from services.backend.appraisal import Car
from services.car import FEATURES, FUELS, GEARBOXES, RANGES, SEGMENTS

EXAMPLE_CAR = {
    "segment": "compact",
    "fuel": "petrol",
    "gearbox": "manual",
    "age_years": 5,
    "mileage_km": 60_000,
    "power_kw": 95,
}
EXAMPLE_TIME = "2026-01-15T09:00:00Z"
EXAMPLE_VERSION = "6cd84ba627862b611fc13a49995402128c731aab"
EXAMPLE_VALUE = {"value_eur": 11_637, "low_eur": 10_043, "high_eur": 13_591}
# no control characters, of which PostgreSQL stores not all, and at least two that can be seen
TITLE = (
    "^[^\\x00-\\x1f\\x7f]*[^\\x00-\\x20\\x7f]"
    "[^\\x00-\\x1f\\x7f]*[^\\x00-\\x20\\x7f][^\\x00-\\x1f\\x7f]*$"
)
EXAMPLE_VISITOR = "3f0c9a52b7d14e6f8a1b2c3d4e5f6071"
EXAMPLE_YEARS = [
    {"value_eur": 10_392, "low_eur": 8_968, "high_eur": 12_137, "year": 1},
    {"value_eur": 8_970, "low_eur": 7_741, "high_eur": 10_476, "year": 2},
    {"value_eur": 8_053, "low_eur": 6_950, "high_eur": 9_406, "year": 3},
]
EXAMPLE_OFFER = {**EXAMPLE_CAR, "title": "Well-kept compact", "asking_price_eur": 12_500}
EXAMPLE_LISTING = {**EXAMPLE_OFFER, "id": 1, "published_at": EXAMPLE_TIME}
EXAMPLE_ACTION = {
    "feature": "future",
    "action": "submit",
    "visitor": EXAMPLE_VISITOR,
    "device": "mobile",
}
EXAMPLE_EVENT = {**EXAMPLE_ACTION, "id": 1, "synthetic": False, "at": EXAMPLE_TIME}


def ranged(name: str, description: str, default: Any = ...) -> Any:
    """Return a pydantic field with the range that `services.car` states for its name."""
    limits = RANGES[name]
    return Field(default, ge=limits.low, le=limits.high, description=f"{description}, {limits}")


def example(value: Dict[str, Any]) -> ConfigDict:
    """Return what our values share: frozen, unknown fields refused, an example in OpenAPI."""
    return ConfigDict(frozen=True, extra="forbid", json_schema_extra={"examples": [value]})


class CarIn(BaseModel):
    """A car to appraise."""

    model_config = example(EXAMPLE_CAR)

    segment: Literal[SEGMENTS]  # type: ignore[valid-type]
    fuel: Literal[FUELS]  # type: ignore[valid-type]
    gearbox: Literal[GEARBOXES]  # type: ignore[valid-type]
    age_years: int = ranged("age_years", "Age since first registration")
    mileage_km: int = ranged("mileage_km", "Distance driven")
    power_kw: int = ranged("power_kw", "Engine power")

    def car(self) -> Car:
        """Return the part that the model appraises."""
        return Car(
            self.segment, self.fuel, self.gearbox, self.age_years, self.mileage_km, self.power_kw
        )


class FutureIn(CarIn):
    """A car to appraise over the coming years."""

    model_config = example({**EXAMPLE_CAR, "years": 3, "annual_km": 15_000})

    years: int = ranged("years", "How far to look ahead")
    annual_km: int = ranged("annual_km", "Distance driven in each coming year", 15_000)


class ListingIn(CarIn):
    """A car to publish for sale."""

    model_config = example(EXAMPLE_OFFER)

    title: str = Field(
        min_length=3,
        max_length=80,
        pattern=TITLE,
        description="Headline, 3 to 80 characters on one line",
    )
    asking_price_eur: int = ranged("asking_price_eur", "Price asked")


class EventIn(BaseModel):
    """Something that a visitor did; no personal data: the visitor is a random id, the device a
    class."""

    model_config = example(EXAMPLE_ACTION)

    feature: Literal[("page",) + FEATURES]  # type: ignore[valid-type]
    action: Literal["view", "open", "submit", "done"] = Field(
        description=(
            "view: the page was served; open: a tab was chosen; "
            "submit: a form was sent; done: it succeeded"
        )
    )
    visitor: str = Field(pattern="^[0-9a-f]{32}$", description="Random id, 32 hex digits")
    device: Literal["mobile", "tablet", "desktop"]


class ValueOut(BaseModel):
    """A value and the interval that held 80 % of the cars which the model was not trained on, in
    whole EUR of today."""

    model_config = example(EXAMPLE_VALUE)

    value_eur: int
    low_eur: int
    high_eur: int


class YearOut(ValueOut):
    """A value at the end of a coming year."""

    model_config = example(EXAMPLE_YEARS[0])

    year: int = Field(description="1 is a year from now")


class FutureOut(BaseModel):
    """Values from now on, year by year; they never rise."""

    model_config = example({"current": EXAMPLE_VALUE, "years": EXAMPLE_YEARS})

    current: ValueOut
    years: List[YearOut]


class ListingOut(ListingIn):
    """A published listing."""

    model_config = example(EXAMPLE_LISTING)

    id: int
    published_at: datetime


class ListingsOut(BaseModel):
    """The newest listings first."""

    model_config = example({"listings": [EXAMPLE_LISTING]})

    listings: List[ListingOut]


class EventOut(EventIn):
    """A recorded event."""

    model_config = example(EXAMPLE_EVENT)

    id: int
    synthetic: bool = Field(description="Made by a demonstration and not by a person")
    at: datetime


class EventsOut(BaseModel):
    """Events in the order in which they were recorded; ask again after `last_id` for more."""

    model_config = example({"events": [EXAMPLE_EVENT], "last_id": 1})

    events: List[EventOut]
    last_id: int


class HomeOut(BaseModel):
    """What this service is, and where its description lies."""

    model_config = example(
        {"service": "carprice-backend", "version": EXAMPLE_VERSION, "description": "/openapi.json"}
    )

    service: str
    version: str = Field(description="git tree id of services/")
    description: str


class ModelHealth(BaseModel):
    """How the model does: `status` is ok, or says what is wrong."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: str
    scorer: str = Field(
        description=(
            "What computes: Python generated from the trees, or xgboost itself with the reason"
        )
    )
    data: str = Field(
        description=(
            "The kind of data that the model was trained on: synthetic, or csv for a user's own"
        )
    )


class DatabaseHealth(BaseModel):
    """How the database does: `status` is ok, or says what is wrong."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: str
    kind: str = Field(description="sqlite or postgresql")


class HealthOut(BaseModel):
    """`status` is ok only when every probe is; a probe that failed says why."""

    model_config = example(
        {
            "status": "ok",
            "version": EXAMPLE_VERSION,
            "model": {
                "status": "ok",
                "scorer": "generated Python (80 trees, 4314 nodes)",
                "data": "synthetic",
            },
            "database": {"status": "ok", "kind": "sqlite"},
        }
    )

    status: Literal["ok", "failing"]
    version: str = Field(description="git tree id of services/")
    model: ModelHealth
    database: DatabaseHealth


class Problem(BaseModel):
    """One field that was refused."""

    field: str
    message: str
    allowed: Optional[str] = Field(default=None, description="Range with unit, or the choices")


class ProblemsOut(BaseModel):
    """Why a request was refused."""

    model_config = example(
        {
            "detail": "1 field was refused",
            "problems": [
                {"field": "age_years", "message": "Input should be ...", "allowed": "0 to 25 years"}
            ],
        }
    )

    detail: str
    problems: List[Problem]


class ErrorOut(BaseModel):
    """Why a request was not answered as asked."""

    model_config = example({"detail": "Content Too Large"})

    detail: str
