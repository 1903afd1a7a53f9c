"""What the price service answers, and how it refuses."""

import re
import shutil
import sqlite3
import statistics
import time
from contextlib import closing

import pytest

from services.backend.app import create_app
from services.backend.appraisal import MODEL_DIR
from services.car import CHOICES, RANGES
from services.version import tree_id


def test_home_endpoint(backend):
    answer = backend.get("/")
    assert answer.status_code == 200
    assert answer.json()["service"] == "carprice-backend"
    assert answer.json()["version"] == answer.headers["X-Service-Version"] == tree_id()


def test_current_value_market(backend, car):
    value = backend.post("/api/v1/price/current", json=car).json()
    assert 0 < value["low_eur"] < value["value_eur"] < value["high_eur"]


@pytest.mark.parametrize("change", [{"mileage_km": 300_000}, {"age_years": 15}])
def test_a_worn_car_is_worth_less(backend, car, change):
    fresh = backend.post("/api/v1/price/current", json=car).json()
    worn = backend.post("/api/v1/price/current", json={**car, **change}).json()
    assert worn["value_eur"] < fresh["value_eur"]


def test_future_prediction(backend, car):
    question = {**car, "years": 10, "annual_km": 15_000}
    answer = backend.post("/api/v1/price/future", json=question).json()
    years = answer["years"]
    values = [answer["current"]["value_eur"]] + [year["value_eur"] for year in years]
    assert [year["year"] for year in years] == list(range(1, 11))
    assert values == sorted(values, reverse=True)
    assert values[-1] < values[0]


def test_a_future_starts_from_the_current_value(backend, car):
    future = backend.post("/api/v1/price/future", json={**car, "years": 1}).json()
    assert future["current"] == backend.post("/api/v1/price/current", json=car).json()


def test_publish_car(fresh_backend, car):
    listing = {**car, "title": "Well-kept", "asking_price_eur": 12_500}
    published = fresh_backend.post("/api/v1/listings", json=listing)
    assert published.status_code == 201
    assert {**published.json(), **listing} == published.json()
    assert fresh_backend.get("/api/v1/listings").json()["listings"] == [published.json()]


def test_the_newest_listing_comes_first_and_the_limit_holds(fresh_backend, car):
    for number in range(3):
        listing = {**car, "title": f"Car {number}", "asking_price_eur": 1_000}
        fresh_backend.post("/api/v1/listings", json=listing)
    listings = fresh_backend.get("/api/v1/listings?limit=2").json()["listings"]
    assert [listing["title"] for listing in listings] == ["Car 2", "Car 1"]


@pytest.mark.parametrize("name", ["age_years", "mileage_km", "power_kw"])
def test_a_value_out_of_range_is_refused_with_the_range(backend, car, name):
    limits = RANGES[name]
    for value, expected in (
        (limits.low, 200),
        (limits.high, 200),
        (limits.low - 1, 422),
        (limits.high + 1, 422),
    ):
        answer = backend.post("/api/v1/price/current", json={**car, name: value})
        assert answer.status_code == expected, value
    assert answer.json()["problems"] == [
        {
            "field": name,
            "message": f"Input should be less than or equal to {limits.high}",
            "allowed": str(limits),
        }
    ]


@pytest.mark.parametrize("name", CHOICES)
def test_an_unknown_choice_is_refused_with_the_choices(backend, car, name):
    answer = backend.post("/api/v1/price/current", json={**car, name: "amphibious"})
    problem = answer.json()["problems"][0]
    assert (problem["field"], problem["allowed"]) == (name, ", ".join(CHOICES[name]))


def test_error_handling(backend, car):
    assert backend.get("/nothing/here").status_code == 404
    assert backend.get("/api/v1/price/current").status_code == 405
    misspelt = backend.post("/api/v1/price/current", json={**car, "colour": "red"}).json()
    assert misspelt["problems"][0]["field"] == "colour"
    assert backend.post("/api/v1/price/current", content=b'{"age_years": NaN}').status_code == 422
    assert backend.post("/api/v1/price/current", content=b"x" * 70_000).status_code == 413
    assert backend.get("/api/v1/listings?limit=0").status_code == 422
    assert backend.get(f"/api/v1/events?after_id={2**63}").status_code == 422


