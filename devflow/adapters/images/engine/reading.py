"""What an engine answers to a build, read to its end: progress, the image, or which line failed.

The answer's status is 200 before anything was built. A stream that ends without an image and
without an error is an engine that went away.
"""

import base64
import json
import re
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final, Iterable, Iterator

from devflow.adapters.images.engine.client import disk_full, is_disk_full
from devflow.adapters.images.engine.dockerfile import Dockerfile, Line
from devflow.adapters.images.engine.trace import Moved, Trace, Vertex
from devflow.adapters.machine.captured import NO_SECRETS
from devflow.adapters.masking.secrets import Mask
from devflow.model.errors import DevflowError, StepFailed, Unavailable
from devflow.ports.images import Say

LAST_LINES: Final = 12  # of a command's output; enough for a compiler's or pip's message
_TRACE: Final = "moby.buildkit.trace"
# Podman's and the classic builder's words for a line
_STEP: Final = re.compile(r"(?:\[\d+/\d+\] )?STEP (\d+)/\d+: (.+)", re.I)
_USING_CACHE: Final = "--> Using cache"
_MAKES_LAYER: Final = re.compile(r"(RUN|COPY|ADD)\b", re.I)
_PARSED_LINE: Final = re.compile(r"(?:parse error )?(?:on )?line (\d+): ")
# a base that no registry has, or that cannot be asked for
_NO_BASE: Final = re.compile(
    r"not found|failed to resolve source|pull access denied|failed to do request"
    r"|initializing source|no such host|manifest unknown|dial tcp|connection refused|i/o timeout",
    re.I,
)
_FROM_LINE: Final = re.compile(r"FROM (\S+@sha256:[0-9a-f]{64})")


# BuildKit 20.10 gives up, now and then, on an operation that two builds wait for
_GAVE_UP: Final = "flightcontrol: exceeded retry timeout"


class EngineGaveUp(Unavailable):
    """The engine gave up what it may well do when it is asked again."""


@dataclass(frozen=True)
class Asked:
    """What a build was for, to be named where it fails. ``mask`` knows its secrets; one that
    ``is_anew`` takes nothing from the engine's cache."""

    service: str
    platform: str
    path: str
    dockerfile: Dockerfile
    mask: Mask = NO_SECRETS
    is_anew: bool = False


@dataclass
class Build:
    """A build that came to its end."""

    image_id: str = ""
    trace: Trace = field(default_factory=Trace)
    printed: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_LINES))
    step: str = ""
    told: set[str] = field(default_factory=set)
    # of a builder without a trace: the lines of the last stage that make a layer, and were cached
    layer_lines: int = 0
    cached_lines: int = 0

    def base_reference(self, name: str) -> str:
        """Name and digest of a base, as the engine resolved it; empty where it does not tell. Two
        stages that begin with the same base are one operation, under the first one's name."""
        for _, step in self.trace.steps():
            match = _FROM_LINE.match(step.text)
            if match is not None and _is_named(match[1], name):
                return match[1]
        return ""

    def new_layers(self, dockerfile: Dockerfile, target: str, layers: int) -> int:
        """How many of an image's layers were made by this build, not taken from the cache: one for
        each line of its own stages that ran."""
        if not self.trace.vertices:
            return min(layers, self.layer_lines - self.cached_lines)
        labels = {"", *(stage.label for stage in dockerfile.chain(target))}
        made = [
            vertex
            for vertex, step in self.trace.steps()
            if step.stage in labels and not vertex.cached and not step.text.startswith("FROM ")
        ]
        return min(layers, len(made))


def _is_named(resolved: str, name: str) -> bool:
    """Whether a resolved reference is what a Dockerfile calls so: of the hub, both ways."""
    told = resolved.partition("@")[0].removeprefix("docker.io/").removeprefix("library/")
    asked = name.partition("@")[0].removeprefix("docker.io/").removeprefix("library/")
    return told in (asked, f"{asked}:latest")


def read_build(rows: Iterable[bytes], asked: Asked, say: Say) -> Build:
    """Reads the answer to its end, telling what moves.

    Raises ``StepFailed`` with the line of the Dockerfile, ``Unavailable`` where the base cannot be
    had or the engine went away, ``StorageFailed`` where its disk is full.
    """
    build = Build()
    for message in _messages(rows):
        _take(build, message, asked, say)
        problem = _problem(message)
        if problem:
            raise build_failure(build, problem, asked)
    if not build.image_id:
        problem = f"the engine went away while it built {asked.service} for {asked.platform}"
        hint = "start the engine again, then type the same command"
        raise Unavailable(problem, where=asked.path, hint=hint)
    return build


