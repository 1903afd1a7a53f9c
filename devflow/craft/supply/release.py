"""Which distribution an image is of, by its os-release."""

import shlex
from dataclasses import dataclass
from typing import Mapping

from devflow.craft.supply.files import OS_RELEASE


@dataclass(frozen=True)
class Distribution:
    """``debian``, ``12``, ``bookworm``, ``Debian GNU/Linux 12 (bookworm)``; empty where it does not
    say."""

    id: str = ""
    version: str = ""
    codename: str = ""
    title: str = ""

    @property
    def name(self) -> str:
        """What advisories of its packages are sorted by: Debian's code name, else id and
        version."""
        if self.id == "debian":
            return self.codename
        return f"{self.id}-{self.version}".strip("-")

    @property
    def qualifier(self) -> str:
        """As package URLs say it: ``debian-12``."""
        return f"{self.id}-{self.version}".strip("-")


def distribution_of(contents: Mapping[str, bytes]) -> Distribution:
    """The distribution that the first os-release of an image names."""
    for path in OS_RELEASE:
        if path in contents:
            values = _values(contents[path].decode("utf-8", "replace"))
            return Distribution(
                id=values.get("ID", ""),
                version=values.get("VERSION_ID", ""),
                codename=values.get("VERSION_CODENAME", ""),
                title=values.get("PRETTY_NAME", ""),
            )
    return Distribution()


def _values(text: str) -> dict[str, str]:
    values = {}
    for line in text.splitlines():
        name, sign, value = line.partition("=")
        if sign and not line.startswith("#"):
            values[name.strip()] = _unquoted(value)
    return values


def _unquoted(value: str) -> str:
    try:
        return "".join(shlex.split(value))
    except ValueError:
        return value
