"""Where tensors live."""

from __future__ import annotations

import torch

from neurocompare.errors import InputError


def check_device(device: torch.device | str) -> torch.device:
    """Return the device if it is there.

    Raises
    ------
    InputError
        If it is neither the processor nor a GPU that torch can use.

    Examples
    --------
    >>> check_device("cpu")
    device(type='cpu')
    """
    try:
        found = torch.device(device)
    except RuntimeError as error:
        message = f'expected device "cpu" or "cuda", found {device!r}'
        raise InputError(message) from error
    if found.type not in ("cpu", "cuda"):
        message = f'expected device "cpu" or "cuda", found "{found}"'
        raise InputError(message)
    if found.type == "cuda" and not (found.index or 0) < torch.cuda.device_count():
        message = f'found no GPU "{found}" that torch can use; use device "cpu"'
        raise InputError(message)
    return found
