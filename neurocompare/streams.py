"""Streams of random numbers: every purpose numbered once, so that no two share a stream.

A stream is named by its purpose, a seed, and what else tells it apart (the index of a resample, a chain). All of it
goes into numpy's `SeedSequence` as entropy and spawn key, which keeps apart what a list of numbers does not:
``default_rng([4, s])`` and ``default_rng([4, s, 0])`` are one stream.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


class Purpose(IntEnum):
    """What random numbers are for. Numbers are never used again for another purpose, nor changed."""

    # networks
    NETWORK = 1
    READOUT = 2
    # 3 was for beta of equal fit
    CURVATURE = 4
    CALIBRATION = 5
    UNTRAINED = 6
    TRAINING = 7
    DESIGN = 8
    # theory
    INFINITE_UNITS = 20
    INFINITE_RECORDING = 21
    SINGLE_UNIT_LAW = 22
    INFINITE_POPULATION = 23
    # dynamics
    LYAPUNOV = 30
    PROJECTIONS = 31
    BOOTSTRAPPED_UNITS = 32
    PERTURBED_STATE = 33
    LESION = 34
    WEIGHT_NOISE = 35
    # metrics
    PAIRS = 40
    ROTATION_STARTS = 41
    # scoring
    HALVES = 50
    OBSERVED = 51
    THINNED = 52
    SURROGATE = 53
    KINEMATIC = 54
    FEWER_UNITS = 56
    AS_RECORDED = 57
    # ranking
    OTHER_RECORDINGS = 60
    OTHER_NETWORKS = 61
    POOLED = 62
    SURFACE = 63
    SETTINGS = 64
    # planted recordings
    PLANTED_NETWORK = 70
    SESSION = 71
    RECORDED_UNITS = 72
    PLANTED_RECORDING = 73
    PLANTED_POINT = 74
    # recordings
    RANDOM_MOMENTS = 80


def stream(purpose: Purpose, seed: int | str = 0, *index: int) -> np.random.Generator:
    """Return the stream of a purpose.

    Parameters
    ----------
    purpose : Purpose
    seed : int or str
        A seed of at least 0 and below 2^63, or a digest in hexadecimal, of which the first 32 digits count.
    *index : int
        What else tells it apart, each at least 0 and below 2^32.

    Examples
    --------
    >>> once, again = stream(Purpose.HALVES, 3, 0), stream(Purpose.HALVES, 3, 0)
    >>> once.random() == again.random()
    True
    >>> stream(Purpose.HALVES, 3).random() == stream(Purpose.HALVES, 3, 0).random()
    False
    """
    return np.random.default_rng(_sequence(purpose, seed, index))


def torch_stream(purpose: Purpose, seed: int | str = 0, *index: int, device: str = "cpu") -> torch.Generator:
    """Return the stream of a purpose as a generator of torch, on a device.

    Examples
    --------
    >>> import torch
    >>> draw = lambda *index: float(torch.rand((), generator=torch_stream(Purpose.NETWORK, 3, *index)))
    >>> draw(1) == draw(1), draw(1) == draw(2)
    (True, False)
    """
    import torch

    (word,) = _sequence(purpose, seed, index).generate_state(1, np.uint64)
    return torch.Generator(device).manual_seed(int(word))


def offspring(generator: torch.Generator, device: str | torch.device) -> torch.Generator:
    """Return a generator on a device that follows from one on the processor, which moves on by a number."""
    import torch

    return torch.Generator(device).manual_seed(int(torch.randint(2**62, (1,), generator=generator)))


def one_seed(purpose: Purpose, seed: int | str = 0, *index: int) -> int:
    """Return a seed of a stream's own, below 2^32, for what takes nothing but a seed."""
    return int(_sequence(purpose, seed, index).generate_state(1)[0])


def _sequence(purpose: Purpose, seed: int | str, index: tuple[int, ...]) -> np.random.SeedSequence:
    # Entropy of at most four words is filled up to four, so that the words of the key can never be taken for it.
    entropy = int(seed[:32], 16) if isinstance(seed, str) else int(seed)
    if not 0 <= entropy < 2**128 or not all(0 <= each < 2**32 for each in index):
        raise ValueError(f"expected a seed below 2^63 and indices below 2^32, none below 0; found {seed} and {index}")
    return np.random.SeedSequence(entropy, spawn_key=(int(purpose), *map(int, index)))
