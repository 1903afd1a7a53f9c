"""The port ``Deploys`` by a team's own commands, which here write a file as a cluster would hold
it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from devflow.adapters.deploys.chosen import ChosenDeploys
from devflow.adapters.masking.secrets import Mask
from devflow.model.declared.environments import EnvironmentSettings
from devflow.model.environments import Environment
from devflow.model.errors import StepFailed, Unavailable
from devflow.model.images import PublishedImage
from devflow.ports.deploys import Release
from tests.contract.deploys.world import ENV, World, bring

SECRET = "t0ken-of-the-cluster"
# what=deploy|health|version|rollback, and the version
CLUSTER = """
import os, pathlib, sys

what, *words = sys.argv[1:]
cluster = pathlib.Path(os.environ["CLUSTER"])
with (cluster / "said").open("a") as said:
    said.write(" ".join([what, *words]) + "\\n")
print("with", os.environ.get("CLUSTER_TOKEN"))
if what in ("deploy", "rollback"):
    if words[0] == "broken":
        (cluster / "version").write_text("half")
        sys.exit("no such image")
    (cluster / "version").write_text(words[0])
elif what == "health":
    sys.exit(0 if (cluster / "version").exists() else 7)
else:
    print((cluster / "version").read_text())
"""


class Cluster:
    """A world whose versions are brought by commands."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.folder = folder
        folder.mkdir()
        (world.root / "cluster.py").write_text(CLUSTER)
        self.mask = Mask()
        self.deploys = ChosenDeploys(world.root, world.state, self.mask)
        self.settings = EnvironmentSettings.model_validate(
            {
                "target": "command",
                "env": {"CLUSTER": str(folder)},
                "pass_env": ["CLUSTER_TOKEN"],
                "command": {
                    "deploy": "python3 cluster.py deploy {version} {commit} {share_pct}",
                    "health": ["python3", "cluster.py", "health"],
                    "version": "python3 cluster.py version",
                    "rollback": "python3 cluster.py rollback {version} {environment}",
                },
            }
        )

    def release(self, version: str) -> Release:
        return replace(self.world.release(version), settings=self.settings)

    def with_command(self, release: Release, **commands: Any) -> Release:
        assert self.settings.command is not None
        command = self.settings.command.model_copy(update=commands)
        return replace(release, settings=self.settings.model_copy(update={"command": command}))

    @property
    def said(self) -> list[str]:
        return (self.folder / "said").read_text().splitlines()

    @property
    def serves(self) -> str:
        return (self.folder / "version").read_text()

    @property
    def environment(self) -> Environment:
        environment = self.deploys.environment(ENV)
        assert environment is not None
        return environment


