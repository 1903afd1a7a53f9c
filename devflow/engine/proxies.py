"""What stands between a step and the world: the recording proxy for ``make``, the read-only one for
``look`` and dry runs.

A step's code has no plumbing: the intent is durable before the effect, the effect before the
record, and ``mark`` is filled here.
"""

import hashlib
import inspect
import json
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Callable, Mapping, Protocol, get_type_hints

from pydantic_core import to_jsonable_python

from devflow.engine.fold import Memory
from devflow.model.marks import Mark
from devflow.ports.verbs import Verb, verb_of
from devflow.step import See, Tools


@dataclass(frozen=True)
class WriteCall:
    """A write as it is recorded: what is said, and the key by which the same one is known again."""

    port: str
    verb: str
    target: str
    key: str
    repeatable: bool


class WriteLog(Protocol):
    """Where the recording proxy tells what it is about to do and what has returned."""

    def write(self, call: WriteCall) -> AbstractContextManager[None]:
        """Makes the intent durable before the effect within, and its return after."""
        ...

    def doubtful(self, call: WriteCall) -> None:
        """Records that a write with an unknown outcome is not repeated."""
        ...


@dataclass(frozen=True)
class Occasion:
    """For whom a write is made: what its mark and its key say."""

    run: str
    entry: str
    fingerprint: str
    round: int
    attempt: int


class _Recording:
    """One port's adapter, its writes recorded."""

    def __init__(self, port: str, protocol: Any, adapter: Any, recorder: "_Recorder") -> None:
        self._port = port
        self._protocol = protocol
        self._adapter = adapter
        self._recorder = recorder

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._adapter, name)
        kind = verb_of(self._protocol, name)
        if kind is None:
            return method
        parameters = inspect.signature(getattr(self._protocol, name)).parameters
        return _RecordedVerb(self._port, name, kind, method, "mark" in parameters, self._recorder)


@dataclass(frozen=True)
class _RecordedVerb:
    """One write verb of a port: intent, effect, wrote."""

    port: str
    verb: str
    kind: Verb
    effect: Callable[..., None]
    takes_mark: bool
    recorder: "_Recorder"

    @property
    def is_repeatable(self) -> bool:
        """Whether the verb may be said again."""
        return self.kind == "ensures"

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        arguments = to_jsonable_python([args, dict(kwargs)], bytes_mode="base64", fallback=str)
        target = str(args[0]) if args else ""
        write = self.recorder.call(self, target, arguments)
        if self.recorder.is_settled(self, write, arguments):
            return
        if self.takes_mark:
            kwargs = {**kwargs, "mark": self.recorder.mark(self.verb, kwargs.get("slot", ""))}
        with self.recorder.log.write(write):
            self.effect(*args, **kwargs)


class _Recorder:
    """What the writes of one attempt have in common."""

    def __init__(self, occasion: Occasion, memory: Memory, log: WriteLog) -> None:
        self.log = log
        self._occasion = occasion
        self._memory = memory

    def is_settled(self, verb: "_RecordedVerb", write: WriteCall, arguments: Any) -> bool:
        """Whether a write that cannot be repeated has happened, or may have: then it is shown."""
        if write.repeatable:
            return False
        keys = {write.key}
        # an earlier release knew the same write by another fingerprint
        for earlier in self._memory.earlier_epoch:
            keys.add(self._key(verb, earlier, arguments))
        if keys & self._memory.returned:
            return True
        if keys & self._memory.in_doubt:
            self.log.doubtful(write)
            return True
        return False

    def mark(self, verb: str, slot: str) -> Mark:
        """The mark that the write leaves outside."""
        occasion = self._occasion
        return Mark(
            run=occasion.run, entry=occasion.entry, verb=verb, slot=slot, round=occasion.round
        )

    def call(self, verb: "_RecordedVerb", target: str, arguments: Any) -> WriteCall:
        """The write as it is recorded, with the key that the same one has again."""
        return WriteCall(
            port=verb.port,
            verb=verb.verb,
            target=target,
            key=self._key(verb, self._occasion.fingerprint, arguments),
            repeatable=verb.is_repeatable,
        )

    def _key(self, verb: "_RecordedVerb", fingerprint: str, arguments: Any) -> str:
        # a write that cannot be repeated is the same one in every attempt
        attempt = self._occasion.attempt if verb.is_repeatable else 0
        entry = self._occasion.entry
        identity = [entry, fingerprint, attempt, verb.port, verb.verb, arguments]
        text = json.dumps(identity, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


class _ReadOnly:
    """One port's adapter with nothing but the reading half, at run time too."""

    def __init__(self, port: str, protocol: Any, adapter: Any) -> None:
        self._port = port
        self._protocol = protocol
        self._adapter = adapter

    def __getattr__(self, name: str) -> Any:
        is_public = not name.startswith("_") and hasattr(self._protocol, name)
        if not is_public or verb_of(self._protocol, name):
            raise AttributeError(f"{self._port}.{name} is not in the reading half")
        return getattr(self._adapter, name)


@cache
def _protocols(world: type) -> Mapping[str, Any]:
    """The ports of a world by their names."""
    return get_type_hints(world)


def recording(tools: Tools, occasion: Occasion, memory: Memory, log: WriteLog) -> Tools:
    """The world as ``make`` gets it."""
    recorder = _Recorder(occasion, memory, log)
    hints = _protocols(Tools)
    ports: dict[str, Any] = {}
    for field in fields(Tools):
        adapter = getattr(tools, field.name)
        ports[field.name] = _Recording(field.name, hints[field.name], adapter, recorder)
    return Tools(**ports)


def reading(tools: Tools | See) -> See:
    """The world as ``look`` and dry runs get it."""
    hints = _protocols(See)
    ports: dict[str, Any] = {}
    for field in fields(See):
        adapter = getattr(tools, field.name)
        ports[field.name] = _ReadOnly(field.name, hints[field.name], adapter)
    return See(**ports)
