"""The journal port on SQLite: durable, shared by processes, and without a trace when it is only
read."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Iterator

import pytest

from devflow.adapters.journal.sqlite import SqliteJournal
from devflow.adapters.journal.summary import read_summary
from devflow.model.errors import MadeByNewer, StorageFailed
from devflow.model.events import Closed, Damaged, Opened
from devflow.model.summary import Summary

WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from devflow.adapters.journal.sqlite import SqliteJournal
from devflow.model.events import Closed
journal = SqliteJournal(Path(sys.argv[1]))
for number in range(int(sys.argv[2])):
    journal.append(Closed(at=datetime.now(UTC), run="SCRUM-95", exit_code=number))
    print(number, flush=True)
"""
ROOT = Path(__file__).parents[2]


def opened(run: str = "SCRUM-95") -> Opened:
    return Opened(
        at=datetime(2026, 1, 1, tzinfo=UTC), run=run, command="ship", entries=("ticket",), pid=1
    )


def writer(path: Path, count: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(count)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def full_disk(path: Path) -> "subprocess.CompletedProcess[str]":
    """A writer whose files may not grow beyond 64 KiB."""
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))\n"
        "try:\n    exec(sys.argv.pop())\n"
        "except Exception as error:\n    sys.exit(type(error).__name__)\n"
    )
    argv = [sys.executable, "-c", code, str(path), "1000", WRITER]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "devflow" / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[SqliteJournal]:
    journal = SqliteJournal(path)
    yield journal
    journal.close()


def test_what_was_appended_is_read_in_that_order_also_by_a_new_process(
    journal: SqliteJournal, path: Path
) -> None:
    events = (
        opened(),
        Closed(at=datetime(2026, 1, 2, tzinfo=UTC), run="SCRUM-95", exit_code=8, why="waits"),
    )
    for event in events:
        journal.append(event)
    journal.append(opened("SCRUM-7"))
    journal.append(opened("SCRUM-95"))
    assert journal.events("SCRUM-95") == (*events, opened())
    assert journal.runs() == ("SCRUM-7", "SCRUM-95")
    journal.close()
    assert SqliteJournal(path).events("SCRUM-95") == (*events, opened())


@pytest.mark.parametrize("read_only", [False, True])
def test_reading_a_journal_that_is_not_there_makes_none(path: Path, read_only: bool) -> None:
    journal = SqliteJournal(path, read_only=read_only)
    assert journal.events("SCRUM-95") == () and journal.runs() == ()
    assert not path.parent.exists()


def test_reading_only_leaves_nothing_beside_the_file(journal: SqliteJournal, path: Path) -> None:
    journal.append(opened())
    journal.close()
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    assert SqliteJournal(path, read_only=True).runs() == ("SCRUM-95",)
    assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == before


def test_reading_only_sees_what_a_living_writer_has_just_appended(
    journal: SqliteJournal, path: Path
) -> None:
    journal.append(opened())
    reader = SqliteJournal(path, read_only=True)
    assert reader.events("SCRUM-95") == (opened(),)
    journal.append(opened())
    assert len(reader.events("SCRUM-95")) == 2


def test_a_journal_for_reading_only_refuses_to_append(path: Path) -> None:
    with pytest.raises(StorageFailed, match="reading only"):
        SqliteJournal(path, read_only=True).append(opened())
    assert not path.exists()


def test_a_kill_in_the_middle_of_appends_loses_nothing_that_had_returned(path: Path) -> None:
    child = writer(path, 100_000)
    assert child.stdout is not None
    with child, child.stdout as output:
        lines = [output.readline() for _ in range(50)]
        child.send_signal(signal.SIGKILL)
        lines += output.readlines()
    returned = len([line for line in lines if line.endswith("\n")])
    for read_only in (True, False):
        events = SqliteJournal(path, read_only=read_only).events("SCRUM-95")
        codes = [event.exit_code for event in events if event.type == "closed"]
        assert codes == list(range(len(codes)))
        assert len(codes) in (returned, returned + 1)


