"""Langevin: networks trained with thermal noise until they are samples of the same law."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from neurocompare.models.samplers.trained import TrainedSampler
from neurocompare.settings import kind


@dataclass(frozen=True)
class Langevin(TrainedSampler):
    """Noisy training: the law that `Draw` samples, by the paper's way, and the check on it.

    Attributes
    ----------
    training : Training
        With noise, whatever it says of that.

    Examples
    --------
    >>> from neurocompare.models import Training
    >>> Langevin(Training(steps=100, noise=False)).training.noise
    True
    """

    NOISE: ClassVar[bool] = True

    name: str = kind("langevin")
