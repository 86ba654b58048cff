"""One network on disk: a folder with weights.safetensors, responses.nc and card.json, whole or not there."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from neurocompare.errors import InputError
from neurocompare.files import PARTIAL, cannot_write, partial_prefix, reserve, sha256_of
from neurocompare.models.family import Family
from neurocompare.models.rate_rnn import RateRNN
from neurocompare.responses import Responses, load_responses, save_responses
from neurocompare.untrusted.plain_file import read_json, what_is
from neurocompare.untrusted.printable import printable

WEIGHTS, RESPONSES, CARD = "weights.safetensors", "responses.nc", "card.json"


@dataclass(frozen=True)
class Card:
    """What a network is, how it was made, and the digests of its files.

    Attributes
    ----------
    hash : str
        Name of the network: a digest of everything that determines it.
    group : str
        Digest of everything but seed, chain and member: networks of one group are samples of one law by one method,
        and their chains are judged together.
    task : str
        Digest of the task, see `task_digest`.
    gamma : float
    seed, chain, member : int
        The zoo's seed, which of its chains, and which state of that chain.
    members : int
        States kept of each chain.
    method : str
        How it was made, see `METHODS`; ``"reservoir"`` whatever was asked for at gamma = 0.
    g, tau, beta, input_scale, private_noise : float
        See `Family`.
    n_units : int
    nonlinearity : str
    dtype : str
        Of the gradients it was made with.
    step_fraction : float
        a = time_step / tau.
    loss : float
        Of this network: half the mean squared error, with its private noise replayed where it has any.
    expected_loss : float
        E[L | C]: what the loss is on average over readouts.
    zero_loss : float
        Of a network whose output is zero.
    acceptance : float
        Of the chain's last segment; 1 where there is no chain.
    step : float
        Of the chain, radians, or of the training; 0 where there is none.
    segments, gradients : int
        How long the chain is; 0 where there is none.
    converged : bool
        The verdict of its maker: of the chains of its seed together, or of a training by itself.
    why : str
        The same in a sentence.
    trace : tuple of tuple of float
        The observables along the chain's samples, see `posterior.OBSERVABLES`; the history of a training; empty
        for a reservoir.
    sha256 : tuple of (str, str)
        Digest of each file in the folder.
    """

    hash: str
    group: str
    task: str
    gamma: float
    seed: int
    chain: int
    member: int
    members: int
    method: str
    g: float
    tau: float
    beta: float
    input_scale: float
    private_noise: float
    n_units: int
    nonlinearity: str
    dtype: str
    step_fraction: float
    loss: float
    expected_loss: float
    zero_loss: float
    acceptance: float
    step: float
    segments: int
    gradients: int
    converged: bool
    why: str
    trace: tuple[tuple[float, ...], ...] = ()
    sha256: tuple[tuple[str, str], ...] = ()

    @property
    def family(self) -> Family:
        """The settings it shares with networks of other gammas."""
        return Family(**{field.name: getattr(self, field.name) for field in fields(Family)})


def save_network(
    network: RateRNN,
    responses: Responses,
    card: Card,
    zoo: str | os.PathLike[str],
    *,
    private_noise: torch.Tensor | None = None,
) -> Path:
    """Write a network as ``zoo/<hash>/``; the folder appears whole or not at all.

    Parameters
    ----------
    network : RateRNN
    responses : Responses
    card : Card
    zoo : path-like
        The folder of networks; made where missing.
    private_noise : tensor, shape (condition, time, unit), optional
        The frozen currents that belong to the network, kept with its weights under the name ``noise``.

    Returns
    -------
    pathlib.Path
        The network's folder.

    Raises
    ------
    InputError
        If the folder cannot be written to, or the disk is full.
    """
    zoo = Path(zoo)
    folder = zoo / card.hash
    tensors = dict(network.named_parameters())
    if private_noise is not None:
        tensors["noise"] = private_noise
    try:
        zoo.mkdir(parents=True, exist_ok=True)
        reserve(zoo, responses.nbytes + sum(tensor.nbytes for tensor in tensors.values()))
        partial = Path(tempfile.mkdtemp(prefix=partial_prefix(card.hash), suffix=PARTIAL, dir=zoo))
    except OSError as error:
        raise cannot_write(folder, error) from error
    try:
        weights = save({name: tensor.detach().contiguous() for name, tensor in tensors.items()})
        (partial / WEIGHTS).write_bytes(weights)
        save_responses(responses, partial / RESPONSES)
        digests = tuple((name, sha256_of(partial / name)) for name in (WEIGHTS, RESPONSES))
        text = json.dumps(asdict(replace(card, sha256=digests)), indent=1)
        (partial / CARD).write_text(text, encoding="utf-8")
        partial.chmod(0o755)
        if not is_whole(folder):  # another process may have made it meanwhile, to the same bits
            shutil.rmtree(folder, ignore_errors=True)
            try:
                os.replace(partial, folder)
            except OSError:
                load_card(folder)
    except OSError as error:
        raise cannot_write(folder, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder


def is_whole(folder: str | os.PathLike[str]) -> bool:
    """Whether a folder holds a network that `load_card` accepts."""
    try:
        load_card(folder)
    except InputError:
        return False
    return True


def load_card(folder: str | os.PathLike[str]) -> Card:
    """Read a network's card and verify the files it vouches for.

    Raises
    ------
    InputError
        If the folder, the card or a file is missing, unreadable, or not what the card says.
    """
    folder = Path(folder)
    try:
        found = read_json(folder / CARD)
        found["trace"] = tuple(map(tuple, found["trace"]))
        found["sha256"] = tuple(map(tuple, found["sha256"]))
        card = Card(**{field.name: found[field.name] for field in fields(Card)})
        digests = dict(card.sha256)
        # A card can name any file: only the two that belong to it are opened, and only if they are plain.
        whole = set(digests) == {WEIGHTS, RESPONSES} and all(what_is(folder / name) == "a file" for name in digests)
        damaged = not whole or any(sha256_of(folder / name) != digest for name, digest in digests.items())
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = (
            f"expected a network in {folder}, found {printable(error, 300)}; delete the folder and it is made again"
        )
        raise InputError(message) from error
    if damaged or card.hash != folder.name:
        message = f"the network in {folder} is not what its card says; delete the folder and it is made again"
        raise InputError(message)
    return card


def load_network(folder: str | os.PathLike[str]) -> tuple[RateRNN, Responses, Card]:
    """Read a network, its responses and its card.

    Raises
    ------
    InputError
        If anything is missing or damaged.
    """
    folder = Path(folder)
    card = load_card(folder)
    try:
        weights = load_file(folder / WEIGHTS)
        network = RateRNN(
            weights["J"],
            weights["U"],
            weights["R"],
            g=card.g,
            step_fraction=card.step_fraction,
            nonlinearity=card.nonlinearity,
            input_scale=card.input_scale,
        )
    except (SafetensorError, OSError, KeyError) as error:
        message = f"expected weights J, U and R in {folder / WEIGHTS}, found {error}"
        raise InputError(message) from error
    return network, load_responses(folder / RESPONSES), card


def load_noise(folder: str | os.PathLike[str]) -> torch.Tensor | None:
    """Read the private noise of a network, shape (condition, time, unit); None where it has none.

    Raises
    ------
    InputError
        If the network is missing or damaged.
    """
    folder = Path(folder)
    load_card(folder)
    return load_file(folder / WEIGHTS).get("noise")


def trace_of(card: Card) -> np.ndarray:
    """Return the chain's observables, shape (trajectory, observable)."""
    return np.array(card.trace)