def test_several_processes_and_threads_append_at_once(journal: SqliteJournal, path: Path) -> None:
    children = [writer(path, 50) for _ in range(2)]

    def append() -> None:
        for _ in range(25):
            journal.append(opened())

    threads = [threading.Thread(target=append) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for child in children:
        assert child.communicate()[0].count("\n") == 50 and child.returncode == 0
    assert len(journal.events("SCRUM-95")) == 150


def test_a_row_that_was_not_written_by_an_append_is_left_out_and_told(
    journal: SqliteJournal, path: Path
) -> None:
    journal.append(opened())
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for body in ("{cut", '{"type": "unknown"}', b"\xff\x00", ""):
            connection.execute(
                "INSERT INTO events (run, type, body, at) VALUES ('SCRUM-95', 'closed', ?, '')",
                (body,),
            )
    journal.append(opened())
    first, second, told = journal.events("SCRUM-95")
    assert (first, second) == (opened(), opened())
    assert isinstance(told, Damaged) and (told.altered, told.is_gap) == (4, False)


def test_a_journal_of_a_newer_devflow_is_refused(journal: SqliteJournal, path: Path) -> None:
    journal.append(opened())
    journal.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=3")
    for use in (
        lambda: journal.append(opened()),
        lambda: journal.events("SCRUM-95"),
        lambda: journal.runs(),
    ):
        with pytest.raises(MadeByNewer, match="schema 3") as raised:
            use()
        assert raised.value.exit_code == 3
        assert raised.value.hint == "update devflow's checkout, then: pipx install ."


@pytest.mark.parametrize("content", [b"this is no database, " * 100, b"", b"SQLite format 3"])
def test_a_damaged_file_is_refused_with_what_to_type(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    for use in (lambda: SqliteJournal(path).runs(), lambda: SqliteJournal(path).append(opened())):
        with pytest.raises(StorageFailed, match="damaged") as raised:
            use()
        assert raised.value.hint.startswith("move it away")


def test_a_file_without_its_tables_is_damaged(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("VACUUM")
    for use in (lambda: SqliteJournal(path).runs(), lambda: SqliteJournal(path).append(opened())):
        with pytest.raises(StorageFailed, match="damaged: it says schema 0"):
            use()


BEGINNING = (
    "import resource, signal, sys; from pathlib import Path\n"
    "from devflow.adapters.journal.making import make\n"
    "signal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)\n"
    "make(Path(sys.argv[1]))\n"
)


def test_a_kill_while_the_file_is_made_leaves_none_and_the_next_append_makes_it(
    path: Path,
) -> None:
    deaths = []
    # the kernel kills the writer at the first byte beyond the limit
    for size_bytes in (0, 1, 1024, 4096, 8192, 12288, 16384, 20480):
        argv = [sys.executable, "-c", BEGINNING, str(path), str(size_bytes)]
        ended = subprocess.run(argv, cwd=ROOT, check=False)
        if not ended.returncode:
            break
        deaths.append(ended.returncode)
        assert not path.exists() and SqliteJournal(path).runs() == ()
    assert len(deaths) > 3 and set(deaths) == {-signal.SIGXFSZ}
    path.unlink(missing_ok=True)
    journal = SqliteJournal(path)
    journal.append(opened())
    journal.close()
    assert SqliteJournal(path).events("SCRUM-95") == (opened(),)
    assert sorted(file.name for file in path.parent.iterdir()) == ["journal.db", "journal.db.lock"]


def test_commands_that_begin_at_once_write_into_one_file(tmp_path: Path) -> None:
    for number in range(5):
        path = tmp_path / str(number) / "journal.db"
        together = threading.Barrier(6)

        def begin() -> None:
            journal = SqliteJournal(path)
            together.wait()
            journal.append(opened())
            journal.close()

        threads = [threading.Thread(target=begin) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert SqliteJournal(path).events("SCRUM-95") == (opened(),) * 6


def test_the_log_of_a_journal_that_was_moved_away_is_not_read_into_the_new_one(
    path: Path,
) -> None:
    child = writer(path, 100_000)
    assert child.stdout is not None
    with child, child.stdout as output:
        output.readline()
        child.send_signal(signal.SIGKILL)
    assert path.with_name("journal.db-wal").stat().st_size
    path.rename(path.with_name("journal.db.broken"))
    journal = SqliteJournal(path)
    journal.append(opened("SCRUM-7"))
    assert journal.runs() == ("SCRUM-7",) and journal.events("SCRUM-7") == (opened("SCRUM-7"),)
    journal.close()


def test_a_folder_that_cannot_be_made_is_a_storage_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed):
        SqliteJournal(tmp_path / "file" / "journal.db").append(opened())


def test_a_full_disk_is_a_storage_failure_and_what_was_there_stays(
    journal: SqliteJournal, path: Path
) -> None:
    journal.append(opened())
    journal.close()
    done = full_disk(path)
    assert done.stderr.strip() == "StorageFailed"
    returned = done.stdout.count("\n")
    assert returned < 1000
    journal.append(opened())
    assert 2 + returned <= len(journal.events("SCRUM-95")) <= 3 + returned


def test_an_append_takes_about_a_millisecond(journal: SqliteJournal) -> None:
    journal.append(opened())
    took = []
    for _ in range(50):
        began = time.perf_counter()
        journal.append(opened())
        took.append(time.perf_counter() - began)
    # ten times the target, for a busy machine and a slow disk
    assert sorted(took)[25] < 0.010


def test_the_import_is_light() -> None:
    code = (
        "import sys, devflow.adapters.journal.sqlite; "
        "print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    loaded = subprocess.run(
        [sys.executable, "-c", code], env=env, check=True, capture_output=True, text=True
    ).stdout.split()
    assert not {"git", "httpx", "docker", "jira", "github", "rich", "typer", "sqlalchemy"} & set(
        loaded
    )


def test_events_that_are_appended_together_are_all_there_or_none(
    journal: SqliteJournal, path: Path
) -> None:
    summary = Summary("made", "SCRUM", "waiting", 1, 2, "ci")
    journal.append(opened(), opened(), summary=summary)
    assert journal.events("SCRUM-95") == (opened(), opened())
    with pytest.raises(StorageFailed):
        SqliteJournal(path, read_only=True).append(opened(), opened())
    assert read_summary(path, "SCRUM-95", "made") == summary
    assert read_summary(path, "SCRUM-95", "other") is None
    assert read_summary(path, "SCRUM-7", "made") is None
    # whoever appends without knowing the pipeline leaves no line that is older than its event
    journal.append(opened())
    assert read_summary(path, "SCRUM-95", "made") is None


def test_a_summary_is_read_without_pydantic_and_leaves_nothing_behind(
    journal: SqliteJournal, path: Path
) -> None:
    journal.append(opened(), summary=Summary("made", "SCRUM", "done", 2, 2, ""))
    journal.close()
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    code = (
        "import sys; from pathlib import Path\n"
        "from devflow.adapters.journal.summary import read_summary\n"
        "summary = read_summary(Path(sys.argv[1]), 'SCRUM-95', 'made')\n"
        "print(summary.line('SCRUM-95', running=False))\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    line, modules = done.stdout.splitlines()
    assert line == "SCRUM-95 2/2 ✔ done"
    assert not {"pydantic", "rich", "typer", "yaml", "asyncio", "json"} & set(modules.split())
    assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == before
    for name in path.parent.iterdir():
        name.unlink()
    assert read_summary(path, "SCRUM-95", "made") is None and not path.exists()
