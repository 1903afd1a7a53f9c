"""A PostgreSQL server, by URL. Needs the extra `postgres`; imported only for such a URL.

A password in the URL stays here: no message holds it, and a URL that could not be taken apart
safely is refused unread.
"""

import re
from contextlib import contextmanager
from typing import Any, Dict, Iterator, List, Mapping
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

from services.backend.store.database import MIGRATE_S, WAIT_S, Row, Unavailable
from services.backend.store.migrations import Migration, pending

CONNECTIONS = 8  # at most; a write takes a few ms
LOCK = 95_000_001  # any number that nobody else in this database takes
RECORDS = """
CREATE TABLE IF NOT EXISTS migrations (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
)
"""
PROBLEM = (
    "the database's address is no PostgreSQL URL: write postgresql://user:password@host:port/name, "
    "and what is special in a password as %40 for @, %3A for :, %2F for /, %3F for ?, %23 for #"
)
_NAMED = re.compile(r":([a-z_]+)")

Connection = psycopg.Connection[Row]


class PostgreSQL:
    """A pool of connections, each proved alive before its use: a restart costs no request."""

    kind = "postgresql"

    def __init__(self, url: str, migrations: List[Migration]) -> None:
        """Connect and bring the tables up to date. Raises OSError or ValueError; their text has the
        URL without password."""
        shown = _shown(url)
        self._secrets = _secrets(url)
        options: Dict[str, Any] = {
            "row_factory": dict_row,
            "client_encoding": "UTF8",
            "connect_timeout": int(WAIT_S),
        }
        try:
            with self._masked(), psycopg.connect(url, **options) as connection:
                _configure(connection, MIGRATE_S)
                _migrate(connection, migrations)
        except Unavailable as error:
            raise OSError(f"cannot use the database {shown}: {error}") from error
        except ValueError as error:
            raise ValueError(f"cannot use the database {shown}: {error}") from error
        self._pool = ConnectionPool(
            url,
            kwargs=options,
            min_size=1,
            max_size=CONNECTIONS,
            timeout=WAIT_S,
            configure=_configure,
            check=ConnectionPool.check_connection,
            open=True,
        )

    def run(self, query: str, values: Mapping[str, Any]) -> List[Row]:
        """Run one statement in a transaction of its own. Raises Unavailable."""
        with self._masked(), self._pool.connection() as connection:
            return _execute(connection, query, values)

    def probe(self, query: str, values: Mapping[str, Any]) -> None:
        """Run a statement and roll it back. Raises Unavailable."""
        with self._masked(), self._pool.connection() as connection:
            _execute(connection, query, values)
            connection.rollback()

    def close(self) -> None:
        """Close the connections."""
        self._pool.close(timeout=WAIT_S)

    @contextmanager
    def _masked(self) -> Iterator[None]:
        """Turn psycopg's errors into ours, without a secret in the text."""
        try:
            yield
        except (psycopg.Error, PoolTimeout) as error:
            text = " ".join(str(error).split())
            for secret in self._secrets:
                text = text.replace(secret, "***")
            raise Unavailable(f"{type(error).__name__}: {text}") from None


def _shown(url: str) -> str:
    """Return the URL as it may be shown. Raises ValueError, with no part of it in the text."""
    try:
        parts = urlsplit(url)
        options = conninfo_to_dict(url)
    except (ValueError, psycopg.ProgrammingError):
        raise ValueError(PROBLEM) from None  # the error quotes what it was given
    # an @ too many would make the end of a password part of the host's name, which errors quote
    if parts.netloc.count("@") > 1 or "@" in parts.path or parts.fragment:
        raise ValueError(PROBLEM)
    user = f"{options['user']}@" if options.get("user") else ""
    host = options.get("host", "")
    port = f":{options['port']}" if options.get("port") else ""
    name = options.get("dbname", "")
    return f"postgresql://{user}{host}{port}/{name}"


def _secrets(url: str) -> List[str]:
    """Return the passwords of a URL, as they are and as they are written, the longest first."""
    options = conninfo_to_dict(url)
    passwords = [options.get("password"), options.get("sslpassword")]
    escaped = urlsplit(url).password
    if escaped:
        passwords += [escaped, unquote(escaped)]
    secrets = {str(password) for password in passwords if password}
    # one may be a part of another, and would leave the rest of it in the text
    return sorted(secrets, key=len, reverse=True)


def _configure(connection: Connection, wait_s: float = WAIT_S) -> None:
    """Let times come back as UTC, and let no statement wait for longer."""
    limits = {"TimeZone": "UTC", "statement_timeout": f"{wait_s:g}s"}
    for name, value in limits.items():
        connection.execute("SELECT set_config(%s, %s, false)", (name, value))
    connection.commit()


def _migrate(connection: Connection, migrations: List[Migration]) -> None:
    # other processes that start wait here, and then find nothing to do; all or nothing is committed
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
    connection.execute(RECORDS)
    applied = [row["number"] for row in connection.execute("SELECT number FROM migrations")]
    for number, name, sql in pending(migrations, applied):
        connection.execute(sql.encode())
        connection.execute("INSERT INTO migrations (number, name) VALUES (%s, %s)", (number, name))


def _execute(connection: Connection, query: str, values: Mapping[str, Any]) -> List[Row]:
    # our statements name their values as SQLite does
    statement = _NAMED.sub(r"%(\1)s", query)
    cursor = connection.execute(statement.encode(), values)
    return cursor.fetchall() if cursor.description else []
