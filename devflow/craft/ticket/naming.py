"""How a ticket's branch is named, and how names and paths are held against patterns.

Patterns are GitHub's, not the shell's: ``*`` stays inside one path segment, ``**`` crosses them.
"""

import re
import unicodedata
from typing import Final, Iterable

_WILDCARD: Final = re.compile(r"(\*\*/|\*\*|\*|\?)")
_AS_REGEX: Final = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def slug(text: str, max_chars: int = 40) -> str:
    """Lower-case words joined by ``-``, cut at a word; empty where the text has no letter or digit
    that ASCII knows.

    40 characters keep the whole branch name readable in a prompt and far below every file system's
    limit.
    """
    decomposed = unicodedata.normalize("NFKD", text)
    ascii_text = decomposed.encode("ascii", "ignore").decode()
    words = "-".join(re.findall(r"[a-z0-9]+", ascii_text.lower()))
    if len(words) <= max_chars:
        return words
    # one more character shows whether the last word ends exactly there
    cut = words[: max_chars + 1].rpartition("-")[0]
    return cut or words[:max_chars]


def branch_name(key: str, summary: str, prefix: str = "") -> str:
    """``SCRUM-95-add-tabbed-interface``, valid for git whatever the title is; only the key where
    the title gives nothing."""
    safe_key = re.sub(r"[^A-Za-z0-9_-]", "", key)
    parts = [part for part in (safe_key, slug(summary)) if part]
    return prefix + "-".join(parts)


def matches(text: str, pattern: str) -> bool:
    """Whether a branch name or a path fits a pattern of ``*``, ``**`` and ``?``."""
    return re.fullmatch(as_regex(pattern), text, re.DOTALL) is not None


def as_regex(pattern: str) -> str:
    """The regular expression that fits the whole of what a pattern fits, with ``re.DOTALL``."""
    regex = ""
    for part in _WILDCARD.split(pattern):
        regex += _AS_REGEX.get(part, re.escape(part))
    return regex


def first_match(text: str, patterns: Iterable[str]) -> str:
    """The first pattern that the text fits, empty where none does."""
    for pattern in patterns:
        if matches(text, pattern):
            return pattern
    return ""
