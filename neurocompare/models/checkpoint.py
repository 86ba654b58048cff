"""One network on disk: a folder with weights.safetensors, responses.nc and card.json, whole or not there.

Cards and responses are read in `card_file`, which needs no torch.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from neurocompare.errors import InputError
from neurocompare.files import PARTIAL, cannot_write, partial_prefix, reserve
from neurocompare.models.card import CARD, RESPONSES, WEIGHTS, Card
from neurocompare.models.card_file import digests_in, is_whole, load_activity, load_card
from neurocompare.models.rate_rnn import RateRNN
from neurocompare.records import save_record
from neurocompare.responses import Responses, save_responses


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

    Examples
    --------
    >>> import tempfile
    >>> from neurocompare.models import ZooPlan, make_zoo
    >>> from neurocompare.settings import Family, Workers
    >>> from neurocompare.tasks import oscillation
    >>> plan, folder = ZooPlan((0.0,), chains=2), tempfile.mkdtemp()
    >>> zoo = make_zoo(oscillation(), Family(n_units=12), folder, plan, workers=Workers(1))
    >>> network, responses, card = load_network(zoo.folder / zoo.cards[0].hash)
    >>> save_network(network, responses, card, tempfile.mkdtemp()).name == card.hash
    True
    """
    zoo = Path(zoo)
    folder = zoo / card.hash
    tensors: dict[str, torch.Tensor] = dict(network.named_parameters())
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
        save_record(replace(card, sha256=digests_in(partial)), partial / CARD)
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


def load_network(folder: str | os.PathLike[str]) -> tuple[RateRNN, Responses, Card]:
    """Read a network, its responses and its card.

    Parameters
    ----------
    folder : path-like
        Of one network, in a zoo.

    Returns
    -------
    network : RateRNN
    responses : Responses
        On the task it was made for.
    card : Card

    Raises
    ------
    InputError
        If anything is missing or damaged, or the weights are not of the size that the card says.

    Examples
    --------
    >>> import tempfile
    >>> from neurocompare.models import ZooPlan, make_zoo
    >>> from neurocompare.settings import Family, Workers
    >>> from neurocompare.tasks import oscillation
    >>> plan, folder = ZooPlan((0.0,), chains=2), tempfile.mkdtemp()
    >>> zoo = make_zoo(oscillation(), Family(n_units=12), folder, plan, workers=Workers(1))
    >>> network, responses, card = load_network(zoo.folder / zoo.cards[0].hash)
    >>> responses.sizes["unit"], card.method
    (12, 'reservoir')
    """
    folder = Path(folder)
    card = load_card(folder)
    weights = _weights(folder, card, ("J", "U", "R"))
    network = RateRNN.of(weights["J"], weights["U"], weights["R"], card.family, card.step_fraction)
    return network, load_activity(folder, card), card


def load_noise(folder: str | os.PathLike[str]) -> torch.Tensor | None:
    """Read the private noise of a network, shape (condition, time, unit); None where it has none.

    Parameters
    ----------
    folder : path-like
        Of one network, in a zoo.

    Returns
    -------
    tensor, shape (condition, time, unit), or None

    Raises
    ------
    InputError
        If the network is missing or damaged.

    Examples
    --------
    >>> import tempfile
    >>> from neurocompare.models import ZooPlan, make_zoo
    >>> from neurocompare.settings import Family, Workers
    >>> from neurocompare.tasks import oscillation
    >>> plan, folder = ZooPlan((0.0,), chains=2), tempfile.mkdtemp()
    >>> zoo = make_zoo(oscillation(), Family(n_units=12), folder, plan, workers=Workers(1))
    >>> load_noise(zoo.folder / zoo.cards[0].hash) is None
    True
    """
    folder = Path(folder)
    return _weights(folder, load_card(folder), ("noise",)).get("noise")


def _weights(folder: Path, card: Card, names: tuple[str, ...]) -> dict[str, torch.Tensor]:
    """Read tensors by name, after their shapes are found to be what the card says."""
    n = card.family.n_units
    wanted = {"J": (n, n), "U": (n, None), "R": (None, n), "noise": (None, None, n)}
    try:
        with safe_open(folder / WEIGHTS, framework="pt") as opened:
            there = [name for name in names if name != "noise" or name in opened.keys()]  # noqa: SIM118 - no mapping
            shapes = {name: tuple(opened.get_slice(name).get_shape()) for name in there}
            wrong = {name: shape for name, shape in shapes.items() if not _fits(shape, wanted[name])}
            tensors = {} if wrong else {name: opened.get_tensor(name) for name in there}
    except (SafetensorError, OSError) as error:
        message = f"expected weights {', '.join(names)} in {folder / WEIGHTS}, found {error}; {Card.AGAIN}"
        raise InputError(message) from error
    if wrong or not all(tensor.is_floating_point() and tensor.isfinite().all() for tensor in tensors.values()):
        stored = ", ".join(f"{name} of shape {shape}" for name, shape in wrong.items()) or "others"
        raise InputError(f"expected finite weights of {n} units in {folder / WEIGHTS}, found {stored}; {Card.AGAIN}")
    return tensors


def _fits(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    return len(shape) == len(wanted) and all(
        a == b or (b is None and a > 0) for a, b in zip(shape, wanted, strict=True)
    )
