"""Who a repository's processes belong to: an id that stays when the repository is moved, and that a
copy of it does not have.

The folder that the id was last seen in stands beside it: where that folder is still there and has
the id, whoever reads it elsewhere is a copy.
"""

import os
import uuid
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from devflow.adapters.machine import private
from devflow.adapters.machine.file_lock import hold_file
from devflow.model.command_line import command_line
from devflow.model.errors import StorageFailed
from devflow.model.values import Value

WITHIN_S: Final = 5.0  # s; another command has it for as long as a small file takes
_FILE: Final = "identity.json"


class _Identity(Value):
    """``seen_in`` is the folder's path when the id was last read."""

    id: str
    seen_in: str


def known_identity(state_dir: Path) -> str:
    """The id of what is kept in a folder, for a look: empty where nothing was ever started for it.
    Of a copy it is the original's."""
    known = _read(state_dir)
    return known.id if known else ""


def identity(state_dir: Path) -> str:
    """The id of what is kept in a folder, made at the first call. Raises ``StorageFailed``."""
    try:
        private.make_folder(state_dir)
        known = _read(state_dir)
        here = str(state_dir.resolve())
        if known is not None and known.seen_in == here:
            return known.id
        if known is None or _is_copy(known, state_dir):
            known = _Identity(id=uuid.uuid4().hex, seen_in=here)
        return _kept(state_dir, _Identity(id=known.id, seen_in=here))
    except OSError as error:
        problem = f"the identity of {state_dir} cannot be kept: {error}"
        hint = f"make room, then: {command_line('ship')}"
        raise StorageFailed(problem, where=str(state_dir / _FILE), hint=hint) from error


def _read(state_dir: Path) -> _Identity | None:
    try:
        return _Identity.model_validate_json((state_dir / _FILE).read_bytes())
    except (OSError, ValidationError):
        return None


def _is_copy(known: _Identity, state_dir: Path) -> bool:
    seen_in = Path(known.seen_in)
    other = _read(seen_in)
    # the same folder may have two names, as a mount has
    return other is not None and other.id == known.id and not seen_in.samefile(state_dir)


def _kept(state_dir: Path, new: _Identity) -> str:
    """Answers the id that stands there: of two commands that make the first one, one wins."""
    part = state_dir / f"{_FILE}.{os.getpid()}.part"
    private.write_text(part, new.model_dump_json())
    with hold_file(state_dir / f"{_FILE}.lock", WITHIN_S):
        known = _read(state_dir)
        if known is not None and known.seen_in == new.seen_in:
            part.unlink()
            return known.id
        part.replace(state_dir / _FILE)
    return new.id
