"""Alignment: maps learned from two populations, to be judged on responses they have not seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from neurocompare.errors import InputError
from neurocompare.metrics.matched import axes_of, check_matched
from neurocompare.responses import Responses


@dataclass(frozen=True, eq=False)
class Alignment:
    """What `fit` of a metric returns: two linear maps into a space where the populations are alike.

    Attributes
    ----------
    x_mean, y_mean : array, shape (unit,)
        Of the responses fitted to.
    x_map, y_map : array, shape (unit, component)
    judge : callable
        Takes two arrays (sample, component) and returns the score.
    """

    x_mean: np.ndarray
    y_mean: np.ndarray
    x_map: np.ndarray
    y_map: np.ndarray
    judge: Callable[[np.ndarray, np.ndarray], float]

    def transform(self, x: Responses, y: Responses) -> tuple[np.ndarray, np.ndarray]:
        """Map responses of the same units into the common space, each (condition, time, component)."""
        mapped = []
        for responses, mean, linear in ((x, self.x_mean, self.x_map), (y, self.y_mean, self.y_map)):
            if responses.sizes["unit"] != len(mean):
                message = f"expected the {len(mean)} units fitted to, found {responses.sizes['unit']}; select the same"
                raise InputError(message)
            mapped.append((responses.values - mean) @ linear)
        return mapped[0], mapped[1]

    def score(self, x: Responses, y: Responses) -> float:
        """Score responses of the same units, to other conditions say, under the maps as they were fitted.

        Raises
        ------
        InputError
            If the two do not match each other, or the units fitted to.
        """
        check_matched(axes_of(x), axes_of(y))
        u, v = (side.reshape(-1, side.shape[-1]) for side in self.transform(x, y))
        return self.judge(u, v)
