"""This machine and this repository as they can be looked at before anything is written: every port
that needs no network, and none that does."""

import os
from contextlib import contextmanager
from typing import Iterator

from devflow.adapters.git.offline import LastKnownRepository
from devflow.adapters.git.repository import GitRepository
from devflow.adapters.http.retry import Retry
from devflow.adapters.machine.children import Processes
from devflow.adapters.toolchain.hook_cache import kept_hooks
from devflow.config.environment import cache_dir
from devflow.ports.around import Around
from devflow.wiring.image_place import ImagePlace, KeyPlace
from devflow.wiring.lazy import Lazy, LazyWorkshop
from devflow.wiring.workspace import Workspace


@contextmanager
def survey_of(workspace: Workspace) -> Iterator[Around]:
    """What entries are examined in; its children are ended at the block's end."""
    shell = _shell(workspace)
    browsers = Processes()
    workshop = _workshop(workspace)
    repository = LastKnownRepository(workspace.root, workspace.plan.project.remote)
    try:
        yield Around(
            shell=shell,
            repository=repository,
            web=Lazy("web", lambda module: module.HttpWeb(browsers)),
            images=workshop.port("images"),
            containers=workshop.port("containers"),
            project=workspace.plan.project,
            paths=repository.paths(""),
            kept_hooks=kept_hooks(os.environ),
        )
    finally:
        browsers.stop_all()
        for one in (shell, workshop):
            if one.is_made:
                one.stop_all()


def _shell(workspace: Workspace) -> Lazy:
    repository = GitRepository(workspace.root, workspace.plan.project.remote)
    place = (workspace.root, repository, cache_dir(), None, workspace.mask)
    return Lazy("shell", lambda module: module.LocalShell(*place))


def _workshop(workspace: Workspace) -> LazyWorkshop:
    repository = GitRepository(workspace.root, workspace.plan.project.remote)
    keys = KeyPlace(repository=workspace.root, is_dry=True)
    hide = workspace.mask.register
    place = ImagePlace(cache_dir(), repository, "", hide, Retry(), keys)
    return LazyWorkshop("images", lambda module: module.ImageWorkshop(place))