@pytest.fixture
def cluster(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    monkeypatch.setenv("CLUSTER_TOKEN", SECRET)
    cluster = Cluster(world, tmp_path / "cluster")
    cluster.mask.register(SECRET)
    # what was brought by commands is not devflow's to end
    world.deploys = ChosenDeploys(world.root, tmp_path / "nothing")  # type: ignore[assignment]
    return cluster


def test_a_version_is_brought_by_the_command_and_serves_by_the_teams_word(cluster: Cluster) -> None:
    release = cluster.release("v1")
    bring(cluster.deploys, release)
    assert cluster.said[0] == f"deploy v1 {release.commit} 100"
    environment = cluster.environment
    assert (environment.version, environment.target) == ("v1", "command")
    assert all(one.is_well("v1") for one in environment.services)
    assert [(one.version, one.share_pct) for one in environment.held] == [("v1", 100)]
    bring(cluster.deploys, release)
    assert [one for one in cluster.said if one.startswith("deploy")] == [cluster.said[0]]


def test_what_serves_is_asked_each_time(cluster: Cluster) -> None:
    bring(cluster.deploys, cluster.release("v1"))
    (cluster.folder / "version").write_text("somebody-elses")
    assert not any(one.is_well("v1") for one in cluster.environment.services)
    # and what is not there any more is brought again
    bring(cluster.deploys, cluster.release("v1"))
    assert cluster.serves == "v1"


def test_a_part_of_the_requests_is_refused(cluster: Cluster) -> None:
    bring(cluster.deploys, cluster.release("v1"))
    cluster.deploys.prepare(ENV, cluster.release("v2"))
    with pytest.raises(StepFailed, match="everything or nothing"):
        cluster.deploys.share(ENV, {"v1": 90, "v2": 10})
    assert cluster.serves == "v1"


def test_a_command_that_fails_half_way_is_gone_back_from(cluster: Cluster) -> None:
    bring(cluster.deploys, cluster.release("v1"))
    broken = cluster.release("broken")
    cluster.deploys.prepare(ENV, broken)
    with pytest.raises(StepFailed, match="(?s)ended with 1.*no such image") as raised:
        cluster.deploys.share(ENV, {"broken": 100})
    assert SECRET not in raised.value.message and "with ***" in raised.value.message
    assert cluster.serves == "v1" and cluster.said[-1] == f"rollback v1 {ENV}"
    assert cluster.environment.version == "v1"


def test_a_rollback_goes_back_once(cluster: Cluster) -> None:
    for version in ("v1", "v2"):
        bring(cluster.deploys, cluster.release(version))
        cluster.deploys.retire(ENV, keep=1)
    for _ in range(2):
        cluster.deploys.rollback(ENV)
        environment = cluster.environment
        assert (environment.version, environment.rolled_back) == ("v1", "v2")
    assert cluster.serves == "v1"
    assert sum(one.startswith("rollback") for one in cluster.said) == 1
    assert cluster.environment.refuses("v2")
    cluster.deploys.lift(ENV, "v2")
    assert not cluster.environment.refuses("v2")
    bring(cluster.deploys, cluster.release("v2"))
    assert (cluster.environment.version, cluster.environment.rolled_back) == ("v2", "")


def test_a_secret_is_in_the_environment_of_the_commands_alone(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(cluster.deploys, cluster.release("v1"))
    kept = [path for path in cluster.world.state.rglob("*") if path.is_file()]
    assert kept and not any(SECRET.encode() in path.read_bytes() for path in kept)
    assert cluster.deploys.log(ENV, "api", 5)["v1 deploy"] == ("with ***",)
    monkeypatch.delenv("CLUSTER_TOKEN")
    with pytest.raises(Unavailable, match="no CLUSTER_TOKEN"):
        cluster.deploys.prepare(ENV, cluster.release("v2"))


def test_no_shell_reads_a_command(cluster: Cluster) -> None:
    hostile = cluster.with_command(
        cluster.release("v1"), deploy=("python3", "cluster.py", "deploy", "$(touch x); {version}")
    )
    cluster.deploys.prepare(ENV, hostile)
    with pytest.raises(StepFailed, match="says"):
        cluster.deploys.share(ENV, {"v1": 100})
    assert cluster.said[0] == "deploy $(touch x); v1"
    assert not list(cluster.world.state.rglob("x"))


def test_a_digest_that_there_is_not_is_said_before_anything_is_brought(cluster: Cluster) -> None:
    deploy = "python3 cluster.py deploy {version} {api_digest}"
    release = cluster.with_command(cluster.release("v1"), deploy=deploy)
    with pytest.raises(StepFailed, match="api has no published image"):
        cluster.deploys.prepare(ENV, release)
    digest = f"sha256:{'1' * 64}"
    bring(cluster.deploys, replace(release, digests={"api": digest}))
    assert cluster.said[0] == f"deploy v1 {digest}"


def test_a_kept_version_says_where_its_images_lie_and_a_command_is_told(cluster: Cluster) -> None:
    deploy = "python3 cluster.py deploy {version} {api_image}"
    release = cluster.with_command(cluster.release("v1"), deploy=deploy)
    digest = f"sha256:{'1' * 64}"
    published = {"service": "api", "repository": "ghcr.io/acme/api", "digest": digest, "tags": ()}
    image = PublishedImage.model_validate(published)
    bring(cluster.deploys, replace(release, digests={"api": digest}, images=(image,)))
    assert cluster.said[0] == f"deploy v1 ghcr.io/acme/api@{digest}"
    # another version is prepared, and still
    other = cluster.with_command(
        cluster.release("v2"), deploy="python3 cluster.py deploy {version}"
    )
    bring(cluster.deploys, other)
    environment = cluster.deploys.environment(ENV)
    assert environment is not None
    kept = next(one for one in environment.held if one.version == "v1")
    assert kept.image("api") == f"ghcr.io/acme/api@{digest}"
    # an image that was published anew since lies nowhere that is known
    anew = replace(release, digests={"api": f"sha256:{'2' * 64}"}, images=(image,))
    with pytest.raises(StepFailed, match="api has no published image, which {api_image} names"):
        cluster.deploys.prepare(ENV, anew)


def test_what_a_command_brought_is_ended_by_no_command_of_ours(cluster: Cluster) -> None:
    bring(cluster.deploys, cluster.release("v1"))
    with pytest.raises(StepFailed, match="none that ends it"):
        cluster.deploys.down(ENV)
    with pytest.raises(StepFailed, match="is to run by target: processes"):
        cluster.deploys.prepare(ENV, cluster.world.release("v2"))
    assert cluster.serves == "v1"
