"""Names that are made of what people call things: a registry takes each of them."""

import re

from hypothesis import given
from hypothesis import strategies as some

from devflow.adapters.registry.address import address_of
from devflow.craft.images.publishing import commit_tag, digests_of, pull_tag, repository_of

TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")


def test_names_say_project_service_ticket_and_commit() -> None:
    assert repository_of("ghcr.io/user", "carprice", "backend") == "ghcr.io/user/carprice-backend"
    assert repository_of("ghcr.io/user", "", "Web_API") == "ghcr.io/user/web-api"
    assert commit_tag("SCRUM-95", "4f2a9c1d" + "0" * 32) == "SCRUM-95-4f2a9c1"
    assert pull_tag(14) == "pr-14"


@given(some.text(max_size=40), some.text(max_size=40))
def test_a_repository_of_any_names_is_one(project: str, service: str) -> None:
    name = repository_of("ghcr.io/user", project, service)
    assert address_of("ghcr.io/user").path_of(name) == name.removeprefix("ghcr.io/")


@given(some.text(max_size=300), some.text(alphabet="0123456789abcdef", max_size=40))
def test_a_tag_of_any_run_is_one(run: str, revision: str) -> None:
    tag = commit_tag(run, revision)
    assert TAG.fullmatch(tag)
    assert tag.endswith(revision[:7])


def test_digests_are_read_of_whatever_an_earlier_version_kept() -> None:
    kept = [{"digests": {"a": "sha256:1", "b": 7}}, {}, {"digests": "none"}, {"digests": None}]
    assert digests_of(kept) == ("sha256:1",)
