"""What else a repository says of itself: its languages, what it deploys, whom it names, what git
has to fetch beside it, where it documents itself, and how its people write commits and branches.
"""

import re
from collections import Counter
from typing import Any, Final, Iterator, Mapping

from devflow.craft.commit.conventional import is_conventional
from devflow.craft.review.code_owners import PLACES
from devflow.craft.survey.files import Files, at, folder_of, table_at
from devflow.craft.survey.node_packages import node_packages
from devflow.craft.ticket.naming import first_match
from devflow.model.ids import tickets_in, tickets_like
from devflow.model.survey.clone import CloneFacts
from devflow.model.survey.seen import Known, Sight
from devflow.model.wording import first_of, plural

_SHOWN: Final = 6  # names on a line
_LANGUAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "Python": (".py", ".pyi"),
    "JavaScript": (".js", ".mjs", ".cjs", ".jsx"),
    "TypeScript": (".ts", ".tsx", ".mts", ".cts"),
    "Go": (".go",),
    "Rust": (".rs",),
    "Java": (".java",),
    "Kotlin": (".kt", ".kts"),
    "Scala": (".scala",),
    "Ruby": (".rb",),
    "PHP": (".php",),
    "C#": (".cs",),
    "C": (".c", ".h"),
    "C++": (".cc", ".cpp", ".cxx", ".hpp"),
    "Swift": (".swift",),
    "Dart": (".dart",),
    "Elixir": (".ex", ".exs"),
    "Erlang": (".erl",),
    "Lua": (".lua",),
    "Perl": (".pl", ".pm"),
    "Shell": (".sh", ".bash"),
    "Vue": (".vue",),
    "Svelte": (".svelte",),
}
_BY_ENDING: Final = {end: name for name, ends in _LANGUAGES.items() for end in ends}
# by the file, which names the manager of a Python project's packages
_PYTHON_LOCKS: Final[Mapping[str, str]] = {
    "uv.lock": "uv",
    "poetry.lock": "poetry",
    "pdm.lock": "pdm",
    "Pipfile.lock": "pipenv",
    "requirements.txt": "pip",
}
_LOCKS: Final[Mapping[str, str]] = {
    **_PYTHON_LOCKS,
    "go.sum": "go",
    "Cargo.lock": "cargo",
    "Gemfile.lock": "bundler",
    "composer.lock": "composer",
    "pom.xml": "maven",
    "build.gradle": "gradle",
    "build.gradle.kts": "gradle",
    "mix.lock": "mix",
    "cpanfile": "cpanm",
}
_MOST_FOLDERS: Final = 4
_COMPOSE: Final = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_HEALTH: Final = re.compile(r"https?://[^/\s\"']+(/[^\s\"'|)\]]*)")
_NOT_DEPLOYED: Final = "devflow has to be told how it starts and is well: docs/services.md"
_NOT_BUILT: Final = "an image is of a service: docs/images.md"
_DOCS: Final = ("mkdocs.yml", "docs/conf.py", "docusaurus.config.js", "book.toml", "antora.yml")
_LFS: Final = re.compile(r"^(\S+).*\bfilter=lfs\b", re.MULTILINE)
_MODULE: Final = re.compile(r"^\s*path\s*=\s*(.+?)\s*$", re.MULTILINE)
_PATTERNS: Final = ("feature/*", "{project}-*")
# of subjects; what most of the last commits do is the style
_MOSTLY: Final = 0.6
_FEW: Final = 5
_TOO_FEW: Final = (
    f"; fewer than {_FEW} show no habit, so devflow's own begin so, unless the entry is "
    "commit: {with: {style: plain}}"
)


def languages(files: Files) -> Iterator[Sight]:
    """Each language with the folders that most of its files are in, the commonest first."""
    places: Counter[tuple[str, str]] = Counter()
    for path in files.own:
        top, slash, _ = path.partition("/")
        places[path[path.rfind(".") :], top if slash else "."] += 1
    folders: dict[str, Counter[str]] = {}
    for (ending, top), count in places.items():
        language = _BY_ENDING.get(ending)
        if language:
            folders.setdefault(language, Counter())[top] += count
    for language in sorted(folders, key=lambda one: -folders[one].total()):
        count = folders[language].total()
        tops = [top for top, _ in folders[language].most_common(_MOST_FOLDERS)]
        words = f"{plural(count, 'file')} in {', '.join(tops)}"
        yield Sight("language", language, f"{language}: {words}", "the endings of its files")
    yield from _managers(files)


def _managers(files: Files) -> Iterator[Sight]:
    for name, manager in _LOCKS.items():
        for path in files.named(name)[:1]:
            yield Sight("language", manager, f"packages by {manager}", path)
    seen: set[str] = set()
    for package in node_packages(files):
        if package.lock and package.lock not in seen:
            seen.add(package.lock)
            words = f"packages by {package.manager}"
            yield Sight("language", package.manager, words, package.lock)


