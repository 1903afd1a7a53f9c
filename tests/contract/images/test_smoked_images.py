"""Step 23 on real images that run without an engine: one that does well, and each that does badly
in one way fails by the line that is about it.

What never answers, or ignores its signal, takes 30 s each: those two are seen in parts, the runner
in ``test_namespaces`` and the step on containers in memory.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from devflow.adapters.containers.namespaces import NamespaceContainers
from devflow.model.checks import Status, judged
from devflow.testing import MemoryRegistry
from tests.contract.images.smoked_world import Site, answering, smoked

pytestmark = pytest.mark.usefixtures("nothing_left")

ROOT = Path(__file__).parents[3]
SLOWLY = answering("200 OK", "sleep 0.4")
# what a run says where it may make no namespace, not even by bubblewrap
ASKS = """
import sys
from pathlib import Path
from devflow.adapters.containers.namespaces import NamespaceContainers
from devflow.adapters.images.store import Store
from devflow.model.errors import Unavailable
from devflow.testing import MemoryRegistry
from tests.contract.images.tiny import OWN_PLATFORM
store = Store(Path(sys.argv[1]) / "store")
try:
    NamespaceContainers(store, MemoryRegistry(store)).runtime(OWN_PLATFORM)
except Unavailable as error:
    print(error.message)
"""
# a limit of this user namespace alone, and nothing left that could pass it by
WITHOUT = (
    "echo 0 > /proc/sys/user/max_user_namespaces;"
    ' exec setpriv --bounding-set=-all --inh-caps=-all --no-new-privs "$@"'
)


def test_a_good_image_passes(
    containers: NamespaceContainers, memory_registry: MemoryRegistry
) -> None:
    product, checks = smoked(containers, memory_registry, Site())
    assert {check.id: check.measured for check in checks if check.ok is not True} == {}
    assert judged(checks) is Status.PASSED
    (report,) = product.containers
    assert [one.name for one in report.endpoints] == ["GET /health", "POST /cgi-bin/predict"]
    assert [one.name for one in report.assets] == ["/static/app.css", "/static/app.js"]
    assert report.users == (1000,)
    assert report.requests > 10


# more than one, so that they get half a processor beside whatever else runs on the machine
BUSY = "(while true; do true; done) & " * 4


@pytest.mark.parametrize(
    ("id_", "site", "measured"),
    [
        ("start", Site(before="echo no module; exit 3;"), "it ended; .*; no module"),
        ("start", Site(before="echo x > /www/file || exit 3;"), "Read-only file system"),
        ("health", Site(files={"www/health": '{"version": "bbbbbbbb"}'}), "bbbbbbbb with 200"),
        ("health", Site(files={"www/health": "well"}), "200 as no version"),
        ("memory", Site(before="x=$(dd if=/dev/zero bs=1M count=12 | busybox tr '\\0' a);"), "MB"),
        ("cpu", Site(before=BUSY), "%, of one processor"),
        (
            "endpoints",
            Site(files={"www/cgi-bin/predict": answering("500 Broken")}),
            "POST /cgi-bin/predict answers 500, not 200",
        ),
        ("assets", Site(without="www/static/app.js"), "/static/app.js answers 404"),
        ("assets", Site(files={"www/static/app.js": ""}), "/static/app.js answers nothing"),
        ("users", Site(user="0"), "uid 0"),
        ("stop", Site(ending="sleep 0.5; kill $!; exit 4"), "exit 4"),
        (
            "lost_requests",
            Site(health="/cgi-bin/slow", files={"www/cgi-bin/slow": SLOWLY}, ending="exit 0"),
            "[1-9][0-9]* of .* requests",
        ),
    ],
)
def test_an_image_that_does_badly_fails_by_the_line_that_is_about_it(
    containers: NamespaceContainers,
    memory_registry: MemoryRegistry,
    id_: str,
    site: Site,
    measured: str,
) -> None:
    _, checks = smoked(containers, memory_registry, site)
    failed = [check for check in checks if check.ok is False]
    assert [check.id for check in failed] == [id_]
    assert re.search(measured, failed[0].measured)
    assert judged(checks) is Status.FAILED


def test_a_description_that_is_not_served_is_told_and_never_green(
    containers: NamespaceContainers, memory_registry: MemoryRegistry
) -> None:
    _, checks = smoked(containers, memory_registry, Site(without="www/openapi.json"))
    found = {check.id: check for check in checks}
    assert "endpoints" not in found
    told = found["not_asked"]
    assert told.ok is None
    assert "GET /openapi.json: it answers 404" in told.measured


def test_where_the_kernel_refuses_bubblewrap_too_it_is_unavailable(
    containers: NamespaceContainers, tmp_path: Path
) -> None:
    argv = ("unshare", "-U", "-r", "sh", "-c", WITHOUT, "sh")
    run = subprocess.run(
        [*argv, sys.executable, "-c", ASKS, str(tmp_path)],
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert run.stdout.startswith("the kernel gives this user no namespaces: "), run.stderr
    assert "user namespaces: [Errno 28] unshare: No space left on device" in run.stdout
    assert "bubblewrap: " in run.stdout
