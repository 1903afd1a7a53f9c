"""Starts git by gitpython: with a bounded time, without a prompt, and without this process'
secrets.

gitpython hands the whole environment on, so git is started through ``env -u``, which takes away
every name that git does not need.
"""

import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Mapping

from devflow.adapters.git.command import git_command, verb_of
from devflow.adapters.machine.room import full_place, room_in
from devflow.model.errors import (
    AccessDenied,
    DevflowError,
    RemoteSilent,
    StepFailed,
    StorageFailed,
    Unavailable,
    UsageError,
    no_room,
)
from devflow.model.wording import duration

INSTALL_GIT: Final = "install git 2.34 or newer"


def no_git(problem: str = "it does not answer as git does") -> Unavailable:
    """What to raise where git is missing, or where something else has its name."""
    place = shutil.which("git")
    if place is None:
        return Unavailable("there is no git on this machine", hint=INSTALL_GIT)
    told = f"what is called git on this machine does not work as git: {problem}"
    return Unavailable(told, where=place, hint=INSTALL_GIT)


try:
    # it asks for git's version while it is loaded
    from git import Git
except ModuleNotFoundError:
    raise
except ImportError as _error:
    raise no_git() from _error

# s; `git add -A` of this repository takes 0.02 s, and a project can be a thousand times as large
LOCAL_S: Final = 120.0
REMOTE_S: Final = 120.0  # s; enough for 100 MB over 10 Mbit/s, which takes 80
_NAMES: Final = frozenset(
    "HOME PATH LANG LC_ALL LANGUAGE USER LOGNAME TMPDIR XDG_CONFIG_HOME "
    "SSH_AUTH_SOCK GNUPGHOME GPG_TTY "
    "SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE http_proxy https_proxy all_proxy no_proxy "
    "HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY".split()
)
# not GIT_DIR, GIT_INDEX_FILE and their like: a hook that starts devflow sets them, and they would
# lead to another place
_PREFIXES: Final = (
    "GIT_AUTHOR_",
    "GIT_COMMITTER_",
    "GIT_CONFIG_",
    "GIT_SSH",
    "GIT_SSL_",
    "GIT_HTTP",
    "GIT_PROXY",
    "GIT_ASKPASS",
)
_DENIED: Final = re.compile(
    r"authentication failed|could not read (username|password)"
    r"|permission denied|access denied|error: 40[13]",
    re.IGNORECASE,
)


# what is named by outside text, a remote first, stands behind it
_END: Final = "--end-of-options"
_NO_ROOM: Final = re.compile(r"No space left on device|Disk quota exceeded|File too large")
_REMOTE_NO_ROOM: Final = re.compile(f"^remote: .*({_NO_ROOM.pattern})", re.MULTILINE)
# what `env` ends with where there is no such program, or none that can be run
_NOT_STARTED: Final = (126, 127)


@dataclass(frozen=True)
class GitResult:
    """How git ended; ``status`` is its exit code."""

    status: int
    output: bytes
    complaint: str

    @property
    def text(self) -> str:
        """The output as text without the last line's end."""
        return self.output.decode("utf-8", "replace").rstrip("\n")

    @property
    def reason(self) -> str:
        """What git complained of, as one line."""
        lines = [line for line in self.complaint.splitlines() if not line.startswith("hint:")]
        return " ".join(line.strip() for line in lines if line.strip())


