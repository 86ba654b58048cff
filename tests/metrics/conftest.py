"""Populations whose likeness is known because it was planted."""

from collections.abc import Callable

import numpy as np
import pytest

from neurocompare.responses import Responses, make_responses

CONDITIONS, TIMES, UNITS, RANK = 8, 20, 30, 12


def smooth(rng: np.random.Generator, shape: tuple[int, ...], width: float = 2.0) -> np.ndarray:
    """Gaussian noise of unit variance, smooth along axis 1 (time) with s.d. `width` bins."""
    times = np.arange(shape[1])
    kernel = np.exp(-0.5 * ((times[:, None] - times) / width) ** 2)
    kernel /= np.linalg.norm(kernel, axis=1, keepdims=True)
    return np.einsum("st,ct...->cs...", kernel, rng.normal(size=shape))


def labelled(values: np.ndarray, **coords) -> Responses:
    return make_responses(
        values,
        condition=[f"c{index}" for index in range(len(values))],
        time=0.02 * np.arange(values.shape[1]),
        coords=coords,
    )


@pytest.fixture
def fixed_pair() -> tuple[np.ndarray, np.ndarray]:
    """The pair behind a published table of similarity values; the legacy generator is part of its definition."""
    state = np.random.RandomState(0)
    return state.uniform(size=(30, 25)), state.uniform(size=(30, 25))


@pytest.fixture
def unrelated() -> Callable[..., tuple[Responses, Responses]]:
    """Make two independent smooth populations."""

    def make(seed: int, conditions: int = CONDITIONS, times: int = TIMES, units: int = UNITS, width: float = 2.0):
        rng = np.random.default_rng(seed)
        return tuple(labelled(smooth(rng, (conditions, times, units), width)) for _ in range(2))

    return make


@pytest.fixture
def related() -> Callable[..., tuple[Responses, Responses]]:
    """Make two populations that read a share of their variance from the same latent signals, with noise."""

    def make(seed: int, share: float, units: int = UNITS, noise: float = 0.3):
        rng = np.random.default_rng(seed)
        sizes = np.arange(1, RANK + 1) ** -0.5
        common, *own = (smooth(rng, (CONDITIONS, TIMES, RANK)) * sizes for _ in range(3))
        populations = []
        for latent in own:
            signal = np.sqrt(share) * common + np.sqrt(1 - share) * latent
            readout = np.linalg.qr(rng.normal(size=(units, RANK)))[0].T
            populations.append(
                labelled(signal @ readout + noise * rng.normal(size=(CONDITIONS, TIMES, units)) / units**0.5)
            )
        return tuple(populations)

    return make
