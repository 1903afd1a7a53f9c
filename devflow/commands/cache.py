"""`cache`: what images take on this machine's disk."""

import time
from typing import Iterator, Literal

from devflow.adapters.images.cache import ImageCache
from devflow.model.command_line import command_line
from devflow.model.wording import duration, plural, size
from devflow.wiring.options import Options
from devflow.wiring.output import write_lines
from devflow.wiring.world import cache_dir

CacheAction = Literal["show", "prune"]


def cache(options: Options, action: CacheAction, *, everything: bool) -> int:
    """Shows the cache of images, or removes what is beyond its bound. Answers the exit code; raises
    ``Locked`` where a build is running, ``StorageFailed`` for a disk that cannot be written."""
    held = ImageCache(cache_dir())
    if action == "prune":
        freed = held.prune(everything=everything)
        write_lines([f"removed {size(freed)} from {held.folder}"])
        return 0
    write_lines(shown(held, time.time()))
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
