"""The suites that are found in repositories of many shapes, a shape a row: what is in, what is left
out, and why."""

import json
from typing import NamedTuple

import pytest

from tests.standins.surveyed import Machine, Seen, machine

ALL = machine(
    *"go gotestsum cargo mvn java gradle sbt ruby rspec bundle rake phpunit composer".split(),
    *"dotnet mix swift dart deno bats node npm pnpm yarn bun make cmake".split(),
    "rspec_junit_formatter",
)
TEST = "def test_it():\n    pass\n"
NODES_TEST = "const { test } = require('node:test');\n"
WORKSPACE = {"name": "shop", "workspaces": ["packages/*"]}


class Row(NamedTuple):
    """A repository, and the lines that are seen of its suites."""

    id: str
    files: dict[str, str]
    lines: list[str]
    on: Machine = ALL


def package(**table: object) -> str:
    return json.dumps({"name": "web", **table})


def script(test: str, **dependencies: str) -> str:
    return package(scripts={"test": test}, devDependencies=dependencies)


NO_PYTEST = machine(lacks=("pytest", "pytest_cov"))
ROWS = (
    Row("nothing", {"README.md": "# x\n"}, []),
    Row("pytest.ini", {"pytest.ini": "[pytest]\n", "tests/test_a.py": TEST}, ["+ tests: tests"]),
    Row("tests alone", {"test_a.py": TEST}, ["+ tests: ."]),
    Row(
        "two folders",
        {"tests/test_a.py": TEST, "smoke/a/test_b.py": TEST},
        ["+ a: smoke/a", "+ tests: tests"],
    ),
    Row(
        "testpaths",
        {
            "pyproject.toml": '[tool.pytest.ini_options]\ntestpaths = ["checks", "gone"]\n',
            "checks/test_a.py": TEST,
            "other/test_b.py": TEST,
        },
        ["+ checks: checks"],
    ),
    Row(
        "tox",
        {
            "tox.ini": "[testenv]\ncommands = pytest\n[pytest]\ntestpaths = t u*\n",
            "t/test_a.py": TEST,
        },
        [
            "+ t: t",
            "- tox: tox (its tests are run in the project's environment, without a new one each "
            "time)",
        ],
    ),
    Row(
        "monorepo",
        {
            "packages/a/pyproject.toml": "[project]\nname='a'\n",
            "packages/a/tests/test_a.py": TEST,
            "packages/b/setup.py": "",
            "packages/b/tests/test_b.py": TEST,
        },
        ["+ a: packages/a/tests", "+ b: packages/b/tests"],
    ),
    Row(
        "samples of tests",
        {
            "tests/test_a.py": TEST,
            "tests/sample/pyproject.toml": "",
            "tests/fixtures/x/test_b.py": TEST,
            "vendor/x/test_c.py": TEST,
        },
        ["+ tests: tests"],
    ),
    Row(
        "coverage of one's own",
        {
            "pyproject.toml": "[tool.coverage.run]\nsource = ['src/roof']\n",
            "src/roof/a.py": "",
            "tests/test_a.py": TEST,
        },
        ["+ tests: tests coverage_of=src/roof"],
    ),
    Row(
        "no pytest-cov",
        {
            "pyproject.toml": "[tool.coverage.run]\nsource = ['src']\n",
            "src/a.py": "",
            "tests/test_a.py": TEST,
        },
        ["+ tests: tests"],
        machine(lacks=("pytest_cov",)),
    ),
    Row(
        "an option of pytest-cov's",
        {"pytest.ini": "[pytest]\naddopts = --cov=a -n 4\n", "test_a.py": TEST},
        [
            "- tests: . (no environment of the project is here, and devflow's own has no"
            " pytest-cov, xdist: python3 -m venv .venv, and install the project and its tests'"
            " packages into "
            "it)"
        ],
        machine(lacks=("pytest_cov", "xdist")),
    ),
    Row(
        "libraries",
        {"uv.lock": "", "a.py": "import numpy\nimport a.b\n", "test_a.py": TEST},
        [
            "- tests: . (no environment of the project is here, and devflow's own has no numpy: uv "
            "sync)"
        ],
        machine(lacks=("numpy",)),
    ),
    Row(
        "an environment without pytest",
        {"test_a.py": TEST},
        ["- tests: . (.venv/bin/python has no pytest: .venv/bin/python -m pip install pytest)"],
        machine(python=".venv/bin/python", lacks=("pytest", "pytest_cov")),
    ),
    Row(
        "unittest alone",
        {"tests/test_a.py": "import unittest\n"},
        ["+ tests: python -m unittest discover -s tests"],
        NO_PYTEST,
    ),
    Row(
        "vitest",
        {"package.json": script("vitest", vitest="1"), "package-lock.json": "{}"},
        [
            "+ web: npm test -- --run --reporter=default --reporter=junit"
            " --outputFile.junit=junit.xml junit=junit.xml env=CI:1 setup=npm ci"
            " setup_key=package-lock.json keep=node_modules"
        ],
    ),
    Row(
        "jest without its report",
        {"package.json": script("jest", jest="29"), "yarn.lock": ""},
        [
            "+ web: yarn test setup=yarn install --frozen-lockfile setup_key=yarn.lock"
            " keep=node_modules"
        ],
    ),
    Row(
        "jest",
        {"package.json": script("cross-env A=1 jest", **{"jest-junit": "1"}), "bun.lock": ""},
        [
            "+ web: bun run test --ci --reporters=default --reporters=jest-junit junit=junit.xml"
            " setup=bun install --frozen-lockfile setup_key=bun.lock keep=node_modules"
        ],
    ),
    Row(
        "yarn 2",
        {"package.json": script("ava", ava="6"), "yarn.lock": "", ".yarnrc.yml": ""},
        [
            "+ web: yarn test setup=yarn install --immutable setup_key=yarn.lock"
            " keep=node_modules"
        ],
    ),
    Row(
        "node's own",
        {"package.json": script("node --test")},
        [
            "+ web: node --test --test-reporter=junit --test-reporter-destination=junit.xml"
            " junit=junit.xml"
        ],
    ),
    Row(
        "a report that is written already",
        {
            "package.json": script(
                "node --test --test-reporter=junit --test-reporter-destination=n.xml"
                " --test-reporter=lcov --test-reporter-destination=l.info"
            )
        },
        ["+ web: npm test junit=n.xml coverage=l.info"],
    ),
    Row(
        "several commands",
        {"package.json": script("eslint . && vitest run", vitest="1")},
        ["+ web: npm test setup=npm install setup_key=package.json keep=node_modules"],
    ),
    Row(
        "what npm init writes",
        {"package.json": script('echo "Error: no test specified" && exit 1')},
        [],
    ),
    Row(
        "scripts beside test",
        {"package.json": package(scripts={"test:e2e": "playwright test", "test:watch": "jest -w"})},
        [
            "- test-e2e: playwright test (no script `test` names it)",
            "- test-watch: jest -w (it waits for changes)",
        ],
    ),
    Row(
        "a module that nothing installs",
        {"package.json": script("node --test"), "a.js": "const p = require('left-pad');\n"},
        [
            "- web: node --test --test-reporter=junit --test-reporter-destination=junit.xml"
            " junit=junit.xml (a.js asks for left-pad, which no package.json names: name what"
            " installs it as setup:)"
        ],
    ),
    Row(
        "no npm",
        {"package.json": script("ava")},
        ["- web: npm test (no npm on this machine)"],
        machine("node"),
    ),
    Row(
        "a workspace",
        {
            "package.json": json.dumps(WORKSPACE),
            "package-lock.json": "{}",
            "packages/a/package.json": script("node --test"),
            "packages/a/test/a.test.js": NODES_TEST,
            "packages/b/package.json": script("mocha", mocha="1"),
        },
        [
            "+ a: npm exec --workspace packages/a -- node --test --test-reporter=junit"
            " --test-reporter-destination=junit.xml junit=packages/a/junit.xml",
            "+ b: npm test --workspace packages/b setup=npm ci setup_key=package-lock.json"
            " keep=node_modules,packages/b/node_modules",
        ],
    ),
    Row(
        "a workspace whose top runs all",
        {
            "package.json": json.dumps({**WORKSPACE, "scripts": {"test": "npm test -ws"}}),
            "package-lock.json": "{}",
            "packages/a/package.json": script("node --test"),
        },
        [
            "+ shop: npm test",
            "- a: npm exec --workspace packages/a -- node --test --test-reporter=junit"
            " --test-reporter-destination=junit.xml junit=packages/a/junit.xml (package.json runs"
            " it: npm test -ws)",
        ],
    ),
    Row(
        "go",
        {"go.mod": "module x\n", "a_test.go": ""},
        ["+ go: gotestsum --junitfile report.xml -- ./... junit=report.xml"],
    ),
    Row(
        "go alone",
        {"m/go.mod": "module x\n", "m/a_test.go": ""},
        ["+ m: go test ./... cwd=m"],
        machine("go"),
    ),
    Row("go without tests", {"go.mod": "module x\n", "a.go": ""}, []),
    Row(
        "go that is missing",
        {"go.mod": "module x\n", "a_test.go": ""},
        ["- go: go test ./... (no go on this machine)"],
        machine(),
    ),
    Row("cargo", {"Cargo.toml": "", "src/lib.rs": "#[test]\nfn a() {}\n"}, ["+ rust: cargo test"]),
    Row(
        "maven",
        {"pom.xml": "<project/>", "core/pom.xml": "", "core/src/test/java/ATest.java": ""},
        ["+ maven: mvn -B test junit=**/target/surefire-reports/TEST-*.xml"],
    ),
    Row(
        "maven's wrapper without java",
        {"pom.xml": "", "mvnw": "", "src/test/java/ATest.java": ""},
        [
            "- maven: ./mvnw -B test junit=**/target/surefire-reports/TEST-*.xml"
            " (no java on this machine)"
        ],
        machine("mvn"),
    ),
    Row(
        "gradle",
        {"build.gradle.kts": "", "gradlew": "", "src/test/kotlin/ATest.kt": ""},
        ["+ gradle: ./gradlew test junit=**/build/test-results/test/TEST-*.xml"],
    ),
    Row(
        "rspec",
        {".rspec": "", "spec/a_spec.rb": ""},
        [
            "+ ruby: rspec --format progress --format RspecJunitFormatter --out rspec.xml"
            " junit=rspec.xml"
        ],
    ),
    Row(
        "rspec of a bundle",
        {"Gemfile": "gem 'rspec'\n", "spec/a_spec.rb": ""},
        ["+ ruby: bundle exec rspec setup=bundle install env=BUNDLE_PATH:vendor/bundle"],
    ),
    Row(
        "phpunit",
        {"phpunit.xml": "", "tests/ATest.php": ""},
        ["+ php: phpunit --log-junit report.xml junit=report.xml"],
    ),
    Row(
        "phpunit of composer",
        {
            "composer.json": '{"require-dev": {"phpunit/phpunit": "^10"}}',
            "composer.lock": "{}",
            "tests/ATest.php": "",
        },
        [
            "+ php: vendor/bin/phpunit --log-junit report.xml junit=report.xml"
            " setup=composer install --no-interaction setup_key=composer.lock keep=vendor"
        ],
    ),
    Row(
        "dotnet",
        {"a.sln": "", "t/t.csproj": "<P Include='Microsoft.NET.Test.Sdk'/>"},
        ["+ dotnet: dotnet test"],
    ),
    Row(
        "cmake",
        {"CMakeLists.txt": "enable_testing()\n"},
        [
            "+ ctest: ctest --test-dir build --output-junit report.xml junit=build/report.xml"
            " setup=sh -c 'cmake -S . -B build && cmake --build build'"
        ],
    ),
    Row(
        "bats",
        {"tests/a.bats": ""},
        ["+ tests: bats --report-formatter junit --output . tests junit=report.xml"],
    ),
    Row("make alone", {"Makefile": "test:\n\ttrue\n"}, ["+ make-test: make test"]),
    Row("a variable of make", {"Makefile": "test := x\n"}, []),
    Row(
        "make and more",
        {"Makefile": "check: all\n", "test_a.py": TEST},
        [
            "+ tests: .",
            "- make-check: make check (the suites above are run without it)",
        ],
    ),
    Row(
        "projects that tests look at",
        {
            "test_a.py": TEST,
            "tests/e2e/a/go.mod": "",
            "tests/e2e/a/a_test.go": "",
            "tests/b/c/package.json": script("ava"),
            "tests/package.json": script("ava"),
        },
        [
            "+ tests: .",
            "+ tests-2: npm test cwd=tests",
            "- samples: 2 suites of tests/b/c/package.json, tests/e2e/a/go.mod (they lie among the"
            " tests, which look at them)",
        ],
    ),
    Row(
        "two of one name",
        {"go/web/go.mod": "", "go/web/a_test.go": "", "js/web/package.json": script("ava")},
        [
            "+ web: npm test cwd=js/web",
            "+ web-2: gotestsum --junitfile report.xml -- ./... cwd=go/web junit=report.xml",
        ],
    ),
    Row(
        "three of one name",
        {f"{place}/package.json": script("ava") for place in ("a", "b/a", "c/a-2")},
        ["+ a: npm test cwd=a", "+ a-2: npm test cwd=b/a", "+ a-2-2: npm test cwd=c/a-2"],
    ),
    Row(
        "a folder that no pipeline can say",
        {"a\\b/go.mod": "", "a\\b/a_test.go": ""},
        [
            "- a-b: gotestsum --junitfile report.xml -- ./... cwd=a\\b junit=report.xml"
            " (pipeline.yaml cannot name 'a\\\\b' as its cwd)"
        ],
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_every_suite_is_in_or_its_line_says_why_not(row: Row) -> None:
    assert Seen(row.files, row.on).lines("suite") == row.lines


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_every_suite_has_a_line_in_the_file(row: Row) -> None:
    text = Seen(row.files, row.on).text
    for line in row.lines:
        mark, name, _ = line.split(" ", 2)
        assert f"    {'' if mark == '+' else '# '}{name}" in text
