"""What `doctor` and `start` ask before anything is written: this clone, this file, this machine,
and, where the services are real, the services themselves."""

import os
import shutil
import time
from dataclasses import replace
from threading import Thread
from typing import Any, Callable, Final, Iterator, Mapping

from devflow.adapters.git.condition import Condition
from devflow.adapters.machine.processes import is_free
from devflow.config.environment import Settings, cache_dir, real
from devflow.config.pipeline import FILE_NAME
from devflow.craft.examine.services import PUBLISH
from devflow.craft.images.publishing import repository_of
from devflow.craft.images.recipes import own_images
from devflow.engine.ahead import look_ahead
from devflow.engine.examine import examined, place_of
from devflow.engine.fold import RunState
from devflow.engine.plan import Entry, Plan
from devflow.engine.port_offsets import public_ports
from devflow.engine.proxies import reading
from devflow.model.command_line import command_line
from devflow.model.declared.project import Project
from devflow.model.errors import AccessDenied, DevflowError, PipelineInvalid, RemoteSilent
from devflow.model.outcomes import Needed
from devflow.model.wording import plural
from devflow.step import Tools
from devflow.wiring.local import is_sandbox
from devflow.wiring.options import Options
from devflow.wiring.output import tell
from devflow.wiring.survey import survey_of
from devflow.wiring.workspace import Workspace
from devflow.wiring.world import world_of

NETWORK_S: Final = 5.0  # s, all questions together: they are asked side by side
# a virtual environment with its wheels, or the layers of one image
LEAST_ROOM_BYTES: Final = 1_000_000_000
_END: Final = "the ticket's end"
_REGISTRY: Final = "registry"
# what GitHub calls the permission to push
_WRITES: Final = ("admin", "write")
# what a service refuses may be a name of the file
_NAMED_AT: Final[Mapping[str, tuple[str, ...]]] = {
    "GitHub": ("project", "host", "repository"),
    "project": ("project", "tracker", "project"),
    "registry": ("project", "registry"),
}


def here(options: Options, workspace: Workspace) -> tuple[Needed, ...]:
    """What can be told without the network."""
    project = workspace.plan.project
    is_real = not is_sandbox(options, workspace)
    clone = Condition(workspace.root, project.remote, project.base, fetches=is_real)
    found = [_placed(workspace, one) for one in clone.needs()]
    # the sandbox has a registry of its own
    has_registry = bool(project.registry) or not is_real
    with survey_of(workspace) as around:
        found += examined(workspace.plan, replace(around, has_registry=has_registry))
    found += _ports(workspace)
    found.append(_room())
    return tuple(found)


def refuse_in_vain(options: Options, workspace: Workspace) -> None:
    """Tells what is missing before a run's first write, where it goes on all the same.

    Raises ``PipelineInvalid`` or ``AccessDenied`` for what only another pipeline.yaml or another
    credential can cure.
    """
    needed = (*here(options, workspace), *there(options, workspace, ""))
    missing = [one for one in needed if one.here is False]
    for one in missing:
        if one.exit_code and not one.stops:
            tell(". ".join(part for part in (f"{one.about}: {one.found}", one.remedy) if part))
    beside = sum(not one.exit_code for one in missing)
    if beside:
        things = plural(beside, "thing is", "things are")
        tell(f"{things} missing for entries that need not pass: {command_line('doctor')}")
    stops = sorted((one for one in missing if one.stops), key=lambda one: one.exit_code)
    for one in stops:
        error = PipelineInvalid if one.cure == "pipeline" else AccessDenied
        raise error(f"{one.about}: {one.found}", hint=one.remedy, where=one.where)


def unreadable(error: PipelineInvalid) -> tuple[Needed, ...]:
    """What is to be said where pipeline.yaml cannot be read: each mistake."""
    return tuple(
        Needed(
            about=FILE_NAME,
            here=False,
            found=one.message,
            remedy=one.hint,
            cure="pipeline",
            where=one.place,
            group="pipeline",
        )
        for one in error.every
    )


