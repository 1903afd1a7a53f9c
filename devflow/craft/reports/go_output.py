"""What a test of Go printed, as gotestsum and go-junit-report put it into their reports: a failure
has only "Failed" for a message there, and a skipped test everything that it printed."""

import re
from typing import Final

from devflow.model.wording import one_line

_SAYS_NOTHING: Final = "Failed"
# what the runner itself prints around a test's output, in the words of `go test -v`
_RUNNER: Final = re.compile(r"\s*(=== (RUN|PAUSE|CONT|NAME)\s|--- (FAIL|PASS|SKIP): )")
# `t.Errorf` and its like, and what ends the process
_TELLING: Final = re.compile(r"\s*(\S+\.go:\d+: +\S|panic: )")


def why(message: str, text: str) -> str:
    """The line that tells why, or all that the test printed where none does; nothing for a message
    that is not Go's."""
    if message != _SAYS_NOTHING and not _RUNNER.match(message):
        return ""
    printed = text if message == _SAYS_NOTHING else message
    own = [line for line in printed.splitlines() if not _RUNNER.match(line)]
    telling = [line for line in own if _TELLING.match(line)]
    return one_line(telling[0] if telling else " ".join(own))
