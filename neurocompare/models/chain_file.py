"""An unfinished chain on disk: so that a kill or an interrupt costs a minute, not a chain."""

from __future__ import annotations

import os
import re
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from neurocompare.errors import InputError
from neurocompare.files import atomic
from neurocompare.models.chain import Chain


def save_chain(chain: Chain, path: str | os.PathLike[str], digest: str) -> None:
    """Write a chain, whole or not at all, with the digest of everything that determines it."""
    tensors = {
        # After a rejected trajectory members are one tensor, which safetensors would refuse to write twice.
        "members": torch.stack(chain.members) if chain.members else chain.position.new_empty(0, len(chain.position)),
        "position": chain.position.clone(),
        "trace": torch.from_numpy(chain.trace),
        "acceptance": torch.from_numpy(chain.acceptance),
        "step and paces": torch.tensor([chain.step, *chain.paces], dtype=torch.float64),
        "gradients": torch.tensor(chain.gradients),
        "generator": chain.generator_state,
    }
    with atomic(path) as temporary:
        try:
            save_file({name: each.cpu().contiguous() for name, each in tensors.items()}, temporary, {"digest": digest})
        except SafetensorError as error:
            # It tells what the system said, such as that the disk is full, only in words.
            code = re.search(r"os error (\d+)", str(error))
            raise (OSError(int(code[1]), os.strerror(int(code[1]))) if code else error) from error


def load_chain(path: str | os.PathLike[str], digest: str, *, device: torch.device | str = "cpu") -> Chain:
    """Read what `save_chain` wrote.

    Raises
    ------
    InputError
        If the file is missing or damaged, or the chain is another.
    """
    try:
        with safe_open(Path(path), framework="pt") as opened:
            if (opened.metadata() or {}).get("digest") != digest:
                message = f"expected the chain {digest[:16]} in {path}, found another"
                raise InputError(message)
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 - no mapping
        step, *paces = tensors["step and paces"].tolist()
        return Chain(
            members=tensors["members"].to(device).unbind(),
            trace=tensors["trace"].numpy(),
            acceptance=tensors["acceptance"].numpy(),
            position=tensors["position"].to(device),
            step=step,
            paces=tuple(paces),
            gradients=int(tensors["gradients"]),
            generator_state=tensors["generator"],
        )
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        message = f"expected an unfinished chain in {path}, found {error}"
        raise InputError(message) from error