def build_failure(build: Build, problem: str, asked: Asked) -> DevflowError:
    """What a failed build is to us."""
    if is_disk_full(problem) or any(is_disk_full(row) for row in build.printed):
        return disk_full(asked.path)
    if _GAVE_UP in problem:
        hint = "type the same command again"
        return EngineGaveUp(f"the engine gave up: {problem}", where=asked.path, hint=hint)
    failed = build.trace.failed()
    line = _failed_line(build, failed, problem, asked.dockerfile)
    where = f"{asked.path}:{line.number}" if line is not None else asked.path
    rows = _output(build, failed)
    words = [f"{asked.service} cannot be built for {asked.platform}: {problem.strip()}"]
    if line is not None:
        words.append(line.text)
    words += rows[-LAST_LINES:]
    message = asked.mask("\n  ".join(words))
    is_from = line is not None and line.instruction == "FROM"
    is_load = failed is not None and "load metadata for" in failed.name
    if (is_from or is_load or line is None) and _NO_BASE.search(problem):
        hint = "docker pull the base by hand, or give the engine a registry that has it"
        return Unavailable(message, where=where, hint=hint)
    return StepFailed(message, where=where, hint=f"correct {asked.path}, commit and push")


def _output(build: Build, failed: Vertex | None) -> list[str]:
    """What the failed command printed, else what was printed last."""
    output = bytes(failed.log).decode("utf-8", "replace") if failed is not None else ""
    return output.strip().splitlines() or list(build.printed)


def _messages(rows: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    for row in rows:
        if not row.strip():
            continue
        try:
            message = json.loads(row)
        except ValueError as error:
            raise Unavailable(f"the engine's answer breaks off: {row[:80]!r}") from error
        if isinstance(message, dict):
            yield message


def _problem(message: dict[str, Any]) -> str:
    detail = message.get("errorDetail")
    told = detail.get("message") if isinstance(detail, dict) else ""
    return str(told or message.get("error") or "")


def _take(build: Build, message: dict[str, Any], asked: Asked, say: Say) -> None:
    auxiliary = message.get("aux")
    if message.get("id") == _TRACE and isinstance(auxiliary, str):
        for news in build.trace.read(base64.b64decode(auxiliary)):
            _tell(news, build, asked, say)
    elif isinstance(auxiliary, dict) and auxiliary.get("ID"):
        build.image_id = str(auxiliary["ID"])
    elif "stream" in message:
        take_line(build, str(message["stream"]), asked, say)


def take_line(build: Build, text: str, asked: Asked, say: Say) -> None:
    """Takes what a builder printed that has no trace."""
    for row in text.splitlines():
        if not row.strip():
            continue
        step = _STEP.match(row.strip())
        if step is not None:
            _begin_step(build, step[2])
            say(asked.mask(f"{asked.service} {asked.platform}: {row.strip()}"))
        elif row.startswith(_USING_CACHE) and _MAKES_LAYER.match(build.step):
            build.cached_lines += 1
        else:
            build.printed.append(row.rstrip())


def _begin_step(build: Build, text: str) -> None:
    build.step = text
    build.printed.clear()
    if text.upper().startswith("FROM "):
        build.layer_lines = 0
        build.cached_lines = 0
    elif _MAKES_LAYER.match(text):
        build.layer_lines += 1


def _tell(news: Vertex | Moved, build: Build, asked: Asked, say: Say) -> None:
    head = f"{asked.service} {asked.platform}:"
    if isinstance(news, Moved):
        if news.total > 0:
            say(asked.mask(f"{head} {news.what}"), news.current, news.total)
        return
    text = f"{news.name} (cached)" if news.cached else news.name
    is_first = news.started and news.name not in build.told
    if news.step is not None and is_first:
        build.told.add(news.name)
        say(asked.mask(f"{head} {text}"))


def _failed_line(
    build: Build, failed: Vertex | None, problem: str, dockerfile: Dockerfile
) -> Line | None:
    if failed is not None and failed.step is not None:
        step = failed.step
        return dockerfile.line_of(step.stage, step.number, step.text)
    if build.step:
        return dockerfile.line_of("", 0, build.step)
    parsed = _PARSED_LINE.search(problem)
    if parsed is not None:
        return dockerfile.at(int(parsed[1]))
    for stage in dockerfile.stages:
        # the metadata of a base is asked for before its line is a step
        if failed is not None and stage.base in failed.name:
            return stage.lines[0]
    return None
