"""Everything that a command of the tests loads sooner or later, and the values compiled that it
makes: a server of processes has it ready, so that none of them does it for itself."""

import gc
from importlib import import_module
from typing import Final, Iterator

from devflow import steps
from devflow.model.values import Value

# what is loaded where it is first needed
_LATE: Final = (
    "asyncio",
    "findpython",
    "devflow.adapters.deploys.local",
    "devflow.adapters.machine.sandbox_server",
    "devflow.adapters.machine.shell",
    "devflow.cli.approve",
    "devflow.cli.reject",
    "devflow.cli.ship",
    "devflow.cli.start",
)


def _kinds(of: type[Value]) -> Iterator[type[Value]]:
    for kind in of.__subclasses__():
        yield kind
        yield from _kinds(kind)


for module in steps.MODULES:
    steps.step_in(module)
for name in _LATE:
    import_module(name)
for value in set(_kinds(Value)):
    value.model_rebuild()
# what is there already is never looked through again, so that a fork copies none of it
gc.collect()
gc.freeze()
