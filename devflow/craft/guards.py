"""What must not be committed: secrets in added lines, files that belong to one machine, oversized files, conflict markers.

A finding names the place and the kind, never the secret. A line that carries ``pragma: allowlist secret`` (the mark of
detect-secrets) passes.
"""

import math
import re
from collections import Counter
from fnmatch import fnmatchcase
from typing import Final, Iterable

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
    "password in a URL": r"\b[a-z][a-z0-9+.-]*://[^\s/:@{}<>$]+:[^\s/:@{}<>$]{3,}@",
}
_NAMED: Final = re.compile(
    r"(?i)(?:password|passwd|secret|token|api_?key|access_?key|private_?key)[\w-]*"
    r"[\"']?\s*[:=]\s*[\"']?([A-Za-z0-9_+/=!@#$%^&*-]{12,})"
)
_IDENTIFIER: Final = re.compile(r"[A-Za-z_]+\d*")
_PATTERNS: Final = {kind: re.compile(pattern) for kind, pattern in SECRETS.items()}
_CONFLICT: Final = re.compile(r"(?:<{7}|>{7}|\|{7}) ")
_ALLOWED: Final = "pragma: allowlist secret"
_EXAMPLES: Final = ("*.example", "*.sample", "*.template")

FORBIDDEN: Final = (
    ".env", ".env.*", "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519",
    ".netrc", ".pypirc", ".git-credentials", "*.pyc", ".DS_Store", "Thumbs.db", "__pycache__", "node_modules", ".venv",
)  # fmt: skip


def _bits_per_char(text: str) -> float:
    """Shannon entropy: words stay below 3.5 bits a character, random tokens of this length lie above."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())


def _secret_in(text: str) -> str:
    for kind, pattern in _PATTERNS.items():
        if pattern.search(text):
            return kind
    named = _NAMED.search(text)
    # a value is random, with digits inside: what follows the sign may as well be the name of a variable
    random = named and any(char.isdigit() for char in named[1]) and _bits_per_char(named[1]) >= 3.5
    return "secret value" if random and named and not _IDENTIFIER.fullmatch(named[1]) else ""


def refused_lines(added: Iterable[AddedLine]) -> tuple[str, ...]:
    """``path:line kind`` of each added line with a secret or a conflict marker."""
    found = []
    for path, number, text in added:
        kind = "conflict marker" if _CONFLICT.match(text) else _secret_in(text[:2000])
        if kind and _ALLOWED not in text:
            found.append(f"{path}:{number} {kind}")
    return tuple(found)


def forbidden_path(path: str, patterns: Iterable[str] = FORBIDDEN) -> str:
    """The pattern that a path (its name, or a folder on the way) may not fit, empty where it may be committed."""
    parts = path.split("/")
    if any(fnmatchcase(parts[-1], example) for example in _EXAMPLES):
        return ""
    return next((pattern for pattern in patterns if any(fnmatchcase(part, pattern) for part in parts)), "")


def refused_files(sizes_bytes: dict[str, int], max_mib: float, also: tuple[str, ...] = ()) -> tuple[str, ...]:
    """``path reason`` of each file (path to size in bytes) that is too large or does not belong into a repository."""
    found = []
    for path, size_bytes in sizes_bytes.items():
        pattern = forbidden_path(path, (*FORBIDDEN, *also))
        if pattern:
            found.append(f"{path} is {pattern}, which belongs to one machine")
        elif size_bytes > max_mib * 1024 * 1024:
            found.append(f"{path} has {size_bytes / 1024 / 1024:.1f} MiB, more than {max_mib:g} MiB")
    return tuple(found)
