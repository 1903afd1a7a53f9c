"""Who a repository's processes belong to: an id that stays when the repository is moved, and that a
copy of it does not have.

A moved folder keeps its inode. What was moved to another disk, and so was copied, is told from a
copy by the folder that it was last seen in.
"""

import os
import uuid
from importlib import import_module
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from devflow.adapters.machine import private
from devflow.model.command_line import command_line
from devflow.model.errors import StorageFailed, system_words
from devflow.model.values import Value

WITHIN_S: Final = 5.0  # s; another command has it for as long as a small file takes
_FILE: Final = "identity.json"


class _Identity(Value):
    """``seen_in`` is the folder's path when the id was last made or changed, ``place`` its device
    and inode."""

    id: str
    seen_in: str
    place: tuple[int, int]


def known_identity(state_dir: Path) -> str:
    """The id of what is kept in a folder, for a look: empty where nothing was ever started for it,
    and in a copy."""
    known = _read(state_dir)
    return known.id if known is not None and not _is_copy(known, state_dir) else ""


def identity(state_dir: Path) -> str:
    """The id of what is kept in a folder, made at the first call. Raises ``StorageFailed``."""
    try:
        private.make_folder(state_dir)
        known = _read(state_dir)
        here = _seen(state_dir)
        if known is None or _is_copy(known, state_dir):
            return _kept(state_dir, here)
        if known.seen_in == here.seen_in:
            return known.id
        return _kept(state_dir, here.model_copy(update={"id": known.id}))
    except OSError as error:
        problem = f"the identity of {state_dir} cannot be kept: {system_words(error)}"
        hint = f"make room, then: {command_line('ship')}"
        raise StorageFailed(problem, where=str(state_dir / _FILE), hint=hint) from error


def _read(state_dir: Path) -> _Identity | None:
    try:
        return _Identity.model_validate_json((state_dir / _FILE).read_bytes())
    except (OSError, ValidationError):
        return None


def _seen(state_dir: Path) -> _Identity:
    """A new identity, as the folder is seen now."""
    found = state_dir.stat()
    place = (found.st_dev, found.st_ino)
    return _Identity(id=uuid.uuid4().hex, seen_in=str(state_dir.resolve()), place=place)


def _is_copy(known: _Identity, state_dir: Path) -> bool:
    here = _seen(state_dir)
    if known.seen_in == here.seen_in or known.place == here.place:
        return False
    if known.place[0] == here.place[0]:
        return True
    other = _read(Path(known.seen_in))
    return other is not None and other.id == known.id


def _kept(state_dir: Path, new: _Identity) -> str:
    """Answers the id that stands there: of two commands that make the first one, one wins."""
    part = state_dir / f"{_FILE}.{os.getpid()}.part"
    try:
        private.write_text(part, new.model_dump_json())
        # what holds files is slow to import, and an identity is made once
        held = import_module("devflow.adapters.machine.file_lock")
        with held.hold_file(state_dir / f"{_FILE}.lock", WITHIN_S):
            known = _read(state_dir)
            if known is not None and known.seen_in == new.seen_in:
                # another command was quicker
                return known.id
            part.replace(state_dir / _FILE)
    finally:
        part.unlink(missing_ok=True)
    return new.id
