"""Runs a command on this very terminal, as a person who types it would: with the whole environment,
its output untouched."""

import os
from pathlib import Path
from typing import Collection, Final, Sequence

_IN_FOLDER: Final = 'cd "$1" && shift && exec "$@"'


def foreground(argv: Sequence[str], cwd: Path, without: Collection[str] = ()) -> int:
    """Runs the command to its end and answers its exit code, as a shell would; ``without`` are
    variables of ours that it does not get."""
    env = {name: value for name, value in os.environ.items() if name not in without}
    pid = os.posix_spawnp("/bin/sh", ["sh", "-c", _IN_FOLDER, "sh", str(cwd), *argv], env)
    while True:
        try:
            _, status = os.waitpid(pid, 0)
        except KeyboardInterrupt:
            # the command was interrupted too, and says itself how it ends
            continue
        code = os.waitstatus_to_exitcode(status)
        return code if code >= 0 else 128 - code


def edited(editor: str, path: Path) -> int:
    """Lets a person edit a file with an editor's command line, as git does: a shell reads it.
    Answers its exit code."""
    return foreground(("sh", "-c", f'{editor} "$@"', editor, str(path)), path.parent)
