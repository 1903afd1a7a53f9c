"""What the engine knows of the base that an image was built on."""

import io
import tarfile
from datetime import datetime, timezone
from typing import Any, Final

from devflow.model.images import BaseImage

# begins the history of a base that devflow made of Debian packages, whatever it is called here
_MADE: Final = "devflow/base-python:"
_HUB: Final = ("docker.io/library/", "docker.io/")


def base_image(told: str, resolved: str, history: list[dict[str, Any]]) -> BaseImage:
    """The base called ``told``; ``resolved`` is its name with its digest.

    Its time is that of its newest line: BuildKit writes its own clock over the image's.
    """
    name, _, digest = resolved.partition("@")
    newest_s = max((int(line.get("Created") or 0) for line in history), default=0)
    return BaseImage(
        name=familiar(name or told),
        digest=digest,
        created=datetime.fromtimestamp(newest_s, timezone.utc) if newest_s else None,
        made=any(str(line.get("CreatedBy", "")).startswith(_MADE) for line in history),
    )


def familiar(name: str) -> str:
    """An image's name as people write it."""
    for hub in _HUB:
        name = name.removeprefix(hub)
    return name


def only_base(reference: str) -> bytes:
    """The context of a build of nothing but a base: BuildKit keeps no image of a base that could be
    inspected, and this costs no layer."""
    text = f"FROM {reference}\n".encode()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        entry = tarfile.TarInfo("Dockerfile")
        entry.size = len(text)
        tar.addfile(entry, io.BytesIO(text))
    return buffer.getvalue()
