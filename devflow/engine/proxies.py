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
from typing import Any, Callable, Mapping, Protocol, get_type_hints

from pydantic_core import to_jsonable_python

from devflow.engine.fold import Memory
from devflow.model.marks import Mark
from devflow.ports.verbs import Verb, verb_of
from devflow.step import See, Tools


@dataclass(frozen=True)
class Meant:
    """A write as it is recorded: what is said, and the key by which the same one is known again."""

    port: str
    verb: str
    target: str
    key: str
    repeatable: bool


class WriteLog(Protocol):
    """Where the recording proxy tells what it is about to do and what has returned."""

    def write(self, meant: Meant) -> AbstractContextManager[None]:
        """Makes the intent durable before the effect within, and the fact that it returned after.
        """
        ...

    def doubtful(self, meant: Meant) -> None:
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
        self._port, self._protocol, self._adapter, self._recorder = (
            port,
            protocol,
            adapter,
            recorder,
        )

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._adapter, name)
        verb = verb_of(self._protocol, name)
        if verb is None:
            return method
        takes_mark = "mark" in inspect.signature(getattr(self._protocol, name)).parameters

        def write(*args: Any, **kwargs: Any) -> None:
            self._recorder.write(self._port, (name, verb, takes_mark), method, args, kwargs)

        return write


class _Recorder:
    """Intent, effect, wrote."""

    def __init__(self, occasion: Occasion, memory: Memory, log: WriteLog) -> None:
        self._occasion, self._memory, self._log = occasion, memory, log

    def write(
        self,
        port: str,
        verb: tuple[str, Verb, bool],
        effect: Callable[..., None],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
    ) -> None:
        name, kind, takes_mark = verb
        meant = self._meant(port, name, kind, args, kwargs)
        if not meant.repeatable:
            if meant.key in self._memory.wrote_once:
                return
            if meant.key in self._memory.unsure:
                self._log.doubtful(meant)
                return
        marked = {**kwargs, "mark": self._mark(name, kwargs)} if takes_mark else kwargs
        with self._log.write(meant):
            effect(*args, **marked)

    def _mark(self, verb: str, kwargs: Mapping[str, Any]) -> Mark:
        who = self._occasion
        return Mark(
            run=who.run, entry=who.entry, verb=verb, slot=kwargs.get("slot", ""), round=who.round
        )

    def _meant(
        self, port: str, verb: str, kind: Verb, args: tuple[Any, ...], kwargs: Mapping[str, Any]
    ) -> Meant:
        who, repeatable = self._occasion, kind == "ensures"
        said = to_jsonable_python([args, dict(kwargs)], bytes_mode="base64", fallback=str)
        attempt = who.attempt if repeatable else 0
        text = json.dumps([who.entry, who.fingerprint, attempt, port, verb, said], sort_keys=True)
        target = " ".join(str(arg) for arg in args[:1])
        return Meant(port, verb, target, hashlib.sha256(text.encode()).hexdigest()[:32], repeatable)


class _ReadOnly:
    """One port's adapter with nothing but the reading half, at run time too."""

    def __init__(self, port: str, protocol: Any, adapter: Any) -> None:
        self._port, self._protocol, self._adapter = port, protocol, adapter

    def __getattr__(self, name: str) -> Any:
        if (
            name.startswith("_")
            or not hasattr(self._protocol, name)
            or verb_of(self._protocol, name)
        ):
            raise AttributeError(f"{self._port}.{name} is not in the reading half")
        return getattr(self._adapter, name)


def recording(tools: Tools, occasion: Occasion, memory: Memory, log: WriteLog) -> Tools:
    """The world as ``make`` gets it."""
    recorder = _Recorder(occasion, memory, log)
    hints = get_type_hints(Tools)
    wrapped: dict[str, Any] = {
        field.name: _Recording(field.name, hints[field.name], getattr(tools, field.name), recorder)
        for field in fields(Tools)
    }
    return Tools(**wrapped)


def reading(tools: Tools | See) -> See:
    """The world as ``look`` and dry runs get it."""
    hints = get_type_hints(See)
    wrapped: dict[str, Any] = {
        field.name: _ReadOnly(field.name, hints[field.name], getattr(tools, field.name))
        for field in fields(See)
    }
    return See(**wrapped)
