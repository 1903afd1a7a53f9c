"""A repository as `init` sees it, for the screens that show one: a page with a price service."""

import difflib
import json
from typing import Final

from devflow.model.survey import CloneFacts
from devflow.ui.pages.init import Ended
from tests.standins.surveyed import Seen, machine

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
WRITTEN: Final = Ended("pipeline.yaml", SEEN.text, "written", next=NEXT)
SHOWN: Final = Ended("pipeline.yaml", SEEN.text, "shown", next=NEXT)
_BEFORE: Final = SEEN.text.replace("base: main", "base: develop").splitlines()
KEPT: Final = Ended(
    "pipeline.yaml",
    SEEN.text,
    "kept",
    tuple(difflib.unified_diff(_BEFORE, SEEN.text.splitlines(), "pipeline.yaml", "b", lineterm="")),
    NEXT,
)
