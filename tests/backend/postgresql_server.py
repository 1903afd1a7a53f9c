"""A PostgreSQL server of the tests' own: made in a temporary directory, reached by a socket in it,
gone with it."""

import glob
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import ModuleType
from typing import Any, Dict
from urllib.parse import quote

# has to be written as %3A and %40 in a URL, and may be seen nowhere: each part is too long to stand
# by chance in a version or in the name of a temporary directory
PASSWORD = "open:sesame@hillside"
ESCAPED_PASSWORD = quote(PASSWORD)
START_S = 30.0  # s; it takes 0.2 s
# 1,000 ms to wait for each to be gone
END_OTHERS = (
    "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity "
    "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


def binaries() -> str:
    """Return the folder of initdb and postgres, or nothing: Debian keeps them out of PATH."""
    # the newest release first; a wrong order of two digits does no harm here
    places = sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)
    program = shutil.which("postgres")
    if program:
        places.append(os.path.dirname(program))
    for place in places:
        if os.path.exists(os.path.join(place, "initdb")):
            return place
    return ""


class Server:
    """A running server. Each call of `database` empties its database, which is quicker than a new
    one, and returns its URL."""

    def __init__(self, programs: str, client: ModuleType) -> None:
        """Make a database and start a server; `client` is psycopg, which may not be installed."""
        self.client = client
        # a socket's path may have 107 characters, which a nested temporary directory could exceed
        self.directory = Path(tempfile.mkdtemp(prefix="carprice-"))
        data = str(self.directory / "data")
        secret = self.directory / "password"
        secret.write_text(PASSWORD)
        who = _not_root(self.directory, secret)
        initdb = [os.path.join(programs, "initdb"), "--pgdata", data]
        initdb += ["--auth=scram-sha-256", "--username=carprice", f"--pwfile={secret}"]
        initdb += ["--no-sync", "--encoding=UTF8", "--locale=C"]
        subprocess.run(initdb, check=True, capture_output=True, cwd=self.directory, **who)
        # no port, and no waiting for a disk: what is in it is gone with the tests
        server = [os.path.join(programs, "postgres"), "-D", data, "-c", "listen_addresses="]
        server += ["-c", f"unix_socket_directories={self.directory}", "-c", "fsync=off"]
        self._log = (self.directory / "log").open("w")
        self._process = subprocess.Popen(
            server, stdout=self._log, stderr=self._log, cwd=self.directory, **who
        )
        self._wait()

    def url(self) -> str:
        """Return the URL of the one database that the tests use."""
        return f"postgresql://carprice:{ESCAPED_PASSWORD}@/postgres?host={self.directory}"

    def database(self) -> str:
        """Empty the database, ending whoever an earlier test left in it, and return its URL."""
        with self.client.connect(self.url(), autocommit=True) as connection:
            connection.execute(END_OTHERS)
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        return self.url()

    def stop(self) -> None:
        """End the server without waiting for its clients, and remove what it wrote."""
        self._process.send_signal(3)  # SIGQUIT: an immediate shutdown
        self._process.wait(START_S)
        self._log.close()
        shutil.rmtree(self.directory)

    def _wait(self) -> None:
        deadline_s = time.monotonic() + START_S
        while True:
            try:
                self.client.connect(self.url()).close()
                return
            except self.client.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline_s:
                    raise
                time.sleep(0.02)


def _not_root(*paths: Path) -> Dict[str, Any]:
    """Hand the paths to somebody else and say so to subprocess, where we are root: PostgreSQL
    refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    for path in paths:
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