def _placed(workspace: Workspace, one: Needed) -> Needed:
    """With the place in the file, where that says it: the environment may say it, too."""
    source = workspace.plan.source
    if not one.at or source is None or not source.has(one.at):
        return one
    return one.model_copy(update={"where": place_of(workspace.plan, one.at)})


def _ports(workspace: Workspace) -> Iterator[Needed]:
    """The ports of each entry that brings services to an environment, but for those that its own
    services hold."""
    plan = workspace.plan
    for entry in plan.entries:
        ports = tuple(public_ports(plan.project, entry.params))
        name = ports[0].environment if ports else ""
        if not name or workspace.deploys.environment(name) is not None:
            continue
        taken = [f"{one.port} ({one.service})" for one in ports if not is_free(one.port)]
        yield Needed(
            about=f"ports of {name}",
            here=not taken,
            found=f"taken: {', '.join(taken)}" if taken else "free",
            remedy="end what listens there, or say another port_offset" if taken else "",
            where=place_of(plan, (*entry.path, "with", "port_offset")) if taken else "",
            entries=(entry.name,),
            required=entry.required,
            group="machine",
        )


def _room() -> Needed:
    folder = cache_dir()
    while not folder.exists():
        folder = folder.parent
    free_bytes = shutil.disk_usage(folder).free
    is_enough = free_bytes >= LEAST_ROOM_BYTES
    return Needed(
        about="disk",
        here=is_enough,
        found=f"{free_bytes / 1e9:.1f} GB free at {folder}",
        remedy="" if is_enough else "make room, or name another place: XDG_CACHE_HOME",
        group="machine",
    )


def there(options: Options, workspace: Workspace, key: str) -> tuple[Needed, ...]:
    """What the services say, all of them asked side by side; nothing where the sandbox is named.

    What has not answered in time is missing. With a ``key`` what each entry knows of its end, too.
    """
    if is_sandbox(options, workspace):
        return ()
    try:
        real(workspace.plan.project, Settings.of(os.environ))
    except AccessDenied as error:
        return (_refused("credentials", error),)
    with world_of(options, workspace, key or "doctor", dry=True) as world:
        questions = _questions(workspace, world.tools, key)
        answers = _side_by_side(questions)
        world.stop()
    # a token or a name that is refused is refused to every question
    wanted = (_wanted(workspace.plan, one) for one in answers)
    said = {one.found: _placed(workspace, one) for one in reversed(tuple(wanted))}
    return tuple(reversed(said.values()))


def _questions(
    workspace: Workspace, tools: Tools, key: str
) -> Mapping[str, Callable[[], Iterator[Needed]]]:
    plan = workspace.plan

    project = plan.project

    def ahead() -> Iterator[Needed]:
        past = RunState(tuple(workspace.journal.events(key)))
        for note in look_ahead(plan, reading(tools), past, key):
            yield _answer("ahead", note, here=None)

    questions = {
        "JIRA": lambda: _tracker(tools),
        "project": lambda: _project(tools, project.tracker.project),
        "GitHub": lambda: _host(tools),
        "base branch": lambda: _base(tools, project.base),
    }
    if project.registry and own_images(project) and _publishing(plan):
        questions[_REGISTRY] = lambda: _registry(tools, project)
    if key:
        questions[_END] = ahead
    return questions


def _publishing(plan: Plan) -> tuple[Entry, ...]:
    return tuple(entry for entry in plan.entries if entry.step.name == PUBLISH)


def _wanted(plan: Plan, one: Needed) -> Needed:
    """With the entries that need it, where it is the registry: those that publish."""
    if one.about != _REGISTRY:
        return one
    publishing = _publishing(plan)
    required = any(entry.required for entry in publishing)
    # a login that is missing for what need not pass is no reason to stop the rest
    cure: Any = "machine" if one.cure == "credential" and not required else one.cure
    names = tuple(entry.name for entry in publishing)
    return one.model_copy(update={"entries": names, "required": required, "cure": cure})


