"""The settings of a repository: read as git sees them, chosen for a checkout, and written as a
file of git's.

A checkout gets what decides which bytes lie in its files and where its branches lead, and nothing
that starts a program at an event or lets anybody in.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Iterable, Mapping
from urllib.parse import urlsplit, urlunsplit

from devflow.adapters.git.process import GitProcess

_BYTES: Final = frozenset("autocrlf eol safecrlf filemode symlinks ignorecase".split())
_REMOTE: Final = frozenset("url pushurl fetch push tagopt promisor partialclonefilter".split())
_SUBMODULE: Final = frozenset(("url", "active"))
_DRIVERS: Final = frozenset(("filter", "diff", "merge", "branch"))
# git fetches by itself what is missing in a repository with these
_PROMISES: Final = frozenset(("promisor", "partialclone", "partialclonefilter"))
# what would lead a repository that borrows these settings back to the one that they are of
_OWN: Final = frozenset(("core.worktree", "core.bare", "core.hookspath", "lfs.storage"))


@dataclass(frozen=True)
class Setting:
    """One setting; the subsection is kept as it is written, the rest is in small letters."""

    section: str
    subsection: str
    name: str
    value: str

    @property
    def key(self) -> str:
        """The name as ``git config`` takes it."""
        return ".".join(part for part in (self.section, self.subsection, self.name) if part)

    @property
    def promises(self) -> bool:
        """Whether it makes git ask a remote for what is missing."""
        return self.section in ("remote", "extensions") and self.name in _PROMISES


def settings_of(git: GitProcess) -> tuple[Setting, ...]:
    """Every setting in force in a repository, in the order in which a later one wins."""
    # all files, not the repository's alone: a global one may be included for this folder only
    records = git.must("config", "--list", "-z").split("\0")
    return tuple(_setting(record) for record in records if record)


def for_checkout(settings: Iterable[Setting], root: Path) -> tuple[Setting, ...]:
    """What a checkout gets of a repository's settings; ``root`` is where relative addresses
    start."""
    chosen = (setting for setting in settings if _is_kept(setting))
    return tuple(_placed(setting, root) for setting in chosen)


def without_own(settings: Iterable[Setting]) -> tuple[Setting, ...]:
    """All settings but those that say where the repository itself lies and how it is kept."""
    kept = []
    for setting in settings:
        foreign = setting.section in ("extensions", "include", "includeif")
        if not foreign and setting.key not in _OWN and setting.name != "repositoryformatversion":
            kept.append(setting)
    return tuple(kept)


def values(settings: Iterable[Setting]) -> Mapping[str, str]:
    """The value in force by key."""
    return {setting.key: setting.value for setting in settings}


def remote_in(settings: Iterable[Setting]) -> str:
    """The remote to fetch from, by git's own habit where there are several."""
    remotes = [one.subsection for one in settings if one.section == "remote" and one.name == "url"]
    return "origin" if "origin" in remotes or not remotes else remotes[0]


def file_text(settings: Iterable[Setting]) -> str:
    """The settings as the text of a file that git reads."""
    lines: list[str] = []
    for setting in settings:
        head = f"[{setting.section}]"
        if setting.subsection:
            name = setting.subsection.replace("\\", "\\\\").replace('"', '\\"')
            head = f'[{setting.section} "{name}"]'
        lines += (head, f'\t{setting.name} = "{_escaped(setting.value)}"')
    return "".join(f"{line}\n" for line in lines)


def made(key: str, value: str) -> Setting:
    """A setting of our own."""
    return _setting(f"{key}\n{value}")


def _setting(record: str) -> Setting:
    # a key without a value is true, and is printed without the line end
    key, _, value = record.partition("\n") if "\n" in record else (record, "", "true")
    section, _, rest = key.partition(".")
    subsection, _, name = rest.rpartition(".")
    return Setting(section, subsection, name, value)


def _is_kept(setting: Setting) -> bool:
    if setting.section in _DRIVERS:
        return bool(setting.subsection)
    if setting.section == "core":
        return not setting.subsection and setting.name in _BYTES
    if setting.section == "lfs":
        return setting.key != "lfs.storage"
    if setting.section == "remote":
        return bool(setting.subsection) and setting.name in _REMOTE
    if setting.section == "submodule":
        return bool(setting.subsection) and setting.name in _SUBMODULE
    return setting.key == "extensions.partialclone"


def _placed(setting: Setting, root: Path) -> Setting:
    if setting.name not in ("url", "pushurl"):
        return setting
    value = _address(setting.value, root)
    return Setting(setting.section, setting.subsection, setting.name, value)


def _address(address: str, root: Path) -> str:
    """An address that leads to the same place from anywhere, without a password in it."""
    if "://" in address:
        parts = urlsplit(address)
        user, at, host = parts.netloc.rpartition("@")
        # ssh asks for a name, which is no secret
        kept = user.partition(":")[0] + at if parts.scheme == "ssh" else ""
        return urlunsplit(parts._replace(netloc=kept + host))
    if ":" in address.partition("/")[0]:
        # host:path
        return address
    return str(root / address)


def _escaped(value: str) -> str:
    text = value.replace("\\", "\\\\").replace('"', '\\"')
    return text.replace("\n", "\\n").replace("\t", "\\t")
