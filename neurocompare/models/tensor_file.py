"""Tensors on disk that are trusted only if they are what was written: what a kill may leave of a training."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from neurocompare.errors import InputError
from neurocompare.files import atomic
from neurocompare.models.card import LARGEST_FILE
from neurocompare.untrusted.plain_file import what_is

_WRITTEN = {torch.float64, torch.float32, torch.int64, torch.int32, torch.uint8, torch.bool}

FORMAT = "neurocompare training 1"


def save_tensors(
    path: str | os.PathLike[str], tensors: Mapping[str, torch.Tensor], metadata: Mapping[str, str]
) -> None:
    """Write tensors as safetensors, whole or not at all, with a digest of their numbers.

    Raises
    ------
    InputError
        If `path` cannot be written to, or the disk is full.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "tensors"
    >>> save_tensors(path, {"V": torch.ones(2)}, {"of": "mine"})
    >>> tensors, metadata = load_tensors(path)
    >>> tensors["V"].tolist(), metadata["of"]
    ([1.0, 1.0], 'mine')
    """
    kept = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    with atomic(path) as temporary:
        try:
            save_file(kept, temporary, metadata={**metadata, "sha256": _digest(kept)})
        except SafetensorError as error:
            # It tells what the system said, such as that the disk is full, only in words.
            code = re.search(r"os error (\d+)", str(error))
            raise (OSError(int(code[1]), os.strerror(int(code[1]))) if code else error) from error


def load_tensors(path: str | os.PathLike[str]) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """Read what `save_tensors` wrote; returns the tensors and the metadata.

    Raises
    ------
    OSError
        If the file cannot be opened.
    ValueError
        If it is not such a file, is larger than `LARGEST_FILE`, or its numbers are not those that were written.
    """
    if (kind := what_is(path)) != "a file":  # a pipe would make us wait
        raise FileNotFoundError(kind)
    if (size := os.path.getsize(path)) > LARGEST_FILE:  # which can be a gap that takes no room on the disk
        raise ValueError(f"{size:,} bytes, of which at most {LARGEST_FILE:,} are read")
    try:
        with safe_open(Path(path), framework="pt") as opened:
            metadata = opened.metadata() or {}
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 - not a mapping
    except SafetensorError as error:
        raise ValueError(str(error) or type(error).__name__) from error
    if any(tensor.dtype not in _WRITTEN for tensor in tensors.values()):
        raise ValueError("numbers of a kind that is never written")
    if metadata.get("sha256") != _digest(tensors):
        raise ValueError("numbers that are not those its digest is of: it is damaged")
    return tensors, metadata


def _digest(tensors: Mapping[str, torch.Tensor]) -> str:
    digest = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.numpy().data)
    return digest.hexdigest()


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
