"""What a change reaches among Go files: by packages."""

from hypothesis import given, settings
from hypothesis import strategies as st

from devflow.craft.imports import go
from devflow.craft.imports.reach import reached

SHOP = {
    "go.mod": "// the shop\nmodule example.org/shop\n\ngo 1.22\n",
    "main.go": 'package main\n\nimport (\n\t"fmt"\n\t. "example.org/shop/price"\n)\n',
    "price/price.go": "package price\n",
    "price/tax.go": '// import "example.org/shop/cart"\npackage price; import `strings`\n',
    "price/tax_test.go": "package price_test\n",
    "price/testdata/rates.json": "{}",
    "cart/cart.go": '/* Package cart.\nimport "x" */\npackage cart\nimport p /* ! */ '
    '"example.org/shop/price"\nvar s = "example.org/shop/main"\n',
    "cart/cart_test.go": "package cart\n",
    "mail/mail.go": 'package mail\nconst s = `\nimport "example.org/shop/price"\n`\n',
    "tools/go.mod": "module example.org/shop/tools\n",
    "tools/gen/gen.go": 'package main\nimport _ "example.org/shop/tools/lib"\n',
    "tools/lib/lib.go": "package lib\n",
    "vendored/lib/lib.go": "package lib\n",
}


def test_a_package_reaches_the_packages_that_import_it_and_the_tests_of_all_of_them() -> None:
    found = reached(SHOP, ("price/price.go",))
    assert set(found.modules) == {"price/tax.go", "cart/cart.go", "main.go"}
    assert set(found.tests) == {"price/tax_test.go", "cart/cart_test.go"}
    assert found.ways == ("Go's packages",)


def test_a_changed_test_reaches_the_tests_beside_it_alone() -> None:
    found = reached(SHOP, ("price/tax_test.go",))
    assert not found.modules and set(found.tests) == {"price/tax_test.go"}


def test_each_module_has_its_own_packages() -> None:
    assert set(reached(SHOP, ("tools/lib/lib.go",)).modules) == {"tools/gen/gen.go"}


def test_test_data_reaches_the_package_that_it_lies_in() -> None:
    assert "price/tax_test.go" in reached(SHOP, ("price/testdata/rates.json",)).tests


def test_without_a_go_mod_no_package_has_a_name() -> None:
    texts = {path: text for path, text in SHOP.items() if not path.endswith("go.mod")}
    assert reached(texts, ("price/price.go",)).unread == (".go",)


@settings(deadline=None, max_examples=50)
@given(st.text())
def test_any_text_can_be_a_go_file(text: str) -> None:
    go.imported(f"package x\nimport {text}")
