"""`verify`: an image of any registry, or of a folder, checked without asking anybody but the
registry itself."""

import dataclasses
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Iterator

from devflow.adapters.images.store import Store
from devflow.adapters.masking.secrets import Mask
from devflow.commands.keys import keys_of
from devflow.craft.oci.references import reference_of
from devflow.craft.supply.checking import Trust
from devflow.craft.supply.judging import verified
from devflow.craft.supply.places import InLayout, InRegistry, Place
from devflow.model.checks import Check, Status, judged
from devflow.model.errors import StepFailed, Unavailable, UsageError
from devflow.ports.signing import Verifier
from devflow.ui.board import EntryState
from devflow.ui.evidence import as_object, lines_of
from devflow.ui.rows import check_rows
from devflow.ui.words import clean
from devflow.wiring.options import Options
from devflow.wiring.output import write_json, write_lines
from devflow.wiring.output_stream import pen
from devflow.wiring.registries import registry_at

_CODES: Final = {
    Status.PASSED: 0,
    Status.FAILED: StepFailed.exit_code,
    Status.UNAVAILABLE: Unavailable.exit_code,
}
_INDEX: Final = "index.json"


@dataclasses.dataclass(frozen=True)
class Image:
    """Where an image is read, what is asked for there, and the name it is known by; a folder has
    none."""

    place: Place
    reference: str
    name: str = ""


def verify(options: Options, image: str, key: Path | None, repository: str) -> int:
    """Prints each check of an image. Answers 0, 1 where anything is wrong, 5 where nothing could be
    held against a key; raises ``UsageError`` for what is no image's name or no key."""
    verifier = _verifier(options, key)
    with image_of(options.directory, image) as found:
        trust = Trust(repository or found.name, verifier)
        is_folder = not found.name
        checks = verified(found.place, found.reference, trust, with_layers=is_folder)
    _show(options, checks)
    return _CODES[judged(checks)]


def _show(options: Options, checks: tuple[Check, ...]) -> None:
    if options.output == "json":
        write_json([as_object(one) for one in checks])
        return
    if options.output == "plain":
        lines = lines_of(checks)
        write_lines(clean(f"{one.sign.word}: {one.text}  ‹{one.source}›") for one in lines)
        return
    drawing = pen()
    rows = check_rows(drawing, EntryState(checks=checks), indent=0)
    drawing.write(row.text for row in rows)


def _verifier(options: Options, key: Path | None) -> Verifier | None:
    known = keys_of(options)
    if key is None:
        return known.signer() if known.is_there() else None
    try:
        pem = key.read_bytes()
    except OSError as error:
        message = f"the key cannot be read: {error.strerror}"
        raise UsageError(message, where=str(key)) from error
    return known.verifier(pem, str(key))


@contextmanager
def image_of(directory: Path, typed: str) -> Iterator[Image]:
    """The image that was typed: a folder, a folder with ``:tag`` or ``@digest``, or a registry's
    name. Raises ``UsageError`` for what is none, or for a folder with several and none named."""
    folder = _folder_of(directory, typed)
    if folder is not None:
        yield folder
        return
    reference = reference_of(typed)
    with registry_at(reference.host, Mask().register) as registry:
        place = InRegistry(registry, reference.repository)
        yield Image(place, reference.version, f"{reference.host}/{reference.repository}")


def _folder_of(directory: Path, typed: str) -> Image | None:
    for separator in ("", "@", ":"):
        head, _, wanted = typed.rpartition(separator) if separator else ("", "", "")
        folder = directory / (head if separator else typed)
        if (head or not separator) and (folder / _INDEX).is_file():
            return _in_folder(folder, wanted)
    return None


def _in_folder(folder: Path, wanted: str) -> Image:
    place = InLayout(Store(folder), (folder / _INDEX).read_bytes(), str(folder / _INDEX))
    if wanted:
        return Image(place, wanted)
    images = {one.digest for one in place.images()}
    if len(images) != 1:
        hint = f"{folder}:TAG or {folder}@DIGEST"
        raise UsageError(f"this folder holds {len(images)} images", where=str(folder), hint=hint)
    return Image(place, images.pop())