def _side_by_side(
    questions: Mapping[str, Callable[[], Iterator[Needed]]],
) -> Iterator[Needed]:
    """The answers in the order of the questions; nobody waits for one that has not come in time,
    not even the end of this process."""
    answers: dict[str, tuple[Needed, ...]] = {}

    def answer(name: str, ask: Callable[[], Iterator[Needed]]) -> None:
        answers[name] = _asked(name, ask)

    threads = []
    for name, ask in questions.items():
        threads.append(Thread(target=answer, args=(name, ask), daemon=True))
        threads[-1].start()
    until = time.monotonic() + NETWORK_S
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    came = dict(answers)
    for name in questions:
        yield from came.get(name) or _silent(name)


def _silent(name: str) -> Iterator[Needed]:
    found = f"{name}: no answer within {NETWORK_S:g} s"
    # of many requests, one after the other, which a slow service answers all the same
    here = None if name == _END else False
    yield _answer(name, found, here=here, remedy="try again, or look at the connection")


def _asked(name: str, ask: Callable[[], Iterator[Needed]]) -> tuple[Needed, ...]:
    try:
        return tuple(ask())
    except DevflowError as error:
        return (_refused(name, error),)


def _refused(name: str, error: DevflowError) -> Needed:
    """What a service refused: a credential is wrong, or a name of the file is."""
    cure: Any = "pipeline"
    if isinstance(error, AccessDenied):
        cure = "credential"
    elif isinstance(error, RemoteSilent):
        cure = "machine"
    place = error.place if isinstance(error, PipelineInvalid) else ""
    return Needed(
        about=name,
        here=False,
        found=error.message,
        remedy=error.hint,
        cure=cure,
        at=_NAMED_AT.get(name, ()) if not place else (),
        where=place,
        group="connection",
    )


def _answer(about: str, found: str, here: bool | None = True, remedy: str = "") -> Needed:
    return Needed(about=about, here=here, found=found, remedy=remedy, group="connection")


def _tracker(tools: Tools) -> Iterator[Needed]:
    yield _answer("JIRA", f"as {tools.tracker.me().name}")


def _project(tools: Tools, key: str) -> Iterator[Needed]:
    if key:
        yield _answer("project", f"{key}: {tools.tracker.project_name()}")


def _host(tools: Tools) -> Iterator[Needed]:
    login = tools.host.me()
    permission = tools.host.permission(login)
    if permission in _WRITES:
        yield _answer("GitHub", f"as {login}, who may {permission}")
        return
    yield Needed(
        about="GitHub",
        here=False,
        found=f"{login} may not write to {tools.host.page_url()}: {permission}",
        remedy="a token of somebody who may push: GITHUB_TOKEN",
        cure="credential",
        group="connection",
    )


def _registry(tools: Tools, project: Project) -> Iterator[Needed]:
    """Whether each repository that images go to answers whoever publishes there."""
    name = tools.registry.name()
    admitted = [
        tools.registry.admits(repository_of(name, project.name, service))
        for service in own_images(project)
    ]
    logins = [one.login for one in admitted if one.login]
    if logins:
        yield _answer(_REGISTRY, f"{name} answers, as {logins[0]}")
    elif any(one.demands for one in admitted):
        found = f"{name} answers nobody in particular: no login for it is here"
        remedy = f"docker login {name.partition('/')[0]}, where a push needs one"
        yield _answer(_REGISTRY, found, here=None, remedy=remedy)
    else:
        yield _answer(_REGISTRY, f"{name} answers, and asks for no login")


def _base(tools: Tools, base: str) -> Iterator[Needed]:
    sha = tools.repository.remote_sha(base)
    remote = tools.repository.remote_name()
    if sha:
        yield _answer("remote", f"{remote} has {base}")
        yield from _protection(tools, base)
        return
    yield Needed(
        about="remote",
        here=False,
        found=f"{remote} has no branch {base}",
        remedy="project: {base: NAME} names the branch that changes go into",
        cure="pipeline",
        at=("project", "base"),
        group="connection",
    )


def _protection(tools: Tools, base: str) -> Iterator[Needed]:
    rules = tools.host.protection(base)
    if rules is None:
        yield _answer("protection", f"{base} has no protection rules", here=None)
        return
    approvals = f"{rules.required_approvals} approvals"
    checks = f", checks: {', '.join(rules.required_checks)}" if rules.required_checks else ""
    yield _answer("protection", f"{base} asks for {approvals}{checks}")