@pytest.mark.parametrize(
    "headers, body, status",
    [
        ({"Content-Type": "text/plain"}, b'{"segment": "city"}', 422),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"segment=city", 422),
        ({"Content-Type": "application/json"}, b'{"segment": "city"', 422),
        ({"Content-Type": "application/json"}, b"\xff\xfe\x00", 400),
        ({"Content-Type": "application/json"}, b"[" * 60_000, 400),
        ({"Content-Type": "application/json"}, b"9" * 60_000, 400),
        ({"Content-Type": "application/json"}, b"", 422),
        ({"Content-Length": "9" * 5_000}, b"{}", 413),
        ({"Content-Length": "-1"}, b"{}", 413),
        ({"Transfer-Encoding": "chunked"}, b"{}", 411),
    ],
)
def test_a_body_that_is_no_car_is_refused_whatever_it_is(backend, headers, body, status):
    answer = backend.post("/api/v1/price/current", content=body, headers=headers)
    assert (answer.status_code, list(answer.json())[0]) == (status, "detail")
    assert answer.headers["X-Service-Version"] == tree_id()


def test_an_unforeseen_error_is_a_counted_500_without_details(connect, tmp_path, car):
    # a model whose logarithm of a price no price can have
    shutil.copytree(MODEL_DIR, tmp_path / "model")
    model = tmp_path / "model" / "model.json"
    model.write_text(re.sub(r'"base_score":"[^"]*"', '"base_score":"[1E5]"', model.read_text()))
    absurd = connect(create_app(tmp_path / "carprice.sqlite3", model.parent))
    answer = absurd.post("/api/v1/price/current", json=car)
    assert (answer.status_code, answer.json()) == (500, {"detail": "Internal Server Error"})
    assert answer.headers["X-Service-Version"] == tree_id()
    assert 'path="/api/v1/price/current",status="500"} 1.0' in absurd.get("/metrics").text
    health = absurd.get("/health")
    assert health.status_code == 503
    assert health.json()["model"]["status"] == "OverflowError: math range error"


def test_a_locked_database_costs_a_503_that_says_to_try_again_and_no_appraisal(
    fresh_backend, database, car, caplog
):
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        answer = fresh_backend.post(
            "/api/v1/listings", json={**car, "title": "Locked", "asking_price_eur": 1_000}
        )
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert answer.json() == {"detail": "The database does not answer; try again"}
        assert fresh_backend.post("/api/v1/price/current", json=car).status_code == 200
    assert "database is locked" in caplog.text
    assert fresh_backend.get("/api/v1/listings").json() == {"listings": []}


def test_health_is_ok_when_model_and_database_are(backend):
    answer = backend.get("/health")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "version": tree_id(),
        "model": {
            "status": "ok",
            "scorer": "generated Python (80 trees, 4314 nodes)",
            "data": "synthetic",
        },
        "database": {"status": "ok", "kind": "sqlite"},
    }


def test_health_is_503_when_the_database_is_gone(fresh_backend, database):
    for path in database.parent.iterdir():
        path.unlink()
    database.parent.rmdir()
    answer = fresh_backend.get("/health")
    assert answer.status_code == 503
    assert answer.json()["status"] == "failing"
    assert "unable to open database file" in answer.json()["database"]["status"]


def test_health_leaves_no_trace_in_the_event_log(fresh_backend):
    fresh_backend.get("/health")
    assert fresh_backend.get("/api/v1/events").json() == {"events": [], "last_id": 0}


def test_metrics_count_by_path_template_and_status(fresh_backend, car):
    fresh_backend.post("/api/v1/price/current", json=car)
    fresh_backend.get("/scanned-a")
    fresh_backend.get("/scanned-b")
    text = fresh_backend.get("/metrics").text
    assert (
        'http_requests_total{method="POST",path="/api/v1/price/current",status="200"} 1.0' in text
    )
    assert 'http_requests_total{method="GET",path="(unknown)",status="404"} 2.0' in text
    assert (
        'http_request_duration_seconds_bucket{le="5.0",method="POST",'
        'path="/api/v1/price/current",status="200"} 1.0'
    ) in text


def test_an_appraisal_is_quick(backend, car, figure):
    durations_s = []
    for _ in range(40):
        started_s = time.perf_counter()
        assert backend.post("/api/v1/price/current", json=car).status_code == 200
        durations_s.append(time.perf_counter() - started_s)
    median_s = statistics.median(durations_s)
    *_, p95_s = statistics.quantiles(durations_s, n=20)
    figure(
        "current price latency",
        f"median {median_s * 1000:.1f} ms, p95 {p95_s * 1000:.1f} ms of 40, in process",
    )
    # 0.1 s is the target of reference step 26; about 0.002 s was measured
    assert median_s < 0.1
