"""The service on a PostgreSQL server: routes, lost connections, a password that nobody sees."""

import pytest

from services.backend import schemas
from services.backend.app import create_app
from tests.backend.postgresql_server import ESCAPED_PASSWORD, PASSWORD

OUR_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND backend_type = 'client backend'"
)


@pytest.fixture
def url(postgresql):
    return postgresql.database()


@pytest.fixture
def app(url):
    app = create_app(url)
    yield app
    app.state.store.close()


@pytest.fixture
def client(connect, app):
    return connect(app)


def secrets():
    """Return the password, as it is and as it is written, and what could pass for the host."""
    _, _, end = PASSWORD.partition("@")
    return PASSWORD, ESCAPED_PASSWORD, end


def test_the_routes_answer_as_on_sqlite(client, fresh_backend):
    answers = []
    for backend in (client, fresh_backend):
        listing = backend.post("/api/v1/listings", json=schemas.EXAMPLE_OFFER).json()
        event = backend.post(
            "/api/v1/events", json=schemas.EXAMPLE_ACTION, headers={"X-Synthetic": "1"}
        ).json()
        assert backend.get("/api/v1/listings").json() == {"listings": [listing]}
        assert backend.get("/api/v1/events?synthetic=true").json() == {
            "events": [event],
            "last_id": event["id"],
        }
        assert backend.get("/api/v1/events?synthetic=false").json() == {"events": [], "last_id": 0}
        assert listing["published_at"].endswith("Z") and event["at"].endswith("Z")
        answers.append([{**listing, "published_at": ""}, {**event, "at": ""}])
    assert answers[0] == answers[1]


def test_health_names_the_kind_and_not_the_password(client):
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json()["database"] == {"status": "ok", "kind": "postgresql"}
    assert not any(secret in answer.text for secret in secrets())


def test_a_server_that_dropped_all_connections_costs_no_request(client, postgresql, url):
    client.get("/api/v1/listings")
    with postgresql.client.connect(url, autocommit=True) as other:
        assert other.execute(OUR_OTHERS).fetchall()
    assert client.get("/api/v1/listings").status_code == 200


def test_a_table_that_is_locked_costs_a_503_within_seconds(client, postgresql, url, caplog):
    with postgresql.client.connect(url) as other:
        other.execute("LOCK TABLE listings IN ACCESS EXCLUSIVE MODE")
        answer = client.get("/api/v1/listings")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert "statement timeout" in caplog.text
    assert client.get("/api/v1/listings").status_code == 200


@pytest.mark.parametrize(
    "change, complaint",
    [
        (
            (ESCAPED_PASSWORD, f"{ESCAPED_PASSWORD}s"),
            "cannot use the database postgresql://carprice@",
        ),
        (("@/postgres", "@/no_such"), 'database "no_such'),
        (("host=", "host=/nowhere"), "/nowhere"),
        ((ESCAPED_PASSWORD, PASSWORD), "what is special in a password as %40 for @"),
        (
            (ESCAPED_PASSWORD, PASSWORD.replace(":", "/")),
            "what is special in a password as %40 for @",
        ),
        (("host=", "hots="), "is no PostgreSQL URL"),
        (("@/", "@localhost:1/"), "cannot use the database postgresql://carprice@"),
    ],
)
def test_a_database_that_cannot_be_used_costs_one_line_without_the_password(
    run, monkeypatch, url, change, complaint
):
    wrong = url.replace(*change)
    assert wrong != url
    monkeypatch.setenv("CARPRICE_DATABASE", wrong)
    code, output, errors = run("backend", "--port", "0")
    assert (code, output, errors.count("\n")) == (1, "", 1)
    assert complaint in errors
    assert not any(secret in errors for secret in (*secrets(), "sesame"))


def test_help_does_not_show_the_address(run, monkeypatch, url):
    monkeypatch.setenv("CARPRICE_DATABASE", url)
    code, output, errors = run("backend", "--help")
    assert code == 0 and "CARPRICE_DATABASE" in output and "sesame" not in output + errors
