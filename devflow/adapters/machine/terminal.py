"""Runs a command on this very terminal, as a person who types it would: with the whole environment,
its output untouched."""

import os
from pathlib import Path
from typing import Final, Sequence

_IN_FOLDER: Final = 'cd "$1" && shift && exec "$@"'


def foreground(argv: Sequence[str], cwd: Path) -> int:
    """Runs the command to its end and answers its exit code, as a shell would."""
    pid = os.posix_spawnp("/bin/sh", ["sh", "-c", _IN_FOLDER, "sh", str(cwd), *argv], os.environ)
    while True:
        try:
            _, status = os.waitpid(pid, 0)
        except KeyboardInterrupt:
            # the command was interrupted too, and says itself how it ends
            continue
        code = os.waitstatus_to_exitcode(status)
        return code if code >= 0 else 128 - code
