"""Words about the tide."""

from tidewords.words import rising

__all__ = ["rising"]
