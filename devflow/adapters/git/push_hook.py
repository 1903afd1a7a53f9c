"""How the repository's pre-push hook ended, from git's own trace.

For a hook that refuses and for a remote that breaks off, git 2.39 prints the same line and ends
with 1. Its trace (api-trace2, event format 3, since git 2.22) names the hook and its exit status.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Iterator, Mapping

# s; as long as the same hook gets in step 9 (`Command.timeout_s`)
HOOK_S: Final = 600.0
_MOST_LINES: Final = 12  # of a hook's words; the last ones say why
_GITS_OWN: Final = "error: failed to push some refs to "


@dataclass(frozen=True)
class PushHook:
    """``refused``: it ended with an error; ``hangs``: it never ended."""

    refused: bool = False
    hangs: bool = False


def tracing(file: Path) -> Mapping[str, str]:
    """The environment in which git writes its trace into a file."""
    return {"GIT_TRACE2_EVENT": str(file)}


def hook_in(file: Path) -> PushHook:
    """What the trace says of the hook."""
    started = None
    for event in _own_events(file):
        if event.get("event") == "child_start" and event.get("hook_name") == "pre-push":
            started = event.get("child_id")
        elif event.get("event") == "child_exit" and event.get("child_id") == started:
            return PushHook(refused=event.get("code") != 0)
    return PushHook(hangs=started is not None)


def words_of(output: str, complaint: str) -> str:
    """What a hook that refused has printed, as one line: before the hook has passed, git prints
    nothing itself."""
    lines = [*output.splitlines(), *complaint.splitlines()]
    told = [line.strip() for line in lines if line.strip() and not line.startswith(_GITS_OWN)]
    return "; ".join(told[-_MOST_LINES:])


def _own_events(file: Path) -> Iterator[Mapping[str, Any]]:
    """The events of the git that was started, without those of the gits that it and its hook
    started: their session ids have a slash."""
    if not file.exists():
        return
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            event = json.loads(line)
        except ValueError:  # the last line of a git that was killed
            continue
        if "/" not in event.get("sid", ""):
            yield event
