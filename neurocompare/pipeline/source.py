"""Source: the recording that a run's settings name."""

from __future__ import annotations

from dataclasses import replace

from neurocompare.experiments.planted import planted_session
from neurocompare.pipeline.settings import Settings
from neurocompare.recordings import Recording, open_recording, recording_path, stream_recording


def open_source(settings: Settings, *, stream: bool = False) -> Recording:
    """Open what a run is told to rank against: a recording of a planted network, one by name or path, or a remote one.

    Raises
    ------
    InputError
        If it cannot be used.
    """
    if settings.recording == "synthetic":
        path = planted_session(
            settings.family, settings.planted, time_step=settings.time_step, lead=settings.lead, seed=settings.seed,
            sampling=settings.sampling,
        )  # fmt: skip
        return replace(open_recording(path, settings.choices), name="synthetic")
    if stream:
        return stream_recording(settings.recording, settings.choices)
    return open_recording(recording_path(settings.recording), settings.choices)
