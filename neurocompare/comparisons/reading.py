"""What every ranking of networks that are there already asks of its settings."""

from __future__ import annotations

from neurocompare.errors import InputError
from neurocompare.recordings import Reading


def check_settings(
    *,
    metrics: tuple[str, ...],
    draws: int,
    seed: int,
    bin_width: float | None,
    smoothing: float | None,
    min_rate: float,
) -> None:
    """Refuse what makes no sense before anything is read or written.

    Raises
    ------
    InputError
        Saying which setting.
    """
    least = {"draws": (draws, 20), "seed": (seed, 0)}
    least |= {"min_rate": (min_rate, 0)}
    for name, (value, bound) in least.items():
        if not bound <= value < float("inf"):
            message = f"expected {name} to be a number of at least {bound}, found {value}"
            raise InputError(message)
    Reading().chosen(bin_width=bin_width, smoothing=smoothing)  # refuses what nothing is read with
    if not metrics:
        message = "expected at least one metric, found none"
        raise InputError(message)
