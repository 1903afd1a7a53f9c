"""`devflow init` as it is typed: what it writes, what it never overwrites, and what it asks where
it cannot see."""

import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.checkout import ROOT, Checkout, first_commit

CREDENTIALS = {
    "JIRA_BASE_URL": "http://127.0.0.1:9",
    "JIRA_PAT": "a-secret-of-jira",
    "GITHUB_TOKEN": "a-secret-of-github",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    folder = tmp_path / "roof"
    folder.mkdir()
    (folder / "Makefile").write_text("test:\n\ttrue\n")
    return first_commit(Checkout(folder))


def pipeline(checkout: Checkout) -> str:
    return (checkout.folder / "pipeline.yaml").read_text()


def as_object(checkout: Checkout, *more: str, **env: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(checkout.ends(0, "init", "--output", "json", *more, **env))
    return told


def refused(checkout: Checkout, code: int, *arguments: str, **env: str) -> str:
    """What is complained of; nothing was written."""
    ran = checkout.devflow("init", *arguments, **env)
    assert ran.returncode == code, ran.stdout + ran.stderr
    assert not (checkout.folder / "pipeline.yaml").exists()
    assert "Traceback" not in ran.stderr
    return ran.stderr


def remote(checkout: Checkout, name: str, head: str = "main") -> Path:
    """A bare clone beside the checkout, as one of its remotes."""
    folder = checkout.folder.parent / f"{name}.git"
    checkout.git("clone", "--quiet", "--bare", ".", str(folder))
    subprocess.run(["git", "-C", folder, "branch", head], check=False, capture_output=True)
    subprocess.run(["git", "-C", folder, "symbolic-ref", "HEAD", f"refs/heads/{head}"], check=True)
    checkout.git("remote", "add", name, str(folder))
    return folder


def test_a_pipeline_is_written_that_devflow_takes(checkout: Checkout) -> None:
    output = checkout.ends(0, "init")
    assert "in: suite make test (Makefile)" in output
    assert "    make-test: {run: make test} # Makefile\n" in pipeline(checkout)
    assert "roof" in checkout.ends(0, "explain", "project")


def test_a_dry_run_shows_the_file_and_writes_nothing(checkout: Checkout) -> None:
    output = checkout.ends(0, "init", "--dry-run")
    assert not (checkout.folder / "pipeline.yaml").exists()
    assert not (checkout.folder / ".git" / "devflow").exists()
    assert "next devflow init\nnext devflow start" in output
    checkout.ends(0, "init")
    assert pipeline(checkout) in output


def test_a_file_that_is_there_stays_and_the_difference_is_shown(checkout: Checkout) -> None:
    before = "devflow: 1\nphases: {a: [ticket]}\n"
    checkout.write("pipeline.yaml", before)
    told = as_object(checkout)
    assert told["became"] == "kept" and "+  name: roof # the folder's name" in told["difference"]
    assert pipeline(checkout) == before
    checkout.write("pipeline.yaml", told["text"])
    assert as_object(checkout)["became"] == "same"


def test_a_file_that_is_there_and_cannot_be_read_ends_with_its_place(checkout: Checkout) -> None:
    for text, place in (
        ("devflow: 1\nphases: {a: [tickt]}\n", "pipeline.yaml:2:"),
        ("devflow: 1\nphases: [\n", "pipeline.yaml:"),
    ):
        checkout.write("pipeline.yaml", text)
        ran = checkout.devflow("init")
        assert ran.returncode == 3, ran.stdout + ran.stderr
        assert "pipeline.yaml is there and cannot be read: " in ran.stderr
        assert place in ran.stderr and "stays as it is" not in ran.stdout
        assert "devflow start" not in ran.stdout
        assert pipeline(checkout) == text
        ran = checkout.devflow("init", "--output", "json")
        assert ran.returncode == 3, ran.stdout + ran.stderr
        told = json.loads(ran.stdout)
        assert told["became"] == "invalid"
        (mistake,) = told["mistakes"]
        assert "cannot be read: " in mistake["message"] and place in mistake["where"]


def test_another_file_is_written_where_it_is_named(checkout: Checkout) -> None:
    place = checkout.folder.parent / "other.yaml"
    checkout.ends(0, "--pipeline", str(place), "init")
    assert place.read_text().startswith("# What devflow saw here")
    assert not (checkout.folder / "pipeline.yaml").exists()


def test_it_is_the_repositorys_wherever_it_is_typed(checkout: Checkout) -> None:
    (checkout.folder / "inner").mkdir()
    checkout.ends(0, "-C", "inner", "init")
    assert pipeline(checkout)


def test_nothing_is_changed_beside_the_file(checkout: Checkout) -> None:
    checkout.ends(0, "init")
    assert checkout.git("status", "--porcelain") == "?? pipeline.yaml"
    assert not (checkout.folder / ".git" / "devflow").exists()


def test_without_a_repository_or_a_commit_it_says_what_to_type(tmp_path: Path) -> None:
    nowhere = Checkout(tmp_path)
    assert "git init" in refused(nowhere, 2)
    nowhere.git("init", "--quiet")
    assert "git commit" in refused(nowhere, 2)


def test_the_base_is_the_head_of_the_remote_by_its_own_word(checkout: Checkout) -> None:
    remote(checkout, "origin", "trunk")
    assert as_object(checkout)["known"]["base"] == {"value": "trunk", "source": "origin's HEAD"}


def test_a_remote_that_is_gone_is_taken_as_it_was_last_heard_of(checkout: Checkout) -> None:
    folder = remote(checkout, "origin", "trunk")
    checkout.git("fetch", "--quiet", "origin")
    checkout.git("remote", "set-head", "origin", "trunk")
    folder.rename(folder.parent / "gone.git")
    base = as_object(checkout)["known"]["base"]
    assert base == {"value": "trunk", "source": "refs/remotes/origin/HEAD, as last heard of"}


def test_of_several_remotes_origin_is_taken_and_named_or_the_option_says(
    checkout: Checkout,
) -> None:
    remote(checkout, "origin")
    remote(checkout, "upstream", "trunk")
    told = as_object(checkout, "--dry-run")["known"]
    assert told["remote"]["source"] == "of origin, upstream; another one: --remote"
    told = as_object(checkout, "--remote", "upstream")["known"]
    assert told["remote"]["value"] == "upstream" and told["base"]["value"] == "trunk"
    assert "  remote: upstream # the option --remote\n" in pipeline(checkout)


def test_several_remotes_without_origin_are_asked_for(checkout: Checkout) -> None:
    remote(checkout, "mine")
    remote(checkout, "theirs")
    complaint = refused(checkout, 2)
    assert "mine, theirs" in complaint and "devflow init --remote" in complaint
    checkout.git("config", "remote.pushDefault", "theirs")
    assert as_object(checkout)["known"]["remote"]["value"] == "theirs"


def test_a_base_that_cannot_be_seen_is_asked_for(checkout: Checkout) -> None:
    checkout.git("branch", "one")
    checkout.git("branch", "--move", "main", "two")
    assert "devflow init --base" in refused(checkout, 2)
    checkout.ends(0, "init", "--base", "one")
    assert "  base: one # the option --base\n" in pipeline(checkout)


def test_a_real_connection_without_credentials_is_4_and_names_them(checkout: Checkout) -> None:
    remote(checkout, "origin")
    options = ("--connect", "real", "--project", "ROOF", "--repository", "acme/roof")
    complaint = refused(checkout, 4, *options)
    assert "JIRA_BASE_URL" in complaint and "GITHUB_TOKEN" in complaint


def test_a_real_connection_with_credentials_has_its_project_and_repository(
    checkout: Checkout,
) -> None:
    checkout.git("remote", "add", "origin", "git@github.com:acme/roof.git")
    checkout.git("branch", "feature/ROOF-7-tiles")
    checkout.ends(0, "init", "--connect", "real", "--base", "main", **CREDENTIALS)
    text = pipeline(checkout)
    assert "connect: real #" in text
    assert "  tracker: {project: ROOF} # branch names: feature/ROOF-7-tiles\n" in text
    assert "  host: {repository: acme/roof} # the address of origin\n" in text
    assert "secret" not in text


def test_a_server_of_ones_own_has_an_address(checkout: Checkout) -> None:
    checkout.git("remote", "add", "origin", "https://user:word@git.acme.example/acme/roof.git")
    options = ("--connect", "real", "--base", "main", "--project", "ROOF")
    checkout.ends(0, "init", *options, **CREDENTIALS)
    host = "host: {repository: acme/roof, api_url: 'https://git.acme.example/api/v3'}"
    assert host in pipeline(checkout) and "word" not in pipeline(checkout)


@pytest.mark.parametrize(
    ("address", "options", "words"),
    (
        ("", (), "git remote add origin"),
        ("git@gitlab.com:acme/roof.git", ("--project", "ROOF"), "gitlab.com"),
        ("git@github.com:acme/roof.git", (), "devflow init --project"),
        ("/srv/roof.git", ("--project", "ROOF"), "devflow init --repository"),
    ),
)
def test_what_a_real_connection_needs_and_nobody_sees_is_2(
    checkout: Checkout, address: str, options: tuple[str, ...], words: str
) -> None:
    if address:
        checkout.git("remote", "add", "origin", address)
    real = ("--connect", "real", "--base", "main", *options)
    assert words in refused(checkout, 2, *real, **CREDENTIALS)


def test_a_folder_that_cannot_be_written_is_11(checkout: Checkout) -> None:
    folder = str(checkout.folder)
    argv = [sys.executable, "-m", "devflow", "init"]
    if os.geteuid() == 0:
        # root may write wherever a mount lets it
        if shutil.which("bwrap") is None:
            pytest.skip("root may write anywhere, and bubblewrap is not installed")
        argv = ["bwrap", "--dev-bind", "/", "/", "--ro-bind", folder, folder, *argv]
    checkout.folder.chmod(0o555)
    try:
        ran = checkout.run(argv)
    finally:
        checkout.folder.chmod(0o755)
    assert ran.returncode == 11 and "cannot be written" in ran.stderr, ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (checkout.folder / "pipeline.yaml").exists()


def test_a_pipeline_that_is_a_folder_is_3(checkout: Checkout) -> None:
    (checkout.folder / "pipeline.yaml").mkdir()
    ran = checkout.devflow("init")
    assert ran.returncode == 3 and "a folder" in ran.stderr


@pytest.mark.parametrize(
    ("typed", "base"), ((b"one\n", "one"), (b"\n", "two")), ids=("a name", "an empty line")
)
def test_on_a_terminal_it_asks(checkout: Checkout, typed: bytes, base: str) -> None:
    checkout.git("branch", "one")
    checkout.git("branch", "--move", "main", "two")
    ours, theirs = pty.openpty()
    os.write(ours, typed)
    argv = [sys.executable, "-m", "devflow", "init"]
    ran = subprocess.run(
        argv,
        cwd=checkout.folder,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    os.close(theirs)
    asked = os.read(ours, 4096).decode()
    os.close(ours)
    assert ran.returncode == 0, asked
    assert "Which branch do tickets begin from? [two]:" in asked
    assert f"  base: {base} # answered\n" in pipeline(checkout)


def test_it_names_the_ticket_to_begin_with(checkout: Checkout) -> None:
    assert as_object(checkout, "--dry-run")["next"] == ["devflow init", "devflow start SCRUM-95"]
    other = as_object(checkout, "--project", "ROOF", "--dry-run")
    assert other["next"] == ["devflow init --project ROOF", "devflow start ROOF-1"]
    checkout.git("remote", "add", "origin", "git@github.com:acme/roof.git")
    checkout.git("switch", "--quiet", "--create", "feature/roof-7-tiles")
    real = ("--connect", "real", "--base", "main", "--project", "ROOF", "--dry-run")
    write, begin = as_object(checkout, *real, **CREDENTIALS)["next"]
    assert write == "devflow init --base main --project ROOF --connect real"
    assert begin == "devflow start ROOF-7"
    checkout.git("switch", "--quiet", "main")
    assert as_object(checkout, *real, **CREDENTIALS)["next"][1] == "devflow start ROOF-<number>"


def test_a_shallow_clone_is_told_what_to_type_first(checkout: Checkout, tmp_path: Path) -> None:
    checkout.git("commit", "--quiet", "--allow-empty", "--message", "feat: a second one")
    address = checkout.folder.as_uri()
    checkout.git("clone", "--quiet", "--depth", "1", address, str(tmp_path / "shallow"))
    told = as_object(Checkout(tmp_path / "shallow"))
    assert told["next"][0] == "git fetch --unshallow origin"


def test_what_it_wrote_is_committed_before_the_first_ticket(checkout: Checkout) -> None:
    kept = ["git add pipeline.yaml", 'git commit --message "chore: devflow"']
    for _ in ("written", "same"):
        assert as_object(checkout)["next"] == [*kept, "devflow start SCRUM-95"]
    checkout.git("add", "pipeline.yaml")
    assert as_object(checkout)["next"][: len(kept)] == kept
    checkout.git("commit", "--quiet", "--message", "chore: devflow")
    assert as_object(checkout)["next"] == ["devflow start SCRUM-95"]
