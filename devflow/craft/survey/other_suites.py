"""Suites of the other languages: what marks a project of each, and the command and the report that
its people use."""

import re
from dataclasses import dataclass, field
from typing import Any, Callable, Final, Iterator, Mapping, Sequence

from devflow.craft.imports.paths import collected_by, is_in
from devflow.craft.survey.files import Files, folder_of, text_at
from devflow.craft.survey.makefiles import MAKEFILES, not_here, tested_by, why_not_made
from devflow.model.survey.seen import Sight
from devflow.ports.shell import Command, ShellReads

_RSPEC_REPORT: Final = "--format progress --format RspecJunitFormatter --out rspec.xml"


@dataclass(frozen=True)
class Project:
    """A folder that has one of a language's markers."""

    files: Files
    shell: ShellReads
    path: str

    @property
    def folder(self) -> str:
        """The folder."""
        return folder_of(self.path)

    def has(self, *names: str) -> str:
        """The first of these files that it has."""
        return self.files.first_in(self.folder, *names)

    def text(self, *names: str) -> str:
        """The text of the first of these files."""
        return self.files.text(self.has(*names))

    def is_tested(self, *runners: str) -> bool:
        """Whether it has a file that one of the runners collects."""
        patterns = [collected_by(runner) for runner in runners]
        inside = self.files.below(self.folder)
        return any(one.fullmatch(path) for path in inside for one in patterns)


@dataclass(frozen=True)
class Run:
    """How a project is tested; ``program`` is what has to be here, where that is not the command's
    first word; ``why_not`` is why it cannot be told."""

    run: str
    junit: str = ""
    program: str = ""
    why_not: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Language:
    """A language's ``markers``, of which the outermost counts, and ``run``, which answers ``None``
    for a project without tests. ``is_nested``: one inside another is a project of its own.
    """

    name: str
    markers: tuple[str, ...]
    run: Callable[[Project], Run | None]
    is_nested: bool = False


def _go(project: Project) -> Run | None:
    if not project.is_tested("go test"):
        return None
    if project.shell.found("gotestsum"):
        return Run("gotestsum --junitfile report.xml -- ./...", "report.xml", program="go")
    return Run("go test ./...")


def _cargo(project: Project) -> Run | None:
    sources = [path for path in project.files.below(project.folder) if path.endswith(".rs")]
    inner = [path for path in sources if "#[test]" in project.files.text(path)]
    return Run("cargo test") if inner else None


def _maven(project: Project) -> Run | None:
    if not project.is_tested("Surefire", "Gradle"):
        return None
    wrapper = project.has("mvnw")
    run = "./mvnw -B test" if wrapper else "mvn -B test"
    reports = "**/target/surefire-reports/TEST-*.xml"
    return Run(run, reports, program="java" if wrapper else "")


def _gradle(project: Project) -> Run | None:
    if not project.is_tested("Surefire", "Gradle"):
        return None
    wrapper = project.has("gradlew")
    run = "./gradlew test" if wrapper else "gradle test"
    return Run(run, "**/build/test-results/test/TEST-*.xml", program="java" if wrapper else "")


def _sbt(project: Project) -> Run | None:
    reports = "**/target/test-reports/*.xml"
    return Run("sbt test", reports) if project.is_tested("sbt", "Surefire") else None


def _ruby(project: Project) -> Run | None:
    gems = project.text("Gemfile")
    bundled = "bundle exec " if gems else ""
    setup: dict[str, Any] = {}
    if gems:
        setup = {"setup": "bundle install", "env": {"BUNDLE_PATH": "vendor/bundle"}}
    if project.is_tested("RSpec"):
        if _has_formatter(project, gems):
            return Run(f"{bundled}rspec {_RSPEC_REPORT}", "rspec.xml", more=setup)
        return Run(f"{bundled}rspec", more=setup)
    if project.is_tested("minitest") and project.has("Rakefile"):
        return Run(f"{bundled}rake test", more=setup)
    return None


