"""Source: the recording that a run's settings name."""

from __future__ import annotations

from dataclasses import replace

from neurocompare.experiments.planted import planted_session
from neurocompare.pipeline.settings import Settings
from neurocompare.recordings import Reading, Recording, open_named, open_recording


def open_source(settings: Settings, *, stream: bool = False) -> Recording:
    """Open what a run is told to rank against: a recording of a planted network, one by name or path, or a remote one.

    Raises
    ------
    InputError
        If it cannot be used.
    """
    if settings.recording == "synthetic":
        path = planted_session(
            settings.family, settings.planted, time_step=settings.time_step, seed=settings.seed,
            lead=Reading().chosen(lead=settings.lead).lead, sampling=settings.sampling,
        )  # fmt: skip
        opened = replace(open_recording(path, settings.choices), name="synthetic")
    else:
        opened = open_named(settings.recording, settings.choices, stream=stream)
    return opened.read_with(**settings.reading)
