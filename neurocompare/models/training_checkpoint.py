"""Where an unfinished training stands, on disk: whole or not there, and trusted only if it is what it says."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import torch

from neurocompare.errors import InputError
from neurocompare.models.tensor_file import load_tensors, save_tensors

FORMAT = "neurocompare training 1"


def save_training(
    path: str | os.PathLike[str], tensors: Mapping[str, torch.Tensor], settings: Mapping[str, object], notes: list[str]
) -> None:
    """Write tensors as safetensors, with the settings they belong to and a digest of the numbers.

    Parameters
    ----------
    path : path-like
    tensors : mapping of str to tensor
    settings : mapping of str to what JSON can hold
        What determines the training: a checkpoint is of use only to one of equal settings.
    notes : list of str

    Raises
    ------
    InputError
        If `path` cannot be written to.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "training"
    >>> save_training(path, {"V": torch.ones(2)}, {"gamma": 0.5}, ["warm"])
    >>> load_training(path, {"gamma": 0.5})
    ({'V': tensor([1., 1.])}, ['warm'])
    >>> load_training(path, {"gamma": 0.8})
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected a checkpoint of this training in ...: found gamma 0.5 where ...
    """
    metadata = {"format": FORMAT, "settings": json.dumps(dict(settings), sort_keys=True), "notes": json.dumps(notes)}
    save_tensors(path, tensors, metadata)


def load_training(
    path: str | os.PathLike[str], settings: Mapping[str, object]
) -> tuple[dict[str, torch.Tensor], list[str]]:
    """Read what `save_training` wrote for the same settings; returns the tensors and the notes.

    Raises
    ------
    InputError
        If the file is unreadable or damaged, or belongs to a training of other settings; the message names which.
    """
    path = Path(path)
    advice = "delete it to start anew, or give another path"
    try:
        tensors, metadata = load_tensors(path)
        stored, notes = json.loads(metadata["settings"]), json.loads(metadata["notes"])
        if metadata["format"] != FORMAT:
            raise ValueError(f"format {metadata['format']!r}")
        if not isinstance(stored, dict) or not isinstance(notes, list):
            raise ValueError("settings of another form")
    # of tensors and texts of another form, torch and json raise errors of many kinds
    except (OSError, LookupError, ValueError, TypeError, AttributeError, OverflowError, RuntimeError) as error:
        message = f"expected a checkpoint of a training in {path}, found {error or type(error).__name__}; {advice}"
        raise InputError(message) from error
    wanted = json.loads(json.dumps(dict(settings)))
    for name in sorted(stored.keys() | wanted.keys()):
        if stored.get(name) != wanted.get(name):
            raise InputError(
                f"expected a checkpoint of this training in {path}: found {name} {stored.get(name)} "
                f"where this has {wanted.get(name)}; {advice}"
            )
    return tensors, notes