def _has_formatter(project: Project, gems: str) -> bool:
    """Whether rspec can write a report; without a Gemfile the machine's own gems say so."""
    if gems:
        return "rspec_junit_formatter" in gems
    asked = Command(("ruby", "-e", "require 'rspec_junit_formatter'"), timeout_s=20.0)
    return bool(project.shell.found("ruby")) and project.shell.measure(asked).exit_code == 0


def _phpunit(project: Project) -> Run | None:
    if not project.is_tested("PHPUnit"):
        return None
    lock = project.has("composer.lock")
    setup: dict[str, Any] = {}
    if "phpunit/phpunit" in project.text("composer.json"):
        setup = {"setup": "composer install --no-interaction"}
        if lock:
            setup |= {"setup_key": ["composer.lock"], "keep": ["vendor"]}
        run = "vendor/bin/phpunit --log-junit report.xml"
        return Run(run, "report.xml", program="composer", more=setup)
    return Run("phpunit --log-junit report.xml", "report.xml")


def _dotnet(project: Project) -> Run | None:
    projects = [path for path in project.files.below(project.folder) if path.endswith("proj")]
    tests = [path for path in projects if "Microsoft.NET.Test.Sdk" in project.files.text(path)]
    return Run("dotnet test") if tests else None


def _mix(project: Project) -> Run | None:
    return Run("mix test") if project.is_tested("ExUnit") else None


def _swift(project: Project) -> Run | None:
    report = "report.xml"
    run = f"swift test --xunit-output {report}"
    return Run(run, report) if project.is_tested("XCTest") else None


def _dart(project: Project) -> Run | None:
    return Run("dart test") if project.is_tested("Dart") else None


def _deno(project: Project) -> Run | None:
    is_tested = project.is_tested("jest", "node")
    return Run("deno test --junit-path=report.xml", "report.xml") if is_tested else None


def _ctest(project: Project) -> Run | None:
    text = project.text("CMakeLists.txt")
    if "enable_testing" not in text and "include(CTest)" not in text:
        return None
    run = "ctest --test-dir build --output-junit report.xml"
    return Run(run, "build/report.xml", program="cmake", more={"setup": _CMAKE})


def _untold(project: Project) -> Run | None:
    return None


# as CMake's own manual does it; one command of pipeline.yaml is no two
_CMAKE: Final = "sh -c 'cmake -S . -B build && cmake --build build'"
LANGUAGES: Final = (
    Language("go", ("go.mod",), _go, is_nested=True),
    Language("rust", ("Cargo.toml",), _cargo),
    Language("maven", ("pom.xml",), _maven),
    Language(
        "gradle",
        ("settings.gradle", "settings.gradle.kts", "build.gradle", "build.gradle.kts"),
        _gradle,
    ),
    Language("sbt", ("build.sbt",), _sbt),
    Language("ruby", ("Gemfile", ".rspec", "Rakefile"), _ruby),
    Language("php", ("phpunit.xml", "phpunit.xml.dist", "composer.json"), _phpunit),
    Language("dotnet", (), _dotnet),
    Language("elixir", ("mix.exs",), _mix),
    Language("swift", ("Package.swift",), _swift),
    Language("dart", ("pubspec.yaml",), _dart),
    Language("deno", ("deno.json", "deno.jsonc"), _deno),
    Language("ctest", ("CMakeLists.txt",), _ctest),
)


def other_suites(files: Files, shell: ShellReads) -> Iterator[Sight]:
    """A suite for each project of these languages."""
    for language in LANGUAGES:
        yield from _suites(files, shell, language)


def _suites(files: Files, shell: ShellReads, language: Language) -> Iterator[Sight]:
    taken: list[str] = []
    for path in sorted(_markers(files, language), key=_depth):
        folder = folder_of(path)
        is_inside = any(not one or is_in(folder, one) for one in taken)
        if folder in taken or (is_inside and not language.is_nested):
            continue
        taken.append(folder)
        found = language.run(Project(files, shell, path))
        if found is not None:
            yield _sight(shell, language, path, found)


