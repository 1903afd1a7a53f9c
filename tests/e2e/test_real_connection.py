"""`connect: real`, with a sandbox that plays JIRA and GitHub: credentials, silence, and a ticket
that just starts.

Nothing falls back to the sandbox: what is missing or wrong is told, and the same command goes on
once it is mended.
"""

from pathlib import Path
from typing import Iterator

import pytest

from tests.e2e.checkout import KEY, Checkout, tiny_checkout
from tests.e2e.messages import error_of, output_of
from tests.e2e.records import documents, events, remote_refs
from tests.ports import free_port


def real_environment(checkout: Checkout, **other: str) -> dict[str, str]:
    """The sandbox as if it were the real JIRA and GitHub, with the developer's own tokens."""
    facts = checkout.sandbox()
    jose = next(person for person in facts["users"] if person["name"] == "jose")
    email = next(one.body["email"] for one in documents(checkout, "person") if one.key == "jose")
    return {
        "JIRA_BASE_URL": facts["jira"]["url"],
        "JIRA_EMAIL": email,
        "JIRA_API_TOKEN": jose["jira_token"],
        "GITHUB_TOKEN": jose["github_token"],
        "GITHUB_API_URL": facts["github"]["url"],
        "GITHUB_REPOSITORY": facts["github"]["repository"],
        **other,
    }


def real_checkout(folder: Path) -> Checkout:
    """A checkout that says `connect: real`, beside a sandbox that plays JIRA and GitHub."""
    checkout = tiny_checkout(folder)
    checkout.ends(0, "sandbox", "up")
    checkout.edit("pipeline.yaml", "connect: sandbox", "connect: real")
    checkout.git("commit", "--quiet", "--all", "--message", "for real")
    checkout.git("remote", "add", "origin", checkout.sandbox()["git_remote"])
    checkout.git("push", "--quiet", "origin", "main")
    return checkout


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    checkout = real_checkout(tmp_path_factory.mktemp("real") / "tiny")
    yield checkout
    checkout.close()


def test_without_credentials_every_missing_one_is_named(real: Checkout) -> None:
    message = error_of(real.devflow("start", KEY), 4)
    assert all(
        name in message
        for name in (
            "JIRA_BASE_URL",
            "JIRA_API_TOKEN",
            "JIRA_PAT",
            "GITHUB_TOKEN",
            "GITHUB_REPOSITORY",
        )
    )


def test_a_part_of_the_credentials_is_never_a_reason_to_fall_back(real: Checkout) -> None:
    environment = real_environment(real)
    message = error_of(
        real.devflow("start", KEY, **{**environment, "GITHUB_TOKEN": "", "JIRA_EMAIL": ""}), 4
    )
    assert "missing: JIRA_EMAIL, GITHUB_TOKEN" in message and "JIRA_BASE_URL" not in message
    assert environment["JIRA_API_TOKEN"] not in message


def test_a_person_of_the_sandbox_cannot_be_played_for_real(real: Checkout) -> None:
    assert "GITHUB_TOKEN" in error_of(
        real.devflow("--as", "tech-lead", "start", KEY, **real_environment(real)), 2
    )


@pytest.mark.parametrize("name", ["JIRA_API_TOKEN", "GITHUB_TOKEN"])
def test_a_wrong_token_is_told_apart_from_a_mistake_of_ours(real: Checkout, name: str) -> None:
    wrong = "wrong-token-of-nobody"
    message = output_of(real.devflow("start", KEY, **real_environment(real, **{name: wrong})), 4)
    assert name in message and wrong not in message


def test_a_tracker_that_is_down_is_waited_for_and_told(real: Checkout) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    message = output_of(
        real.devflow("start", KEY, **real_environment(real, JIRA_BASE_URL=nobody)), 10
    )
    assert nobody in message and "same command again" in message


def test_a_code_host_that_is_down_is_waited_for_and_told(real: Checkout) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    message = output_of(
        real.devflow("start", KEY, **real_environment(real, GITHUB_API_URL=nobody)), 10
    )
    assert nobody in message and "same command again" in message


def test_a_new_ticket_without_a_project_is_told_what_to_write(
    real: Checkout, tmp_path: Path
) -> None:
    text = (real.folder / "pipeline.yaml").read_text()
    assert "  tracker: {project: SCRUM}\n" in text
    file = tmp_path / "other.yaml"
    file.write_text(text.replace("  tracker: {project: SCRUM}\n", ""))
    before = len(documents(real, "issue"))
    typed = ("--pipeline", str(file), "start", "--new", "Greet", "--ac", "it is said")
    message = error_of(real.devflow(*typed, **real_environment(real)), 3)
    assert "project: {tracker: {project: KEY}}" in message
    assert len(documents(real, "issue")) == before


def test_real_addresses_and_tokens_from_the_environment_start_a_ticket(real: Checkout) -> None:
    environment = real_environment(real)
    ran = real.devflow("start", KEY, **environment)
    output = output_of(ran, 0)
    connection = f"{environment['JIRA_BASE_URL']} · {environment['GITHUB_REPOSITORY']}"
    assert connection in output and "sandbox" not in output.splitlines()[0]
    assert "refs/heads/SCRUM-95-" in remote_refs(real)
    assert {event["status"] for event in events(real, "recorded")} == {"passed"}
