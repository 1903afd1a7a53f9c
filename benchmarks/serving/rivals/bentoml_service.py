"""BentoML: one worker; the call takes 0.1 ms, less than the way into a thread and back, and so runs
on the event loop."""

import bentoml

from benchmarks.serving.rivals.price import Pricer


@bentoml.service(workers=1, logging={"access": {"enabled": False}}, metrics={"enabled": False})
class CarPrice:
    """The price of a car."""

    def __init__(self) -> None:
        self._pricer = Pricer()

    # BentoML takes the fields of a JSON body as parameters, however many there are
    @bentoml.api
    async def price(
        self, segment: str, fuel: str, gearbox: str, age_years: int, mileage_km: int, power_kw: int
    ) -> dict[str, int]:
        """Appraise a car."""
        car = {"segment": segment, "fuel": fuel, "gearbox": gearbox}
        numbers = {"age_years": age_years, "mileage_km": mileage_km, "power_kw": power_kw}
        return {"value_eur": self._pricer.value_eur({**car, **numbers})}
