"""Secrets that were left in an image: by a file's name, by what its beginning says, and in the
configuration, which everybody reads who pulls the image.

Only that there is one, and where, leaves this module, never what it says.
"""

import re
from dataclasses import dataclass
from typing import Final, Iterable, Iterator, Mapping

# bytes of a file that are looked at; keys and tokens stand in small files or at a file's beginning
HEAD_BYTES: Final = 64 * 1024
# bytes; what has a zero byte this early is a program or a picture, as git tells them
BINARY_BYTES: Final = 1024

_KEY_NAMES: Final = frozenset({"id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", ".git-credentials"})
_KEY_PATHS: Final = (".aws/credentials", ".kube/config", ".config/gcloud/credentials.db")
_KEY_SUFFIXES: Final = (".p12", ".pfx", ".jks", ".kdbx", ".ppk")
_ENV_FILE: Final = re.compile(r"^\.env(\.(?!example|sample|template|dist|test|schema)[\w.-]+)?$")
# names that are secrets only where they hold what the pattern finds
_WITH: Final[Mapping[str, re.Pattern[bytes]]] = {
    ".npmrc": re.compile(rb"(_authToken|_auth|_password)\s*=\s*[^\s$]"),
    ".pypirc": re.compile(rb"password\s*[:=]\s*\S"),
    ".netrc": re.compile(rb"\bpassword\s+\S"),
    "_netrc": re.compile(rb"\bpassword\s+\S"),
    "pip.conf": re.compile(rb"://[^/\s:@]+:[^/\s@]+@"),
    "kubeconfig": re.compile(rb"(client-key-data|token|password):\s*\S"),
    "config.json": re.compile(rb'"auths"\s*:[^}]*"auth"\s*:\s*"\w'),
}
_EXAMPLE: Final = re.compile(rb"EXAMPLE|example|xxxx|XXXX|0000000|1234567")


@dataclass(frozen=True)
class Pattern:
    """What a secret's text has for certain, and the whole of it."""

    name: str
    needle: bytes
    whole: re.Pattern[bytes]


PRIVATE_KEY: Final = "private key"
# the forms are their issuers' own, as published for scanners
PATTERNS: Final = (
    Pattern(
        PRIVATE_KEY,
        b"PRIVATE KEY-----",
        # with a body: the header alone stands in programs that read keys
        re.compile(
            rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----\s*\n"
            rb"(?:[A-Za-z-]+: [^\n]*\n)*\s*(?:[A-Za-z0-9+/=]{16,}\s*\n){1}"
        ),
    ),
    Pattern("AWS access key", b"AKIA", re.compile(rb"\bAKIA[0-9A-Z]{16}\b")),
    Pattern("GitHub token", b"ghp_", re.compile(rb"\bghp_[0-9A-Za-z]{36}\b")),
    Pattern("GitHub token", b"ghs_", re.compile(rb"\bghs_[0-9A-Za-z]{36}\b")),
    Pattern("GitHub token", b"github_pat_", re.compile(rb"\bgithub_pat_[0-9A-Za-z_]{60,}\b")),
    Pattern("GitLab token", b"glpat-", re.compile(rb"\bglpat-[0-9A-Za-z_-]{20}\b")),
    Pattern("Slack token", b"xoxb-", re.compile(rb"\bxoxb-[0-9]{8,}-[0-9A-Za-z-]{20,}")),
    Pattern("Stripe key", b"sk_live_", re.compile(rb"\bsk_live_[0-9A-Za-z]{24,}\b")),
    Pattern("Google API key", b"AIzaSy", re.compile(rb"\bAIzaSy[0-9A-Za-z_-]{33}\b")),
    Pattern("PyPI token", b"pypi-AgEI", re.compile(rb"\bpypi-AgEI[0-9A-Za-z_-]{50,}")),
)
_SECRET_NAME: Final = re.compile(
    r"(^|_)(PASSWORD|PASSWD|TOKEN|SECRET|SECRET_KEY|API_?KEY|ACCESS_KEY|PRIVATE_KEY|CREDENTIALS?)$",
    re.IGNORECASE,
)
_ASSIGNED: Final = re.compile(r"(?P<name>\b[A-Za-z_][\w.-]*)=(?P<value>\"[^\"]*\"|'[^']*'|\S+)")
_IN_ADDRESS: Final = re.compile(r"(?P<scheme>://[^/\s:@]+:)[^/\s@]+@")


def by_name(path: str, head: bytes) -> str:
    """What a file is, where its name says that it is a secret; empty where it does not. A file that
    holds nothing is none."""
    name = path.rpartition("/")[2]
    if not head:
        return ""
    pattern = _WITH.get(name)
    if pattern is not None:
        return name if pattern.search(head) else ""
    if name in _KEY_NAMES or _ENV_FILE.match(name):
        return name
    if path.endswith(_KEY_PATHS) or name.endswith(_KEY_SUFFIXES):
        return name
    return ""


def by_content(head: bytes) -> str:
    """What kind of secret the beginning of a file holds, empty for none."""
    if b"\0" in head[:BINARY_BYTES]:
        return ""
    for pattern in PATTERNS:
        if pattern.needle in head:
            found = pattern.whole.search(head)
            if found and not _EXAMPLE.search(found.group()):
                return pattern.name
    return ""


def in_environment(variables: Iterable[str]) -> Iterator[str]:
    """The names of variables that hold a secret."""
    for variable in variables:
        name, _, value = variable.partition("=")
        if _is_secret(name, value):
            yield name


def in_text(text: str) -> Iterator[str]:
    """What a line of the history, or a label, gives away: the name that it is assigned to, or the
    kind of token."""
    for found in _ASSIGNED.finditer(text):
        if _is_secret(found["name"].lstrip("-"), found["value"].strip("'\"")):
            yield found["name"]
    kind = by_content(text.encode("utf-8", "replace"))
    if kind:
        yield kind
    if _IN_ADDRESS.search(text):
        yield "a password in an address"


def redacted(text: str) -> str:
    """A line without what it assigns to secret names, and without tokens."""
    hidden = _ASSIGNED.sub(_masked, text)
    hidden = _IN_ADDRESS.sub(r"\g<scheme>***@", hidden)
    raw = hidden.encode("utf-8", "replace")
    for pattern in PATTERNS:
        if pattern.needle in raw:
            raw = pattern.whole.sub(b"***", raw)
    return raw.decode("utf-8", "replace")


def _masked(found: re.Match[str]) -> str:
    value = found["value"]
    if _is_secret(found["name"].lstrip("-"), value.strip("'\"")):
        return f"{found['name']}=***"
    return found.group()


def _is_secret(name: str, value: str) -> bool:
    """A secret's name with a value: neither empty, nor a mounted file's path, nor a reference."""
    if by_content(value.encode("utf-8", "replace")):
        return True
    if not value or value.startswith(("/", "$", "<")):
        return False
    return bool(_SECRET_NAME.search(name.replace("-", "_").replace(".", "_")))
