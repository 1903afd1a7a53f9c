"""What a container's trial is judged by."""

from typing import Final, Iterator

from devflow.model import figures
from devflow.model.checks import Check, Measure, at_most, fact, held, measure, missing, note, wanted
from devflow.model.figures import Count, Figure
from devflow.model.images import Answered, ContainerLimits, ContainerReport
from devflow.model.wording import plural, short_version

MB = 1_000_000
EVIDENCE: Final = {
    "start": "from its start to the first 200, about the service and the platform",
    "health": "the version that it answers as, about the service and the platform",
    "memory": "what it took under a small load, about the service and the platform",
    "cpu": "what it took of one processor, about the service and the platform",
    "endpoints": "those that answer as documented, about the service and the platform",
    "not_asked": "those that could not be asked, about the service and the platform",
    "assets": "files of its first page that it serves, about the service and the platform",
    "users": "the users that it runs as, about the service and the platform",
    "file_system": "whether it can be written, about the service and the platform",
    "capabilities": "those that it holds, about the service and the platform",
    "privileges": "whether more can be gained, about the service and the platform",
    "stop": "how long it took to end, and how, about the service and the platform",
    "lost_requests": "those lost at its end, about the service and the platform",
}
_KERNEL: Final = "the kernel, /proc"
_UNREAD: Final = "it could not be read"


def trial_checks(report: ContainerReport, limits: ContainerLimits, version: str) -> Iterator[Check]:
    """The lines of one container, against the service's own limits."""
    source = f"{report.platform}, {report.runtime}"
    if report.started_s is None:
        problem = figures.text(report.problem or "it never answered")
        start = _measure(report, "start", "start", problem, source)
        yield fact(start, False, wanted("200 of its health"))
        return
    began = figures.quantity(report.started_s, "s", note="to the first 200")
    start = _measure(report, "start", "start", began, source)
    yield held(start, at_most(limits.start_within_s, "s"))
    yield _health(report, version)
    # a running program without memory is one that was not measured
    memory = figures.quantity(report.memory_bytes or None, "B", why=_UNREAD)
    used = _measure(report, "memory", "memory", memory, "under a small load")
    yield held(used, at_most(limits.memory_mb * MB, "B"))
    yield _processor(report, limits)
    yield from _answers(report)
    yield from _inside(report)
    yield from _end(report, limits)


def _measure(report: ContainerReport, id_: str, label: str, figure: Figure, source: str) -> Measure:
    about = f"{report.service} {report.platform}"
    return measure(id_, f"{report.service} {label}", figure, source, about=about)


def _health(report: ContainerReport, version: str) -> Check:
    if not report.tells_version:
        return _answering(report)
    is_right = report.health_status == report.wanted_status
    is_ok = is_right and bool(version) and report.health_version == version
    said: Figure = figures.text(f"{report.health_status} as no version")
    if report.health_version:
        said = figures.version(report.health_version, f"with {report.health_status}")
    limit = f"{report.wanted_status} as {short_version(version)}"
    if not is_ok:
        # whoever meets it first does not know by which name and value a version is told
        limit = f'{limit}: JSON {{"version": "{version}"}}, the git tree of project.version_path'
    return fact(_measure(report, "health", "health", said, "GET health"), is_ok, wanted(limit))


def _answering(report: ContainerReport) -> Check:
    """What runs is the image's by its digest; the version is told by nobody else."""
    status = f"{report.health_status}, and tells no version"
    answer = _measure(report, "health", "health", figures.text(status), "GET health")
    if not report.wanted_status:
        return fact(answer, bool(report.health_status), wanted("an answer"))
    is_right = report.health_status == report.wanted_status
    return fact(answer, is_right, wanted(f"{report.wanted_status}"))


def _processor(report: ContainerReport, limits: ContainerLimits) -> Check:
    used = figures.quantity(report.cpu_pct, "%", note="of one processor", why=_UNREAD)
    source = f"{plural(report.requests, 'request')}, {_loaded(report.loaded)}"
    return held(_measure(report, "cpu", "CPU", used, source), at_most(limits.cpu_pct, "%"))


def _loaded(paths: tuple[str, ...]) -> str:
    """What the load asked, and how."""
    first = paths[0] if paths else "nothing"
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return f"GET {first}{more} on new and kept connections"


def _answers(report: ContainerReport) -> Iterator[Check]:
    if report.endpoints:
        figure = _answered(report.endpoints, "endpoint")
        source = "its own OpenAPI examples"
        endpoints = _measure(report, "endpoints", "endpoints", figure, source)
        yield fact(endpoints, figure.n == figure.of)
    if report.not_asked:
        first = figures.count(
            len(report.not_asked), "endpoint", note=f"not asked: {report.not_asked[0]}"
        )
        label = "endpoints without an example"
        yield note(_measure(report, "not_asked", label, first, "OpenAPI"))
    if report.assets:
        figure = _answered(report.assets, "file")
        source = "what its first page loads"
        assets = _measure(report, "assets", "static assets", figure, source)
        yield fact(assets, figure.n == figure.of)


def _answered(answers: tuple[Answered, ...], noun: str) -> Count:
    """Those that answer as documented, and the first that does not."""
    wrong = [one for one in answers if one.status not in one.expected]
    told = "as documented"
    if wrong:
        first = wrong[0]
        expected = " or ".join(str(status) for status in first.expected)
        told = f"{first.name} answers {first.status or 'nothing'}, not {expected}"
    right = len(answers) - len(wrong)
    return figures.count(right, noun, of=len(answers), note=told)


def _inside(report: ContainerReport) -> Iterator[Check]:
    users = figures.names((f"uid {uid}" for uid in report.users), _UNREAD)
    is_unprivileged = 0 not in report.users if report.users else None
    yield fact(
        _measure(report, "users", "users", users, _KERNEL), is_unprivileged, wanted("no root")
    )
    written = {True: "read-only", False: "can be written", None: ""}[report.read_only]
    files = _measure(report, "file_system", "file system", figures.text(written, _UNREAD), _KERNEL)
    yield fact(files, report.read_only, wanted("read-only"))
    yield _capabilities(report)
    privileges = report.no_new_privileges
    said = {True: "none can be gained", False: "can be gained", None: ""}[privileges]
    gained = _measure(report, "privileges", "privileges", figures.text(said, _UNREAD), _KERNEL)
    yield fact(gained, privileges)


def _capabilities(report: ContainerReport) -> Check:
    found = report.capabilities
    listed: Figure = figures.names(found or (), _UNREAD)
    if found == ():
        listed = figures.text("none")
    has_none = None if found is None else not found
    capabilities = _measure(report, "capabilities", "capabilities", listed, _KERNEL)
    return fact(capabilities, has_none, wanted("none"))


def _end(report: ContainerReport, limits: ContainerLimits) -> Iterator[Check]:
    limit = wanted(f"exit 0 within {limits.stop_within_s:g} s")
    code = "killed" if report.exit_code is None else f"exit {report.exit_code}"
    took = figures.quantity(report.stopped_s, "s", note=code, why="its end was not seen")
    stop = _measure(report, "stop", "stop", took, "SIGTERM under load")
    if report.stopped_s is None:
        yield missing(stop, bound=limit)
        return
    is_ok = report.exit_code == 0 and report.stopped_s <= limits.stop_within_s
    yield fact(stop, is_ok, limit)
    lost = figures.count(report.lost_requests, "request", of=report.requests)
    requests = _measure(report, "lost_requests", "requests lost", lost, "SIGTERM under load")
    # where none was made, none could be lost
    yield fact(requests, report.lost_requests == 0 and report.requests > 0, wanted("none"))
