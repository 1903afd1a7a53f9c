"""A repository as `init` sees it, for the screens that show one: a page with a price service."""

import difflib
import json
from functools import partial
from typing import Any, Callable, Final, Iterator, Tuple

from devflow.model.survey.clone import CloneFacts
from devflow.ui.pages.init import Ended, init_lines, init_object, init_plain
from devflow.ui.pen import Pen
from tests.standins.surveyed import Seen, machine
from tests.ui.drawing import drawn

PACKAGE: Final = {
    "name": "web",
    "scripts": {"test": "vitest", "test:e2e": "playwright test"},
    "devDependencies": {"vitest": "^3.0.0", "eslint": "^9.0.0"},
}
FILES: Final = {
    "pyproject.toml": '[project]\nname = "carprice"\n[tool.ruff]\n[tool.pytest.ini_options]\n',
    "uv.lock": "",
    "src/carprice/__init__.py": "",
    "src/carprice/price.py": "import math\n",
    "tests/test_price.py": "import pytest\n",
    "web/package.json": json.dumps(PACKAGE),
    "web/package-lock.json": "{}",
    "web/eslint.config.js": "",
    "web/.prettierrc": "",
    "rates/go.mod": "module example.org/rates\n",
    "rates/rates_test.go": "",
    ".pre-commit-config.yaml": "repos: [{repo: local, hooks: [{id: ruff}, {id: no-secrets}]}]\n",
    ".github/workflows/ci.yml": "on: [push]\njobs:\n  lint: {}\n  test: {strategy: {matrix: {}}}\n",
    "compose.yaml": "services:\n  api:\n    ports: ['8000:80']\n",
    ".github/CODEOWNERS": "* @tech-lead\n",
    ".gitattributes": "*.onnx filter=lfs\n",
    "docs/index.md": "",
}
CLONE: Final = CloneFacts(
    remotes={"origin": "https://github.com/acme/carprice.git"},
    branch="main",
    branches=("main", "fix/SCRUM-91-round-prices"),
    subjects=("feat: prices in euros", "fix: round prices", "Merge branch 'main'", "wip"),
)
SEEN: Final = Seen(FILES, machine("npm", "npx", "pre-commit"), "sandbox", CLONE)
SURVEY: Final = SEEN.survey
NEXT: Final = ("devflow start SCRUM-95",)
KEEP: Final = ("git add pipeline.yaml", 'git commit --message "chore: devflow"')
WRITTEN: Final = Ended("pipeline.yaml", SEEN.text, "written", next=(*KEEP, *NEXT))
SHOWN: Final = Ended("pipeline.yaml", SEEN.text, "shown", next=NEXT)
_BEFORE: Final = SEEN.text.replace("base: main", "base: develop").splitlines()
KEPT: Final = Ended(
    "pipeline.yaml",
    SEEN.text,
    "kept",
    tuple(difflib.unified_diff(_BEFORE, SEEN.text.splitlines(), "pipeline.yaml", "b", lineterm="")),
    NEXT,
)


def screens() -> Iterator[Tuple[str, Callable[[], str]]]:
    """The files that show it, each with what draws it."""
    for width in (50, 80, 120):
        yield f"init_{width}.txt", partial(drawn, partial(_lines, WRITTEN), width)
    yield "init_120.ansi", partial(drawn, partial(_lines, WRITTEN), 120, colour=True)
    yield "init_80_ascii.txt", partial(drawn, partial(_lines, WRITTEN), 80, encoding="ascii")
    yield "init_shown_120.txt", partial(drawn, partial(_lines, SHOWN), 120)
    yield "init_kept_80.txt", partial(drawn, partial(_lines, KEPT), 80)
    yield "init_plain.txt", _plain
    yield "init.json", _object
    yield "init_pipeline.yaml", _file


def _lines(ended: Ended, pen: Pen) -> Any:
    return init_lines(pen, ended, SURVEY)


def _plain() -> str:
    return "\n".join(init_plain(WRITTEN, SURVEY)) + "\n"


def _object() -> str:
    return json.dumps(init_object(WRITTEN, SURVEY), indent=1, ensure_ascii=False) + "\n"


def _file() -> str:
    return WRITTEN.text
