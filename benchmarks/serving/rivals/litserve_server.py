"""LitServe: one worker, one API server; `fast_queue` is its own choice for many small requests."""

import sys
from typing import Any

import litserve

from benchmarks.serving.rivals.price import Pricer


class CarPrice(litserve.LitAPI):
    """The price of a car."""

    def setup(self, device: str) -> None:
        """Load the model in the worker."""
        self._pricer = Pricer()

    def predict(self, car: dict[str, Any]) -> dict[str, int]:
        """Appraise a car."""
        return {"value_eur": self._pricer.value_eur(car)}


if __name__ == "__main__":
    server = litserve.LitServer(
        CarPrice(api_path="/price"), accelerator="cpu", workers_per_device=1, fast_queue=True
    )
    server.run(
        host="127.0.0.1",
        port=int(sys.argv[1]),
        num_api_servers=1,
        log_level="warning",
        access_log=False,
        generate_client_file=False,
    )
