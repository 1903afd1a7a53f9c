"""Pictures of a commit's page at three sizes, taken from services that run nowhere else, and kept
on a ref of the repository.

The commit is started as the environment ``preview``, on ports of its own, and ended again whatever
comes of it.
"""

from dataclasses import dataclass
from typing import Final, Iterator

from devflow.craft.deploy.own_python import in_own_python
from devflow.craft.deploy.strategies.blue_green import come_up
from devflow.model.checks import Check, measure, note, shown
from devflow.model.declared.project import Project
from devflow.model.errors import StepFailed, Unavailable
from devflow.model.figures import absent, text
from devflow.model.review import PullRequest, Screenshot
from devflow.ports.code_host import CodeHostReads
from devflow.ports.deploys import Deploys, Release
from devflow.ports.repository import Repository
from devflow.ports.shell import ShellReads
from devflow.ports.web import Web

SIZES: Final = {
    "desktop": (1280, 800),
    "tablet": (768, 1024),
    "mobile": (390, 844),
}  # px; common widths of each kind
ENVIRONMENT: Final = "preview"
BRANCH: Final = "devflow/screenshots"
REF: Final = f"refs/heads/{BRANCH}"


@dataclass(frozen=True)
class Studio:
    """The ports that a picture needs."""

    deploys: Deploys
    web: Web
    repository: Repository
    shell: ShellReads
    host: CodeHostReads


@dataclass(frozen=True)
class Wanted:
    """Which service's page of which commit; the pictures lie in ``folder`` of the ref."""

    service: str
    commit: str
    folder: str
    port_offset: int


def take(studio: Studio, project: Project, wanted: Wanted) -> tuple[tuple[Screenshot, ...], str]:
    """The pictures, or why there are none.

    Never raises for a page that cannot be had, since a pull request does not hang on its pictures.
    """
    if wanted.service not in project.services:
        return (), f"the project has no service {wanted.service}"
    if not studio.web.browser():
        return (), "no browser on this machine; install chromium"
    try:
        pngs, problem = _pngs(studio, project, wanted)
    except (StepFailed, Unavailable) as error:
        return (), error.message
    if not pngs:
        return (), problem
    paths = {name: f"{wanted.folder}/{name}.png" for name in pngs}
    studio.repository.push_files(REF, {paths[name]: png for name, png in pngs.items()})
    return (
        tuple(
            _shown(name, f"{studio.host.file_url(BRANCH, path)}?raw=1")
            for name, path in paths.items()
        ),
        "",
    )


def _pngs(studio: Studio, project: Project, wanted: Wanted) -> tuple[dict[str, bytes], str]:
    version = studio.repository.tree_of(wanted.commit, project.version_path)
    url = f"http://127.0.0.1:{project.services[wanted.service].port + wanted.port_offset}/"
    paths = studio.repository.paths(wanted.commit)
    services = in_own_python(studio.shell, project.services, paths)
    try:
        release = Release(wanted.commit, version, services, wanted.port_offset)
        come_up(studio.deploys, ENVIRONMENT, release)
        studio.deploys.share(ENVIRONMENT, {version: 100})
        pngs = dict(zip(SIZES, studio.web.screenshots(url, *SIZES.values())))
        return pngs, "" if pngs else _why_none(studio.web, url)
    finally:
        studio.deploys.down(ENVIRONMENT)


def _why_none(web: Web, url: str) -> str:
    answer = web.get(url)
    return f"the browser took no picture of {url}, which answers {answer.status or answer.problem}"


def _shown(name: str, url: str) -> Screenshot:
    width_px, height_px = SIZES[name]
    return Screenshot(name=name, width_px=width_px, height_px=height_px, url=url)


def picture_checks(product: PullRequest) -> Iterator[Check]:
    """Each picture with its size, and why there are none."""
    for picture in product.screenshots:
        size = text(f"{picture.width_px}x{picture.height_px}")
        label = f"{picture.name} view"
        yield shown(measure("view", label, size, picture.url, about=picture.name))
    if product.no_screenshots:
        why = absent(product.no_screenshots)
        yield note(measure("views", "screenshots", why, product.url))
