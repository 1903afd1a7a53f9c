"""The event log: what it takes, how it is read, and that nothing in it changes."""

import sqlite3

import pytest

from services.backend.app import create_app

VISITOR = "0123456789abcdef" * 2


def event(**changes):
    return {
        "feature": "current",
        "action": "submit",
        "visitor": VISITOR,
        "device": "mobile",
        **changes,
    }


def test_an_event_is_recorded_with_its_time_and_read_back(fresh_backend):
    recorded = fresh_backend.post("/api/v1/events", json=event())
    assert recorded.status_code == 201
    assert recorded.json()["at"].endswith("Z")
    assert fresh_backend.get("/api/v1/events").json() == {"events": [recorded.json()], "last_id": 1}


def test_the_header_marks_what_a_demonstration_made(fresh_backend):
    fresh_backend.post("/api/v1/events", json=event(feature="current"))
    fresh_backend.post("/api/v1/events", json=event(feature="future"), headers={"X-Synthetic": "1"})
    real = fresh_backend.get("/api/v1/events?synthetic=false").json()["events"]
    synthetic = fresh_backend.get("/api/v1/events?synthetic=true").json()["events"]
    assert [(each["feature"], each["synthetic"]) for each in real + synthetic] == [
        ("current", False),
        ("future", True),
    ]


def test_reading_goes_on_after_the_last_event(fresh_backend):
    for feature in ("current", "future", "publish"):
        fresh_backend.post("/api/v1/events", json=event(feature=feature))
    first = fresh_backend.get("/api/v1/events?limit=2").json()
    rest = fresh_backend.get(f"/api/v1/events?after_id={first['last_id']}").json()
    assert [each["feature"] for each in first["events"] + rest["events"]] == [
        "current",
        "future",
        "publish",
    ]
    assert fresh_backend.get(f"/api/v1/events?after_id={rest['last_id']}").json() == {
        "events": [],
        "last_id": 3,
    }


@pytest.mark.parametrize(
    "change", [{"feature": "other"}, {"visitor": "jane@example.com"}, {"device": "Pixel 9"}]
)
def test_what_could_be_personal_or_unknown_is_refused(fresh_backend, change):
    assert fresh_backend.post("/api/v1/events", json=event(**change)).status_code == 422
    assert fresh_backend.get("/api/v1/events").json()["events"] == []


@pytest.mark.parametrize(
    "statement", ["DELETE FROM events", "UPDATE events SET feature = 'future'"]
)
def test_the_database_itself_refuses_to_change_an_event(fresh_backend, database, statement):
    fresh_backend.post("/api/v1/events", json=event())
    connection = sqlite3.connect(database)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    connection.close()
    assert len(fresh_backend.get("/api/v1/events").json()["events"]) == 1


def test_events_outlive_the_process(connect, database):
    before = connect(create_app(database))
    recorded = before.post("/api/v1/events", json=event()).json()
    after = connect(create_app(database))
    assert after.get("/api/v1/events").json()["events"] == [recorded]
