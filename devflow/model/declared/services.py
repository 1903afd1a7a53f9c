"""What a service is asked, to know that it is well and of which version, and what it needs before
it can start."""

import json
from graphlib import TopologicalSorter
from typing import Annotated, Any, Final, Iterable, Mapping, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from devflow.model.bounds.allowed import allowed
from devflow.model.bounds.numbers import GREATEST_PORT, HttpStatus
from devflow.model.bounds.places import UrlPathOrNone
from devflow.model.values import Value

OK: Final = 200


class VersionAt(Value):
    """Where an answer tells the version: ``json`` is a pointer into its body (RFC 6901, as
    ``/build/version``), ``header`` the name of a header. One of them."""

    # pydantic has a method of this name
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    json_: Annotated[
        str,
        Field(max_length=1000, pattern=r"^(/([^/~]|~[01])*)*$"),
        allowed("a JSON pointer, as /build/version"),
    ] = Field(default="", alias="json")
    header: Annotated[
        str,
        Field(max_length=100, pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]*$"),
        allowed("the name of a header, as X-Version"),
    ] = ""

    @model_validator(mode="after")
    def _at_one_place(self) -> Self:
        if bool(self.json_) == bool(self.header):
            raise ValueError("say where the version is: either json: /a/b or header: X-Version")
        return self

    def read(self, body: str, headers: Mapping[str, str]) -> str:
        """The version that an answer tells, empty where it tells none."""
        if self.header:
            return headers.get(self.header.lower(), "").strip()
        try:
            found = _at(json.loads(body), self.json_.split("/")[1:])
        except (ValueError, KeyError, IndexError, RecursionError):
            return ""
        return str(found) if isinstance(found, (str, int, float)) else ""


def _at(value: Any, tokens: Iterable[str]) -> Any:
    for token in tokens:
        name = token.replace("~1", "/").replace("~0", "~")
        # the text of a list's place; of anything else there is no inside
        if isinstance(value, list):
            value = value[int(name)]
        elif isinstance(value, dict):
            value = value[name]
        else:
            raise KeyError(name)
    return value


class HealthCheck(Value):
    """What says that a service is well: an answer of this status at ``path``; without a path it is
    enough that it listens. Without ``version`` it cannot tell its version, and the process that was
    started on its port is the proof. A mere path in its place has to answer 200 with JSON whose
    ``version`` is the version."""

    path: UrlPathOrNone = Field(default="", description="what is asked")
    status: HttpStatus = Field(default=OK, description="what it answers")
    version: VersionAt | None = None

    @model_validator(mode="after")
    def _told_by_an_answer(self) -> Self:
        if self.version is not None and not self.path:
            raise ValueError("version: is told by an answer, and path: is missing")
        return self

    @property
    def wanted_status(self) -> int:
        """What it has to answer; 0 where it is enough that it listens."""
        return self.status if self.path else 0

    @property
    def wording(self) -> str:
        """What is asked, in words."""
        return f"GET {self.path}" if self.path else "a connection"


def _of_path(health: object) -> object:
    """A mere path has to answer JSON whose ``version`` is the version."""
    return {"path": health, "version": {"json": "/version"}} if isinstance(health, str) else health


HealthOf = Annotated[HealthCheck, BeforeValidator(_of_path)]


def at_health() -> HealthCheck:
    """What a service is asked whose ``health:`` is left out."""
    return HealthCheck(path="/health", version=VersionAt(json="/version"))


def _reachable(need: str) -> str:
    _, colon, port = need.rpartition(":")
    if colon and not 1 <= int(port) <= GREATEST_PORT:
        raise ValueError("no such port")
    return need


_HOST: Final = r"[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]"
ServiceNeed = Annotated[
    str,
    Field(
        max_length=300,
        pattern=rf"^([A-Za-z0-9][A-Za-z0-9_.-]*|({_HOST}):[0-9]{{1,5}}|\$[A-Za-z_][A-Za-z0-9_]*)$",
    ),
    AfterValidator(_reachable),
    allowed("a service, host:port, or $VARIABLE of env or pass_env that holds a URL"),
]


def is_service(need: str) -> bool:
    """Whether a need is another service, rather than something outside of the project."""
    return ":" not in need and not need.startswith("$")


def in_order(needs: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Services by name, each behind those that it needs. Raises ``graphlib.CycleError`` where they
    need each other in a circle."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for service, needed in needs.items():
        services = [one for one in needed if is_service(one)]
        sorter.add(service, *services)
    return tuple(sorter.static_order())
