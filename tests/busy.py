"""What a busy machine may make of a promise about time."""

from typing import Final

LOADED: Final = 4.0  # times as slow as an idle machine this one may be
