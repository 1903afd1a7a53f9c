"""What a container's trial is judged by."""

from typing import Iterator

from devflow.craft.evidence import check_line, note_line
from devflow.model.checks import Check
from devflow.model.images import Answered, ContainerLimits, ContainerReport
from devflow.model.wording import plural, short_version, size

MB = 1_000_000


def trial_checks(report: ContainerReport, limits: ContainerLimits, version: str) -> Iterator[Check]:
    """The lines of one container, against the service's own limits."""
    name = report.service
    source = f"{report.platform}, {report.runtime}"
    if report.started_s is None:
        problem = report.problem or "it never answered"
        yield check_line(f"{name} start", False, problem, source, "200 of its health")
        return
    limit_s = limits.start_within_s
    yield check_line(
        f"{name} start",
        report.started_s <= limit_s,
        f"{report.started_s:.2f} s to the first 200",
        source,
        f"{limit_s:g} s",
    )
    yield _health(report, version)
    yield _bounded(name, "memory", report.memory_bytes, limits.memory_mb * MB)
    yield _processor(report, limits)
    yield from _answers(report)
    yield from _inside(report)
    yield _end(report, limits)


def _health(report: ContainerReport, version: str) -> Check:
    said = short_version(report.health_version) or "no version"
    is_ok = report.health_status == 200 and bool(version) and report.health_version == version
    measured = f"{report.health_status} as {said}"
    limit = f"200 as {short_version(version)}"
    if not is_ok:
        # whoever meets it first does not know by which name and value a version is told
        limit = f'{limit}: JSON {{"version": "{version}"}}, the git tree of project.version_path'
    return check_line(f"{report.service} health", is_ok, measured, "GET health", limit)


def _bounded(name: str, what: str, value: int | None, limit: float) -> Check:
    # a running program without memory is one that was not measured
    ok = None if not value else value <= limit
    measured = size(value) if value else ""
    return check_line(f"{name} {what}", ok, measured, "under a small load", size(int(limit)))


def _processor(report: ContainerReport, limits: ContainerLimits) -> Check:
    used = report.cpu_pct
    ok = None if used is None else used <= limits.cpu_pct
    measured = "" if used is None else f"{used:.0f} % of one processor"
    source = f"{plural(report.requests, 'request')}, {_loaded(report.loaded)}"
    return check_line(f"{report.service} CPU", ok, measured, source, f"{limits.cpu_pct:g} %")


def _loaded(paths: tuple[str, ...]) -> str:
    """What the load asked, and how."""
    first = paths[0] if paths else "nothing"
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return f"GET {first}{more} on new and kept connections"


def _answers(report: ContainerReport) -> Iterator[Check]:
    name = report.service
    if report.endpoints:
        yield _all_answered(f"{name} endpoints", report.endpoints, "its own OpenAPI examples")
    if report.not_asked:
        text = f"{len(report.not_asked)} not asked: {report.not_asked[0]}"
        yield note_line(f"{name} endpoints without an example", text, "OpenAPI", ok=False)
    if report.assets:
        yield _all_answered(f"{name} static assets", report.assets, "what its first page loads")


def _all_answered(label: str, answered: tuple[Answered, ...], source: str) -> Check:
    wrong = [one for one in answered if one.status not in one.expected]
    if wrong:
        first = wrong[0]
        wanted = " or ".join(str(status) for status in first.expected)
        measured = f"{first.name} answers {first.status or 'nothing'}, not {wanted}"
        return check_line(label, False, measured, source)
    return check_line(label, True, f"all {len(answered)} as documented", source)


def _inside(report: ContainerReport) -> Iterator[Check]:
    name = report.service
    source = "the kernel, /proc"
    users = ", ".join(str(uid) for uid in report.users)
    is_unprivileged = 0 not in report.users if report.users else None
    yield check_line(
        f"{name} users", is_unprivileged, f"uid {users}" if users else "", source, "no root"
    )
    written = {True: "read-only", False: "can be written", None: ""}[report.read_only]
    yield check_line(f"{name} file system", report.read_only, written, source, "read-only")
    held = report.capabilities
    has_none = None if held is None else not held
    measured = "" if held is None else ", ".join(held) or "none"
    yield check_line(f"{name} capabilities", has_none, measured, source, "none")
    privileges = report.no_new_privileges
    said = {True: "none can be gained", False: "can be gained", None: ""}[privileges]
    yield check_line(f"{name} privileges", privileges, said, source)


def _end(report: ContainerReport, limits: ContainerLimits) -> Check:
    name = report.service
    limit = f"exit 0 within {limits.stop_within_s:g} s, no request lost"
    if report.stopped_s is None:
        return check_line(f"{name} stop", None, "", "SIGTERM", limit)
    code = "killed" if report.exit_code is None else f"exit {report.exit_code}"
    lost = f"{report.lost_requests} of {plural(report.requests, 'request')} lost"
    measured = f"{code} after {report.stopped_s:.1f} s, {lost}"
    is_whole = report.lost_requests == 0 and report.requests > 0
    is_ok = report.exit_code == 0 and is_whole and report.stopped_s <= limits.stop_within_s
    return check_line(f"{name} stop", is_ok, measured, "SIGTERM under load", limit)
