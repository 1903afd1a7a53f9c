"""What steps may ask of a container engine."""

from typing import Protocol


class ImageEngine(Protocol):
    """The whole port is its reading half so far: building and publishing images is not part of this
    release."""

    def engine(self) -> str:
        """The engine's name and version as it answers now, empty where none does."""
        ...