def deployed(files: Files) -> Iterator[Sight]:
    """Services of compose files and images of Dockerfiles; neither says all that a service has to
    be told."""
    for path in files.named(*_COMPOSE):
        services = table_at(files.yaml(path), "services")
        for name, service in services.items():
            yield Sight("service", name, _service_words(name, service), path, {}, _NOT_DEPLOYED)
    for path in files.beginning("Dockerfile", "Containerfile"):
        text = files.text(path)
        words = path
        health = re.search(r"^HEALTHCHECK\b((?:.*\\\n)*.*)", text, re.MULTILINE)
        if health:
            words = f"{path}, {_health_words(health[1])}"
        yield Sight("service", folder_of(path) or path, words, path, {}, _NOT_BUILT)
    for path in files.named("Procfile"):
        names = re.findall(r"^([A-Za-z0-9_-]+):", files.text(path), re.MULTILINE)
        words = f"processes {first_of(names, _SHOWN)}" if names else "processes"
        yield Sight("service", "Procfile", words, path, {}, _NOT_DEPLOYED)


def _service_words(name: str, service: Any) -> str:
    words = [name]
    ports = at(service, "ports")
    if isinstance(ports, list) and ports:
        words.append(f"port {_port(ports[0])}")
    test = at(service, "healthcheck", "test")
    if test:
        words.append(_health_words(str(test)))
    return ", ".join(words)


def _port(port: Any) -> str:
    if isinstance(port, Mapping):
        port = port.get("published") or port.get("target")
    parts = str(port).split(":")
    return parts[-2] if len(parts) > 1 else parts[0]


def _health_words(test: str) -> str:
    path = _HEALTH.search(test)
    return f"well at {path[1]}" if path else "with a health check of its own"


def notes(files: Files, clone: CloneFacts) -> Iterator[Sight]:
    """Owners, submodules, large files, a cut history, and where the documentation lies."""
    owners = [place for place in (*PLACES, ".gitlab/CODEOWNERS") if place in files.paths]
    if owners:
        yield Sight("owners", "CODEOWNERS", "code owners: step 12 asks them", owners[0])
    modules = [one.strip('"') for one in _MODULE.findall(files.text(".gitmodules"))]
    if modules:
        yield Sight("submodule", "submodules", first_of(modules, _SHOWN), ".gitmodules")
    for path in files.named(".gitattributes"):
        patterns = _LFS.findall(files.text(path))
        if patterns:
            yield Sight("large files", "git-lfs", first_of(patterns, _SHOWN), path)
    if clone.is_shallow:
        yield Sight("history", "shallow", "its history is cut off", "git rev-parse")
    for place in _DOCS:
        if place in files.paths:
            yield Sight("docs", "docs", folder_of(place) or "docs", place)
            return
    for folder in ("docs", "doc"):
        if any(True for _ in files.below(folder)):
            yield Sight("docs", "docs", folder, f"{folder}/")
            return


def commit_style(clone: CloneFacts) -> Iterator[Sight]:
    """How the last subjects are written, and so those of devflow's own commits; a few subjects
    tell no style."""
    subjects = [one for one in clone.subjects if not one.startswith(("Merge ", "Revert "))]
    if not subjects:
        return
    count = sum(map(is_conventional, subjects))
    share = f"{count} of the last {len(subjects)}"
    source = "git log"
    if count >= _MOSTLY * len(subjects):
        yield Sight("commits", "style", f"Conventional Commits: {share}", source)
        return
    words = f"{share} subjects begin as Conventional Commits do (feat: …)"
    if len(subjects) < _FEW:
        yield Sight("commits", "style", f"{words}{_TOO_FEW}", source)
        return
    settings = {"style": "plain"}
    yield Sight(
        "commits", "style", f"{words}, so devflow's own do not", source, settings, is_line=True
    )


def ticket_project(clone: CloneFacts) -> Known | None:
    """The key of the JIRA project that branches and subjects name most often; ``None`` where none
    does."""
    names = _ticketed(clone)
    counts: Counter[str] = Counter()
    for name in names:
        counts.update({key.rpartition("-")[0] for key in tickets_in(name.rpartition("/")[2])})
    source = "branch names"
    if not counts:
        source = "subjects of commits"
        for subject in clone.subjects:
            counts.update({key.rpartition("-")[0] for key in tickets_in(subject)})
    if not counts:
        return None
    (project, count), *_ = counts.most_common(1)
    example = next((name for name in (*names, *clone.subjects) if f"{project}-" in name), project)
    return Known(
        project, f"{source}: {example}" if count == 1 else f"{count} {source}, as {example}"
    )


def _ticketed(clone: CloneFacts) -> tuple[str, ...]:
    """The branches that may name a ticket, the one that is checked out first."""
    every = (clone.branch, *clone.branches, *clone.remote_branches)
    return tuple(name for name in dict.fromkeys(every) if tickets_like(name))


def branch_patterns(clone: CloneFacts, project: str) -> Iterator[Known]:
    """Patterns that the ticket's branches here need beside the step's own."""
    patterns = [pattern.replace("{project}", project) for pattern in _PATTERNS]
    for name in _ticketed(clone):
        keys = [key for key in tickets_like(name) if key.rpartition("-")[0] == project]
        if not keys or first_match(name, patterns):
            continue
        start = name.lower().index(keys[0].lower())
        pattern = f"{name[:start]}*"
        if pattern == "*":
            pattern = f"{name[: len(project)]}-*"
        patterns.append(pattern)
        yield Known(pattern, f"branch {name}")
