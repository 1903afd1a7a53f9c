"""What `down` says that it ended."""

import pytest

from devflow.commands.deploys.down import end
from devflow.model.errors import UsageError
from tests.standins.environments import TableDeploys, port
from tests.ui.environments import EVERY, at_rest, with_canary


def test_each_environment_says_what_was_ended_of_it() -> None:
    deploys = TableDeploys(*EVERY)
    assert list(end(port(deploys), "")) == [
        "development is down: ended 4 replicas of 1 version and devflow's proxy on "
        "127.0.0.1:5000, 127.0.0.1:3000",
        "production is down: ended 8 replicas of 2 versions and haproxy on "
        "127.0.0.1:5100, 127.0.0.1:3100",
        "staging was down",
    ]
    assert deploys.writes == ["down development", "down production", "down staging"]


def test_an_environment_whose_replicas_are_the_teams_matter_is_only_down() -> None:
    own = at_rest().model_copy(update={"held": (), "proxy": "", "target": "command"})
    assert list(end(port(TableDeploys(own)), "development")) == ["development is down"]


def test_a_proxy_before_services_without_addresses_is_told_without_them() -> None:
    begun = at_rest().model_copy(update={"services": ()})
    assert list(end(port(TableDeploys(begun)), "development")) == [
        "development is down: ended 4 replicas of 1 version and devflow's proxy"
    ]


def test_what_was_never_deployed_is_told() -> None:
    assert list(end(port(TableDeploys()), "")) == ["nothing was deployed here"]
    with pytest.raises(UsageError):
        list(end(port(TableDeploys(with_canary())), "nowhere"))
