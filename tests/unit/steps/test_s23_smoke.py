"""Step 23: the published images are started, tried and ended; whatever one does badly is seen, and
nothing that was not seen is green."""

import re
import time
from typing import Any

import pytest

from devflow.model.checks import Status
from devflow.model.declared.project import ImageSettings, Service
from devflow.model.errors import PipelineInvalid, Unavailable
from devflow.model.outcomes import Absent
from devflow.model.release import NotRun, Published, Smoke
from devflow.steps import s23_smoke
from tests.unit.steps.smoke_world import AMD, ARM, TURN, SmokeWorld, digest_of, lines, status

API = "api linux/amd64"
OF_ONE = {"api": {"memory_mb": 50}}


def test_good_containers_pass() -> None:
    world = SmokeWorld()
    product = world.smoke()
    assert status(product) is Status.PASSED
    assert [report.service for report in product.containers] == ["docs", "api", "page"]
    assert product.not_run == ()
    api = product.containers[1]
    assert [one.name for one in api.endpoints] == ["GET /health", "POST /predict", "GET /cars"]
    assert api.not_asked == ("GET /cars/{id}: no example of id",)
    assert [one.name for one in api.assets] == ["/static/app.css", "/static/app.js"]
    assert (api.requests, api.lost_requests) == (8, 0)


def test_the_load_asks_health_and_what_is_documented_to_change_nothing() -> None:
    product = SmokeWorld().smoke()
    api = product.containers[1]
    assert api.loaded == ("/health", "/cars")
    source = lines(product)["cpu", API].source
    assert source == "8 requests, GET /health and 1 more on new and kept connections"


def test_what_does_not_answer_as_documented_is_not_loaded_and_fails_by_its_own_line() -> None:
    world = SmokeWorld()
    world.does("api", statuses={"/cars": 500})
    product = world.smoke()
    assert product.containers[1].loaded == ("/health",)
    found = lines(product)
    assert found["endpoints", API].ok is False
    assert found["stop", API].ok is True


def test_each_is_started_from_its_own_manifest_with_the_address_that_it_wants() -> None:
    world = SmokeWorld()
    world.smoke()
    starts = {start.service: start for start in world.containers.starts}
    assert starts["api"].image == digest_of("api", AMD)
    assert starts["docs"].image == starts["page"].image == digest_of("page", AMD)
    assert starts["docs"].repository == "registry.test/acme/page"
    assert starts["page"].command == ("serve", "43000", "/state", "http://api.test:5000")
    assert starts["page"].port == 43000


def test_they_run_side_by_side_and_end_in_the_reverse_order() -> None:
    world = SmokeWorld()
    world.smoke()
    order = ["docs", "api", "page"]
    assert world.containers.events == [
        *(f"start {name}" for name in order),
        *(f"stop {name}" for name in reversed(order)),
        *(f"remove {name}" for name in reversed(order)),
    ]


@pytest.mark.parametrize(
    ("id_", "badly", "measured"),
    [
        ("start", {"cannot_start": "no such program"}, "no such program"),
        ("start", {"is_silent": True}, "connection refused; serving"),
        ("start", {"ends_at_once": True, "words": "a\nno module"}, "it ended; .*; no module"),
        ("start", {"ends_at_once": True, "words": ""}, "it ended; .*; it printed nothing"),
        ("health", {"version": "b" * 40}, "bbbbbbb.* with 200"),
        ("memory", {"memory_bytes": 600_000_000}, "600"),
        ("memory", {"leaks_bytes": 600_000_000}, "660"),
        ("cpu", {"cpu_s": (1.0, 900.0)}, "%, of one processor"),
        ("endpoints", {"statuses": {"/predict": 500}}, "POST /predict answers 500, not 200"),
        ("assets", {"statuses": {"/static/app.js": 404}}, "/static/app.js answers 404"),
        ("assets", {"statuses": {"/": 500}}, "/ answers 500, not 200"),
        ("assets", {"empty": ("/static/app.js",)}, "/static/app.js answers nothing"),
        ("users", {"users": (1000, 0)}, "uid 0, uid 1000"),
        ("file_system", {"can_write": True}, "can be written"),
        ("capabilities", {"capabilities": ("CAP_CHOWN",)}, "CAP_CHOWN"),
        ("privileges", {"no_new_privileges": False}, "can be gained"),
        ("stop", {"ignores_signal": True}, "killed"),
        ("stop", {"exit_code": 1}, "exit 1"),
        ("lost_requests", {"loses_under_load": 1}, "of 8 requests"),
        ("lost_requests", {"loses_at_its_end": 2}, "2 of 8 requests"),
    ],
)
def test_what_a_container_does_badly_fails(id_: str, badly: dict[str, Any], measured: str) -> None:
    world = SmokeWorld()
    world.does("api", **badly)
    product = world.smoke()
    assert status(product) is Status.FAILED
    check = lines(product)[id_, API]
    assert check.ok is False
    assert re.search(measured, check.measured)
    # the others are tried all the same, and nothing is left of any
    assert lines(product)["stop", "docs linux/amd64"].ok is True
    assert world.containers.running == {}


