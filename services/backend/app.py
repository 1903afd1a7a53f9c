"""The price service's HTTP interface: current and future price, listings, the event log, health.

What touches the disk is a plain function, which FastAPI runs in a thread: a slow disk holds up one
request, never the others. An appraisal takes 0.01 ms, less than the way into a thread and back, and
so runs on the event loop.
"""

import logging
import math
from contextlib import asynccontextmanager
from pathlib import Path
from typing import (
    Annotated,
    Any,
    AsyncIterator,
    Callable,
    Dict,
    Optional,
    Type,
    TypeVar,
    Union,
)

from fastapi import APIRouter, Depends, FastAPI, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, WithJsonSchema
from pydantic_core import to_json

from services.backend import description, schemas
from services.backend.appraisal import MODEL_DIR, Appraiser, Value
from services.backend.description import BODY, FROM_DATABASE, REFUSED
from services.backend.store import Store, Unavailable, open_store
from services.car import CHOICES, RANGES
from services.web import Observed, Quick, equip

LARGEST_ID = 2**63 - 1  # what either database holds
RETRY_S = 1  # s; told to a client whose request met a database that did not answer

Question = TypeVar("Question", bound=BaseModel)
router = APIRouter()


async def _appraiser(request: Request) -> Appraiser:
    appraiser: Appraiser = request.app.state.appraiser
    return appraiser


async def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


Model = Annotated[Appraiser, Depends(_appraiser)]
Database = Annotated[Store, Depends(_store)]
# the parameters of the routes, as the description tells of them
NewestLimit = Annotated[int, Query(ge=1, le=500, description="At most so many")]
IsSynthetic = Annotated[bool, Header(description="Made by a demonstration and not by a person")]
AfterId = Annotated[
    int, Query(ge=0, le=LARGEST_ID, description="Only events recorded after this one")
]
EventLimit = Annotated[int, Query(ge=1, le=10_000, description="At most so many")]
OnlySynthetic = Annotated[
    Optional[bool],
    # the description says a plain boolean: nobody can send null in a query
    WithJsonSchema({"type": "boolean"}),
    Query(description="Only what was, or was not, made so"),
]
PROBE_FAILED: description.Responses = {
    503: {"model": schemas.HealthOut, "description": "A probe failed"}
}


@router.get("/", tags=["service"])
async def home(request: Request) -> schemas.HomeOut:
    """Say what this service is, which version runs, and where to go on."""
    return schemas.HomeOut(
        service="carprice-backend", version=request.app.state.version, description="/openapi.json"
    )


@router.post("/api/v1/price/current", tags=["prices"], responses=BODY)
async def price_current(car: schemas.CarIn, appraiser: Model) -> schemas.ValueOut:
    """Appraise a car as it stands today."""
    value = _current(appraiser, car)
    return schemas.ValueOut(**value._asdict())


@router.post("/api/v1/price/future", tags=["prices"], responses=BODY)
async def price_future(car: schemas.FutureIn, appraiser: Model) -> schemas.FutureOut:
    """Appraise a car at the end of each of the coming years."""
    return _future(appraiser, car)


@router.post(
    "/api/v1/listings", tags=["listings"], status_code=201, responses={**BODY, **FROM_DATABASE}
)
def publish(listing: schemas.ListingIn, store: Database) -> schemas.ListingOut:
    """Publish a car for sale."""
    return schemas.ListingOut(**store.publish(listing.model_dump()))


@router.get("/api/v1/listings", tags=["listings"], responses={**REFUSED, **FROM_DATABASE})
def listings(store: Database, limit: NewestLimit = 50) -> schemas.ListingsOut:
    """Return the newest listings first."""
    rows = store.listings(limit)
    return schemas.ListingsOut(listings=[schemas.ListingOut(**row) for row in rows])


@router.post(
    "/api/v1/events", tags=["events"], status_code=201, responses={**BODY, **FROM_DATABASE}
)
def record(
    event: schemas.EventIn, store: Database, x_synthetic: IsSynthetic = False
) -> schemas.EventOut:
    """Append to the event log; `X-Synthetic: 1` marks what a demonstration made."""
    row = store.record({**event.model_dump(), "synthetic": x_synthetic})
    return schemas.EventOut(**row)


@router.get("/api/v1/events", tags=["events"], responses={**REFUSED, **FROM_DATABASE})
def events(
    store: Database,
    after_id: AfterId = 0,
    limit: EventLimit = 1_000,
    synthetic: OnlySynthetic = None,
) -> schemas.EventsOut:
    """Read the event log in order; ask again with `after_id=<last_id>` until nothing comes."""
    rows = store.events(after_id, limit, synthetic)
    last_id = rows[-1]["id"] if rows else after_id
    return schemas.EventsOut(events=[schemas.EventOut(**row) for row in rows], last_id=last_id)


