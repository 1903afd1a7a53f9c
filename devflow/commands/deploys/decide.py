"""`promote` and `abort`: a person's word on a version that has a part of the requests, since its
figures did not decide it or since it was to be held there."""

from collections import Counter
from typing import Callable, Final, Iterator, Mapping

from devflow.commands.deploys.changing import whose_word, write_changes
from devflow.commands.deploys.named import refuse_unknown
from devflow.craft.deploy.strategies import canary as canaries
from devflow.engine.plan import Plan
from devflow.model.command_line import command_line
from devflow.model.environments import Change, Environment, Held
from devflow.model.errors import UsageError
from devflow.model.wording import short_version
from devflow.ports.deploys import Deploys
from devflow.wiring.local import workspace_of
from devflow.wiring.options import Options

# versions, where no entry of the pipeline says how many; as the steps have it by default
KEEP: Final = 1


def promote(options: Options, environment: str) -> int:
    """Gives the canary all requests. Answers the exit code; raises ``UsageError`` where there is
    none, ``StepFailed`` where it does not answer."""
    workspace = workspace_of(options)
    changes = give_all(workspace.deploys, environment, keeps(workspace.plan))
    write_changes(options, changes)
    return 0


def abort(options: Options, environment: str) -> int:
    """Takes the canary back. Answers the exit code; raises as ``promote`` does."""
    workspace = workspace_of(options)
    deploys = workspace.deploys
    changes = take_back(deploys, environment, keeps(workspace.plan), whose_word(options))
    write_changes(options, changes)
    return 0


def keeps(plan: Plan) -> Mapping[str, int]:
    """How many earlier versions are kept in each environment that an entry brings versions to."""
    kept = {}
    for entry in plan.entries:
        environment = getattr(entry.params, "environment", None)
        keep = getattr(entry.params, "keep", None)
        if environment and keep:
            kept[environment] = keep
    return kept


def give_all(deploys: Deploys, name: str, kept: Mapping[str, int]) -> Iterator[Change]:
    """Gives the canary as many replicas as the serving version has, and none beyond that and what
    it was brought with, then all requests, and ends what is not kept; goes on where an earlier
    command was killed on this way. Raises as ``promote`` does."""
    environment = undecided(deploys, name, canaries.is_promoted)
    canary = environment.canary
    keep = kept.get(environment.name, KEEP)
    if canary is None:
        deploys.retire(environment.name, keep)
    else:
        wanted = _wanted(environment, canary)
        if wanted:
            deploys.scale(environment.name, canary.version, wanted)
        canaries.promote(deploys, environment.name, keep)
    yield Change(
        name=environment.name,
        word="promote",
        before=environment,
        after=deploys.environment(environment.name),
        is_resumed=canary is None,
    )


def take_back(
    deploys: Deploys, name: str, kept: Mapping[str, int], by: str = ""
) -> Iterator[Change]:
    """Goes back to the version that serves the rest, and ends what is not kept; goes on where an
    earlier command was killed on this way. Raises as ``promote`` does."""
    environment = undecided(deploys, name, canaries.is_taken_back)
    canaries.take_back(deploys, environment.name, kept.get(environment.name, KEEP), by)
    yield Change(
        name=environment.name,
        word="abort",
        before=environment,
        after=deploys.environment(environment.name),
        is_resumed=environment.canary is None,
    )


def undecided(deploys: Deploys, name: str, is_begun: Callable[[Environment], bool]) -> Environment:
    """The environment that is meant, with a canary or with what a killed command has begun;
    without a name the only one that has either.

    Raises ``UsageError`` where there is none, or where there are several.
    """
    if name:
        refuse_unknown(deploys, name)
    known = []
    for one in (name,) if name else deploys.environments():
        environment = deploys.environment(one)
        if environment is not None:
            known.append(environment)
    for is_meant in (_has_canary, is_begun):
        found = tuple(filter(is_meant, known))
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(environment.name for environment in found)
            raise UsageError("which environment?", hint=f"each has a canary: {names}")
    raise _no_canary(known[0] if name and known else None)


def _has_canary(environment: Environment) -> bool:
    return environment.canary is not None


def _no_canary(of: Environment | None) -> UsageError:
    hint = f"{command_line('environments')} shows what runs where"
    if of is None:
        return UsageError("no environment has a canary: there is nothing to decide", hint=hint)
    served = f"{short_version(of.version)} has all requests" if of.version else "it is down"
    if of.rolling is not None:
        served = f"{short_version(of.rolling.version)} takes over, replica by replica"
        hint = f"{command_line('ship')} goes on with it"
    if of.is_going_back or canaries.is_taken_back(of):
        word = "rollback" if of.is_going_back else "abort"
        hint = f"{command_line(word, of.name)} goes on"
        served = f"{short_version(of.rolled_back)} was being taken back"
    return UsageError(f"{of.name} has no canary: {served}", hint=hint)


def _wanted(environment: Environment, canary: Held) -> int:
    """How many replicas the canary should have of each service, where it has others: fewer that
    answer than the serving version has, or more than either was meant to have, as a promotion that
    was killed amid its replicas leaves them; else 0."""
    has = Counter(one.service for one in canary.replicas if one.is_well)
    every = Counter(one.service for one in canary.replicas)
    for held in environment.held:
        if held.version == environment.version:
            wanted = Counter(one.service for one in held.replicas)
            most = max((*wanted.values(), canary.declared))
            if wanted - has:
                return most
            return most if canary.declared and max(every.values(), default=0) > most else 0
    return 0
