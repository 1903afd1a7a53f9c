"""What Go wrote as null is read as nothing."""

import json

import pytest

from devflow.craft.oci.formats import Manifest, read_config, read_document

CONFIG = {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}}


@pytest.mark.parametrize(
    "more",
    (
        {"history": None},
        {"config": None, "created": None, "variant": None},
        {"config": {"Env": None, "User": None, "Cmd": None, "Healthcheck": None}},
        {"config": {"Healthcheck": {"Test": None}}},
    ),
)
def test_a_configuration_with_nulls_is_one_without_them(more: dict[str, object]) -> None:
    expected = read_config(json.dumps(CONFIG).encode(), "")
    read = read_config(json.dumps({**CONFIG, **more}).encode(), "")
    assert read.config.user == expected.config.user
    assert (read.history, read.created) == (expected.history, expected.created)


def test_a_manifest_with_nulls_is_one_without_them() -> None:
    config = {"mediaType": "x", "digest": f"sha256:{'a' * 64}", "size": 2, "annotations": None}
    body = {"schemaVersion": 2, "config": config, "layers": [], "annotations": None}
    read = read_document(json.dumps(body).encode(), "")
    assert isinstance(read, Manifest) and read.annotations == {}
