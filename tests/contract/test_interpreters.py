"""Interpreters and tools' environments, as the shell port answers for them."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from devflow.adapters.git.repository import GitRepository
from devflow.adapters.machine.interpreters import Interpreters
from devflow.adapters.machine.shell import LocalShell
from devflow.adapters.toolchain.programs import search_path
from devflow.ports.shell import Command


def new_shell(tmp_path: Path) -> LocalShell:
    return LocalShell(tmp_path, GitRepository(tmp_path, None), tmp_path / "cache", None)


@pytest.fixture
def shell(tmp_path: Path) -> LocalShell:
    return new_shell(tmp_path)


def test_an_interpreter_counts_only_after_it_has_run(shell: LocalShell) -> None:
    mine = ".".join(map(str, sys.version_info[:2]))
    assert shell.interpreter(mine) == sys.executable
    for version in ("99.1", "3", "*", "3.1", "../3.9", ""):
        assert shell.interpreter(version) == ""
    for version in ("3.9", "3.13"):
        interpreter = shell.interpreter(version)
        if interpreter:
            ended = shell.measure(Command(argv=(interpreter, "--version")))
            assert ended.output.startswith(f"Python {version}.")


def test_a_shim_of_a_version_that_is_not_installed_is_passed_over(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    working = tmp_path / "working"
    for folder in (broken, working):
        folder.mkdir()
        (folder / "python98.7").write_text("#!/bin/sh\n")
        (folder / "python98.7").chmod(0o755)

    def ask(argv: object, timeout_s: float) -> str | None:
        return "98.7.1 cpython /usr" if str(working) in str(argv) else None

    interpreters = Interpreters(ask, tmp_path, f"{broken}:{working}")
    assert interpreters.find("98.7") == str(working / "python98.7")


@pytest.mark.parametrize(
    ("variable", "python"),
    [
        ("PYENV_ROOT", "versions/98.7.1/bin/python"),
        ("UV_PYTHON_INSTALL_DIR", "cpython-98.7.1-linux-x86_64-gnu/bin/python3"),
        ("ASDF_DATA_DIR", "installs/python/98.7.1/bin/python3"),
        ("RYE_PY_ROOT", "cpython@98.7.1/bin/python3"),
    ],
)
def test_pythons_that_managers_keep_side_by_side_are_candidates_without_being_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, python: str
) -> None:
    path = tmp_path / "keeper" / python
    neighbour = tmp_path / "keeper" / python.replace("98.7.1", "98.71.1")
    for program in (path, neighbour):
        program.parent.mkdir(parents=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    monkeypatch.setenv(variable, str(tmp_path / "keeper"))
    started: list[str] = []

    def ask(argv: Sequence[str], timeout_s: float) -> str | None:
        started.append(argv[0])
        return "98.7.1 cpython /usr" if argv[0] == str(path) else None

    assert Interpreters(ask, tmp_path, "").find("98.7") == str(path)
    assert started == [sys.executable, str(path)]


def uv_that(folder: Path, does: str) -> str:
    folder.mkdir()
    (folder / "uv").write_text(f"#!/bin/sh\n{does}\n")
    (folder / "uv").chmod(0o755)
    return str(folder)


def run(argv: Sequence[str], timeout_s: float) -> str | None:
    """Runs it, but for the interpreter of these tests, which would answer before uv is asked."""
    if argv[0] == sys.executable or not Path(argv[0]).exists():
        return None
    path = f"{sys.base_prefix}/bin{os.pathsep}/usr/bin:/bin"
    ended = subprocess.run(
        argv,
        env={"PATH": path, "HOME": tempfile.gettempdir(), "UV_NO_CACHE": "1"},
        capture_output=True,
        text=True,
        timeout=timeout_s,
    )
    return ended.stdout + ended.stderr if ended.returncode == 0 else None


def test_what_uv_finds_is_taken_once_it_has_run(tmp_path: Path) -> None:
    python = tmp_path / "kept" / "python"
    python.parent.mkdir()
    python.write_text("#!/bin/sh\necho 98.7.1 cpython /usr\n")
    python.chmod(0o755)
    path = uv_that(tmp_path / "bin", f"echo a warning; echo {python}")
    assert Interpreters(run, tmp_path, path).find("98.7") == str(python)
    assert Interpreters(run, tmp_path, path).find("98.6") == ""


@pytest.mark.parametrize(
    "does", ["exit 0", "exit 2", "echo python3.9", "echo /bin/true", "echo /nowhere/python"]
)
def test_a_uv_that_does_not_tell_the_truth_finds_nothing(tmp_path: Path, does: str) -> None:
    assert Interpreters(run, tmp_path, uv_that(tmp_path / "bin", does)).find("98.7") == ""


def test_the_real_uv_finds_a_real_python(tmp_path: Path) -> None:
    uv = shutil.which("uv", path=search_path())
    if uv is None:
        pytest.skip("no uv beside this Python: pip install uv")
    mine = ".".join(map(str, sys.version_info[:2]))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "uv").symlink_to(uv)
    interpreter = Interpreters(run, tmp_path, str(tmp_path / "bin")).find(mine)
    assert interpreter
    assert (run((interpreter, "--version"), 10) or "").startswith(f"Python {mine}.")


def test_our_own_interpreter_answers_for_packages_that_it_has(
    shell: LocalShell, tmp_path: Path
) -> None:
    requirements = ("pytest", f"pydantic=={installed_version('pydantic')}")
    assert shell.tool_python(sys.executable, requirements) == sys.executable
    assert not (tmp_path / "cache").exists()


def installed_version(package: str) -> str:
    code = f"import importlib.metadata as m; print(m.version({package!r}))"
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.mark.parametrize("failing", ["venv", "pip"])
def test_packages_that_cannot_be_installed_leave_no_environment(
    shell: LocalShell, tmp_path: Path, failing: str
) -> None:
    interpreter = tmp_path / "python"
    interpreter.write_text(
        "#!/bin/sh\n"
        f'if [ "$1" = -c ]; then exec {sys.executable} "$@"; fi\n'
        'if [ "$2" = venv ]; then mkdir -p "$3/bin" && cp "$0" "$3/bin/python"; fi\n'
        f'[ "$2" != {failing} ]\n'
    )
    interpreter.chmod(0o755)
    assert shell.tool_python(str(interpreter), ("black",)) == ""
    assert shell.tool_python("/no/such/python", ("black",)) == ""
    assert [path.name for path in (tmp_path / "cache" / "tools").iterdir() if path.is_dir()] == []


def test_an_environment_for_a_tool_is_made_once_and_found_again(tmp_path: Path) -> None:
    package = tmp_path / "tool-1.0-py3-none-any.whl"
    make_wheel(package)
    requirement = (f"tool @ {package.as_uri()}",)
    made = new_shell(tmp_path).tool_python(sys.executable, requirement)
    assert re.search(r"/cache/tools/[0-9a-f]{16}/bin/python$", made)
    shell = new_shell(tmp_path)
    began = time.monotonic()
    assert shell.tool_python(sys.executable, requirement) == made and time.monotonic() - began < 2.0
    assert (
        shell.measure(Command(argv=(made, "-c", "import tool; print(tool.__name__)"))).output
        == "tool\n"
    )


def make_wheel(path: Path) -> None:
    code = """
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    info = "tool-1.0.dist-info/"
    wheel.writestr("tool.py", "")
    wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: tool\\nVersion: 1.0\\n")
    tags = "Root-Is-Purelib: true\\nTag: py3-none-any\\n"
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\n" + tags)
    wheel.writestr(info + "RECORD", "")
"""
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
