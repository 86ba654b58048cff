"""What every ranking of networks that are there already asks of its settings and its recording."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from neurocompare.errors import InputError
from neurocompare.recordings import Choices, Recording, open_recording, recording_path, stream_recording


def check_settings(
    *,
    metrics: tuple[str, ...],
    draws: int,
    jobs: int | None,
    seed: int,
    bin_width: float,
    smoothing: float,
    min_rate: float,
) -> None:
    """Refuse what makes no sense before anything is read or written.

    Raises
    ------
    InputError
        Saying which setting.
    """
    least = {"draws": (draws, 20), "jobs": (1 if jobs is None else jobs, 1), "seed": (seed, 0)}
    least |= {"smoothing": (smoothing, 0), "min_rate": (min_rate, 0), "bin_width": (bin_width, 0.001)}
    for name, (value, bound) in least.items():
        if not bound <= value < float("inf"):
            message = f"expected {name} to be a number of at least {bound}, found {value}"
            raise InputError(message)
    if not metrics:
        message = "expected at least one metric, found none"
        raise InputError(message)


def open_chosen(recording: str, choices: Choices, *, stream: bool, synthetic: Callable[[], Path]) -> Recording:
    """Open a recording as the user chose it.

    Parameters
    ----------
    recording : str
        ``"synthetic"``, a name of the catalogue, or the path of an NWB file; with `stream` a name or an address.
    choices : Choices
    stream : bool
    synthetic : callable
        Makes the file of the synthetic session.

    Raises
    ------
    InputError
        If it cannot be used.
    """
    if recording == "synthetic":
        return replace(open_recording(synthetic(), choices), name="synthetic")
    if stream:
        return stream_recording(recording, choices)
    return open_recording(recording_path(recording), choices)
