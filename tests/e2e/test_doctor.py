"""What a pipeline needs is told before anything is written, by the real command line, in
repositories that nobody prepared."""

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, Mapping

import pytest

from devflow.model.errors import PipelineInvalid
from tests.e2e.checkout import KEY, Checkout

PIPELINE = """\
devflow: 1
connect: sandbox
project:
  name: shop
  base: main
  tracker: {project: SCRUM}
  suites:
    unit: {run: sh run-tests.sh, timeout_s: 60}
phases:
  plan: [ticket, branch, coding]
  check:
    - local_tests
    - lint: {uses: shell, with: {run: sh lint.sh}}
"""
FILES = {"go.mod": "module shop\n", "shop.go": "package shop\n", "run-tests.sh": "exit 0\n"}


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A repository of another language, and a pipeline that git does not keep yet."""
    folder = tmp_path / "shop"
    folder.mkdir()
    made = Checkout(folder)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    made.git("init", "--quiet", "--initial-branch=main")
    made.git("config", "user.name", "Ada")
    made.git("config", "user.email", "ada@example.org")
    made.git("add", "--all")
    made.git("commit", "--quiet", "--message=shop")
    (folder / "pipeline.yaml").write_text(PIPELINE)
    return made


def changed(checkout: Checkout, before: str, after: str) -> None:
    file = checkout.folder / "pipeline.yaml"
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after, 1))


def answered(checkout: Checkout, code: int) -> Mapping[str, Any]:
    ran = checkout.devflow("doctor", "--output", "json")
    assert ran.returncode == code, ran.stdout + ran.stderr
    told: Mapping[str, Any] = json.loads(ran.stdout)
    return told


def missing(told: Mapping[str, Any]) -> list[str]:
    return [one["about"] for one in told["needed"] if one["here"] is False]


def test_where_nothing_is_missing_it_ends_with_0_and_writes_nothing(checkout: Checkout) -> None:
    checkout.git("add", "pipeline.yaml")
    told = answered(checkout, 0)
    assert told["untracked"] == ""
    assert missing(told) == []
    assert not checkout.state.exists()


def test_a_pipeline_that_git_does_not_keep_is_said_first_and_stays_outside(
    checkout: Checkout,
) -> None:
    ran = checkout.devflow("doctor")
    assert ran.stdout.startswith("pipeline.yaml is not tracked by git")
    began = checkout.devflow("start", KEY, "--output", "plain")
    assert began.returncode == 0, began.stderr
    assert began.stderr.startswith("devflow: pipeline.yaml is not tracked by git")
    assert "pipeline.yaml" not in checkout.git("ls-files")


def test_a_suite_that_no_entry_runs_is_told_and_stops_nothing(checkout: Checkout) -> None:
    changed(checkout, "    - local_tests\n", "")
    checkout.git("add", "pipeline.yaml")
    one = next(one for one in answered(checkout, 0)["needed"] if one["about"] == "suite unit")
    assert one["here"] is None and one["found"] == "no entry runs it"
    assert one["where"].startswith("pipeline.yaml:8:")
    assert "- local_tests" in one["remedy"]
    assert "{uses: suite, with: {suite: unit}}" in one["remedy"]
    for command in ("plan", "start", "ship"):
        lines = checkout.devflow(command, KEY, "--output", "plain").stderr.splitlines()
        assert sum("suite unit: no entry runs it. pipeline.yaml:8:" in line for line in lines) == 1


def test_a_base_that_is_not_there_stops_start_before_it_writes(checkout: Checkout) -> None:
    changed(checkout, "base: main", "base: trunk")
    told = answered(checkout, 3)
    assert missing(told) == ["base"]
    ran = checkout.devflow("start", KEY)
    assert ran.returncode == 3
    assert "there is no branch trunk here; branches: main" in ran.stderr
    assert "pipeline.yaml:5:3" in ran.stderr
    assert not checkout.state.exists()
    assert checkout.git("branch", "--list").split() == ["*", "main"]


def test_a_program_that_is_not_there_is_listed_and_the_run_goes_on(checkout: Checkout) -> None:
    changed(checkout, "run: sh run-tests.sh", "run: gotestsum-of-nobody ./...")
    told = answered(checkout, 5)
    one = next(one for one in told["needed"] if one["here"] is False)
    assert one["found"] == "no gotestsum-of-nobody on this machine"
    assert one["where"].startswith("pipeline.yaml:8:")
    assert one["entries"] == ["local_tests"]
    ran = checkout.devflow("start", KEY, "--output", "plain")
    assert ran.returncode == 0, ran.stderr
    assert "suite unit: no gotestsum-of-nobody on this machine" in ran.stderr


def test_what_need_not_pass_is_told_and_changes_no_code(checkout: Checkout) -> None:
    changed(
        checkout,
        "    - lint: {uses: shell, with: {run: sh lint.sh}}",
        "    - lint: {uses: shell, required: false, with: {run: nobodys-linter}}",
    )
    told = answered(checkout, 0)
    assert missing(told) == ["nobodys-linter"]


def test_without_credentials_it_ends_with_4(checkout: Checkout) -> None:
    changed(checkout, "connect: sandbox\n", "")
    told = answered(checkout, 4)
    one = next(one for one in told["needed"] if one["cure"] == "credential")
    assert "GITHUB_TOKEN" in one["found"]


def test_a_name_that_is_nowhere_ends_every_command_with_its_line(checkout: Checkout) -> None:
    changed(checkout, "    - local_tests\n", "    - local_tests: {with: {min_covrage: 3}}\n")
    for command in (("doctor",), ("start", KEY), ("plan", KEY)):
        ran = checkout.devflow(*command)
        assert ran.returncode == 3
        assert "pipeline.yaml:12:" in ran.stderr
    assert not checkout.state.exists()


@pytest.mark.parametrize(
    "before, after, place, words",
    (
        ("local_tests\n", "local_tests: {with: {min_covrage: 3}}\n", ":12:", "min_covrage"),
        ("phases:\n", "phases: [\n", ":9:", ""),
    ),
)
def test_a_file_that_cannot_be_read_is_an_object_with_its_line(
    checkout: Checkout, before: str, after: str, place: str, words: str
) -> None:
    changed(checkout, before, after)
    told = answered(checkout, 3)
    assert told.keys() == {"schema", "exit_code", "note", "untracked", "needed", "error"}
    (one,) = told["needed"]
    assert told["exit_code"] == one["exit_code"] == 3
    assert one["where"].startswith(f"pipeline.yaml{place}")
    assert words in one["found"]
    assert checkout.devflow("doctor", "--output", "plain").stdout == ""
    assert not checkout.state.exists()


@pytest.mark.parametrize("what", (("explain", "project"), ("explain", "shell"), ("explain",)))
@pytest.mark.parametrize("state", ("as it is", "broken", "none", "no repository"))
def test_explain_answers_wherever_it_is_typed(
    checkout: Checkout, tmp_path: Path, what: tuple[str, ...], state: str
) -> None:
    file = checkout.folder / "pipeline.yaml"
    place = checkout
    if state == "broken":
        file.write_text("devflow: 1\nphases: [\n")
    elif state == "none":
        file.unlink()
    elif state == "no repository":
        (tmp_path / "empty").mkdir()
        place = Checkout(tmp_path / "empty")
    ran = place.devflow(*what)
    # a page has nothing of a file that cannot be read, and says so
    is_partial = state == "broken" and len(what) > 1
    assert ran.returncode == (PipelineInvalid.exit_code if is_partial else 0), ran.stderr
    assert ran.stdout


def test_a_reader_that_goes_early_sees_no_trace(checkout: Checkout) -> None:
    words = f"{sys.executable} -m devflow explain quality | head -n 1"
    ran = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {words}"],
        cwd=checkout.folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode in (0, 141)
    assert ran.stderr == ""
    assert ran.stdout.count("\n") == 1


def test_ports_are_asked_of_what_listens_here_and_not_of_the_team_s_own_commands(
    checkout: Checkout,
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        services = f"  services: {{api: {{path: ., port: {port}, run: sh serve.sh}}}}\n"
        changed(checkout, "  suites:", f"{services}  suites:")
        changed(checkout, "    - local_tests\n", "    - local_tests\n    - commit\n    - push\n")
        changed(checkout, "    - push\n", "    - push\n    - development\n")
        told = answered(checkout, 5)
        assert missing(told) == ["ports of development"]
        one = next(one for one in told["needed"] if one["here"] is False)
        assert one["found"] == f"taken: {port} (api)"
        commands = "{target: command, command: {deploy: sh up.sh, version: sh version.sh}}"
        environments = f"  environments: {{development: {commands}}}\n"
        changed(checkout, "  suites:", f"{environments}  suites:")
        assert missing(answered(checkout, 0)) == []
