"""`cache`: what images, what setups of suites have made, and what linters have said of base commits
take on this machine's disk."""

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Iterable, Iterator, Literal

from devflow.adapters.images.cache import ImageCache, Share
from devflow.adapters.machine.kept_folders import KeptFolders
from devflow.adapters.machine.kept_texts import KeptTexts
from devflow.config.environment import cache_dir
from devflow.model.command_line import command_line
from devflow.model.events import SCHEMA
from devflow.model.wording import duration, plural, size
from devflow.wiring.options import Options
from devflow.wiring.output import write_json, write_lines

CacheAction = Literal["show", "prune"]


@dataclass(frozen=True)
class Held:
    """What lies in a folder, by kind, and how much may stay there."""

    folder: Path
    bound_bytes: int
    shares: tuple[Share, ...]
    # whether more may lie there until somebody prunes it
    grows: bool = False

    @property
    def size_bytes(self) -> int:
        """All of it."""
        return sum(share.size_bytes for share in self.shares)


def cache(options: Options, action: CacheAction, *, everything: bool) -> int:
    """Shows them, or removes what is beyond their bounds. Answers the exit code; raises
    ``Locked`` where a build is running, ``StorageFailed`` for a disk that cannot be written."""
    images = ImageCache(cache_dir())
    kept = KeptFolders(cache_dir())
    texts = KeptTexts(cache_dir())
    if action == "prune":
        freed = images.prune(everything=everything)
        freed += kept.trim(0 if everything else kept.bound_bytes)
        freed += texts.trim(0 if everything else texts.bound_bytes)
        _tell_removed(options, images.folder, freed)
        return 0
    now_s = time.time()
    held = (
        Held(images.folder, images.bound_bytes, tuple(images.shares()), grows=True),
        *_kept(kept, "what setups of suites made"),
        *_kept(texts, "what linters said of base commits"),
    )
    if options.output == "json":
        write_json(cache_object(held, now_s))
    else:
        write_lines(cache_plain(held, now_s) if options.output == "plain" else shown(held, now_s))
    return 0


def _tell_removed(options: Options, folder: Path, freed_bytes: int) -> None:
    if options.output == "json":
        write_json({"schema": SCHEMA, "folder": str(folder), "removed_bytes": freed_bytes})
    else:
        write_lines([f"removed {size(freed_bytes)} from {folder}"])


def _kept(kept: KeptFolders | KeptTexts, what: str) -> Iterator[Held]:
    """Nothing where there is none."""
    entries = kept.entries()
    if entries:
        total = sum(entry.size_bytes for entry in entries)
        share = Share(what, len(entries), total, entries[0].used_s, entries[-1].used_s)
        yield Held(kept.folder, kept.bound_bytes, (share,))


def shown(every: Iterable[Held], now_s: float) -> Iterator[str]:
    """A line a kind: how much, and when it was last used."""
    for held in every:
        yield _whole(held)
        for share in held.shares:
            what = f"{share.kind}, {plural(share.items, 'item')}; {_used(share, now_s)}"
            yield f"{size(share.size_bytes):>9}  {what}"
        yield from _beyond(held)


def cache_plain(every: Iterable[Held], now_s: float) -> Iterator[str]:
    """The same with one line a fact, each with its folder: for ears and for ``grep``."""
    for held in every:
        yield _whole(held)
        for share in held.shares:
            amount = f"{size(share.size_bytes)}, {plural(share.items, 'item')}"
            yield f"{held.folder}: {share.kind}: {amount}; {_used(share, now_s)}"
        for line in _beyond(held):
            yield f"{held.folder}: {line}"


def _whole(held: Held) -> str:
    return f"{held.folder}: {size(held.size_bytes)} of {size(held.bound_bytes)}"


def _used(share: Share, now_s: float) -> str:
    newest = duration(max(now_s - share.newest_s, 0))
    oldest = duration(max(now_s - share.oldest_s, 0))
    return f"used {newest} to {oldest} ago"


def _beyond(held: Held) -> Iterator[str]:
    if held.grows and held.size_bytes > held.bound_bytes:
        yield f"beyond its bound: {command_line('cache', 'prune')}"


def cache_object(every: Iterable[Held], now_s: float) -> dict[str, Any]:
    """The object of ``cache --output json``; times are seconds since the last use."""
    folders = []
    for held in every:
        shares = []
        for share in held.shares:
            told = asdict(share)
            told["oldest_s"] = max(now_s - share.oldest_s, 0.0)
            told["newest_s"] = max(now_s - share.newest_s, 0.0)
            shares.append(told)
        folders.append(
            {
                "folder": str(held.folder),
                "bytes": held.size_bytes,
                "bound_bytes": held.bound_bytes,
                "shares": shares,
            }
        )
    return {"schema": SCHEMA, "folders": folders}
