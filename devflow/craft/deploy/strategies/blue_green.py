"""The new version comes up whole beside the one that serves, then takes all requests at once."""

from devflow.ports.deploys import Deploys, Release


def come_up(deploys: Deploys, name: str, release: Release) -> None:
    """Every replica of the version answers on a port of its own; nobody is sent to it yet. Raises
    ``StepFailed``, and what serves goes on."""
    deploys.prepare(name, release)
    deploys.scale(name, release.version, release.settings.replicas)


def take_over(deploys: Deploys, name: str, version: str, keep: int) -> None:
    """All new requests go to the version, and all but ``keep`` before it are forgotten. Raises
    ``StepFailed``, and the shares are as before."""
    deploys.share(name, {version: 100})
    deploys.retire(name, keep)