@pytest.mark.parametrize(
    ("id_", "badly"),
    [
        ("memory", {"memory_bytes": None}),
        ("memory", {"memory_bytes": 0}),
        ("cpu", {"cpu_s": (None, 1.0)}),
        ("cpu", {"cpu_s": (1.0, None)}),
        ("file_system", {"can_write": None}),
        ("users", {"shows_processes": False}),
        ("capabilities", {"shows_processes": False}),
        ("privileges", {"shows_processes": False}),
    ],
)
def test_what_could_not_be_measured_is_not_green(id_: str, badly: dict[str, Any]) -> None:
    world = SmokeWorld()
    world.does("api", **badly)
    product = world.smoke()
    assert lines(product)[id_, API].ok is None
    assert status(product) is Status.UNAVAILABLE


def test_a_service_has_limits_of_its_own() -> None:
    product = SmokeWorld().smoke()
    assert status(product, limits=OF_ONE) is Status.FAILED
    found = lines(product, limits=OF_ONE)
    assert found["memory", API].ok is False
    assert found["memory", "page linux/amd64"].ok is True


def test_an_engine_leaves_room_beyond_a_limit() -> None:
    world = SmokeWorld()
    world.smoke(limits={"api": {"memory_mb": 1024}})
    room = {start.service: start.memory_mb for start in world.containers.starts}
    assert room == {"docs": 1024.0, "api": 2048.0, "page": 1024.0}


def test_a_limit_beyond_what_is_usual_is_waited_for() -> None:
    world = SmokeWorld()
    # it was begun 30 s ago, and is given 0.3 s more
    world.does("api", is_silent=True)
    begun_s = time.monotonic()
    world.smoke(limits={"api": {"start_within_s": 30.3}})
    assert time.monotonic() - begun_s > 0.3


def test_a_platform_that_cannot_run_here_is_said_and_not_green() -> None:
    world = SmokeWorld(platforms=(AMD, ARM))
    product = world.smoke()
    why = f"no qemu is registered for {ARM}"
    assert product.not_run == (NotRun(about=ARM, of="platform", why=why),)
    assert {report.platform for report in product.containers} == {AMD}
    check = lines(product)["not_run", ARM]
    assert (check.ok, check.needed) == (None, False)
    assert "no qemu" in check.measured


def test_where_no_platform_can_run_there_is_no_product() -> None:
    world = SmokeWorld(platforms=(AMD, ARM))
    world.containers.runtimes = {AMD: Unavailable("no namespaces")}
    absent = world.smoke()
    assert isinstance(absent, Absent)
    assert absent.kind == "unavailable"
    assert absent.why == f"{AMD}: no namespaces; {ARM}: no qemu is registered for {ARM}"


def test_both_platforms_are_tried_where_both_can_run() -> None:
    world = SmokeWorld(platforms=(AMD, ARM))
    world.containers.runtimes[ARM] = "in memory, by qemu"
    product = world.smoke()
    assert [report.platform for report in product.containers] == [AMD] * 3 + [ARM] * 3
    assert product.containers[3].runtime == "in memory, by qemu"
    assert status(product) is Status.PASSED


def test_where_nothing_was_published_there_is_no_product() -> None:
    needs = s23_smoke.Needs(publish=Published(digests={}), project=SmokeWorld().needs().project)
    absent = s23_smoke.make(SmokeWorld().tools, TURN, s23_smoke.Params(), needs)
    assert isinstance(absent, Absent)
    assert absent.kind == "unavailable"


def test_a_service_whose_image_was_not_published_is_not_green() -> None:
    world = SmokeWorld(images=("page",))
    product = world.smoke()
    why = "no image of it is published"
    assert product.not_run == (NotRun(about="api", of="service", why=why),)
    assert lines(product)["not_run", "api"].ok is None
    assert status(product) is Status.UNAVAILABLE


def test_a_service_without_an_image_is_nobodys_business() -> None:
    world = SmokeWorld()
    world.services["database"] = Service(path="database", port=5432)
    assert status(world.smoke()) is Status.PASSED


def test_services_that_want_each_others_address_are_refused() -> None:
    world = SmokeWorld()
    circle = ImageSettings(command=("serve", "{page_url}"))
    world.services["api"] = Service(path="api", port=5000, image=circle)
    with pytest.raises(PipelineInvalid, match="page, api"):
        world.smoke()
    assert world.containers.starts == []


def test_a_container_that_could_not_be_started_keeps_the_others_waiting_for_nothing() -> None:
    world = SmokeWorld()
    world.does("api", cannot_start="no such program")
    world.smoke()
    page = world.containers.starts[-1]
    assert page.command[-1] == "{api_url}"


def test_nothing_of_it_is_left_where_the_work_is_broken_off() -> None:
    world = SmokeWorld()
    world.does("api", cpu_s=())
    with pytest.raises(IndexError):
        world.smoke()
    assert world.containers.running == {}
    assert world.containers.events[-1] == "remove docs"


def test_no_container_is_no_measurement() -> None:
    assert status(Smoke(digests={})) is Status.UNAVAILABLE
    not_run = NotRun(about=ARM, of="platform", why="no qemu")
    assert status(Smoke(digests={}, not_run=(not_run,))) is Status.UNAVAILABLE
