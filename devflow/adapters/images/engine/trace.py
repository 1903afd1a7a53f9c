"""BuildKit's progress, as it stands in the answer to a build: the messages of
``moby.buildkit.v1.StatusResponse`` (api/services/control/control.proto), of which four fields each
are read.

Protocol buffers are decoded here: generated code would bring a runtime whose version it is bound
to, for two dozen lines.
"""

import re
from dataclasses import dataclass, field
from typing import Final, Iterator

_VARINT: Final = 0
_FIXED64: Final = 1
_BYTES: Final = 2
_FIXED32: Final = 5
_WIDTH: Final = {_FIXED64: 8, _FIXED32: 4}
_STEP: Final = re.compile(r"\[(?:(?P<stage>\S+) )?(?P<number>\d+)/(?P<of>\d+)\] (?P<text>.+)", re.S)


@dataclass
class Vertex:
    """One operation of a build, by BuildKit's word. ``name`` begins with stage and number, where it
    is a line of the Dockerfile."""

    digest: str
    name: str = ""
    cached: bool = False
    started: bool = False
    completed: bool = False
    error: str = ""
    log: bytearray = field(default_factory=bytearray)

    @property
    def step(self) -> "Step | None":
        """Which line of the Dockerfile it is."""
        match = _STEP.fullmatch(self.name)
        if match is None:
            return None
        number = int(match["number"])
        return Step(match["stage"] or "", number, int(match["of"]), match["text"])


@dataclass(frozen=True)
class Step:
    """A line of a Dockerfile as BuildKit names it: ``[stage-1 2/4] RUN make``."""

    stage: str
    number: int
    of: int
    text: str


@dataclass(frozen=True)
class Moved:
    """How many bytes of something have been moved."""

    vertex: str
    what: str
    current: int
    total: int


@dataclass
class Trace:
    """What is known of a build so far."""

    vertices: dict[str, Vertex] = field(default_factory=dict)

    def read(self, message: bytes) -> Iterator[Vertex | Moved]:
        """Takes the next message, and tells what is new in it. Raises ``ValueError`` for what is
        none."""
        for number, value in _fields(message):
            if not isinstance(value, bytes):
                continue
            if number == 1:
                yield self._vertex(value)
            elif number == 2:
                yield _moved(value)
            elif number == 3:
                self._log(value)

    def failed(self) -> Vertex | None:
        """The operation that failed, if one did."""
        return next((vertex for vertex in self.vertices.values() if vertex.error), None)

    def steps(self) -> Iterator[tuple[Vertex, Step]]:
        """The operations that are lines of the Dockerfile."""
        for vertex in self.vertices.values():
            if (step := vertex.step) is not None:
                yield vertex, step

    def _vertex(self, message: bytes) -> Vertex:
        fields = dict(_fields(message))
        digest = _text(fields.get(1))
        vertex = self.vertices.setdefault(digest, Vertex(digest))
        vertex.name = _text(fields.get(3))
        vertex.cached = vertex.cached or bool(fields.get(4))
        vertex.started = 5 in fields
        vertex.completed = 6 in fields
        vertex.error = _text(fields.get(7))
        return vertex

    def _log(self, message: bytes) -> None:
        fields = dict(_fields(message))
        printed = fields.get(4)
        digest = _text(fields.get(1))
        if isinstance(printed, bytes) and digest in self.vertices:
            self.vertices[digest].log += printed


def _moved(message: bytes) -> Moved:
    fields = dict(_fields(message))
    what = _text(fields.get(3)) or _text(fields.get(1))
    return Moved(_text(fields.get(2)), what, _number(fields.get(4)), _number(fields.get(5)))


def _text(value: int | bytes | None) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


def _number(value: int | bytes | None) -> int:
    return value if isinstance(value, int) else 0


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number = key >> 3
        wire = key & 7
        if wire == _VARINT:
            value, at = _varint(message, at)
            yield number, value
            continue
        if wire == _BYTES:
            size, at = _varint(message, at)
        elif wire in _WIDTH:
            size = _WIDTH[wire]
        else:
            raise ValueError(f"wire type {wire} in a progress message")
        if at + size > len(message):
            raise ValueError("a progress message ends in the middle")
        yield number, message[at : at + size]
        at += size


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(message):
            raise ValueError("a progress message ends in the middle")
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError("a number without an end in a progress message")
