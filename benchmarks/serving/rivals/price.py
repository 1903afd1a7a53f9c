"""What the rivals share: the bundled model in xgboost, a car in, a price out.

`inplace_predict` of one numpy row is the quickest way to a prediction that xgboost itself offers.
"""

import numpy
import xgboost

from benchmarks.serving.cars import MODEL, Car, columns, whole_eur


class Pricer:
    """The bundled model, on one thread."""

    def __init__(self) -> None:
        """Load the model. Raises xgboost's error when it cannot be read."""
        self._booster = xgboost.Booster({"nthread": 1}, model_file=str(MODEL))

    def value_eur(self, car: Car) -> int:
        """Return the price of a car in whole EUR."""
        row = numpy.array([columns(car)], dtype=numpy.float32)
        return whole_eur(self._booster.inplace_predict(row)[0])
