"""Extent: how much is planted and ranked."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from neurocompare.errors import InputError
from neurocompare.files import check_writable
from neurocompare.metrics import METRICS, get_metric
from neurocompare.models import Sampling, check_gamma

QUICK_GAMMAS, QUICK_UNITS = (0.0, 0.1, 0.4, 1.6), 160
"""Of the networks to rank, where they are made for a quick recovery."""


@dataclass(frozen=True)
class Extent:
    """How much is planted and ranked; see `recover`."""

    runs: int = 5
    sizes: tuple[float, ...] = (1.0, 0.5, 2.0, 4.0)
    draws: int = 80
    gammas: tuple[float, ...] | None = None
    nuisance: bool = True
    chains: int = 4
    members: int = 2
    sampling: Sampling = field(default_factory=Sampling)
    metrics: tuple[str, ...] = tuple(metric.name for metric in METRICS)
    units: int | None = None
    trials: int | None = None
    seed: int = 0


def in_haste(extent: Extent) -> Extent:
    """Return as little as shows the whole path: one run each with short chains. No share of it is to be trusted."""
    chains = Sampling(ramp=4, adaptation=6, trajectories=8, segments=1, max_leapfrogs=60)
    return replace(extent, runs=1, sizes=(1.0,), draws=20, nuisance=False, chains=2, members=1, sampling=chains)


def in_order(sizes: Iterable[float]) -> tuple[float, ...]:
    """Put the recording's own size first, and the others behind it, ascending.

    Examples
    --------
    >>> in_order([4, 0.5])
    (1.0, 0.5, 4.0)
    """
    return (1.0, *sorted({float(size) for size in sizes} - {1.0}))


def checked(gammas: Iterable[float] | None) -> tuple[float, ...] | None:
    """Return the gammas to plant, ascending, each once."""
    return None if gammas is None else tuple(sorted({check_gamma(gamma) for gamma in gammas}))


def check_extent(extent: Extent, out: str | os.PathLike[str]) -> None:
    """Refuse what makes no sense before anything is read or written.

    Raises
    ------
    InputError
    """
    least = {
        "runs": (extent.runs, 1),
        "draws": (extent.draws, 20),
        "chains": (extent.chains, 2),
        "members": (extent.members, 1),
    }
    least |= {"seed": (extent.seed, 0), "sizes": (min(extent.sizes), 0.05)}
    least |= {"units": (4 if extent.units is None else extent.units, 4)}
    least |= {"trials": (2 if extent.trials is None else extent.trials, 2)}
    for name, (value, bound) in least.items():
        if not bound <= value < float("inf"):
            message = f"expected {name} of at least {bound}, found {value}"
            raise InputError(message)
    if not extent.metrics:
        message = "expected at least one metric, found none"
        raise InputError(message)
    for name in extent.metrics:
        get_metric(name)
    check_writable(out)
