"""The sandbox as a process: what it writes down, what outlives it, and how it ends."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from devflow.adapters.machine.sandbox_server import SandboxServer
from tests.sandbox_process import running_sandbox


def login(described: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {described['users'][0]['jira_token']}"}


def comments(described: dict[str, Any]) -> str:
    return f"{described['jira']['url']}/rest/api/3/issue/SCRUM-95/comment"


def a_comment(text: str) -> dict[str, Any]:
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
    return {"body": {"type": "doc", "version": 1, "content": [paragraph]}}


def test_the_description_is_for_the_owner_only_and_goes_with_the_process(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as described:
        file = tmp_path / "sandbox.json"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert described["schema"] == 1
        assert described["registry"]["url"].startswith("http://127.0.0.1:")
        assert described["github"]["repository"] == "acme/carprice"
        assert described["git_remote"] == str(tmp_path / "remote.git")
        names = ["jose", "tech-lead", "frontend-dev", "product-owner", "security", "devops"]
        assert [user["name"] for user in described["users"]] == names
        began = time.monotonic()
        os.kill(described["pid"], signal.SIGTERM)
        while file.exists():
            assert time.monotonic() - began < 1.0
            time.sleep(0.01)


def test_a_repository_is_found_in_whatever_case_its_name_is_written(tmp_path: Path) -> None:
    own = ("--project", "ROOF", "--repository", "acme/Roof")
    query = {"query": 'query { repository(owner: "ACME", name: "roof") { nameWithOwner } }'}
    with running_sandbox(tmp_path, *own) as described, httpx.Client() as client:
        url = described["github"]["url"]
        client.headers["Authorization"] = f"Bearer {described['users'][0]['github_token']}"
        for name in ("acme/Roof", "acme/roof", "ACME/ROOF"):
            assert client.get(f"{url}/repos/{name}").json()["full_name"] == "acme/Roof"
        data = client.post(f"{url}/graphql", json=query).json()["data"]
        assert data == {"repository": {"nameWithOwner": "acme/Roof"}}


def test_a_kept_alive_connection_does_not_hold_the_end_back(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as described, httpx.Client() as client:
        client.get(f"{described['jira']['url']}/rest/api/3/serverInfo")
        began = time.monotonic()
        os.kill(described["pid"], signal.SIGTERM)
        while _alive(described["pid"]):
            assert (
                time.monotonic() - began < 2.0
            )  # s; 1 promised, twice that on a machine under load
            time.sleep(0.01)


def _alive(pid: int) -> bool:
    return (
        Path(f"/proc/{pid}/stat").exists()
        and Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    )


def test_ports_tokens_and_tickets_outlive_a_kill(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as first:
        answer = httpx.post(comments(first), json=a_comment("kept"), headers=login(first))
        assert answer.status_code == 201
        os.kill(first["pid"], signal.SIGKILL)
    with running_sandbox(tmp_path) as second:
        assert {**second, "pid": 0} == {**first, "pid": 0}
        assert httpx.get(comments(second), headers=login(second)).json()["total"] == 1


def test_writes_at_once_are_all_kept_and_numbered_apart(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as described:

        def post(number: int) -> str:
            return str(
                httpx.post(
                    comments(described), json=a_comment(str(number)), headers=login(described)
                ).json()["id"]
            )

        with ThreadPoolExecutor(8) as threads:
            ids = list(threads.map(post, range(40)))
        assert len(set(ids)) == 40
        assert httpx.get(comments(described), headers=login(described)).json()["total"] == 40


def test_an_answer_does_not_wait_for_a_delayed_acknowledgement(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as described, httpx.Client() as client:
        began = time.monotonic()
        for _ in range(20):
            client.get(f"{described['jira']['url']}/rest/api/3/serverInfo")
        assert (
            time.monotonic() - began
        ) / 20 < 0.030  # s; measured 0.0014, and 0.044 with Nagle's algorithm


def test_a_field_of_the_wrong_type_is_refused_and_no_fault_of_the_server(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as described:
        issue = f"{described['jira']['url']}/rest/api/3/issue/SCRUM-95"
        assert httpx.put(issue, json={"fields": 1}, headers=login(described)).status_code == 400
        assert httpx.put(issue, json=[], headers=login(described)).status_code == 400
        token = {"Authorization": f"token {described['users'][0]['github_token']}"}
        labels = f"{described['github']['url']}/repos/acme/carprice/labels"
        assert httpx.post(labels, json={"name": 1}, headers=token).status_code == 422


def test_a_refused_request_leaves_nothing_behind(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as described:
        url = f"{described['jira']['url']}/rest/api/3/issue/SCRUM-95"
        before = httpx.get(url, headers=login(described)).json()
        wrong = {"fields": {"summary": "changed", "priority": {"name": "Nonsense"}}}
        assert httpx.put(url, json=wrong, headers=login(described)).status_code == 400
        assert httpx.get(url, headers=login(described)).json() == before


def test_an_idle_sandbox_ends_by_itself(tmp_path: Path) -> None:
    with running_sandbox(tmp_path, "--idle-exit-s", "0.2") as described:
        deadline = time.monotonic() + 5
        while _alive(described["pid"]):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert not (tmp_path / "sandbox.json").exists()


def test_a_sandbox_that_was_moved_is_found_and_starts_again_where_it_is(tmp_path: Path) -> None:
    first = SandboxServer(tmp_path / "state").up()
    moved = SandboxServer((tmp_path / "state").rename(tmp_path / "moved"))
    assert moved.facts() is None
    facts = moved.up()
    try:
        assert not _alive(first.pid) and facts.pid != first.pid
        assert (facts.jira.url, facts.users) == (first.jira.url, first.users)
        # found without its file too
        (tmp_path / "moved" / "sandbox.json").unlink()
        assert moved.down() and not _alive(facts.pid)
    finally:
        moved.down()


def test_a_sandbox_whose_folder_is_removed_ends_by_itself(tmp_path: Path) -> None:
    with running_sandbox(tmp_path / "state") as described:
        shutil.rmtree(tmp_path / "state")
        deadline = time.monotonic() + 10
        while _alive(described["pid"]):
            assert time.monotonic() < deadline
            time.sleep(0.02)


def test_a_named_port_that_is_taken_is_an_error_and_not_another_port(tmp_path: Path) -> None:
    with running_sandbox(tmp_path / "one") as described:
        port = described["jira"]["url"].rpartition(":")[2]
        command = [
            sys.executable,
            "-m",
            "devflow.sandbox",
            "serve",
            "--state",
            str(tmp_path / "two"),
            "--jira-port",
            port,
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode != 0 and "Address already in use" in done.stderr


def test_the_log_of_exchanges_holds_no_token(tmp_path: Path) -> None:
    log = tmp_path / "log.ndjson"
    with running_sandbox(tmp_path / "state", "--api-log", str(log)) as described:
        httpx.get(comments(described), headers=login(described))
    (line,) = log.read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["path_template"] == "/rest/api/3/issue/{issueIdOrKey}/comment"
    assert not any(user["jira_token"] in line for user in described["users"])
