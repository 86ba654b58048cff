"""Source: the recording that a run's settings name."""

from __future__ import annotations

from pathlib import Path

from neurocompare.experiments.planted import open_chosen, planted_session
from neurocompare.pipeline.settings import Settings
from neurocompare.recordings import Reading, Recording


def open_source(settings: Settings, *, stream: bool = False) -> Recording:
    """Open what a run is told to rank against: a recording of a planted network, one by name or path, or a remote one.

    Raises
    ------
    InputError
        If it cannot be used.
    """

    def planted() -> Path:
        return planted_session(
            settings.family,
            settings.planted,
            time_step=settings.time_step,
            lead=Reading().chosen(lead=settings.lead).lead,
            seed=settings.seed,
            sampling=settings.sampling,
        )

    opened = open_chosen(settings.recording, settings.choices, stream=stream, synthetic=planted)
    return opened.read_with(**settings.reading)
