"""What is said of a version that was taken back: when, by whom, and whether it comes again."""

from typing import Iterator

from devflow.model.environments import Environment
from devflow.model.wording import short_version, taken_back


def role_of_refused(of: Environment, version: str) -> str:
    """What a version is here for that was taken back; empty for any other."""
    if of.lifted(version):
        return "taken back, to be brought again on purpose"
    return "taken back" if of.refuses(version) else ""


def whole_verdict(of: Environment) -> tuple[str, str, str]:
    """A label, the version that was taken back, and whether it is brought again."""
    version = f"{short_version(of.rolled_back)} {_when(of, of.rolled_back)}".rstrip()
    return "taken back", version, _whether_again(of) or "it is not brought again by itself"


def verdict_in_short(of: Environment) -> Iterator[str]:
    """The same in a few words, where one was taken back."""
    if of.rolled_back:
        told = (
            f"{short_version(of.rolled_back)} was taken back {_when(of, of.rolled_back)}".rstrip()
        )
        again = _whether_again(of)
        yield f"{told}, {again}" if again else told


def refused_there(of: Environment) -> dict[str, str]:
    """The versions that were taken back there, each with when and by whom."""
    every = dict.fromkeys((*of.refused, of.rolled_back))
    return {version: _when(of, version) for version in every if version and of.refuses(version)}


def _when(of: Environment, version: str) -> str:
    verdict = of.verdict(version)
    return taken_back(verdict) if verdict else ""


def _whether_again(of: Environment) -> str:
    return "to be brought again on purpose" if of.lifted(of.rolled_back) else ""
