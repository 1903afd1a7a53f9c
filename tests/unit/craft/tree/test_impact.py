"""What a change reaches over the imports of a tree that nobody has imported."""

from hypothesis import given, settings
from hypothesis import strategies as st

from devflow.craft.imports.reach import reached
from devflow.craft.tree.impact import impact_checks, summed_up
from devflow.model.declared.project import Suite

# a loaded machine may take its time over one example
UNHURRIED = settings(deadline=None, max_examples=50)
SOURCES = {
    "app/core.py": "x = 1",
    "app/__init__.py": "",
    "app/a.py": "from app import core",
    "app/b.py": "from . import core as c",
    "app/c.py": "import app.core.deep",
    "app/d.py": "from .core import x",
    "app/e.py": "# core is not imported here\nname = 'app.core'",
    "app/f.py": "import core",
    "app/g.py": "from ..app.core import (",
    "app/k.py": "from app import (  # in brackets\n    other,\n    core,\n)",
    "app/sub/h.py": "from ..core import x",
    "app/sub/i.py": "from .core import x",
    "scripts/core.py": "",
    "scripts/run.py": "if True:\n    import os, \\\n        core",
    "app/l.py": "from app import (  # this (or that)\n    core,\n)",
    "app/m.py": "\ufefffrom app import core",
    "app/n.py": "try: import app.core\nexcept ImportError: pass",
    "app/o.py": "x = 1; from app import core",
    "app/p.py": "import importlib\ncore = importlib.import_module('app.core')",
    "app/q.py": "import importlib\ncore = importlib.import_module('.core', 'app')",
    "app/r.py": "print 'as it was'\nfrom app import core",
    "app/s.py": "match 1:\n    case 1:\n        from app import core",
    "app/t.py": '"""\nfrom app import core\n"""',
    "tests/test_j.py": "def test():\n    import app.core",
}
WEB = {
    "web/__init__.py": "",
    "web/app.py": "from web import pages",
    "web/pages.py": "",
    "web/other.py": "",
    "tests/conftest.py": "from web.app import app",
    "tests/test_page.py": "",
    "tests/deep/test_tabs.py": "",
    "elsewhere/test_else.py": "",
}


def test_modules_are_reached_by_every_form_of_an_import_and_no_other_text() -> None:
    found = reached(SOURCES, ("app/core.py",))
    assert sorted(found.modules) == [
        "app/a.py",
        "app/b.py",
        "app/c.py",
        "app/d.py",
        "app/k.py",
        "app/l.py",
        "app/m.py",
        "app/n.py",
        "app/o.py",
        "app/p.py",
        "app/q.py",
        "app/r.py",
        "app/s.py",
        "app/sub/h.py",
    ]
    assert list(found.tests) == ["tests/test_j.py"]


def test_a_module_beside_a_script_has_a_bare_name_and_one_inside_a_package_has_none() -> None:
    assert list(reached(SOURCES, ("scripts/core.py",)).modules) == ["scripts/run.py"]


def test_importers_of_importers_are_reached_by_a_shortest_chain() -> None:
    found = reached(WEB, ("web/pages.py",))
    assert found.modules["tests/conftest.py"] == ("web/pages.py", "web/app.py", "tests/conftest.py")
    assert list(found.modules) == ["web/app.py", "tests/conftest.py"]


def test_a_conftest_reaches_the_tests_beside_and_below_it() -> None:
    assert sorted(reached(WEB, ("tests/conftest.py",)).tests) == [
        "tests/deep/test_tabs.py",
        "tests/test_page.py",
    ]
    assert "elsewhere/test_else.py" not in reached(WEB, ("web/pages.py",)).tests


def test_a_template_reaches_the_nearest_package_and_a_file_of_the_top_folder_nothing() -> None:
    found = reached(WEB, ("web/templates/index.html",))
    assert {"web/__init__.py", "web/app.py", "web/pages.py", "web/other.py"} <= set(found.modules)
    assert found.modules["web/other.py"] == ("web/templates/index.html", "web/other.py")
    nothing = reached({**WEB, "setup.py": ""}, ("README.md", "docs/index.md"))
    assert not nothing.modules and not nothing.tests