@router.get("/health", tags=["service"], responses=PROBE_FAILED)
def health(
    request: Request, response: Response, appraiser: Model, store: Database
) -> schemas.HealthOut:
    """Probe the model by an appraisal and the database by a write that is rolled back; 503 when one
    fails."""
    model = schemas.ModelHealth(
        status=_probe_model(appraiser), scorer=appraiser.scorer, data=appraiser.data
    )
    database = schemas.DatabaseHealth(status=_probe_database(store), kind=store.kind)
    is_ok = model.status == "ok" and database.status == "ok"
    response.status_code = 200 if is_ok else 503
    version: str = request.app.state.version
    return schemas.HealthOut(
        status="ok" if is_ok else "failing", version=version, model=model, database=database
    )


def _probe_model(appraiser: Appraiser) -> str:
    car = schemas.CarIn.model_validate(schemas.EXAMPLE_CAR)
    try:
        value = _current(appraiser, car)
    except (ValueError, ArithmeticError) as error:
        return f"{type(error).__name__}: {error}"
    is_finite = math.isfinite(value.value_eur)
    is_inside = 0 < value.low_eur <= value.value_eur <= value.high_eur
    return "ok" if is_finite and is_inside else "absurd"


def _probe_database(store: Store) -> str:
    try:
        store.probe()
    except Unavailable as error:
        return str(error)
    return "ok"


def _current(appraiser: Appraiser, car: schemas.CarIn) -> Value:
    return appraiser.current(car.car())


def _future(appraiser: Appraiser, car: schemas.FutureIn) -> schemas.FutureOut:
    values = appraiser.future(car.car(), car.years, car.annual_km)
    years = []
    for year, value in enumerate(values, start=1):
        years.append(schemas.YearOut(year=year, **value._asdict()))
    today = _current(appraiser, car)
    return schemas.FutureOut(current=schemas.ValueOut(**today._asdict()), years=years)


def described(lifespan: Optional[Callable[[FastAPI], Any]] = None) -> FastAPI:
    """Return the application as its description has it: no model and no database behind it."""
    app = FastAPI(**description.ABOUT, lifespan=lifespan, generate_unique_id_function=_operation_id)
    app.include_router(router, responses=description.EVERYWHERE)
    return app


def create_app(database: Union[str, Path], model_dir: Path = MODEL_DIR) -> Observed:
    """Build the service on a database's path or URL. Raises OSError or ValueError when model or
    database cannot be used."""
    appraiser = Appraiser(model_dir)
    store = open_store(database)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        store.close()

    app = described(lifespan)
    app.state.appraiser = appraiser
    app.state.store = store
    app.add_exception_handler(RequestValidationError, _refuse_fields)
    app.add_exception_handler(Unavailable, _without_database)
    current = _quick(schemas.CarIn, lambda car: _current(appraiser, car)._asdict())
    future = _quick(schemas.FutureIn, lambda car: _future(appraiser, car))
    quick = {"/api/v1/price/current": current, "/api/v1/price/future": future}
    return equip(app, "backend", _error, quick)


def _error(_: Request, status: int, detail: str) -> Response:
    return JSONResponse({"detail": detail}, status)


def _quick(schema: Type[Question], answer: Callable[[Question], Any]) -> Quick:
    """Return what answers a well-formed body without FastAPI: by the same schema and the same
    function, in the same JSON.

    This is the one place that goes past FastAPI (ADR 0006). Whatever is not plainly right is left
    to FastAPI, and a test compares the two on generated bodies.
    """
    read = schema.model_validate_json
    return lambda body: to_json(answer(read(body)))


def _operation_id(route: APIRoute) -> str:
    return route.name


def _without_database(_: Request, error: Exception) -> JSONResponse:
    logging.getLogger("carprice").warning("carprice-backend: a request met no database: %s", error)
    body = {"detail": "The database does not answer; try again"}
    return JSONResponse(body, 503, {"Retry-After": str(RETRY_S)})


def _refuse_fields(_: Request, error: Exception) -> JSONResponse:
    # what was sent is not echoed: it may be huge, and NaN is no JSON
    entries = error.errors() if isinstance(error, RequestValidationError) else []
    problems = [_problem(entry) for entry in entries]
    number = len(problems)
    detail = "1 field was refused" if number == 1 else f"{number} fields were refused"
    return JSONResponse({"detail": detail, "problems": problems}, 422)


def _problem(entry: Dict[str, Any]) -> Dict[str, Optional[str]]:
    # the first place is where it was sent, as in ("body", "age_years")
    places = entry["loc"][1:]
    name = str(places[-1]) if places else "body"
    return {"field": name, "message": entry["msg"], "allowed": _allowed(name)}


def _allowed(name: str) -> Optional[str]:
    if name in RANGES:
        return str(RANGES[name])
    if name in CHOICES:
        return ", ".join(CHOICES[name])
    return None
