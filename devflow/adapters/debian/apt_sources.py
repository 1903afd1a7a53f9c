"""Where this machine's apt finds Debian: who works behind a mirror has named it there."""

from pathlib import Path
from typing import Final, Iterator

ROOT: Final = Path("/etc/apt")
MAIN: Final = "https://deb.debian.org/debian"
SECURITY: Final = "https://security.debian.org/debian-security"


def mirrors(root: Path = ROOT) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The addresses of main archives and of security archives, the machine's own first, Debian's
    last. Whether one has a certain suite is only known by asking."""
    main: list[str] = []
    security: list[str] = []
    for address, suite in _entries(root):
        if not address.startswith(("http://", "https://")):
            continue
        known = security if _is_security(suite) else main
        known.append(address.rstrip("/"))
    return tuple(dict.fromkeys([*main, MAIN])), tuple(dict.fromkeys([*security, SECURITY]))


def _is_security(suite: str) -> bool:
    return "security" in suite or suite.endswith("/updates")


def _entries(root: Path) -> Iterator[tuple[str, str]]:
    """The address and suite of each entry that is switched on."""
    folder = root / "sources.list.d"
    lists = [root / "sources.list", *sorted(folder.glob("*.list"))]
    for path in lists:
        for line in _text(path).splitlines():
            yield from _of_line(line)
    for path in sorted(folder.glob("*.sources")):
        for stanza in _text(path).split("\n\n"):
            yield from _of_stanza(stanza)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _of_line(line: str) -> Iterator[tuple[str, str]]:
    words = line.partition("#")[0].split()
    if words[:1] != ["deb"]:
        return
    rest = words[1:]
    if rest and rest[0].startswith("["):
        while rest and not rest[0].endswith("]"):
            rest = rest[1:]
        rest = rest[1:]
    if len(rest) >= 2:
        yield rest[0], rest[1]


def _of_stanza(stanza: str) -> Iterator[tuple[str, str]]:
    fields: dict[str, list[str]] = {}
    name = ""
    for line in stanza.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if line[0] in " \t":
            fields.setdefault(name, []).extend(line.split())
            continue
        head, _, value = line.partition(":")
        name = head.strip().lower()
        fields[name] = value.split()
    is_off = fields.get("enabled", ["yes"])[:1] in (["no"], ["false"])
    if is_off or "deb" not in fields.get("types", []):
        return
    for address in fields.get("uris", []):
        for suite in fields.get("suites", []):
            yield address, suite
