"""docs/environment.md: what the commands of a project find in their environment, made from the
table that they are given it by."""

from typing import Iterator

from devflow.adapters.toolchain.inherited import GROUPS, PLACE


def environment_page() -> str:
    """The whole page."""
    lines = [
        "# The environment of commands",
        "",
        "What devflow runs for a project (suites, their `setup`, hooks, linters, `uses: shell`)"
        " gets a small environment,",
        "the same for everybody: these variables of whoever starts devflow, where they are set,"
        " and no others.",
        "",
        "| for | variables | but not |",
        "|---|---|---|",
        *_rows(),
        "",
        "A name that ends with `*` is the beginning of several. Proxies and the variables of Node"
        " may be written in small",
        "letters. Of `PERL5LIB` the folders that end with `lib/perl5` are kept: what is installed,"
        " not what lies in a working tree.",
        "devflow sets `PATH`, `LANG` and `LC_ALL` (`C.UTF-8`), `PYTHONDONTWRITEBYTECODE`,"
        " `PYTHONUNBUFFERED`,",
        "`DEVFLOW_OUT` (a folder for results, gone afterwards), `DEVFLOW_RUN` and"
        " `GIT_CEILING_DIRECTORIES`.",
        "",
        "Everything else is named: `env` has values, `pass_env` names of variables whose values are"
        " secrets. These, and the",
        "passwords and tokens that stand in the variables above (in addresses as"
        " `https://user:password@host`, in options as",
        "`-Dhttps.proxyPassword=…`, in what is called `…_TOKEN` or `…_PASSWORD`), are masked in"
        " logs,"
        " evidence and screens.",
        "",
        "## Which Python",
        "",
        "A suite of pytest runs in the project's own interpreter, which its evidence names. The"
        " first of these that is there:",
        "",
        "1. `python:` of the suite: a folder such as `.venv`, relative to the repository, or the"
        " path of an interpreter",
        "2. the environment that is active (`VIRTUAL_ENV`), unless it is devflow's own",
        "3. the conda environment that is active (`CONDA_PREFIX`), unless it is `base` or"
        " devflow's own",
        "4. `.venv`, in the folder of the suite's own project, then in the repository's; so are the"
        " next six",
        "5. with a `uv.lock` or `[tool.uv]`: the environment that `UV_PROJECT_ENVIRONMENT` names",
        "6. with a `poetry.lock`, `[tool.poetry]` or poetry as build backend: what"
        " `poetry env info` names, else the newest",
        "   of `poetry env list`",
        "7. the environment that pdm names in `.pdm-python`",
        "8. with a `Pipfile`: what `pipenv --venv` answers",
        "9. with a `hatch.toml`, `[tool.hatch]` or hatchling as build backend: the `default`"
        " environment of `hatch env find`,",
        "   else that of `hatch test`, else one of the project's that has `test` in its name",
        "10. with a `tox.ini`, `tox.toml`, `[tool.tox]` or `[tox:tox]` in `setup.cfg`: the newest"
        " environment called `py…` or",
        "    `3.…` in `.tox` (`TOX_WORK_DIR`, `work_dir`), else one that has `test` in its name",
        "11. devflow's own, where the project is installed editable into it from this checkout",
        "12. devflow's own as the last, where everything that the tests import is there; else the"
        " suite is unavailable",
        "",
        "The programs are asked only where they are on the `PATH`, and nothing is made: an"
        " environment that is not there yet is",
        "not found. Of several, the first that has pytest is taken.",
        "",
        "Its programs come first on the suite's `PATH`, and devflow's own are not on it. Without"
        " pytest the suite is",
        "unavailable, without pytest-cov its coverage is not measured; both name the command that"
        " installs it there.",
        "",
        "Hooks find, one after the other, what stands in `node_modules/.bin`, the programs of that"
        " interpreter (of 2 to 8),",
        "those of your own `PATH`, and devflow's own as the last. A hook of pre-commit with"
        " `language: system` whose program",
        "only devflow has brought says so in its evidence.",
    ]
    return "\n".join((*lines, ""))


def _rows() -> Iterator[str]:
    for group in (PLACE, *GROUPS):
        names = ", ".join(f"`{name}`" for name in group.names)
        without = ", ".join(f"`{name}`" for name in group.without)
        yield f"| {group.purpose} | {names} | {without} |"
