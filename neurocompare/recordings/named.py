"""Open what a user means by a word: a file, a recording of the catalogue, or one that stays where it is."""

from __future__ import annotations

import os

from neurocompare.recordings.nwb import open_recording
from neurocompare.recordings.recording import Recording
from neurocompare.recordings.remote import stream_recording
from neurocompare.settings import Choices


def open_named(recording: str | os.PathLike[str], choices: Choices | None = None) -> Recording:
    """Open a recording by its path or name, with the catalogue's `Reading` where it is known by name.

    Parameters
    ----------
    recording : str or path-like
        The path of an NWB file, or a name of the catalogue; to stream it, a name of the catalogue or an address.
    choices : Choices, optional
        What not to leave to the file and its layout; whether to stream it.

    Returns
    -------
    Recording

    Raises
    ------
    InputError
        If it is not there or cannot be used, see `open_recording` and `stream_recording`.

    Examples
    --------
    >>> open_named("mc_mase_small")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected a recording of the catalogue, found 'mc_mase_small'; did you mean ...
    """
    if choices is not None and choices.stream:
        return stream_recording(os.fspath(recording), choices)
    return open_recording(recording, choices)
