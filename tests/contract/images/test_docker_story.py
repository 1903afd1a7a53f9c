"""Whole tickets through Docker, by the real command line: built, published and tried by the engine,
brought to both environments as containers, with a canary, a person's word on it, and the way back.

The story is played in the file's order; the last test ends it, and nothing is left in the engine.
"""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from devflow.adapters.deploys.docker_target import LABEL
from devflow.adapters.deploys.home import Home
from devflow.adapters.images.engine.client import Engines
from tests.contract.images.daemons import RunningEngine
from tests.contract.images.docker_shop import FIRST, new_price, next_ticket, shop_checkout
from tests.e2e.checkout import Checkout

SECOND = "SCRUM-96"
THIRD = "SCRUM-97"
NO_PRICE = "none"  # for which the service answers with 500


class Shop:
    """The checkout, and what its engine holds of it."""

    def __init__(self, checkout: Checkout, host: str) -> None:
        self.checkout = checkout
        self._host = host
        self.versions: dict[str, str] = {}

    def typed(self, code: int, *words: str) -> str:
        return self.checkout.ends(code, *words, DOCKER_HOST=self._host)

    def comes_to_production(self, key: str, price: str) -> None:
        """The ticket has its approval; what follows is its bringing."""
        self.typed(0, "start", key)
        new_price(self.checkout, price)
        self.typed(8, "ship", key)
        self.typed(0, "--as", "devops", "approve", "production", key)
        self.versions[price] = self.checkout.git("rev-parse", "HEAD:data")

    def statuses(self, key: str) -> set[str]:
        return {entry["status"] for entry in self.checkout.status(key)["entries"]}

    def environment(self, name: str) -> dict[str, Any]:
        told = json.loads(self.typed(0, "environments", name, "--output", "json"))
        (environment,) = told["environments"]
        return dict(environment)

    def shares(self, name: str) -> dict[str, int]:
        held = self.environment(name)["held"]
        prices = {version: price for price, version in self.versions.items()}
        return {prices[one["version"]]: one["share_pct"] for one in held if one["share_pct"]}

    def price(self, name: str) -> str:
        (service,) = self.environment(name)["services"]
        with closing(urllib.request.urlopen(f"{service['url']}/cgi-bin/price")) as answer:
            return str(answer.read().decode().strip())

    def published(self) -> str:
        entries = {one["name"]: one for one in self.checkout.status(FIRST)["entries"]}
        checks = {one["id"]: one["measured"] for one in entries["publish"]["checks"]}
        return str(checks["image"])

    def left(self) -> dict[str, list[Any]]:
        """What the engine has of this checkout."""
        mark = Home(self.checkout.state / "deploys", "any").marker("", "").partition(":")[0]
        registry = self.checkout.sandbox()["registry"]["url"].removeprefix("http://")
        labelled = {"label": LABEL}
        with Engines().connected() as client:
            containers = client.containers(all=True, filters=labelled)
            networks = client.networks(filters=labelled)
            images = client.images()
        names = [name for one in images for name in one.get("RepoDigests") or ()]
        return {
            "containers": [one for one in containers if one["Labels"][LABEL].startswith(mark)],
            "networks": [one for one in networks if one["Labels"][LABEL].startswith(mark)],
            "images": [name for name in names if name.startswith(registry)],
        }


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, docker_engine: RunningEngine) -> Iterator[Shop]:
    with pytest.MonkeyPatch.context() as engine:
        # for what is asked by the tests themselves
        engine.setenv("DOCKER_HOST", docker_engine.host)
        engine.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        checkout = shop_checkout(tmp_path_factory.mktemp("shop") / "shop")
        shop = Shop(checkout, docker_engine.host)
        shop.versions["100"] = checkout.git("rev-parse", "HEAD:data")
        yield shop
        checkout.close()


def test_a_first_version_comes_from_its_ticket_to_both_environments(shop: Shop) -> None:
    shop.comes_to_production(FIRST, "90")
    shop.typed(0, "ship", FIRST)
    assert shop.statuses(FIRST) == {"passed"}
    for name in ("development", "production"):
        environment = shop.environment(name)
        (held,) = environment["held"]
        assert environment["target"] == "docker" and held["version"] == shop.versions["90"]
        assert [one["is_well"] for one in held["replicas"]] == [True, True]
        # what runs is what was published, by its digest
        assert held["digests"]["shop"] in shop.published()
        assert shop.price(name) == "90"


def test_a_canary_that_answers_with_errors_is_taken_back(shop: Shop) -> None:
    next_ticket(shop.checkout, SECOND)
    shop.comes_to_production(SECOND, NO_PRICE)
    said = shop.typed(9, "ship", SECOND)
    assert "fails more often" in said
    assert shop.shares("production") == {"90": 100} and shop.price("production") == "90"


def test_a_canary_waits_for_a_persons_word_who_gives_it_everything(shop: Shop) -> None:
    next_ticket(shop.checkout, THIRD)
    shop.comes_to_production(THIRD, "80")
    said = shop.typed(8, "ship", THIRD, "--hold")
    assert "devflow promote production" in said
    assert shop.shares("production") == {"90": 90, "80": 10}
    shop.typed(0, "promote", "production")
    assert shop.shares("production") == {"80": 100} and shop.price("production") == "80"
    shop.typed(0, "ship", THIRD)
    assert shop.statuses(THIRD) == {"passed"}


def test_a_rollback_starts_the_version_before_from_its_image(shop: Shop) -> None:
    said = shop.typed(0, "rollback", "production")
    assert f"  {THIRD} says so" in said.splitlines()
    assert shop.shares("production") == {"90": 100} and shop.price("production") == "90"
    assert shop.shares("development") == {"80": 100}


def test_its_end_leaves_nothing_in_the_engine(shop: Shop) -> None:
    assert all(shop.left().values())
    said = shop.typed(0, "down")
    assert "development is down" in said and "production is down" in said
    assert shop.left() == {"containers": [], "networks": [], "images": []}
