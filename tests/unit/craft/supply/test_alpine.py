"""Alpine's packages, by the list that apk keeps in an image."""

import pytest

from devflow.craft.supply.files import APK
from tests.unit.craft.supply.golden import Layer
from tests.unit.craft.supply.test_components import found, names

INSTALLED = """\
C:Q1CpjMpFo3UY/Tn4CshBpA+PXMf04=
P:musl
V:1.2.2-r3
A:armv7
T:the musl c library\x85L:none (libc) implementation
L:MIT
o:musl
m:Ada <ada@example.org>
D:so:libc.musl-armv7.so.1
p:so:libc.musl-armv7.so.1=1
F:lib
R:ld-musl-armhf.so.1
a:0:0:755
Z:Q1OR21cpf2INrOZXtXeMnWdqhkld4=
R:libc.musl-armv7.so.1
a:0:0:777

P:libc-utils
V:0.7.2-r3
A:armv7
L:BSD-2-Clause AND BSD-3-Clause
o:libc-dev
D:musl-utils

P:musl-utils
V:1.2.2-r3
A:armv7
L:MIT BSD GPL2+
o:musl
F:sbin
R:ldconfig
F:usr
F:usr/bin
R:getconf

P:scanelf
V:1.3.2-r0
A:armv7
L:GPL-2.0-only
F:usr
F:usr/bin
R:scanelf

P:boost-log
V:1.75.0-r8
L:custom

P:.build-deps
V:20260101.120000
D:musl-utils
"""
RELEASE = 'ID=alpine\nVERSION_ID=3.14.0\nPRETTY_NAME="Alpine Linux v3.14"\n'


def alpine(path: str = "lib/apk/db/installed") -> Layer:
    return {
        "etc/os-release": RELEASE,
        path: INSTALLED,
        "lib/ld-musl-armhf.so.1": "x",
        "lib/libc.musl-armv7.so.1": "-> ld-musl-armhf.so.1",
        "sbin/ldconfig": "x",
        "usr/bin/getconf": "x",
        "app/run": "x",
    }


@pytest.mark.parametrize("path", ["lib/apk/db/installed", "usr/lib/apk/db/installed"])
def test_what_apk_has_installed_is_told_with_the_files_that_are_there(path: str) -> None:
    installed = found(alpine(path))
    assert names(installed) == {
        "boost-log 1.75.0-r8": 0,
        "libc-utils 0.7.2-r3": 0,
        "musl 1.2.2-r3": 2,
        "musl-utils 1.2.2-r3": 2,
    }
    assert installed.absent == ("scanelf 1.3.2-r0",)
    assert not installed.unread
    assert [one.path for one in installed.loose] == ["app/run", "etc/os-release"]


def test_a_package_has_its_url_its_source_and_its_licence_where_that_is_an_expression() -> None:
    boost, utils, tools, musl = found(alpine()).components
    assert boost.licences == ()
    assert musl.purl == "pkg:apk/alpine/musl@1.2.2-r3?arch=armv7&distro=alpine-3.14.0"
    assert (musl.licences, musl.supplier) == (("MIT",), "Ada <ada@example.org>")
    assert (tools.source, tools.licences) == ("musl", ())
    assert utils.licences == ("BSD-2-Clause AND BSD-3-Clause",)


@pytest.mark.parametrize(
    ("licence", "is_told"),
    [
        ("MIT", True),
        ("(GPL-2.0-only OR MIT) AND ISC", True),
        ("MIT AND custom", False),
        ("MIT AND (ISC", False),
        ("MIT BSD", False),
        ("", False),
    ],
)
def test_what_is_no_expression_is_no_licence(licence: str, is_told: bool) -> None:
    (one,) = found({APK[0]: f"P:x\nV:1\nL:{licence}\n"}).components
    assert one.licences == ((licence,) if is_told else ())


def test_a_package_of_python_that_apk_installed_is_told_once() -> None:
    folder = "usr/lib/python3.12/site-packages/six-1.16.0.dist-info"
    listed = f"P:py3-six\nV:1.16.0-r9\nF:{folder}\nR:METADATA\n"
    layer = {
        "lib/apk/db/installed": listed,
        f"{folder}/METADATA": "Name: six\nVersion: 1.16.0\n",
    }
    assert names(found(layer)) == {"py3-six 1.16.0-r9": 1}
