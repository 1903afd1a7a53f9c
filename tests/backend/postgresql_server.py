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
from typing import Any, Dict

import psycopg

PASSWORD = "open:sesame@95"  # has to be written as %3A and %40 in a URL, and may be seen nowhere
START_S = 30.0  # s; it takes 0.2 s


def binaries() -> str:
    """Return the directory of initdb and postgres, empty where there is none: Debian keeps them out
    of PATH."""
    found = shutil.which("postgres")
    places = sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True) + (
        [os.path.dirname(found)] if found else []
    )
    return next((place for place in places if os.path.exists(os.path.join(place, "initdb"))), "")


class Server:
    """A running server. Each call of `database` empties its database, which is quicker than a new
    one, and returns its URL."""

    def __init__(self, programs: str) -> None:
        # a socket's path may have 107 characters, which a nested temporary directory could exceed
        self.directory = Path(tempfile.mkdtemp(prefix="carprice-"))
        secret, data = self.directory / "password", self.directory / "data"
        secret.write_text(PASSWORD)
        who = _not_root(self.directory, secret)
        access = ["--auth=scram-sha-256", "--username=carprice", f"--pwfile={secret}"]
        quick = ["--no-sync", "--encoding=UTF8", "--locale=C"]
        made = [os.path.join(programs, "initdb"), "--pgdata", str(data), *access, *quick]
        subprocess.run(made, check=True, capture_output=True, cwd=self.directory, **who)
        own = [
            "-c",
            "listen_addresses=",
            "-c",
            f"unix_socket_directories={self.directory}",
            "-c",
            "fsync=off",
        ]
        self._log = (self.directory / "log").open("w")
        command = [os.path.join(programs, "postgres"), "-D", str(data), *own]
        self._process = subprocess.Popen(
            command, stdout=self._log, stderr=self._log, cwd=self.directory, **who
        )
        self._wait()

    def url(self) -> str:
        """Return the URL of the one database that the tests use."""
        return f"postgresql://carprice:{PASSWORD.replace(':', '%3A').replace('@', '%40')}@/postgres?host={self.directory}"

    def database(self) -> str:
        """Empty the database, ending whoever an earlier test left in it, and return its URL."""
        others = "pid <> pg_backend_pid() AND backend_type = 'client backend'"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(
                f"SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE {others}".encode()
            )
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
                psycopg.connect(self.url()).close()
                return
            except psycopg.OperationalError:
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
