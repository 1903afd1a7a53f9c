"""Whether services can be built, started, run and pictured here."""

from typing import Any, List, Tuple

from devflow.craft.examine import services
from devflow.model.declared.project import Project
from devflow.model.errors import Unavailable
from devflow.model.outcomes import Needed, worst
from devflow.ports.around import Around

PLATFORMS = ("linux/amd64", "linux/arm64")


class Machine:
    """Every port of a machine that runs these platforms."""

    def __init__(self, *platforms: str, browser: str = "") -> None:
        self.platforms = platforms
        self.has_browser = browser

    def runtime(self, platform: str) -> str:
        if platform not in self.platforms:
            raise Unavailable(f"no {platform}", hint="get one")
        return "an engine"

    def builder(self) -> str:
        return "engine: docker 27"

    def browser(self) -> str:
        return self.has_browser

    def found(self, program: str) -> str:
        return ""


def around(machine: Any, *paths: str, image: Any = None) -> Around:
    service = {"path": "src", "port": 5002, "run": ["uvicorn", "app"], "image": image}
    project = Project.model_validate({"services": {"api": service}})
    nothing: Any = None
    return Around(machine, nothing, machine, machine, machine, project, paths)


def told(found: Any) -> List[Tuple[str, Any]]:
    return [(one.about, one.here) for one in found]


def test_a_dockerfile_that_nobody_named_is_looked_for_at_the_top() -> None:
    missing = list(services.built(around(Machine(), image={})))
    assert told(missing) == [("image api", False), ("builder", True)]
    assert told(services.built(around(Machine(), "Dockerfile", image={}))) == [("builder", True)]
    assert not list(services.built(around(Machine())))


def test_one_platform_is_enough_to_run_and_none_is_not() -> None:
    some = list(services.run_in_containers(around(Machine("linux/amd64"), image={})))
    assert told(some) == [(f"containers of {one}", one == "linux/amd64") for one in PLATFORMS]
    assert worst(some) == 0
    none: List[Needed] = list(services.run_in_containers(around(Machine(), image={})))
    assert worst(none) == 5


def test_a_service_needs_the_program_that_it_is_started_by() -> None:
    (one,) = services.started(around(Machine()))
    assert (one.about, one.here) == ("service api", False)
    assert one.at == ("project", "services", "api", "run")


def test_no_pull_request_hangs_on_its_pictures() -> None:
    (one,) = services.browser(around(Machine()), "api")
    assert (one.here, one.exit_code) == (False, 0)
    (one,) = services.browser(around(Machine(browser="/bin/chromium")), "api")
    assert one.here
    assert not list(services.browser(around(Machine()), ""))
