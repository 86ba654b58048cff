"""Descent: networks trained without noise, which are no samples of the family."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from neurocompare.models.samplers.trained import TrainedSampler
from neurocompare.settings import kind


@dataclass(frozen=True)
class Descent(TrainedSampler):
    """Plain gradient descent: ordered by gamma like the family, but no sample of it.

    Attributes
    ----------
    training : Training
        Without noise, whatever it says of that.

    Examples
    --------
    >>> from neurocompare.models import Training
    >>> descent = Descent(Training(steps=100))
    >>> descent.training.noise, descent.settings.method
    (False, 'gradient-descent')
    """

    NOISE: ClassVar[bool] = False

    name: str = kind("gradient-descent")
