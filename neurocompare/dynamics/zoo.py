"""The dynamics of a zoo: every network described once, in parallel, and kept on disk as it is done.

What is kept of a network is its `Entry`: what travels to dynamics.json, the table and the figures. `describe` gives the
whole record of one network to those who want more.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from neurocompare.dynamics.describe import Dynamics, Measuring, describe
from neurocompare.dynamics.quantities import Quantity, quantities
from neurocompare.errors import InputError
from neurocompare.files import sweep, write_text
from neurocompare.models.card import Card
from neurocompare.models.checkpoint import load_network, load_noise
from neurocompare.models.networks import Zoo
from neurocompare.parallel import Workers, spread
from neurocompare.settings import Family
from neurocompare.tasks.continuation import Continuation
from neurocompare.tasks.task import Task, task_digest
from neurocompare.untrusted.plain_file import read_json

RECIPE = 1
"""Counts changes to what is measured and how: entries made by an older recipe are made again."""

SHOWN = ("gamma", "seed", "chain", "member", "method", *(field.name for field in fields(Family)))
"""Of a network's card, beside its hash: what identifies it in an entry."""


@dataclass(frozen=True, eq=False)
class Entry:
    """What is kept of one network.

    Attributes
    ----------
    hash : str
    settings : dict of str to value
        `SHOWN` of its card.
    quantities : tuple of Quantity
        See `dynamics.quantities`.
    lyapunov_verdict, lyapunov_why : str
        Empty where activity diverges.
    ends : tuple of str
        What each condition settles into.
    outliers : tuple of complex
        Eigenvalues outside the bulk, a pair once.
    eigenvalues : array of complex, shape (unit,)
        Of g J / sqrt(N), to four decimals.
    spectrum_edge : float
        Modulus beyond which an eigenvalue is an outlier.
    amplification : tuple of (float, float, float)
        Of linear networks: frequency in Hz, gain, and gain of the random network (None where there is none).
    notes : tuple of str

    Examples
    --------
    >>> import tempfile
    >>> from neurocompare.models import ZooPlan, make_zoo
    >>> from neurocompare.tasks import oscillation
    >>> brief, alone = Measuring(exponents=1, duration=100.0, repeats=2), Workers(1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     zoo = make_zoo(oscillation(), Family(n_units=16), folder, ZooPlan((0.0,), chains=2), workers=alone)
    ...     entry, _ = describe_zoo(zoo, oscillation(), folder, measuring=brief, workers=alone)
    >>> entry.settings["gamma"], len(entry.eigenvalues)
    (0.0, 16)
    """

    hash: str
    settings: dict[str, Any]
    quantities: tuple[Quantity, ...]
    lyapunov_verdict: str
    lyapunov_why: str
    ends: tuple[str, ...]
    outliers: tuple[complex, ...]
    eigenvalues: np.ndarray
    spectrum_edge: float
    amplification: tuple[tuple[float, float, float | None], ...]
    notes: tuple[str, ...]


