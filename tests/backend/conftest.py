"""The price service on a fresh database, in this process."""

import pytest

from services.backend.app import create_app


@pytest.fixture
def database(tmp_path):
    """Return the path of the database that `backend` uses."""
    return tmp_path / "state" / "carprice.sqlite3"


@pytest.fixture
def backend(connect, database):
    """Return a client of the service."""
    return connect(create_app(database))


@pytest.fixture
def car():
    """Return a valid car."""
    return {
        "segment": "compact",
        "fuel": "petrol",
        "gearbox": "manual",
        "age_years": 5,
        "mileage_km": 60_000,
        "power_kw": 95,
    }
