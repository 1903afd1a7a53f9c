"""Which programs that keep environments are asked, in which versions, and the project of each."""

from typing import Final, Mapping, NamedTuple

PROJECT: Final = '[project]\nname = "tide"\nversion = "1"\nrequires-python = ">=3.8"\n'
POETRY: Final = (
    '[tool.poetry]\nname = "tide"\nversion = "1"\ndescription = ""\nauthors = []\n'
    'package-mode = false\n[tool.poetry.dependencies]\npython = ">=3.8"\n'
)
HATCH: Final = f"{PROJECT}[tool.hatch.envs.default]\nskip-install = true\n"
HATCH_TEST: Final = f"{PROJECT}[tool.hatch.envs.test]\nskip-install = true\n"
TOX: Final = "[tox]\nskipsdist = true\nenvlist = py3\n[testenv]\ncommands = python --version\n"
TOX_ELSEWHERE: Final = 'work_dir = "build/tox"\nskipsdist = true\n[env.tests]\ncommands = []\n'


class Keeper(NamedTuple):
    """A program and its versions, a project of its own, what makes the environment, what runs
    Python in it, the variables that are set, and what is installed beside the program."""

    name: str
    versions: tuple[str, ...]
    files: Mapping[str, str]
    makes: tuple[str, ...]
    runs: str
    variables: Mapping[str, str] = {}
    beside: tuple[str, ...] = ()


KEEPERS: Final = (
    Keeper(
        "poetry",
        ("1.8.5", "2.5.1"),
        {"pyproject.toml": POETRY},
        ("poetry install --no-interaction",),
        "poetry run python",
    ),
    Keeper(
        "pdm",
        ("2.20.1", "2.29.4"),
        {"pyproject.toml": f"{PROJECT}[tool.pdm]\ndistribution = false\n"},
        ("pdm config --local venv.in_project false", "pdm use --first python3"),
        "pdm run python",
    ),
    Keeper(
        "pipenv",
        ("2023.12.1", "2026.10.3"),
        {"Pipfile": "[packages]\n"},
        ("pipenv --python 3",),
        "pipenv run python",
    ),
    Keeper(
        "hatch",
        ("1.12.0",),
        {"pyproject.toml": HATCH},
        ("hatch env create",),
        "hatch run python",
        beside=("virtualenv==20.26.6",),
    ),
    Keeper(
        "hatch",
        ("1.18.2",),
        {"pyproject.toml": HATCH},
        ("hatch env create",),
        "hatch run python",
    ),
    Keeper(
        "hatch",
        ("1.16.5",),
        {"pyproject.toml": HATCH_TEST},
        ("hatch env create test",),
        "hatch run test:python",
    ),
    Keeper(
        "tox",
        ("4.11.4", "4.67.15"),
        {"tox.ini": TOX},
        ("tox",),
        "tox exec -e py3 -- python",
    ),
    Keeper(
        "tox",
        ("4.50.3",),
        {"tox.toml": TOX_ELSEWHERE},
        ("tox -e tests",),
        "tox exec -e tests -- python",
    ),
    Keeper(
        "uv",
        ("0.5.31", "0.13.9"),
        {"pyproject.toml": PROJECT},
        ("uv sync",),
        "uv run python",
        {"UV_PROJECT_ENVIRONMENT": "kept"},
    ),
)
