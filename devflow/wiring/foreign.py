"""Whether other packages bring steps, without reading what every package says of itself.

The library that reads it takes as long to import as Python takes to start four times.
"""

import os
import sys
from typing import Final

GROUP: Final = "devflow.steps"
_SECTION: Final = f"[{GROUP}]"
_KINDS: Final = (".dist-info", ".egg-info")
_FILE: Final = "entry_points.txt"


def are_there() -> bool:
    """Whether any package of ``sys.path`` names a step; also where it cannot be told so simply: a
    path that is no folder, packages that are found in another way."""
    finders = [finder for finder in sys.meta_path if hasattr(finder, "find_distributions")]
    if len(finders) > 1:
        return True
    return any(_names_steps(path) for path in dict.fromkeys(sys.path))


def _names_steps(path: str) -> bool:
    try:
        names = os.listdir(path or ".")
    except FileNotFoundError:
        return False
    except OSError:
        return True
    folders = [os.path.join(path, name) for name in names if name.endswith(_KINDS)]
    return any(_has_section(os.path.join(folder, _FILE)) for folder in folders)


def _has_section(file: str) -> bool:
    try:
        with open(file, encoding="utf-8", errors="replace") as text:
            return _SECTION in text.read()
    except FileNotFoundError:
        return False
    except OSError:
        return True
