"""Who is compared: our backend as pipeline.yaml starts it, and the rivals of `rivals.toml`."""

import sys
import tomllib
from pathlib import Path

import yaml

from benchmarks.serving.cars import ROOT, Wire
from devflow.model.values import Value

ROUTE = "/api/v1/price/current"


class Contender(Value):
    """A server as data. In `run` and `env` {root}, {bin}, {port}, {spare_port} and {state} are
    filled in at its start."""

    name: str
    title: str
    run: tuple[str, ...]
    route: str
    how: str
    env: dict[str, str] = {}
    wire: Wire = "fields"
    judged: bool = True
    requirements: tuple[str, ...] = ()  # none: it runs in the environment of the benchmark


def ours() -> Contender:
    """Return our backend. Raises OSError or LookupError where pipeline.yaml tells no start."""
    pipeline = yaml.safe_load((ROOT / "pipeline.yaml").read_text(encoding="utf-8"))
    python, *arguments = pipeline["project"]["services"]["backend"]["run"]
    if python != "python":
        raise LookupError("pipeline.yaml starts the backend with something else than python")
    return Contender(
        name="devflow",
        title="ours",
        run=(sys.executable, *arguments),
        route=ROUTE,
        how="validation, interval, security headers, access log and Prometheus metrics on",
    )


def rivals(path: Path = Path(__file__).with_name("rivals.toml")) -> list[Contender]:
    """Return the rivals. Raises OSError or ValueError for a file that cannot be used."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return [Contender.model_validate(rival) for rival in tables["rival"]]
