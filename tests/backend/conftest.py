"""The price service in this process: one for tests that leave nothing behind, and fresh ones."""

import pytest

from services.backend.app import create_app
from services.backend.schemas import EXAMPLE_CAR
from tests.backend import postgresql_server


@pytest.fixture(scope="session")
def application(tmp_path_factory):
    """Return the service that all tests share: for what is neither stored nor counted."""
    return create_app(tmp_path_factory.mktemp("state") / "carprice.sqlite3")


@pytest.fixture(scope="session")
def backend(connect, application):
    """Return a client of the service that all tests share."""
    return connect(application)


@pytest.fixture
def database(tmp_path):
    """Return the path of the database that `fresh_backend` uses."""
    return tmp_path / "state" / "carprice.sqlite3"


@pytest.fixture
def fresh_backend(connect, database):
    """Return a client of a service of the test's own."""
    return connect(create_app(database))


@pytest.fixture(scope="session")
def postgresql():
    """Return a PostgreSQL server of the tests' own; skip where no server program is installed."""
    psycopg = pytest.importorskip(
        "psycopg", reason="psycopg is not installed: pip install 'psycopg[binary,pool]'"
    )
    programs = postgresql_server.binaries()
    if not programs:
        pytest.skip("no PostgreSQL server program here: apt-get install postgresql")
    server = postgresql_server.Server(programs, psycopg)
    yield server
    server.stop()


@pytest.fixture
def car():
    """Return a valid car."""
    return dict(EXAMPLE_CAR)
