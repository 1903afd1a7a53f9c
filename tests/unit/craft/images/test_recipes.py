"""What is said of an image by where its registry and its source are."""

from datetime import datetime, timezone

import pytest

from devflow.craft.images.recipes import is_here, labels_of
from devflow.model.bounds.places import LOOPBACK
from devflow.model.ids import Sha

AT = datetime(2026, 3, 4, tzinfo=timezone.utc)
SOURCE = "org.opencontainers.image.source"


@pytest.mark.parametrize("name", sorted(LOOPBACK))
def test_every_name_of_this_machine_is_here_and_no_source_for_anybody(name: str) -> None:
    host = f"[{name}]" if ":" in name else name
    assert is_here(f"{host}:5000/prefix")
    assert SOURCE not in labels_of(f"http://{host}:3000/o/r", Sha("c" * 40), "", AT)


def test_another_host_is_not_here() -> None:
    assert not is_here("ghcr.io/o")
    assert labels_of("https://github.com/o/r", Sha("c" * 40), "", AT)[SOURCE].endswith("/o/r")
