"""A repository whose one service is a shell's web server in an image of its own, brought to
development and production by containers: the story's project.

Its version is the git tree of ``data``, which the service computes from its own file as git does.
"""

import shutil
from pathlib import Path
from typing import Final

from devflow.adapters.jira.adf import to_adf
from tests.contract.images.daemons import missing
from tests.contract.images.tiny import BUSYBOX, OWN_PLATFORM
from tests.e2e.checkout import PRODUCTION_ABOVE, Checkout, first_commit
from tests.e2e.spoil_outside import Outside
from tests.ports import free_port

FIRST: Final = "SCRUM-95"
SECOND: Final = "SCRUM-96"
DESCRIPTION: Final = "## User Story\n\nI buy.\n\n## Acceptance Criteria\n\n- The price is new\n"
APPLETS: Final = ("sh", "cat", "wc", "sed", "sha1sum", "cut", "httpd", "sleep")
DOCKERFILE: Final = """FROM scratch
COPY bin /bin
COPY www /www
COPY data /data
COPY deps /usr/lib/python3.11/site-packages
ENV PATH=/bin
USER 65534:65534
STOPSIGNAL SIGTERM
ENTRYPOINT ["/www/serve"]
CMD ["8080"]
"""
# a component for the SBOM: an image without any cannot be told what is in it
INSTALLED: Final = "Metadata-Version: 2.1\nName: six\nVersion: 1.17.0\n"
# it goes on for a while after its signal, so that what it took is answered
SERVE: Final = """#!/bin/sh
trap 'sleep 0.5; kill $!; exit 0' TERM
httpd -f -h /www -p "$1" & wait
"""
HEALTH: Final = r"""#!/bin/sh
# the git tree of /data, in which there is one file
bytes() { printf "$(echo "$1" | sed 's/../\\x&/g')"; }
hash() { sha1sum | cut -c1-40; }
blob=$( (printf 'blob %s\0' "$(wc -c < /data/price)"; cat /data/price) | hash)
tree=$( (printf 'tree 33\0'; printf '100644 price\0'; bytes "$blob") | hash)
printf 'Content-Type: application/json\r\n\r\n{"version": "%s"}' "$tree"
"""
PRICE: Final = r"""#!/bin/sh
price=$(cat /data/price)
[ "$price" = none ] && printf 'Status: 500 Internal Server Error\r\n'
printf 'Content-Type: text/plain\r\n\r\n%s' "$price"
"""
PIPELINE: Final = """devflow: 1
connect: sandbox
project:
  name: shop
  tracker: {project: SCRUM}
  version_path: data
  services:
    shop:
      path: data
      port: %(port)s
      health: {path: /cgi-bin/health, version: {json: /version}}
      image: {platforms: [%(platform)s], command: ["{port}"]}
  environments:
    development: {target: docker, replicas: 2, memory_mb: 64}
    production: {target: docker, replicas: 2, memory_mb: 64}
phases:
  planning: [ticket]
  development: [branch, coding, commit, push]
  review: [pull_request, code_review: {with: {approvals: 0}}]
  build: [images, publish, analysis: {required: false}, smoke]
  deploy:
    - development
    - production:
        with:
          approvals: {devops: 1}
          roles: {devops: [devops]}
          port_offset: 1000
          canary: {pct: 10, requests: {shop: [/cgi-bin/price]}, enough: 20, within_s: 5}
  operate: [closure]
"""


def shop_checkout(folder: Path) -> Checkout:
    """The repository on main, on ports of its own, with the price that was."""
    if not BUSYBOX.is_file():
        missing("busybox is not installed: apt-get install busybox-static")
    for name in ("bin", "www/cgi-bin", "data", "deps/six-1.17.0.dist-info"):
        (folder / name).mkdir(parents=True)
    shutil.copy(BUSYBOX, folder / "bin" / "busybox")
    for name in APPLETS:
        (folder / "bin" / name).symlink_to("busybox")
    checkout = Checkout(folder)
    values = {"port": free_port(PRODUCTION_ABOVE), "platform": OWN_PLATFORM}
    checkout.write("pipeline.yaml", PIPELINE % values)
    checkout.write("Dockerfile", DOCKERFILE)
    checkout.write("data/price", "100\n")
    checkout.write("deps/six-1.17.0.dist-info/METADATA", INSTALLED)
    scripts = {"www/serve": SERVE, "www/cgi-bin/health": HEALTH, "www/cgi-bin/price": PRICE}
    for name, script in scripts.items():
        checkout.write(name, script)
        (folder / name).chmod(0o755)
    return first_commit(checkout)


def new_price(checkout: Checkout, price: str) -> None:
    """A developer's work."""
    checkout.write("data/price", f"{price}\n")


def next_ticket(checkout: Checkout, key: str = SECOND) -> None:
    """The developer takes up another ticket, on what was merged."""
    checkout.git("switch", "--quiet", "main")
    checkout.git("pull", "--quiet", checkout.sandbox()["git_remote"], "main")
    fields = {"fields": {"description": to_adf(DESCRIPTION)}}
    Outside(checkout).jira("PUT", f"/rest/api/3/issue/{key}", fields)
