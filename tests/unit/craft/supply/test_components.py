"""What is installed is what has files in the layers, whatever a list of packages says."""

import json

import pytest

from devflow.craft.supply.components import Inventory
from devflow.craft.supply.documents import inventory
from devflow.craft.supply.files import APK, CONTENT_MAX_BYTES, DPKG_STATUS
from devflow.craft.supply.found import purl
from devflow.model.errors import StepFailed
from devflow.testing.images import MemoryBlobs
from tests.unit.craft.supply.golden import (
    OS_RELEASE,
    SCRATCH,
    Layer,
    add_image,
    add_platform,
    status,
)


def found(*layers: Layer, env: tuple[str, ...] = ()) -> Inventory:
    blobs = MemoryBlobs()
    return inventory(blobs, add_platform(blobs, layers, "linux/amd64", env).digest)


def names(inventory: Inventory) -> dict[str, int | None]:
    return {f"{one.name} {one.version}": one.files for one in inventory.components}


def test_a_package_that_is_only_named_is_no_component() -> None:
    installed = found(*SCRATCH)
    assert names(installed) == {"libc6 2.36-9": 1, "idna 3.10": 3}
    assert installed.absent == ("perl-base 5.36.0-7",)
    assert not installed.unread


def test_a_package_url_names_architecture_and_distribution() -> None:
    urls = [one.purl for one in found(*SCRATCH).components]
    assert urls == ["pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12", "pkg:pypi/idna@3.10"]
    assert purl("deb", "debian", "g++", "1:1~rc1+b1") == "pkg:deb/debian/g%2B%2B@1:1~rc1%2Bb1"


def test_an_audit_is_asked_by_source_and_release() -> None:
    libc, idna = found(*SCRATCH).packages()
    assert (libc.ecosystem, libc.source, libc.distribution) == ("deb", "glibc", "bookworm")
    assert (idna.ecosystem, idna.name, idna.distribution) == ("pypi", "idna", "")


def test_files_of_no_package_are_named_by_themselves() -> None:
    loose = {entry.path: entry.sha256 for entry in found(*SCRATCH).loose}
    assert set(loose) == {"etc/os-release", "app/main.py", "usr/share/doc/perl/copyright"}
    assert len(loose["app/main.py"]) == 64


def test_a_higher_layer_deletes_a_package_and_its_metadata() -> None:
    deleted = found(*SCRATCH, {"app/lib/.wh.idna-3.10.dist-info": "", "lib/x": "-> y"})
    assert "idna 3.10" not in names(deleted)


def test_files_that_a_higher_layer_deleted_do_not_count() -> None:
    path = "usr/lib/x86_64-linux-gnu/.wh.libc.so.6"
    assert found(*SCRATCH, {path: ""}).absent == ("libc6 2.36-9", "perl-base 5.36.0-7")


def test_a_distribution_whose_files_are_gone_is_only_named() -> None:
    deleted = found(*SCRATCH, {"app/lib/idna/.wh.__init__.py": "", "app/.wh.bin": ""})
    assert "idna 3.10" in deleted.absent


def test_packages_without_a_list_of_files_are_components_of_which_that_is_said() -> None:
    installed = found({"var/lib/dpkg/status": status("tzdata", "2026a")})
    assert names(installed) == {"tzdata 2026a": None}
    assert installed.unread == ("which files are tzdata's",)


def test_distroless_lists_are_read() -> None:
    installed = found(
        {
            "etc/os-release": OS_RELEASE,
            "var/lib/dpkg/status.d/base": "Package: base\nVersion: 1\n",
            "var/lib/dpkg/status.d/base.md5sums": "0" * 32 + "  usr/bin/base\n",
            "usr/bin/base": "x",
        }
    )
    assert names(installed) == {"base 1": 1}


def test_a_package_of_documents_alone_is_there_with_them() -> None:
    listed = "/.\n/usr\n/usr/share\n/usr/share/doc\n/usr/share/doc/x\n/usr/share/doc/x/copyright\n"
    layer = {
        "var/lib/dpkg/status": status("x", "1"),
        "var/lib/dpkg/info/x.list": listed,
        "usr/share/doc/x/copyright": "License: Expat\n",
    }
    installed = found(layer)
    assert names(installed) == {"x 1": 1}
    assert installed.components[0].licences == ("MIT",)


def test_a_distribution_that_a_debian_package_installed_is_that_package() -> None:
    folder = "usr/lib/python3/dist-packages/six-1.16.0.dist-info"
    layer = {
        "var/lib/dpkg/status": status("python3-six", "1.16.0-4"),
        "var/lib/dpkg/info/python3-six.list": f"/{folder}/METADATA\n",
        f"{folder}/METADATA": "Name: six\nVersion: 1.16.0\n",
    }
    assert names(found(layer)) == {"python3-six 1.16.0-4": 1}


def test_an_interpreter_of_no_package_has_its_library_and_its_version_by_the_environment() -> None:
    layer = {
        "usr/local/bin/python3.11": "x",
        "usr/local/bin/python3": "-> python3.11",
        "usr/local/lib/python3.11/os.py": "x",
        "usr/local/lib/python3.11/site-packages/ours.py": "x",
        "usr/local/lib/libpython3.11.so.1.0": "x",
    }
    installed = found(layer, env=("PYTHON_VERSION=3.11.9",))
    assert names(installed) == {"python 3.11.9": 3}
    assert [one.path.rpartition("/")[2] for one in installed.loose] == ["ours.py"]
    assert names(found(layer)) == {"python 3.11": 3}
    assert names(found(layer, env=("PYTHON_VERSION=3.12.1",))) == {"python 3.11": 3}


def test_what_node_has_installed_is_read() -> None:
    named = {"name": "@a/b", "version": "1.2"}
    layer = {
        "app/node_modules/@a/b/package.json": json.dumps(named | {"license": "MIT"}),
        "app/node_modules/@a/b/index.js": "",
        "app/node_modules/bad/package.json": "[]",
    }
    installed = found(layer)
    assert [one.purl for one in installed.components] == ["pkg:npm/%40a/b@1.2"]
    assert installed.components[0].files == 2
    assert installed.unread == ("the name and version in app/node_modules/bad/package.json",)


@pytest.mark.parametrize(
    "path",
    [
        "var/lib/rpm/rpmdb.sqlite",
        "usr/lib/sysimage/rpm/Packages.db",
        "var/lib/pacman/local/ALPM_DB_VERSION",
        "usr/lib/opkg/status",
    ],
)
def test_other_package_managers_are_said_not_to_be_read(path: str) -> None:
    installed = found({path: ""})
    assert len(installed.unread) == 1 and path.rpartition("/")[0] in installed.unread[0]
    assert installed.unread_lists == installed.unread


@pytest.mark.parametrize("path", [DPKG_STATUS, *APK])
def test_a_list_that_is_too_long_is_said_not_to_be_read(path: str) -> None:
    (unread,) = found({path: "\n" * (CONTENT_MAX_BYTES + 1)}).unread_lists
    assert path in unread and "too long" in unread
    assert not found({path: ""}).unread_lists


def test_an_index_is_no_platform() -> None:
    blobs = MemoryBlobs()
    with pytest.raises(StepFailed, match="index"):
        inventory(blobs, add_image(blobs).digest)


def test_an_image_of_a_loop_of_links_is_read_to_its_end() -> None:
    layer = {
        "a": "-> b",
        "b": "-> a",
        "var/lib/dpkg/status": status("x", "1"),
        "var/lib/dpkg/info/x.list": "/a/file\n",
    }
    assert found(layer).absent == ("x 1",)
