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
    (one,) = services.started(around(Machine()), "development")
    assert (one.about, one.here) == ("service api", False)
    assert one.at == ("project", "services", "api", "run")


def test_no_pull_request_hangs_on_its_pictures() -> None:
    (one,) = services.browser(around(Machine()), "api")
    assert (one.here, one.exit_code) == (False, 0)
    (one,) = services.browser(around(Machine(browser="/bin/chromium")), "api")
    assert one.here
    assert not list(services.browser(around(Machine()), ""))


def of_project(given: Any = (), **project: Any) -> Around:
    nothing: Any = None
    declared = Project.model_validate(project)
    machine: Any = Machine()
    return Around(machine, nothing, machine, machine, machine, declared, given=frozenset(given))


BARE = {"path": "src", "port": 5002}


def test_a_service_without_a_command_is_told_where_processes_are_started() -> None:
    (one,) = services.started(of_project(services={"api": BARE}), "development")
    assert (one.here, one.found) == (False, "it has no command")
    assert "project.services.api.run" in one.remedy


def test_containers_are_of_an_image_that_an_entry_before_publishes() -> None:
    in_docker = {"environments": {"production": {"target": "docker"}}}
    of_image = {"api": {**BARE, "image": {}}}
    (one,) = services.started(of_project(services={"api": BARE}, **in_docker), "production")
    assert (one.here, one.found) == (False, "it has no image, which target: docker runs")
    (one,) = services.started(of_project(services=of_image, **in_docker), "production")
    assert "no entry before it publishes its image" in one.found
    around = of_project(["publish"], services=of_image, **in_docker)
    assert not list(services.started(around, "production"))


def test_the_team_s_own_commands_have_to_bring_a_version_and_to_tell_it() -> None:
    commands = {"target": "command", "command": {"health": "true"}}
    around = of_project(services={"api": BARE}, environments={"production": commands})
    found = list(services.started(around, "production"))
    assert [one.found for one in found] == [
        "it has no command: deploy:",
        "it has no command: version:",
    ]
    assert not list(services.started(of_project(environments={"production": commands}), "x"))


def test_one_service_has_to_tell_its_figures_where_any_is_deployed() -> None:
    watched = {**BARE, "metrics": "/metrics"}
    (one,) = services.measured(of_project(["development"], services={"api": BARE}))
    assert (one.here, one.exit_code) == (False, 5)
    assert one.found == "project.services.api.metrics names no path"
    assert one.remedy == "set it, as in: project: {services: {api: {metrics: /metrics}}}"
    both = {"api": watched, "docs": {**BARE, "port": 5003}}
    (one,) = services.measured(of_project(["production"], services=both))
    assert (one.about, one.here) == ("metrics of docs", None)
    assert not list(services.measured(of_project(["monitoring"], services={"api": BARE})))


def test_services_that_want_each_other_s_addresses_are_a_wrong_file() -> None:
    def wants(other: str, port: int) -> Any:
        return {**BARE, "port": port, "image": {"command": ["serve", "{%s_url}" % other]}}

    around = of_project(services={"a": wants("b", 5002), "b": wants("a", 5003)})
    (one,) = services.addressed(around)
    assert (one.cure, one.exit_code) == ("pipeline", 3)
    assert one.found == "each of these wants another's address first: a, b"
    assert not list(services.addressed(of_project(services={"a": wants("b", 5002)})))
