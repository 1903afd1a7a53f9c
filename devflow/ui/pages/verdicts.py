"""What is said of a version that was taken back: when, by whom, and whether it comes again."""

from typing import Final, Iterator

from devflow.model.environments import Environment
from devflow.model.wording import short_version, taken_back

_AGAIN: Final = "to be brought again on purpose"


def role_of_refused(of: Environment, version: str) -> str:
    """What a version is here for that was taken back; empty for any other."""
    if of.lifted(version):
        return f"taken back, {_AGAIN}"
    return "taken back" if of.refuses(version) else ""


def whole_verdict(of: Environment) -> tuple[str, str, str]:
    """A label, the version that was taken back, and whether it is brought again."""
    when = taken_back(of.verdict(of.rolled_back))
    version = f"{short_version(of.rolled_back)} {when}".rstrip()
    return "taken back", version, _whether_again(of) or "it is not brought again by itself"


def verdict_in_short(of: Environment) -> Iterator[str]:
    """The same in a few words, where one was taken back."""
    if of.rolled_back:
        when = taken_back(of.verdict(of.rolled_back))
        told = f"{short_version(of.rolled_back)} was taken back {when}".rstrip()
        again = _whether_again(of)
        yield f"{told}, {again}" if again else told


def refused_there(of: Environment) -> dict[str, str]:
    """The versions that were taken back there, each with when and by whom."""
    every = dict.fromkeys((*of.refused, of.rolled_back))
    refused = (version for version in every if version and of.refuses(version))
    return {version: taken_back(of.verdict(version)) for version in refused}


def _whether_again(of: Environment) -> str:
    return _AGAIN if of.lifted(of.rolled_back) else ""
