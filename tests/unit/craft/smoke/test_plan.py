"""Which containers are started, and in which order."""

import pytest

from devflow.craft.smoke.plan import STATE, planned
from devflow.model.declared.project import ImageSettings, Service
from devflow.model.errors import PipelineInvalid
from devflow.model.images import PublishedImage


def service(*command: str, of: str = "") -> Service:
    return Service(path="services", port=5000, image=ImageSettings(command=command, of=of))


def published(*names: str) -> list[PublishedImage]:
    digest = f"sha256:{'a' * 64}"
    return [
        PublishedImage(service=name, repository=f"r/{name}", digest=digest, tags=())
        for name in names
    ]


def test_a_service_is_started_after_those_whose_address_it_wants() -> None:
    services = {
        "page": service("serve", "--api={api_url}", "--docs={docs_url}"),
        "docs": service("serve", "--api={api_url}"),
        "api": service(),
    }
    names = [one.name for one in planned(services, published(*services))]
    assert names == ["api", "docs", "page"]


def test_the_order_is_the_declarations_where_nothing_is_wanted() -> None:
    services = {"b": service(), "a": service()}
    assert [one.name for one in planned(services, published("a", "b"))] == ["b", "a"]


@pytest.mark.parametrize("wanted", ["a", "b"])
def test_a_circle_is_refused_with_those_that_wait_for_it(wanted: str) -> None:
    services = {"z": service(), "a": service("{b_url}"), "b": service(f"{{{wanted}_url}}")}
    with pytest.raises(PipelineInvalid, match="another's address first: a, b"):
        planned(services, published(*services))


def test_what_it_declares_of_its_environment_is_filled_as_its_command_is() -> None:
    env = {"PORT": "{port}", "FILES": "{state}/files", "API": "{api_url}", "JSON": '{"a": 1}'}
    told = service().model_copy(update={"env": env, "pass_env": ("TOKEN",)})
    services = {"page": told, "api": service()}
    api, page = planned(services, published(*services))
    assert (api.name, page.takes_port, api.takes_port) == ("api", True, False)
    assert page.environment(81, {"api": "http://api:80"}) == {
        "PORT": "81",
        "FILES": f"{STATE}/files",
        "API": "http://api:80",
        "JSON": '{"a": 1}',
    }


def test_an_address_of_no_container_is_not_waited_for() -> None:
    services = {
        "a": service("{elsewhere_url}", "{database_url}"),
        "database": Service(path=".", port=1),
    }
    (one,) = planned(services, published("a"))
    assert one.command(1, {}) == ("{elsewhere_url}", "{database_url}")


def test_a_service_may_run_from_anothers_image() -> None:
    services = {"docs": service(of="page"), "page": service()}
    docs, page = planned(services, published("page"))
    assert docs.image == page.image
    assert (docs.name, page.name) == ("docs", "page")


def test_what_has_no_image_is_not_planned() -> None:
    services = {"a": service(), "b": Service(path=".", port=1)}
    assert planned(services, published("b")) == ()


def test_placeholders_are_filled_and_others_braces_stay() -> None:
    line = "{port} {state} {api_url} {other} {} {{port}} ${HOME} {'a': 1}"
    services = {"api": service(), "page": service(line)}
    page = planned(services, published(*services))[1]
    (filled,) = page.command(81, {"api": "http://x:{port}"})
    assert filled == f"81 {STATE} http://x:{{port}} {{other}} {{}} {{81}} ${{HOME}} {{'a': 1}}"


def test_only_a_command_that_names_it_is_told_a_port() -> None:
    services = {"told": service("serve", "--port={port}"), "fixed": service("serve", "{state}")}
    plan = {one.name: one for one in planned(services, published(*services))}
    assert plan["told"].takes_port and not plan["fixed"].takes_port
