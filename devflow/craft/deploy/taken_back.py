"""What becomes of a version that was taken back: it is refused until another one was brought, or
until a person wants it brought again on purpose.

Only the refusal is lifted then. What is asked of every version is asked of this one too, and an
approval counts that was given since: who gives it knows of the verdict.
"""

from dataclasses import dataclass
from typing import Callable, Final

from devflow.craft.deploy.rollout import gone_back
from devflow.model import figures
from devflow.model.checks import Check, measure, note
from devflow.model.command_line import command_line
from devflow.model.environments import Environment
from devflow.model.errors import RolledBack
from devflow.model.outcomes import Waiting
from devflow.model.release import Deployment, Production
from devflow.model.wording import (
    IF_ELSEWHERE,
    JUDGED_ANEW,
    mended_by,
    short_version,
    taken_back,
)
from devflow.ports.deploys import Deploys

EVIDENCE: Final = {
    "again": "that the version was taken back before, and is brought again on purpose",
}
ON_PURPOSE: Final = "brought again on purpose"


@dataclass(frozen=True)
class Comeback:
    """Which version an entry brings where; ``again``: a person wants it, although it was taken
    back."""

    entry: str
    environment: str
    version: str
    again: bool = False


def come_to(
    deploys: Deploys, of: Comeback, keep: int, is_merged: Callable[[], bool]
) -> Environment | None:
    """What runs there, once a way back that a killed command had begun is gone to its end. Raises
    ``RolledBack`` as ``refuse_taken_back`` does, unless a person wants the version again: that is
    remembered, so that the next command goes on."""
    found = gone_back(deploys, of.environment, keep)
    if of.again and found is not None and found.refuses(of.version):
        deploys.lift(of.environment, of.version)
        found = deploys.environment(of.environment)
    refuse_taken_back(found, of, is_merged)
    return found


def refuse_taken_back(
    environment: Environment | None, of: Comeback, is_merged: Callable[[], bool]
) -> None:
    """Raises ``RolledBack`` where this version was taken back, no other was brought since, and
    nobody wants it again; only then it is asked whether it is merged."""
    if environment is None or not environment.refuses(of.version):
        return
    name = environment.name
    when = taken_back(environment.verdict(of.version))
    message = f"{short_version(of.version)} was rolled back in {name} {when}".rstrip()
    hint = mend(is_merged(), of.entry)
    raise RolledBack(f"{message} and is not brought again by itself", where=name, hint=hint)


def mend(is_merged: bool, entry: str) -> str:
    """What to do about a version that was taken back: what is merged is no longer this ticket's.
    The cause may lie elsewhere, too."""
    again = command_line("ship", again=entry)
    elsewhere = f"{IF_ELSEWHERE}: {again} ({JUDGED_ANEW})"
    return f"{mended_by(is_merged)}; {elsewhere}"


def shown_again(waiting: Waiting, environment: Environment | None, version: str) -> Waiting:
    """The same wait; who is asked about a version that was taken back before is told."""
    verdict = environment.lifted(version) if environment else None
    if verdict is None:
        return waiting
    told = f"{taken_back(verdict)}; {ON_PURPOSE}".lstrip("; ")
    return waiting.model_copy(update={"shows": (*waiting.shows, ("taken back", told))})


def again_checks(it: Deployment | Production) -> tuple[Check, ...]:
    """That the version was taken back before, where it is brought again on purpose."""
    verdict = it.verdict
    if verdict is None or it.is_taken_back:
        return ()
    told = figures.text(f"{taken_back(verdict)}, {ON_PURPOSE}".lstrip(", "))
    return (note(measure("again", "taken back before", told, f"deploys {it.environment}")),)