def test_a_planned_file_that_does_not_exist_reaches_who_already_imports_it() -> None:
    found = reached({**WEB, "web/early.py": "from web import new"}, ("web/new.py",))
    assert found.modules == {"web/early.py": ("web/new.py", "web/early.py")}


def test_a_planned_folder_stands_for_what_is_in_it() -> None:
    assert list(reached(WEB, ("web",)).modules) == ["tests/conftest.py"]


def test_the_src_layout_is_imported_without_src() -> None:
    sources = {
        "src/pkg/__init__.py": "",
        "src/pkg/core.py": "",
        "tests/test_core.py": "from pkg.core import x",
    }
    assert reached(sources, ("src/pkg/core.py",)).tests == {
        "tests/test_core.py": ("src/pkg/core.py", "tests/test_core.py")
    }


def test_a_changed_package_reaches_whoever_imports_a_module_of_it() -> None:
    assert "tests/conftest.py" in reached(WEB, ("web/__init__.py",)).modules


def test_a_cycle_of_imports_ends() -> None:
    assert list(reached({"a.py": "import b", "b.py": "import a"}, ("a.py",)).modules) == ["b.py"]


@UNHURRIED
@given(st.text())
def test_any_text_can_be_a_module(text: str) -> None:
    assert not reached({"x.py": text, "core_of_all.py": ""}, ("core_of_all.py",)).tests


def test_counts_and_short_chains_are_what_is_shown() -> None:
    long = {f"m{number}.py": f"import m{number - 1}" for number in range(1, 7)} | {
        "m0.py": "",
        "t/test_m.py": "import m6",
    }
    impact = summed_up(
        reached(long, ("m0.py",)), {"unit": Suite(path="t"), "other": Suite(path="tests")}
    )
    assert (impact.modules, impact.tests, impact.tests_by_suite) == (6, 1, {"unit": 1})
    assert (
        impact.chains[0] == "m0 <- m1" and impact.chains[-1] == "m0 <- m1 <- 5 more <- t/test_m.py"
    )
    assert impact_checks(impact, "imports")[0].measured == "6 modules, 1 test file: unit 1"
    nothing = summed_up(reached({"b/c.py": ""}, ("a.css",)), {})
    assert impact_checks(nothing, "imports")[0].measured == "0 modules, 0 test files"


def test_where_the_imports_of_a_language_are_not_read_nothing_is_claimed() -> None:
    python = {"scripts/run.py": ""}
    said = "imports of .java, .rb are not read, so all tests count as reached"
    unread = summed_up(reached(python, ("src/App.java", "lib/app.rb", "README.md")), {})
    (line,) = impact_checks(unread, "here")
    assert (line.ok, line.measured) == (None, f"not measured: {said}")
    no_python = summed_up(reached({}, ("page.html",)), {})
    (line,) = impact_checks(no_python, "here")
    assert line.ok is None and "imports of .html are not read" in line.measured
    partly = summed_up(reached(SOURCES, ("app/core.py", "web/app.rb")), {})
    line = impact_checks(partly, "here")[0]
    assert line.ok is None
    assert "; imports of .rb are not read, so all tests count as reached" in line.measured


def test_the_evidence_says_which_way_it_was_found() -> None:
    texts = {
        **WEB,
        "ui/a.ts": "",
        "ui/a.test.ts": "import './a'",
        "py2.py": "print 'x'\nimport web",
    }
    impact = summed_up(reached(texts, ("web/__init__.py", "ui/a.ts")), {})
    ways = "Python's imports and JavaScript's imports, on the base branch"
    reaches, *chains = impact_checks(impact, "on the base branch")
    assert {one.source for one in (reaches, *chains)} == {ways}
    assert reaches.measured.endswith("read by lines alone: py2.py")
