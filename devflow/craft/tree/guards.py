"""What must not be committed: secrets in added lines, files that belong to one machine, oversized
files, conflict markers.

A finding names the place and the kind, never the secret. A line that carries ``pragma: allowlist
secret`` (the mark of detect-secrets) passes. detect-secrets 1.5 (May 2024) itself was tried on the
cases of the tests: it knows no Atlassian, Google, npm or PyPI token of these shapes, and takes
ordinary words for secrets by their entropy.
"""

import math
import re
from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, Iterable, Iterator

from devflow.ports.repository import RepositoryReads

AddedLine = tuple[str, int, str]

SECRETS: Final = {
    "private key": r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----",
    "AWS access key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})",
    "GitLab token": r"\bglpat-[A-Za-z0-9_-]{20,}",
    "Atlassian token": r"\bATATT3[A-Za-z0-9_=-]{40,}",
    "Slack token": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
    "Google API key": r"\bAIza[0-9A-Za-z_-]{35}",
    "Stripe key": r"\b[rs]k_live_[0-9A-Za-z]{16,}",
    "npm token": r"\bnpm_[A-Za-z0-9]{36}\b",
    "PyPI token": r"\bpypi-[A-Za-z0-9_-]{50,}",
    "JSON web token": r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    "password in a URL": r"\b[a-z][a-z0-9+.-]{0,30}://[^\s/:@{}<>$]+:[^\s/:@{}<>$]{3,}@",
}
_NAMED: Final = re.compile(
    r"(?i)(?:password|passwd|secret|token|api_?key|access_?key|private_?key)[\w-]{0,40}"
    r"[\"']?\s*[:=]\s*[\"']?([A-Za-z0-9_+/=!@#$%^&*-]{12,})"
)
_IDENTIFIER: Final = re.compile(r"[A-Za-z_]+\d*")
_PATTERNS: Final = {kind: re.compile(pattern) for kind, pattern in SECRETS.items()}
_CONFLICT: Final = re.compile(r"(?:<{7}|>{7}|\|{7}) ")
_ALLOWED: Final = "pragma: allowlist secret"
# a line is searched in pieces, so that a hostile one of megabytes takes no longer than its length;
# every token is shorter than
# what two pieces share
_PIECE: Final = 4000
_SHARED: Final = 1000
# a literal that ends its line, and one that begins the next: implicit concatenation, ``+``, ``.``
# or a backslash between them
_OPEN: Final = re.compile(r"""([A-Za-z0-9_+/=.:@-]{3,})(?:["'`]\s*[+.\\]?|\\)\s*$""")
_GOES_ON: Final = re.compile(r"""^\s*[+.]?\s*[rbfuRBFU]{0,2}["'`]?([A-Za-z0-9_+/=.:@-]+)""")
_EXAMPLES: Final = ("*.example", "*.sample", "*.template")

FORBIDDEN: Final = (
    ".env",
    ".env.*",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.keystore",
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    ".netrc",
    ".pypirc",
    ".git-credentials",
    "*.pyc",
    ".DS_Store",
    "Thumbs.db",
    "__pycache__",
    "node_modules",
    ".venv",
)


def _bits_per_char(text: str) -> float:
    """Shannon entropy: words stay below 3.5 bits a character, random tokens of this length lie
    above."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())


def _secret_in(text: str) -> str:
    for start in range(0, max(1, len(text) - _SHARED), _PIECE - _SHARED):
        kind = _secret_in_piece(text[start : start + _PIECE])
        if kind:
            return kind
    return ""


def _secret_in_piece(text: str) -> str:
    kind = _known_in(text)
    if kind:
        return kind
    named = _NAMED.search(text)
    # a value is random, with digits inside: what follows the sign may as well be the name of a
    # variable
    random = named and any(char.isdigit() for char in named[1]) and _bits_per_char(named[1]) >= 3.5
    return "secret value" if random and named and not _IDENTIFIER.fullmatch(named[1]) else ""


def _known_in(text: str) -> str:
    return next((kind for kind, pattern in _PATTERNS.items() if pattern.search(text)), "")


def refused_lines(added: Iterable[AddedLine]) -> tuple[str, ...]:
    """``path:line kind`` of each added line with a secret or a conflict marker, and of the first of
    those a secret is spread over."""
    found = []
    for path, number, text, joined in _with_what_goes_on(added):
        kind = "conflict marker" if _CONFLICT.match(text) else _known_in(joined) or _secret_in(text)
        if kind and _ALLOWED not in text:
            found.append(f"{path}:{number} {kind}")
    return tuple(found)


def _with_what_goes_on(added: Iterable[AddedLine]) -> Iterator[tuple[str, int, str, str]]:
    """Each line, and the literal at its end joined with those that begin the lines after it."""
    lines = list(added)
    for index, (path, number, text) in enumerate(lines):
        begun = _OPEN.search(text[-_PIECE:])
        joined = begun[1] if begun else ""
        at = index
        while (
            begun
            and at + 1 < len(lines)
            and lines[at + 1][:2] == (path, number + at + 1 - index)
            and len(joined) < _PIECE
        ):
            at += 1
            following = lines[at][2][:_PIECE]
            more = _GOES_ON.match(following)
            joined += more[1] if more else ""
            begun = _OPEN.search(following) if more else None
        yield path, number, text, joined if at > index else ""


@dataclass(frozen=True)
class Refusals:
    """What may be committed at most, and which names may not besides ``FORBIDDEN``."""

    max_file_mib: float
    forbidden: tuple[str, ...] = ()


def refused_in(
    repository: RepositoryReads, base: str, tree: str, rules: Refusals
) -> tuple[str, ...]:
    """What must not be committed of what a tree adds to its base.

    A file whose added lines are not all told is read whole: a text that an attribute calls binary,
    or one beyond the port's limit.
    """
    present = set(repository.paths(tree))
    added = repository.added_lines(base, tree)
    kept = [file for file in repository.changes(base, tree) if file.path in present]
    sizes_bytes = {file.path: repository.size_bytes(tree, file.path) for file in kept}
    told = Counter(path for path, _, _ in added)
    partly = [file.path for file in kept if file.added is None or told[file.path] < file.added]
    lines = [line for line in added if line[0] not in partly]
    for path in partly:
        # a larger one is refused as it is
        if sizes_bytes[path] <= rules.max_file_mib * 1024 * 1024:
            text = repository.read(tree, path) or ""
            lines += [(path, number, line) for number, line in enumerate(text.split("\n"), 1)]
    return refused_files(sizes_bytes, rules.max_file_mib, rules.forbidden) + refused_lines(lines)


def forbidden_path(path: str, patterns: Iterable[str] = FORBIDDEN) -> str:
    """The pattern that a path (its name, or a folder on the way) may not fit, empty where it may be
    committed."""
    parts = path.split("/")
    if any(fnmatchcase(parts[-1], example) for example in _EXAMPLES):
        return ""
    for pattern in patterns:
        if any(fnmatchcase(part, pattern) for part in parts):
            return pattern
    return ""


def refused_files(
    sizes_bytes: dict[str, int], max_mib: float, also: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """``path reason`` of each file (path to size in bytes) that is too large or does not belong
    into a repository."""
    found = []
    for path, size_bytes in sizes_bytes.items():
        pattern = forbidden_path(path, (*FORBIDDEN, *also))
        if pattern:
            found.append(f"{path} is {pattern}, which belongs to one machine")
        elif size_bytes > max_mib * 1024 * 1024:
            found.append(
                f"{path} has {size_bytes / 1024 / 1024:.1f} MiB, more than {max_mib:g} MiB"
            )
    return tuple(found)
