"""`cache`: what images, what setups of suites have made, and what linters have said of base commits
take on this machine's disk."""

import time
from typing import Iterator, Literal

from devflow.adapters.images.cache import ImageCache
from devflow.adapters.machine.kept_folders import KeptFolders
from devflow.adapters.machine.kept_texts import KeptTexts
from devflow.config.environment import cache_dir
from devflow.model.command_line import command_line
from devflow.model.wording import duration, plural, size
from devflow.wiring.options import Options
from devflow.wiring.output import write_lines

CacheAction = Literal["show", "prune"]


def cache(options: Options, action: CacheAction, *, everything: bool) -> int:
    """Shows them, or removes what is beyond their bounds. Answers the exit code; raises
    ``Locked`` where a build is running, ``StorageFailed`` for a disk that cannot be written."""
    held = ImageCache(cache_dir())
    kept = KeptFolders(cache_dir())
    texts = KeptTexts(cache_dir())
    if action == "prune":
        freed = held.prune(everything=everything)
        freed += kept.trim(0 if everything else kept.bound_bytes)
        freed += texts.trim(0 if everything else texts.bound_bytes)
        write_lines([f"removed {size(freed)} from {held.folder}"])
        return 0
    now_s = time.time()
    of_suites = shown_kept(kept, "what setups of suites made", now_s)
    of_linters = shown_kept(texts, "what linters said of base commits", now_s)
    write_lines((*shown(held, now_s), *of_suites, *of_linters))
    return 0


def shown(held: ImageCache, now_s: float) -> Iterator[str]:
    """A line a kind: how much, and when it was last used."""
    shares = held.shares()
    total = sum(share.size_bytes for share in shares)
    yield f"{held.folder}: {size(total)} of {size(held.bound_bytes)}"
    for share in shares:
        newest = duration(max(now_s - share.newest_s, 0))
        oldest = duration(max(now_s - share.oldest_s, 0))
        amount = f"{size(share.size_bytes):>9}  {share.kind}, {plural(share.items, 'item')}"
        yield f"{amount}; used {newest} to {oldest} ago"
    if total > held.bound_bytes:
        yield f"beyond its bound: {command_line('cache', 'prune')}"


def shown_kept(kept: KeptFolders | KeptTexts, what: str, now_s: float) -> Iterator[str]:
    """How much there is of it, and when it was last used; nothing where there is none."""
    entries = kept.entries()
    if not entries:
        return
    total = sum(entry.size_bytes for entry in entries)
    yield f"{kept.folder}: {size(total)} of {size(kept.bound_bytes)}"
    newest = duration(max(now_s - entries[-1].used_s, 0))
    oldest = duration(max(now_s - entries[0].used_s, 0))
    kind = f"{what}, {plural(len(entries), 'item')}"
    yield f"{size(total):>9}  {kind}; used {newest} to {oldest} ago"
