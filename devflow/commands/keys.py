"""`keys`: the key that images are signed with."""

from pathlib import Path
from typing import Any, Iterator

from devflow.adapters.git.process import find_root
from devflow.adapters.signing.keys import Keys
from devflow.model.command_line import command_line
from devflow.model.errors import PipelineInvalid, Unavailable, UsageError
from devflow.model.events import SCHEMA
from devflow.ports.signing import Signer
from devflow.wiring.image_place import KeyPlace
from devflow.wiring.local import is_sandbox, sandbox_of, workspace_of
from devflow.wiring.options import Options
from devflow.wiring.output import write_json, write_lines
from devflow.wiring.signing import keys_at


def keys(options: Options, *, public_alone: bool) -> int:
    """Makes a key where there is none, and prints where it is and its public half. Answers the exit
    code; raises ``Unavailable`` where none is there and none shall be made, ``UsageError`` for one
    that cannot be used."""
    known = keys_of(options)
    if public_alone:
        key = known.signer() if known.is_there() else None
        if key is None:
            hint = f"{command_line('keys')} makes one"
            raise Unavailable("there is no signing key", where=known.where, hint=hint)
        if options.output == "json":
            write_json(_public(key))
        else:
            write_lines(key.public_pem.splitlines())
        return 0
    is_new = not known.is_there()
    made = known.make()
    if options.output == "json":
        write_json({**_public(made), "private_key": str(known.where), "made_now": is_new})
    else:
        write_lines(_told(known, made, is_new))
    return 0


def _public(key: Signer) -> dict[str, Any]:
    """What anybody may know of a key."""
    return {"schema": SCHEMA, "fingerprint": key.key_id, "public_key": key.public_pem}


def _told(known: Keys, key: Signer, is_new: bool) -> Iterator[str]:
    """Where the key is, and what others need of it."""
    place = f"private key  {known.where}"
    yield f"{place} (made now; nobody else has it: keep a copy)" if is_new else place
    yield f"fingerprint  {key.key_id}"
    yield from key.public_pem.splitlines()


def keys_of(options: Options) -> Keys:
    """The keys of whoever types; the sandbox's own where that is what is worked with, since what is
    signed there proves nothing to anybody."""
    try:
        workspace = workspace_of(options, dry=True)
    except (UsageError, PipelineInvalid):
        return keys_at(KeyPlace(repository=_repository(options.directory)))
    if is_sandbox(options, workspace):
        return keys_at(KeyPlace(sandbox=sandbox_of(workspace).state_dir))
    return keys_at(KeyPlace(repository=workspace.root))


def _repository(folder: Path) -> Path | None:
    try:
        return find_root(folder)
    except UsageError:
        return None