def _markers(files: Files, language: Language) -> Iterator[str]:
    yield from files.named(*language.markers)
    if language.name == "dotnet":
        yield from (path for path in files.own if path.endswith((".sln", ".slnx", ".csproj")))


def _depth(path: str) -> int:
    return path.count("/")


def _sight(shell: ShellReads, language: Language, path: str, found: Run) -> Sight:
    folder = folder_of(path)
    settings: dict[str, Any] = {"run": found.run}
    if folder:
        settings["cwd"] = folder
    if found.junit:
        settings["junit"] = found.junit
    settings |= found.more
    words = found.run.split(" ")
    programs = [found.program or words[0]]
    if programs[0] == "go":
        programs.append(words[0])
    missing = [one for one in programs if "/" not in one and not shell.found(one)]
    why_not = found.why_not or (not_here(missing[0]) if missing else "")
    name = folder.rpartition("/")[2] or language.name
    return Sight("suite", name, found.run, path, settings, why_not, True)


def target_suites(files: Files, shell: ShellReads, others: Sequence[Sight]) -> Iterator[Sight]:
    """Targets of a Makefile and environments of runners that are called as if they tested; what has
    suites among ``others`` is tested without them."""
    for path in files.named(*MAKEFILES):
        target = tested_by(files.text(path))
        if target and not folder_of(path):
            why_not = "the suites above are run without it"
            if not any(suite.is_in for suite in others):
                why_not = why_not_made(files.text(path), target, shell, others)
            settings = {"run": f"make {target}"}
            yield Sight("suite", f"make-{target}", f"make {target}", path, settings, why_not, True)
    for path, words in (("tox.ini", "tox"), ("tox.toml", "tox"), ("noxfile.py", "nox")):
        is_one = path in files.paths and (path != "tox.ini" or "testenv" in files.text(path))
        if is_one:
            why_not = "its tests are run in the project's environment, without a new one each time"
            yield Sight("suite", words, words, path, {}, why_not, True)


_CMAKE_WORDS: Final = re.IGNORECASE | re.MULTILINE


def other_names(files: Files) -> Iterator[tuple[str, str]]:
    """What projects at the top call themselves, and the file that says so."""
    module = re.search(r"^module[ \t]+\"?([^\s\"]+)", files.text("go.mod"), re.MULTILINE)
    if module:
        yield re.sub(r"/v\d+$", "", module[1]).rpartition("/")[2], "go.mod"
    yield text_at(files.toml("Cargo.toml"), "package", "name"), "Cargo.toml"
    yield text_at(files.json("composer.json"), "name").rpartition("/")[2], "composer.json"
    artifact = re.search(r"</parent>.*?<artifactId>([^<]+)<", files.text("pom.xml"), re.DOTALL)
    artifact = artifact or re.search(r"<artifactId>([^<]+)<", files.text("pom.xml"))
    if artifact:
        yield artifact[1].strip(), "pom.xml"
    cmake = re.search(r"^\s*project\s*\(\s*([\w.+-]+)", files.text("CMakeLists.txt"), _CMAKE_WORDS)
    if cmake:
        yield cmake[1], "CMakeLists.txt"


def bats_suites(files: Files, shell: ShellReads) -> Iterator[Sight]:
    """A suite for each folder of Bats' tests."""
    language = Language("bats", (), _untold)
    folders: dict[str, str] = {}
    for path in files.own:
        if path.endswith(".bats"):
            folders.setdefault(folder_of(path), path)
    for folder, path in folders.items():
        run = f"bats --report-formatter junit --output . {folder or '.'}"
        found = Run(run, "report.xml")
        sight = _sight(shell, language, path, found)
        settings = {key: value for key, value in sight.settings.items() if key != "cwd"}
        yield Sight("suite", sight.name, run, path, settings, sight.why_not, True)
