"""An unfinished chain on disk: so that a kill or an interrupt costs a minute, not a chain."""

from __future__ import annotations

import os

import torch

from neurocompare.errors import InputError
from neurocompare.models.chain import Chain
from neurocompare.models.tensor_file import load_tensors, save_tensors


def save_chain(chain: Chain, path: str | os.PathLike[str], digest: str) -> None:
    """Write a chain, whole or not at all, with the digest of everything that determines it."""
    tensors = {
        # After a rejected trajectory members are one tensor, which safetensors would refuse to write twice.
        "members": torch.stack(chain.members) if chain.members else chain.position.new_empty(0, len(chain.position)),
        "position": chain.position.clone(),
        "trace": torch.from_numpy(chain.trace),
        "acceptance": torch.from_numpy(chain.acceptance),
        "accepted": chain.accepted.clone(),
        "currents": chain.currents.clone(),
        "step": torch.tensor(chain.step, dtype=torch.float64),
        "gradients": torch.tensor(chain.gradients),
        "generator": chain.generator_state,
    }
    save_tensors(path, tensors, {"digest": digest})


def load_chain(path: str | os.PathLike[str], digest: str, *, device: torch.device | str = "cpu") -> Chain:
    """Read what `save_chain` wrote.

    Raises
    ------
    InputError
        If the file is missing or damaged, or the chain is another.
    """
    try:
        tensors, metadata = load_tensors(path)
        stored_digest = metadata["digest"]
        chain = Chain(
            members=tensors["members"].to(device).unbind(),
            trace=tensors["trace"].numpy(),
            acceptance=tensors["acceptance"].numpy(),
            position=tensors["position"].to(device),
            accepted=tensors["accepted"].to(device),
            currents=tensors["currents"].to(device),
            step=float(tensors["step"]),
            gradients=int(tensors["gradients"]),
            generator_state=tensors["generator"],
        )
    # of tensors and texts of another form, torch and json raise errors of many kinds
    except (OSError, LookupError, ValueError, TypeError, AttributeError, OverflowError, RuntimeError) as error:
        raise InputError(f"expected an unfinished chain in {path}, found {error}") from error
    if stored_digest != digest:
        raise InputError(f"expected the chain {digest[:16]} in {path}, found another")
    return chain
