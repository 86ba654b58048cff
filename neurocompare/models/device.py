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
        parsed = torch.device(device)
    except RuntimeError as error:
        raise InputError(f'expected device "cpu" or "cuda", found {device!r}') from error
    if parsed.type not in ("cpu", "cuda"):
        raise InputError(f'expected device "cpu" or "cuda", found "{parsed}"')
    if parsed.type == "cuda" and not (parsed.index or 0) < torch.cuda.device_count():
        raise InputError(f'found no GPU "{parsed}" that torch can use; use device "cpu"')
    return parsed
