"""The services together: healthy, in one version, and a visitor's way to the database."""

import re

import pytest

from services.version import tree_id


@pytest.fixture
def health(services, figure):
    """Return a function that asks a service for its health, and reports how long that took."""

    def ask(name):
        answer = getattr(services, name).client.get("/health")
        health = answer.json()
        version = answer.headers["X-Service-Version"]
        duration_ms = answer.elapsed.total_seconds() * 1000
        # the services know nothing of devflow, whose wording shortens a version alike
        text = f"{health['status']} in {duration_ms:.0f} ms as {version:.12}"
        figure(f"{name} health", text)
        return health

    return ask


def test_backend_health(health):
    assert health("backend") == {
        "status": "ok",
        "version": tree_id(),
        "model": {
            "status": "ok",
            "scorer": "generated Python (80 trees, 4314 nodes)",
            "data": "synthetic",
        },
        "database": {"status": "ok", "kind": "sqlite"},
    }


def test_frontend_health(health):
    assert health("frontend") == {"status": "ok", "version": tree_id(), "lost_events": 0}


def test_docs_health(services, health, code):
    assert health("docs") == {
        "status": "ok",
        "version": tree_id(),
        "documentation": tree_id(code.root, ["docs"]),
        "pages": 8,
        "broken_links": ["docs/requirements.md:3: docs/requirements.md has no heading #nothing"],
    }
    for page in ("", "backend.html", "model-card.html", "project/docs/requirements.html"):
        answer = services.docs.client.get(f"/{page}")
        assert answer.status_code == 200 and "<h1" in answer.text and "<script" not in answer.text
    assert services.docs.client.get("/nothing").status_code == 404


def test_the_documented_api_is_the_one_that_answers(services):
    api = services.backend.client.get("/openapi.json").json()
    page = services.docs.client.get("/api.html").text
    operations = []
    for path, methods in api["paths"].items():
        operations += [f"{method.upper()} {path}" for method in methods]
    assert re.findall("<h2 id=[^>]*>([A-Z]+ /[^<]*)</h2>", page) == operations


def test_api_integration(services, car):
    backend = services.backend.client
    current = backend.post("/api/v1/price/current", json=car).json()
    future = backend.post("/api/v1/price/future", json={**car, "years": 5}).json()
    offer = {**car, "title": "By API", "asking_price_eur": current["value_eur"]}
    listing = backend.post("/api/v1/listings", json=offer).json()
    assert future["current"] == current
    assert listing in backend.get("/api/v1/listings").json()["listings"]


@pytest.mark.parametrize(
    "form, more", [("current", {}), ("future", {"years": "3", "annual_km": "15000"})]
)
def test_form_to_api_flow(services, frontend, car, events, form, more):
    by_api = services.backend.client.post(f"/api/v1/price/{form}", json={**car, **more}).json()
    by_form = frontend.post(f"/{form}", data={**car, **more})
    value_eur = by_api.get("current", by_api)["value_eur"]
    assert by_form.status_code == 200
    assert f"{value_eur:,} EUR" in by_form.text
    assert events(frontend.cookies["visitor"], 2) == [(form, "done"), (form, "submit")]


def test_end_to_end_flow(services, frontend, car, events):
    assert frontend.get("/").status_code == 200
    offer = {**car, "title": "End to end", "asking_price_eur": "0"}
    refused = frontend.post("/publish", data=offer)
    assert refused.status_code == 422 and "Please give 100 to 500,000 EUR." in refused.text
    published = frontend.post("/publish", data={**offer, "asking_price_eur": "9900"})
    shown = frontend.get(published.headers["location"])
    newest = services.backend.client.get("/api/v1/listings?limit=1").json()["listings"][0]
    assert (newest["title"], newest["asking_price_eur"]) == ("End to end", 9900)
    assert f"listing number <strong>{newest['id']}</strong>" in shown.text
    publish = [("publish", "done"), ("publish", "submit"), ("publish", "submit")]
    assert events(frontend.cookies["visitor"], 5) == [("page", "view"), ("page", "view"), *publish]
