"""Where devflow keeps things of the user's, outside of any repository."""

import os
from pathlib import Path


def cache_dir() -> Path:
    """Where devflow keeps what can be had again."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "devflow"
