"""The line of the declaration that each layer came of, as a person wrote it."""

import re
from typing import Final

from devflow.craft.analysis.secrets import redacted
from devflow.craft.oci.formats import ImageConfig

_NOP: Final = re.compile(r"^/bin/sh -c #\(nop\)\s+")
_ARGS: Final = re.compile(r"^(RUN )?\|\d+ (?P<args>.*?)/bin/sh -c ")
_SHELL: Final = re.compile(r"^(RUN )?/bin/sh -c ")
_BUILDKIT: Final = re.compile(r"\s*# buildkit$")
UNKNOWN: Final = ""


def lines_of_layers(config: ImageConfig, layers: int) -> tuple[str, ...]:
    """A line for each layer, empty where the history has none for it; without what is secret."""
    lines = [_line(one.created_by) for one in config.history if not one.empty_layer]
    # a history that names fewer or more layers than there are cannot be told apart
    if len(lines) != layers:
        return (UNKNOWN,) * layers
    return tuple(lines)


def _line(created_by: str) -> str:
    line = _BUILDKIT.sub("", " ".join(created_by.split()))
    if _NOP.match(line):
        line = _NOP.sub("", line)
    elif _ARGS.match(line):
        line = f"RUN {_ARGS.sub('', line)}"
    elif _SHELL.match(line):
        line = f"RUN {_SHELL.sub('', line)}"
    return redacted(line)
