"""What a change reaches among JavaScript and TypeScript files, as Node and TypeScript find them."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devflow.craft.imports import javascript
from devflow.craft.imports.reach import reached

# a loaded machine may take its time over one example
UNHURRIED = settings(deadline=None, max_examples=50)
FORMS = {
    "default.js": "import tabs from './tabs.js'",
    "bare.js": "import './tabs.js'",
    "names.mjs": "import {\n  a, // from './no.js'\n  b,\n} from './tabs.js'",
    "all.js": "export * from './tabs.js'",
    "again.js": 'export { a } from "./tabs.js"',
    "required.cjs": "const { a } = require('./tabs')",
    "late.js": "async function f() { await import(`./tabs.js`) }",
    "resolved.cjs": "require.resolve('./tabs')",
    "worker.js": "new Worker(new URL('./tabs.js', import.meta.url))",
    "view.jsx": "import a from './tabs'; const b = <p>import './no.js'</p>",
    "typed.ts": "import type { Tabs } from './tabs.js'",
    "old.ts": "import tabs = require('./tabs.js')",
    "of_type.ts": "type Tabs = import('./tabs.js').Tabs",
    "generic.tsx": "import a from './tabs'; const f = <T,>(x: T) => <p>{x}</p>",
    "App.vue": "<template/>\n<script setup lang='ts'>import a from './tabs'</script>",
    "flow.js": "import a from './tabs'; opaque type A: string = string; f(x: any)",
    "mock.test.js": "jest.mock('./tabs')",
    "bom.js": "\ufeffimport './tabs.js'",
    "escaped.js": "import './t\\u0061bs.js'",
}
NO_IMPORTS = {
    "comment.js": "// import './tabs.js'\n/* require('./tabs.js') */",
    "string.js": "const a = \"import './tabs.js'\"",
    "template.js": "const a = `import './tabs.js'`",
    "regex.js": "const a = /import '.\\/tabs.js'/",
    "other.js": "load('./tabs.js')",
    "computed.js": "import(`./${tabs}.js`)",
}


@pytest.mark.parametrize("path", FORMS)
def test_every_form_of_an_import_is_read(path: str) -> None:
    found = reached({path: FORMS[path], "tabs.js": ""}, ("tabs.js",))
    assert {*found.modules, *found.tests} - {"tabs.js"} == {path}


def test_text_that_looks_like_an_import_is_none() -> None:
    assert not reached({**NO_IMPORTS, "tabs.js": ""}, ("tabs.js",)).modules


RESOLVED = [
    # the importing file, what it imports, the file that is meant, what else is there
    ("src/a.ts", "./b.js", "src/b.ts", {}),
    ("src/a.tsx", "./b.jsx", "src/b.tsx", {}),
    ("src/a.ts", "./b", "src/b/index.tsx", {}),
    ("src/a.ts", "..", "index.js", {}),
    ("src/a.js", "./b.css?inline", "src/b.css", {}),
    ("src/a.ts", "@lib/b", "lib/b.ts", {"tsconfig.json": '{// paths\n"compilerOptions": {"paths": '
     '{"@lib/*": ["./lib/*"],}}}'}),
    ("src/a.ts", "lib/b", "src/lib/b.ts", {"tsconfig.json": '{"extends": "./base"}', "base.json":
     '{"compilerOptions": {"baseUrl": "src"}}'}),
    ("src/a.js", "#b", "src/b.mjs", {"package.json": '{"imports": {"#b": "./src/b.mjs"}}'}),
    ("src/a.ts", "@/b", "src/b.vue", {"package.json": "{}"}),
    ("apps/web/a.ts", "@acme/ui", "packages/ui/src/main.ts", {"packages/ui/package.json":
     '{"name": "@acme/ui", "exports": {".": {"types": "./x.d.ts", "import": "./src/main.ts"}}}'}),
    ("apps/web/a.ts", "@acme/ui/tabs", "packages/ui/src/tabs.ts", {"packages/ui/package.json":
     '{"name": "@acme/ui", "main": "dist/index.js"}'}),
    # its entry is built and not kept: all of the package stands for it
    ("apps/web/a.ts", "@acme/ui", "packages/ui/lib/deep/x.ts", {"packages/ui/package.json":
     '{"name": "@acme/ui", "main": "dist/index.js"}'}),
]  # fmt: skip


@pytest.mark.parametrize(("importer", "name", "meant", "beside"), RESOLVED)
def test_a_name_means_the_file_that_its_tools_would_load(
    importer: str, name: str, meant: str, beside: dict[str, str]
) -> None:
    texts = {importer: f"import x from {json.dumps(name)}", meant: "", **beside}
    assert reached(texts, (meant,)).modules[importer] == (meant, importer)


def test_what_is_installed_or_of_another_name_is_no_file_of_the_tree() -> None:
    texts = {"a.js": "import 'react'; import '/b.js'; import './c.js'", "b.js": "", "react.js": ""}
    assert not reached(texts, ("b.js", "react.js")).modules


def test_tests_are_reached_over_components_and_styles() -> None:
    texts = {
        "src/theme.ts": "",
        "src/Tabs.vue": "<script>import './theme'; import './tabs.css'</script>",
        "src/__tests__/tabs.ts": "import Tabs from '../Tabs.vue'",
        "test/e2e.mjs": "import '../src/theme.js'",
        "src/other.spec.tsx": "",
    }
    found = reached(texts, ("src/theme.ts",))
    assert set(found.tests) == {"src/__tests__/tabs.ts", "test/e2e.mjs"}
    assert "src/__tests__/tabs.ts" in reached(texts, ("src/tabs.css",)).tests


@UNHURRIED
@given(st.text(), st.sampled_from([".js", ".ts", ".tsx", ".vue"]))
def test_any_text_can_be_a_script(text: str, ending: str) -> None:
    javascript.read(ending, text)
    settings_of_anything = {"tsconfig.json": text, "package.json": text}
    assert not reached({f"x{ending}": text, "core.js": "", **settings_of_anything}, ("y.js",)).tests
