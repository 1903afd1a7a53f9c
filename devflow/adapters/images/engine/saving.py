"""An image of the engine as a file, as `docker save` writes it: any image, whoever built it."""

from pathlib import Path
from typing import BinaryIO

from devflow.adapters.images.engine.client import Engines, image_of
from devflow.model.errors import StorageFailed


def save(engines: Engines, name: str, to: Path) -> bool:
    """Writes the engine's image of this name; ``False`` where it has none, or none answers.

    Raises ``Unavailable`` where the engine goes away, ``UsageError`` for a context that does not
    exist.
    """
    if engines.find() is None:
        return False
    with engines.connected() as client:
        image = image_of(client, name)
        if image is None:
            return False
        with to.open("wb") as file:
            for chunk in client.get_image(image["Id"]):
                _write(file, chunk, to)
    return True


def _write(file: BinaryIO, chunk: bytes, to: Path) -> None:
    try:
        file.write(chunk)
    except OSError as error:
        # not the engine's: it would be told as one that went away
        hint = "free some space, or set TMPDIR to a larger disk"
        raise StorageFailed(
            f"the image cannot be kept: {error}", where=str(to), hint=hint
        ) from error
