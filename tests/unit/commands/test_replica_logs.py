"""What the replicas of a service wrote: whose log two words mean, masked and told apart, and only
what is new while it is followed."""

import json
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devflow.adapters.masking.secrets import Mask
from devflow.commands import logs
from devflow.commands.deploys.replica_logs import GAP, Says, Wanted, follow, replica_logs, since
from devflow.model.errors import UsageError
from devflow.wiring.options import Options
from tests.standins.environments import TableDeploys
from tests.ui.environments import EVERY

SECRET = "s3cr3t-of-the-database"
WROTE = {
    "4f2c1ab backend 1": ("one", f"password={SECRET}"),
    "8c1d22a backend 10": ("\x1b[31mred\x1b[0m", "::error::two"),
}


def place(entries: tuple[str, ...] = ("quality", "production")) -> Any:
    deploys = TableDeploys(*EVERY)
    deploys.logs = dict(WROTE)
    mask = Mask()
    mask.register(SECRET)
    services = {"backend": None, "api": None, "API-2": None}
    plan = SimpleNamespace(
        by_name=dict.fromkeys(entries), project=SimpleNamespace(services=services)
    )
    return SimpleNamespace(plan=plan, deploys=deploys, mask=mask)


def options(output: str = "auto") -> Options:
    return Options(directory=None, output=output)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "means_service"),
    (
        (("production", ""), False),
        (("production", "SCRUM-95"), False),
        (("production", "backend"), True),
        (("production", "frontend"), True),
        (("production", "nosuch"), True),
        # a service that is called like a ticket
        (("production", "API-2"), True),
        (("quality", "SCRUM-95"), False),
        (("nowhere", "backend"), True),
    ),
)
def test_two_words_are_a_service_of_an_environment_unless_the_second_is_a_ticket(
    words: tuple[str, str], means_service: bool
) -> None:
    assert logs.is_service(place(), logs.Wanted(*words)) is means_service


def test_an_entry_with_what_is_no_ticket_says_both_that_it_could_have_been() -> None:
    with pytest.raises(UsageError) as refused:
        logs.is_service(place(), logs.Wanted("quality", "scrum-95"))
    assert refused.value.message == (
        'nothing is deployed to "quality", and "scrum-95" is not a ticket key'
    )


def test_each_line_has_its_replica_before_it_and_no_secret_in_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert replica_logs(options(), place(), Wanted("production", "backend")) == 0
    assert capsys.readouterr().out.splitlines() == [
        "4f2c1ab backend 1  | one",
        "4f2c1ab backend 1  | password=***",
        "8c1d22a backend 10 | red",
        "8c1d22a backend 10 | : :error::two",
    ]


def test_a_program_gets_the_lines_by_replica(capsys: pytest.CaptureFixture[str]) -> None:
    replica_logs(options("json"), place(), Wanted("production", "backend", lines=1))
    told = json.loads(capsys.readouterr().out)
    assert (told["environment"], told["service"]) == ("production", "backend")
    assert told["replicas"][0] == {"replica": "4f2c1ab backend 1", "lines": ["password=***"]}


@pytest.mark.parametrize(
    ("wanted", "message"),
    (
        (Wanted("production", "nosuch"), 'production has no service "nosuch"'),
        (Wanted("nowhere", "backend"), 'nothing is deployed to "nowhere"'),
        (Wanted("production", "api"), "api of production has written nothing that is kept"),
    ),
)
def test_what_does_not_exist_and_what_is_silent_are_told_apart(
    wanted: Wanted, message: str
) -> None:
    with pytest.raises(UsageError) as refused:
        replica_logs(options(), place(), wanted)
    assert refused.value.message == message and refused.value.hint


class Enough(Exception):
    """The person has seen enough."""


@dataclass
class Later:
    """A clock by which the logs are others after each look."""

    deploys: TableDeploys
    then: list[dict[str, tuple[str, ...]]] = field(default_factory=list)

    def now(self) -> Any:
        raise AssertionError("nothing here asks for the time")

    def sleep(self, seconds: float) -> None:
        if not self.then:
            raise Enough
        self.deploys.logs = self.then.pop(0)


def test_followed_replicas_say_each_line_once_also_those_that_come_later(
    capsys: pytest.CaptureFixture[str],
) -> None:
    workspace = place()
    workspace.deploys.logs = {"a backend 1": ("one", "two")}
    more = {"a backend 1": ("one", "two", "two", "three"), "b backend 1": ("hello",)}
    wanted = Wanted("production", "backend", lines=1, follow=True)
    says = Says(workspace.mask, False, wanted)
    with pytest.raises(Enough):
        follow(Later(workspace.deploys, [more, more]), workspace.deploys, wanted, says)
    assert capsys.readouterr().out.splitlines() == [
        "a backend 1 | two",
        "a backend 1 | two",
        "a backend 1 | three",
        "b backend 1 | hello",
    ]


@given(
    st.lists(st.sampled_from("abcdefgh"), max_size=30),
    st.lists(st.sampled_from("abcdefgh"), max_size=12),
)
def test_what_came_since_is_exact_as_long_as_the_whole_log_is_seen(
    first: list[str], then: list[str]
) -> None:
    assert since(tuple(first), (*first, *then)) == tuple(then)


@given(st.integers(1, 20), st.integers(0, 60), st.integers(0, 60))
def test_of_a_long_log_what_came_since_is_exact_or_the_gap_is_said(
    window: int, first: int, then: int
) -> None:
    lines = tuple(str(number) for number in range(first + then))
    before = lines[:first][-window:]
    now = lines[-window:]
    news = since(before, now)
    if then < len(now) or not before:
        assert news == (lines[first:] if before else now)
    elif then:
        assert news == (GAP, *now)
