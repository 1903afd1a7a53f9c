"""How the price service starts: where its database lies, and what is said when it has none."""

import socket

from services.backend.store import default_location


def test_a_database_that_cannot_be_used_costs_one_line_and_exit_code_1(run, monkeypatch, tmp_path):
    monkeypatch.setenv("CARPRICE_DATABASE", str(tmp_path))
    complaint = (
        f"carprice-backend: cannot use the database {tmp_path}: "
        "OperationalError: unable to open database file\n"
    )
    assert run("backend", "--port", "0") == (1, "", complaint)


def test_without_being_told_the_database_lies_in_the_state_directory(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("CARPRICE_DATABASE", "")
    assert default_location() == tmp_path / "carprice" / "carprice.sqlite3"


def test_a_port_in_use_costs_one_line_and_exit_code_1(run, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        code, output, complaint = run(
            "backend", "--port", str(port), "--database", str(tmp_path / "carprice.sqlite3")
        )
    assert (code, output, complaint.count("\n")) == (1, "", 1)
    assert complaint.startswith(f"carprice-backend: cannot listen on 127.0.0.1:{port}: ")
