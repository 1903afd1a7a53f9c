"""The CI systems that a repository configures, and the names of their checks as the code host shows
them."""

import re
from typing import Any, Final, Iterator, Mapping

from devflow.craft.survey.files import Files, at, table_at, text_at
from devflow.model.survey.seen import Sight
from devflow.model.wording import first_of

_SHOWN: Final = 6  # checks that a line names
_ACTIONS: Final = ".github/workflows/"
_EXPRESSION: Final = re.compile(r"\$\{\{.*?\}\}")
_EVENTS: Final = frozenset(
    "push pull_request pull_request_target schedule workflow_dispatch release workflow_call "
    "merge_group workflow_run issues create".split()
)
# keys of .gitlab-ci.yml that are no jobs
_NO_JOBS: Final = frozenset(
    "default include stages variables workflow image services cache before_script after_script "
    "pages:deploy spec".split()
)
# by the file; their jobs are not read
_OTHERS: Final[Mapping[str, str]] = {
    "azure-pipelines.yml": "Azure Pipelines",
    ".circleci/config.yml": "CircleCI",
    ".travis.yml": "Travis CI",
    "bitbucket-pipelines.yml": "Bitbucket Pipelines",
    ".drone.yml": "Drone",
    ".woodpecker.yml": "Woodpecker",
    ".woodpecker.yaml": "Woodpecker",
    "appveyor.yml": "AppVeyor",
    ".appveyor.yml": "AppVeyor",
    ".buildkite/pipeline.yml": "Buildkite",
    ".cirrus.yml": "Cirrus CI",
    ".semaphore/semaphore.yml": "Semaphore",
    "Jenkinsfile": "Jenkins",
    ".forgejo/workflows/ci.yml": "Forgejo Actions",
}


def ci_systems(files: Files) -> Iterator[Sight]:
    """Each configuration with the names of its checks."""
    for path in files.own:
        if path.startswith(_ACTIONS) and path.endswith((".yml", ".yaml")):
            yield _actions(files, path)
    if ".gitlab-ci.yml" in files.paths:
        yield _gitlab(files)
    for path, system in _OTHERS.items():
        if path in files.paths:
            yield Sight("ci", system, system, path)


def runs_for_changes(sight: Sight) -> bool:
    """Whether its checks come for a pushed commit or a pull request."""
    return bool(sight.settings.get("names")) and bool(sight.settings.get("for_changes"))


def _actions(files: Files, path: str) -> Sight:
    table = files.yaml(path)
    names = [_check_name(name, job) for name, job in table_at(table, "jobs").items()]
    # `on` is true in YAML 1.1, and then no text
    events = _events(table, files.text(path))
    is_for_changes = bool({"push", "pull_request", "pull_request_target"} & events)
    settings = {"names": names, "for_changes": is_for_changes}
    system = "GitHub Actions"
    listed = ", ".join(sorted(events))
    words = f"{system}: {first_of(names, _SHOWN)}" if names else system
    if not is_for_changes and listed:
        words = f"{words} (on {listed})"
    return Sight("ci", system, words, path, settings)


def _events(table: Mapping[str, Any], text: str) -> frozenset[str]:
    found = re.search(r"^['\"]?on['\"]?[ \t]*:(.*(?:\n(?:[ \t#-].*)?)*)", text, re.MULTILINE)
    if not found:
        return frozenset()
    lines = [line.partition("#")[0] for line in found[1].splitlines()]
    words = set(re.findall(r"[a-z_]+", " ".join(_of_events(lines))))
    return frozenset(words.intersection(_EVENTS))


def _of_events(lines: list[str]) -> Iterator[str]:
    """The lines that name an event: the first, and those that are least indented."""
    yield lines[0] if lines else ""
    inner = [line for line in lines[1:] if line.strip()]
    least = min((len(line) - len(line.lstrip()) for line in inner), default=0)
    yield from (line for line in inner if len(line) - len(line.lstrip()) == least)


def _check_name(name: str, job: Any) -> str:
    """As GitHub calls a job's check; a pattern where a matrix makes several of it."""
    called = text_at(job, "name") or name
    if _EXPRESSION.search(called):
        return _EXPRESSION.sub("*", called)
    return f"{called} (*)" if at(job, "strategy", "matrix") else called


def _gitlab(files: Files) -> Sight:
    path = ".gitlab-ci.yml"
    names = []
    for name, job in files.yaml(path).items():
        is_job = isinstance(job, Mapping) and name not in _NO_JOBS and not name.startswith(".")
        if is_job:
            names.append(name)
    words = f"GitLab CI: {first_of(names, _SHOWN)}" if names else "GitLab CI"
    return Sight("ci", "GitLab CI", words, path, {"names": names})
