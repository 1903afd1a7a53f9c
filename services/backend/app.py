"""The price service's HTTP interface: current and future price, listings, the event log, health.

What touches the disk is a plain function, which FastAPI runs in a thread: a slow disk holds up one request, never the others.
An appraisal takes 0.1 ms, less than the way into a thread and back, and so runs on the event loop.
"""

import math
import sqlite3
from pathlib import Path
from typing import Annotated, Any, Dict, List, Optional

from fastapi import APIRouter, Depends, FastAPI, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from services.backend import schemas
from services.backend.appraisal import Appraiser
from services.backend.store import Store
from services.car import CHOICES, RANGES
from services.web import Observed, equip

API_VERSION = "1.0.0"
REFUSED = {422: {"model": schemas.ProblemsOut, "description": "A field was refused; nothing was done"}}

router = APIRouter()


async def _appraiser(request: Request) -> Appraiser:
    appraiser: Appraiser = request.app.state.appraiser
    return appraiser


async def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


Model = Annotated[Appraiser, Depends(_appraiser)]
Database = Annotated[Store, Depends(_store)]


@router.get("/")
def home(request: Request) -> Dict[str, str]:
    """Say what this service is, which version runs, and where to go on."""
    return {"service": "carprice-backend", "version": request.app.state.version, "description": "/openapi.json"}


@router.post("/api/v1/price/current", responses=REFUSED)
async def price_current(car: schemas.CarIn, appraiser: Model) -> schemas.ValueOut:
    """Appraise a car as it stands today."""
    return schemas.ValueOut(**appraiser.current(car.car())._asdict())


@router.post("/api/v1/price/future", responses=REFUSED)
async def price_future(car: schemas.FutureIn, appraiser: Model) -> schemas.FutureOut:
    """Appraise a car at the end of each of the coming years."""
    values = appraiser.future(car.car(), car.years, car.annual_km)
    return schemas.FutureOut(
        current=schemas.ValueOut(**appraiser.current(car.car())._asdict()),
        years=[schemas.YearOut(year=year, **value._asdict()) for year, value in enumerate(values, start=1)],
    )


@router.post("/api/v1/listings", status_code=201, responses=REFUSED)
def publish(listing: schemas.ListingIn, store: Database) -> schemas.ListingOut:
    """Publish a car for sale."""
    return schemas.ListingOut(**store.publish(listing.model_dump()))


@router.get("/api/v1/listings")
def listings(store: Database, limit: Annotated[int, Query(ge=1, le=500)] = 50) -> schemas.ListingsOut:
    """Return the newest listings first."""
    return schemas.ListingsOut(listings=[schemas.ListingOut(**row) for row in store.listings(limit)])


@router.post("/api/v1/events", status_code=201, responses=REFUSED)
def record(event: schemas.EventIn, store: Database, x_synthetic: Annotated[bool, Header()] = False) -> schemas.EventOut:
    """Append to the event log; `X-Synthetic: 1` marks what a demonstration made."""
    return schemas.EventOut(**store.record({**event.model_dump(), "synthetic": x_synthetic}))


@router.get("/api/v1/events")
def events(
    store: Database,
    after_id: Annotated[int, Query(ge=0, description="Only events recorded after this one")] = 0,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1_000,
    synthetic: Optional[bool] = None,
) -> schemas.EventsOut:
    """Read the event log in order; ask again with `after_id=<last_id>` until nothing comes."""
    rows = store.events(after_id, limit, synthetic)
    return schemas.EventsOut(events=[schemas.EventOut(**row) for row in rows], last_id=rows[-1]["id"] if rows else after_id)


@router.get("/health", responses={503: {"model": schemas.HealthOut, "description": "A probe failed"}})
def health(request: Request, response: Response, appraiser: Model, store: Database) -> schemas.HealthOut:
    """Probe the model by an appraisal and the database by a write that is rolled back; 503 when one fails."""
    model, database = _probe_model(appraiser), _probe_database(store)
    failing = (model, database) != ("ok", "ok")
    response.status_code = 503 if failing else 200
    return schemas.HealthOut(
        status="failing" if failing else "ok", version=request.app.state.version, model=model, database=database
    )


def _probe_model(appraiser: Appraiser) -> str:
    value = appraiser.current(schemas.CarIn(**schemas.EXAMPLE_CAR).car())
    return "ok" if math.isfinite(value.value_eur) and 0 < value.low_eur <= value.value_eur <= value.high_eur else "absurd"


def _probe_database(store: Store) -> str:
    try:
        store.probe()
    except sqlite3.Error as error:
        return f"{type(error).__name__}: {error}"
    return "ok"


def create_app(database: Path) -> Observed:
    """Build the service on a database file. Raises OSError or ValueError when model or database cannot be used."""
    app = FastAPI(title="Car price backend", version=API_VERSION, docs_url=None, redoc_url=None)
    app.state.appraiser = Appraiser()
    app.state.store = Store(database)
    app.include_router(router)
    app.add_exception_handler(RequestValidationError, _refuse_fields)
    return equip(app, "backend", lambda _, status, detail: JSONResponse({"detail": detail}, status))


def _refuse_fields(_: Request, error: Exception) -> JSONResponse:
    # what was sent is not echoed: it may be huge, and NaN is no JSON
    problems = [_problem(entry) for entry in error.errors()] if isinstance(error, RequestValidationError) else []
    detail = "1 field was refused" if len(problems) == 1 else f"{len(problems)} fields were refused"
    return JSONResponse({"detail": detail, "problems": problems}, 422)


def _problem(entry: Dict[str, Any]) -> Dict[str, Optional[str]]:
    places: List[str] = [str(place) for place in entry["loc"][1:]]
    name = places[-1] if places else "body"
    allowed = str(RANGES[name]) if name in RANGES else ", ".join(CHOICES.get(name, ())) or None
    return {"field": name, "message": entry["msg"], "allowed": allowed}