class GitProcess:
    """git in one folder. Text from outside comes behind ``--end-of-options`` or as a full
    hexadecimal id."""

    def __init__(self, folder: Path, env: Mapping[str, str] | None = None) -> None:
        """``env`` is added to the environment of each call."""
        self._git = Git(folder)
        self._env = env or {}

    def run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        timeout_s: float = LOCAL_S,
    ) -> GitResult:
        """Runs git to its end, whatever that is. Raises ``Unavailable`` where there is no git,
        ``StorageFailed`` where it met a full disk."""
        variables = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}
        variables.update({**self._env, **(env or {})})
        foreign = [name for name in os.environ if not (name in variables or _git_needs(name))]
        unset = [f"--unset={name}" for name in foreign]
        # gitpython takes an open file as the input, and no bytes
        with room_in(tempfile.gettempdir()), tempfile.TemporaryFile() as file:
            file.write(stdin)
            file.seek(0)
            ended = self._git.execute(
                ["env", *unset, *git_command(arguments)],
                istream=file.fileno(),
                env=variables,
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
                kill_after_timeout=timeout_s,
            )
        status, output, complaint = ended
        if status in _NOT_STARTED:
            raise no_git(complaint.strip())
        if status and _NO_ROOM.search(complaint):
            raise self._no_room(arguments, complaint)
        if complaint.startswith("Timeout:"):
            complaint = f"no answer within {duration(timeout_s)}"
        return GitResult(int(status), output, complaint)

    def _no_room(self, arguments: tuple[str, ...], complaint: str) -> StorageFailed:
        """What to raise where git met a full disk, here or on the other side of a push."""
        if _REMOTE_NO_ROOM.search(complaint):
            words = arguments[arguments.index(_END) + 1 :] if _END in arguments else ()
            return no_room(f"the remote {without_credentials(''.join(words[:1]))}".rstrip())
        full = full_place(Path(tempfile.gettempdir()))
        return full or no_room(str(self._git.working_dir))

    def must(
        self,
        *arguments: str,
        stdin: bytes = b"",
        env: Mapping[str, str] | None = None,
        timeout_s: float = LOCAL_S,
    ) -> str:
        """What git prints. Raises ``StepFailed`` with git's own words when it fails."""
        ended = self.run(*arguments, stdin=stdin, env=env, timeout_s=timeout_s)
        if not ended.status:
            return ended.text
        verb = verb_of(arguments)
        problem = f"git {verb} failed: {ended.reason or ended.text}"
        raise StepFailed(problem, where=f"git {verb}", hint="git status")


def find_root(start: Path) -> Path:
    """The top folder of the repository around ``start``.

    Raises ``UsageError`` without one, or without a commit in it.
    """
    git = GitProcess(start)
    top = git.run("rev-parse", "--show-toplevel")
    if not top.status and not Path(top.text).is_absolute():
        raise no_git()
    if "dubious ownership" in top.complaint and top.status:
        hint = f"git config --global --add safe.directory {start}"
        raise UsageError(top.reason, where=str(start), hint=hint)
    if top.status:
        hint = "cd into the project, or type: git init"
        raise UsageError(f"{start} is in no git repository", where=str(start), hint=hint)
    if git.run("rev-parse", "--verify", "--quiet", "HEAD").status:
        hint = "git add -A && git commit -m 'first commit'"
        raise UsageError(f"{top.text} has no commit yet", where=top.text, hint=hint)
    return Path(top.text)


def common_dir(root: Path) -> Path:
    """The repository's own folder, the same for all its work trees."""
    return Path(GitProcess(root).must("rev-parse", "--path-format=absolute", "--git-common-dir"))


def remote_called(root: Path, address: str) -> str:
    """The name of the remote that leads to an address, empty where none does."""
    lines = GitProcess(root).run("remote", "--verbose").text.splitlines()
    for line in lines:
        name, _, rest = line.partition("\t")
        if rest == f"{address} (push)":
            return name
    return ""


def remote_error(ended: GitResult, remote: str, doing: str) -> DevflowError:
    """What to raise where the remote was not reached: refused credentials are no silence."""
    shown = without_credentials(remote)
    reason = without_credentials(ended.reason) or f"git ended with {ended.status}"
    if _DENIED.search(ended.complaint):
        hint = "check your git credentials for this remote"
        return AccessDenied(f"{shown} refused to {doing}: {reason}", where=shown, hint=hint)
    problem = f"{shown} did not answer to {doing}: {reason}"
    return RemoteSilent(problem, where=shown, hint=f"git ls-remote {shown}")


def without_credentials(address: str) -> str:
    """The text without the user and password of any address in it."""
    return re.sub(r"://[^/@\s]*@", "://", address)


def _git_needs(name: str) -> bool:
    """Whether a variable of the environment is one that git needs."""
    return name in _NAMES or name.startswith(_PREFIXES)
