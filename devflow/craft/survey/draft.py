"""The shortest pipeline.yaml that a repository can pass, each line with what it was read from.

What was seen and left out stands as a comment at its place, whole, with the reason: without the
``#`` it is in.
"""

from typing import Any, Final, Iterator, Mapping

import yaml

from devflow.craft.survey.linters import is_found_by_itself
from devflow.model.survey.seen import Sight, Survey
from devflow.model.wording import one_line

_UNRUN: Final = "every suite above is left out: take the # away here too, else none is run"
_NO_SUITE: Final = (
    "no test suite was seen here, so no entry runs a test: name one under project:, "
    "suites: {NAME: {run: COMMAND}}, and add - local_tests here"
)
_HEAD: Final = (
    "# What devflow saw here: each line says where it was read, and what was left out says why.",
)
_SANDBOX: Final = (
    "nothing leaves this machine; `real` is the JIRA and the GitHub of the environment"
)
_REAL: Final = "JIRA_BASE_URL, JIRA_API_TOKEN with JIRA_EMAIL or JIRA_PAT, GITHUB_TOKEN"


def pipeline_text(survey: Survey) -> str:
    """The whole file."""
    lines = [*_HEAD, "devflow: 1"]
    connect = _SANDBOX if survey.connect == "sandbox" else _REAL
    lines += [_line("", {"connect": survey.connect}, connect), ""]
    lines += ["project:", *_project(survey), "", "phases:"]
    lines += _phases(survey)
    return "\n".join(lines) + "\n"


def _project(survey: Survey) -> Iterator[str]:
    yield _line("  ", {"name": survey.name.value}, survey.name.source)
    yield _line("  ", {"base": survey.base.value}, survey.base.source)
    if survey.remote is not None:
        yield _line("  ", {"remote": survey.remote.value}, survey.remote.source)
    if survey.tracker_project is not None:
        key = survey.tracker_project
        yield _line("  ", {"tracker": {"project": key.value}}, key.source)
    host: dict[str, str] = {}
    if survey.repository is not None:
        host["repository"] = survey.repository.value
    if survey.api_url is not None:
        host["api_url"] = survey.api_url.value
    if survey.repository is not None:
        yield _line("  ", {"host": host}, survey.repository.source)
    suites = survey.of("suite")
    if any(suite.is_in for suite in suites):
        yield "  suites:"
    elif suites:
        yield "  # suites:"
    for suite in suites:
        yield _sight_line("    ", suite.name, suite)


def _sight_line(indent: str, name: str, sight: Sight) -> str:
    """A suite or a linter with its settings, as a comment where it is left out."""
    settings = _short(sight)
    if sight.is_in:
        return _line(indent, {name: settings}, sight.source)
    text = _flow({name: settings}) if sight.settings else f"{name}: {sight.words}"
    return _comment(indent, text, sight)


def _short(sight: Sight) -> Any:
    """A linter that is a command and nothing else is its command alone."""
    if sight.kind == "linter" and set(sight.settings) <= {"run"}:
        return sight.settings.get("run")
    return dict(sight.settings)


def _comment(indent: str, text: str, sight: Sight) -> str:
    reason = _whole(f"{sight.source}: {sight.why_not}")
    return f"{indent}# {_whole(text)} # not in, {reason}"


def _phases(survey: Survey) -> Iterator[str]:
    suites = survey.of("suite")
    yield "  planning: [ticket]"
    yield "  development:"
    yield _branch(survey)
    yield "    - coding # your turn"
    if any(suite.is_in for suite in suites):
        yield "    - local_tests # every suite above"
    elif suites:
        yield f"    # - local_tests # {_UNRUN}"
    else:
        yield f"    # {_NO_SUITE}"
    yield from _hooks(survey)
    yield _commit(survey)
    yield "    - push"
    yield "  review: [pull_request]"
    yield from _ci(survey)


def _branch(survey: Survey) -> str:
    patterns = [known.value for known in survey.branch_patterns]
    settings: dict[str, Any] = {}
    if patterns:
        settings["patterns"] = ["feature/*", "{project}-*", *patterns]
    if not settings:
        return "    - branch"
    sources = ", ".join(known.source for known in survey.branch_patterns)
    return _line("    - ", {"branch": {"with": settings}}, sources)


def _commit(survey: Survey) -> str:
    for sight in survey.of("commits"):
        if sight.is_in:
            settings = {"commit": {"with": dict(sight.settings)}}
            return _line("    - ", settings, f"{sight.source}: {sight.words}")
    return "    - commit"


def _hooks(survey: Survey) -> Iterator[str]:
    hooks = survey.of("hooks")
    there = [hook for hook in hooks if hook.is_in]
    if there:
        said = "; ".join(f"{hook.source}: {hook.words}" for hook in there)
        yield f"    - pre_commit # {_whole(said)}"
    for hook in hooks:
        if not hook.is_in:
            yield _comment("    ", "- pre_commit" if not there else hook.name, hook)


def _ci(survey: Survey) -> Iterator[str]:
    linters = survey.of("linter")
    systems = survey.of("ci")
    there = [linter for linter in linters if linter.is_in]
    checks = [system for system in systems if system.is_in]
    if there or checks:
        yield "  ci:"
        yield "    - trigger" + _trigger(survey)
    elif linters or systems:
        yield "  # ci:"
    if checks:
        said = "; ".join(f"{system.source}: {system.words}" for system in checks)
        yield f"    - checks # {_whole(said)}"
    for system in systems:
        if system.is_line and not system.is_in:
            yield _comment("    ", "- checks", system)
    yield from _quality(linters)


def _trigger(survey: Survey) -> str:
    patterns = [known.value for known in survey.branch_patterns]
    if not patterns:
        return ""
    settings = {"branches": ["feature/*", "{project}-*", *patterns]}
    return ": " + _flow({"x": {"with": settings}}).removeprefix("x: ")


def _quality(linters: tuple[Sight, ...]) -> Iterator[str]:
    there = [linter for linter in linters if linter.is_in]
    left_out = [linter for linter in linters if not linter.is_in]
    by_itself = [linter for linter in linters if is_found_by_itself(linter)]
    if there and there == by_itself:
        said = ", ".join(f"{linter.words} ({linter.source})" for linter in there)
        yield f"    - quality # {_whole(said)}"
    elif there:
        yield "    - quality:"
        yield "        with:"
        yield "          linters:"
        for linter in there:
            yield _sight_line("            ", linter.name, linter)
    is_table = bool(there) and there != by_itself
    for linter in left_out:
        text = f"{linter.name}: {linter.words}"
        if linter.settings:
            text = _flow({linter.name: _short(linter)})
        if is_table or not linter.settings:
            yield _comment("            " if is_table else "    ", text, linter)
        else:
            alone = {"quality": {"with": {"linters": {linter.name: _short(linter)}}}}
            yield _comment("    ", f"- {_flow(alone)}", linter)


def _line(indent: str, pair: Mapping[str, Any], source: str) -> str:
    return f"{indent}{_flow(pair)} # {_whole(source)}"


def _whole(text: str) -> str:
    """On one line, however long: what is cut off cannot be taken in."""
    return one_line(text, max_chars=len(text))


def _flow(pair: Mapping[str, Any]) -> str:
    """``name: value`` on one line, with quotes where YAML needs them."""
    text = yaml.safe_dump(
        dict(pair), default_flow_style=True, sort_keys=False, allow_unicode=True, width=10**6
    )
    inner = text.strip().removeprefix("{").removesuffix("}")
    return inner.removesuffix(": null") + (":" if inner.endswith(": null") else "")
