"""The web page: one tab for each of its three forms, filled in by the visitor, answered by the
backend.

The backend judges what was typed. Here nothing is validated twice: its refusals are shown beside
the fields, input kept.
"""

from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, AsyncIterator, Dict, List, NamedTuple

from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from starlette.background import BackgroundTask
from starlette.datastructures import FormData

from services.car import CHOICES, RANGES
from services.frontend import visitors
from services.frontend.backend import Backend, Unavailable
from services.web import Observed, equip

HERE = Path(__file__).resolve().parent
# s after which asking again may help: a backend that is started anew answers within 1 s
RETRY_S = 10
CAR = ("segment", "fuel", "gearbox", "age_years", "mileage_km", "power_kw")
FIELDS = {
    "current": CAR,
    "future": CAR + ("years", "annual_km"),
    "publish": ("title",) + CAR + ("asking_price_eur",),
}
TABS = {"current": "Current price", "future": "Future price", "publish": "Publish"}

templates = Jinja2Templates(HERE / "templates")
templates.env.trim_blocks = True
router = APIRouter()


class Form(NamedTuple):
    """A form as it is shown: what was typed, what is wrong with it, what came out."""

    values: Dict[str, str] = {}
    problems: Dict[str, str] = {}
    result: Dict[str, Any] = {}


@router.get("/health")
async def health(request: Request) -> Dict[str, object]:
    """Say that this service runs, in which version, and what the backend did not take; the backend
    speaks for itself."""
    state = request.app.state
    return {"status": "ok", "version": state.version, "lost_events": state.backend.lost_events}


@router.get("/beacon/{tab}")
async def beacon(request: Request, tab: str) -> Response:
    """Note that a tab was chosen: the style sheet's `:checked` rule asks for this as a background
    image."""
    if tab not in TABS:
        raise HTTPException(404)
    response = Response(status_code=204, headers={"Cache-Control": "no-store"})
    # a new visitor's first request is the page: a beacon without the cookie tells of nobody
    if visitors.is_known(request):
        _note(request, response, tab, ["open"])
    return response


@router.get("/")
@router.get("/current")
@router.get("/future")
@router.get("/publish")
async def index(request: Request, published: str = "") -> Response:
    """Show the page, a tab's own address with that tab open; after publishing, with the new
    listing's number."""
    tab = request.url.path.strip("/") or "current"
    form = Form(result={"id": published}) if published.isdecimal() and tab == "publish" else Form()
    response = _page(request, tab, form)
    _note(request, response, "page", ["view"])
    return response


@router.post("/current")
@router.post("/future")
@router.post("/publish")
async def submit(request: Request) -> Response:
    """Send a form on to the backend and show the answer beside the form."""
    name = request.url.path.strip("/")
    values = _values(name, await request.form())
    filled_in = {field: text for field, text in values.items() if text}
    try:
        answer = await request.app.state.backend.ask(name, filled_in)
    except Unavailable:
        response = _page(request, name, Form(values), 503)
        _note(request, response, name, ["submit"])
        return response
    if answer.problems:
        response = _page(request, name, Form(values, answer.problems), 422)
    elif name == "publish":
        # so that reloading the page does not publish again
        response = RedirectResponse(f"/publish?published={answer.result['id']}", 303)
    else:
        response = _page(request, name, Form(values, {}, answer.result))
    _note(request, response, name, ["submit"] if answer.problems else ["submit", "done"])
    return response


def _page(request: Request, tab: str, form: Form, status: int = 200) -> Response:
    forms = {name: form if name == tab else Form() for name in FIELDS}
    context = {
        "tabs": TABS,
        "tab": tab,
        "forms": forms,
        "fields": FIELDS,
        "choices": CHOICES,
        "ranges": RANGES,
        "refused": status >= 400,
        "away": status == 503,
    }
    headers = {"Cache-Control": "no-store"}
    if status == 503:
        headers["Retry-After"] = str(RETRY_S)
    return templates.TemplateResponse(request, "index.html", context, status, headers)


def _values(name: str, form: FormData) -> Dict[str, str]:
    values = {}
    for field, text in form.items():
        # a file may be sent under a field's name
        if field in FIELDS[name] and isinstance(text, str):
            values[field] = text.strip()
    return values


def _note(request: Request, response: Response, feature: str, actions: List[str]) -> None:
    """Remember the visitor, and hand on what was done once the answer is out."""
    visitor = visitors.identify(request)
    visitors.remember(request, response, visitor)
    events = visitors.events(request, visitor, feature, actions)
    backend: Backend = request.app.state.backend
    response.background = BackgroundTask(backend.tell, events, visitors.is_synthetic(request))


def _error_page(request: Request, status: int, detail: str) -> Response:
    context = {"status": status, "detail": detail, "refused": True}
    return templates.TemplateResponse(request, "error.html", context, status)


def create_app(backend: Backend) -> Observed:
    """Build the web page in front of a backend."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await backend.close()

    app = FastAPI(
        title="Car price frontend",
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.state.backend = backend
    app.include_router(router)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    return equip(app, "frontend", _error_page)