def describe_zoo(
    zoo: Zoo,
    task: Task,
    folder: str | os.PathLike[str],
    *,
    measuring: Measuring | None = None,
    continuation: Continuation | None = None,
    workers: Workers | None = None,
    progress: Callable[[float, float], None] | None = None,
) -> tuple[Entry, ...]:
    """Describe every network of a zoo that has not been described in this way before.

    Parameters
    ----------
    zoo : Zoo
    task : Task
        Of its networks.
    folder : path-like
        Where entries are kept, one file a network and way of measuring: an interrupted call continues.
    measuring, continuation
        See `describe`.
    workers : Workers, optional
        All processors where None.
    progress : callable, optional
        Called with (networks done, networks in all).

    Returns
    -------
    tuple of Entry
        In the zoo's order.

    Raises
    ------
    InputError
        If a network was made for another task, is damaged, or does not fit, or `folder` cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> from neurocompare.models import ZooPlan, make_zoo
    >>> from neurocompare.tasks import oscillation
    >>> brief, alone = Measuring(exponents=1, duration=100.0, repeats=2), Workers(1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     zoo = make_zoo(oscillation(), Family(n_units=16), folder, ZooPlan((0.0,), chains=2), workers=alone)
    ...     entries = describe_zoo(zoo, oscillation(), folder, measuring=brief, workers=alone)
    >>> [entry.hash for entry in entries] == [card.hash for card in zoo.cards], entries[0].settings["g"]
    (True, 1.5)
    """
    measuring, folder = measuring or Measuring(), Path(folder)
    full_digest = task_digest(task)  # a card keeps its beginning
    strangers = [card.hash for card in zoo.cards if not (card.task and full_digest.startswith(card.task))]
    if strangers:
        raise InputError(
            f"expected networks made for the task {task.name!r}, found {len(strangers)} of {len(zoo.cards)} made for "
            f"another, such as {strangers[0]}; give the task they were made for, or a zoo of one task"
        )
    digest = _digest(task, measuring, continuation)
    paths = {card.hash: folder / f"{card.hash}-{digest}.json" for card in zoo.cards}
    entries = {name: entry for name, path in paths.items() if (entry := _read(path)) is not None}
    missing = [card for card in zoo.cards if card.hash not in entries]
    work = [_Work(zoo.folder.absolute(), card, task, measuring, continuation, paths[card.hash]) for card in missing]
    if folder.is_dir():
        sweep(folder)
    done = len(entries)
    for entry in spread(_describe_one, work, workers=workers):
        entries[entry.hash] = entry
        done += 1
        if progress:
            progress(done, len(zoo.cards))
    return tuple(entries[card.hash] for card in zoo.cards)


@dataclass(frozen=True)
class _Work:
    folder: Path
    card: Card
    task: Task
    measuring: Measuring
    continuation: Continuation | None
    path: Path


def _describe_one(work: _Work) -> Entry:
    network, _, card = load_network(work.folder / work.card.hash)
    noise = load_noise(work.folder / work.card.hash)
    noise = None if noise is None else noise.double().numpy()
    try:
        dynamics = describe(
            network, work.task, measuring=work.measuring, continuation=work.continuation, private_noise=noise
        )
    except InputError as error:
        raise InputError(f"network {card.hash}: {error}") from error
    entry = entry_of(card, dynamics)
    write_text(json.dumps(as_json(entry), allow_nan=False), work.path)
    return entry


def entry_of(card: Card, dynamics: Dynamics) -> Entry:
    """Return what is kept of a network's dynamics."""
    lyapunov, gain = dynamics.lyapunov, dynamics.amplification
    rows = () if gain is None else zip(gain.frequencies, gain.gain, gain.random_gain, strict=True)
    return Entry(
        card.hash,
        {name: card.value(name) for name in SHOWN},
        quantities(dynamics),
        "" if lyapunov is None else lyapunov.verdict,
        "" if lyapunov is None else lyapunov.why,
        tuple(each.verdict for each in dynamics.limit_cycles),
        tuple(each.eigenvalue for each in dynamics.spectrum.outliers),
        np.round(dynamics.spectrum.eigenvalues, 4),
        dynamics.spectrum.edge,
        tuple((float(f), float(value), _finite(random)) for f, value, random in rows),
        dynamics.notes,
    )


def as_json(entry: Entry) -> dict[str, Any]:
    """Return an entry as JSON holds it: complex numbers as pairs, what is not finite as null."""
    return msgspec.json.decode(msgspec.json.encode(entry, enc_hook=_outward))


def _read(path: Path) -> Entry | None:
    """Read an entry; None where there is none, or what is there is not one."""
    try:
        document = read_json(path)
        for row in document["quantities"]:
            row |= {name: math.nan for name in ("value", "error") if row[name] is None}
        return msgspec.convert(document, Entry, dec_hook=_inward)
    except (OSError, ValueError, LookupError, TypeError, msgspec.MsgspecError):
        return None


def _outward(value: Any) -> Any:
    return [value.real, value.imag] if isinstance(value, complex) else value.tolist()


def _inward(kind: type, value: Any) -> Any:
    return complex(*value) if kind is complex else np.array([complex(*pair) for pair in value])


def _digest(task: Task, measuring: Measuring, continuation: Continuation | None) -> str:
    goes_on = continuation or task.continuation
    settings = [RECIPE, task_digest(task), asdict(measuring), None if goes_on is None else str(goes_on)]
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:12]


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
