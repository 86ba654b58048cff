"""The networks of a zoo: selected, tabulated, judged, and read again from a folder."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.models.checkpoint import Card, load_card, trace_of
from neurocompare.models.diagnosis import Diagnosis, diagnose
from neurocompare.models.grid import NUISANCES


@dataclass(frozen=True)
class Zoo:
    """The networks of a zoo and how far they can be trusted.

    Attributes
    ----------
    folder : Path
    cards : tuple of Card
        In order of gamma, settings, seed, chain, member.
    diagnoses : tuple of (str, Diagnosis)
        One a `Card.group` whose chains have to be compared: all seeds together. Other networks are judged one by one
        as they are made, and their cards say how.
    damaged : tuple of str
        A sentence for every network or unfinished chain that was on disk but not whole: made again by `make_zoo`, left
        out by `load_zoo`.
    notes : tuple of str
        What to keep in mind about these networks, in sentences.
    """

    folder: Path
    cards: tuple[Card, ...]
    diagnoses: tuple[tuple[str, Diagnosis], ...]
    damaged: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def gammas(self) -> tuple[float, ...]:
        """The grid, ascending."""
        return tuple(sorted({card.gamma for card in self.cards}))

    def select(self, **settings: Any) -> Zoo:
        """Return the part of the zoo whose cards have these settings.

        Parameters
        ----------
        **settings
            Fields of `Card`: a value, or an iterable of allowed ones.

        Raises
        ------
        InputError
            If a name is not a field of `Card`, or no network has these settings.

        Examples
        --------
        >>> Zoo(Path("zoo"), (), ()).select(gama=0.1)
        Traceback (most recent call last):
        ...
        neurocompare.errors.InputError: expected settings that a card has, found 'gama'
        """
        chosen = self.cards
        for name, wanted in settings.items():
            if name not in {field.name for field in fields(Card)}:
                message = f"expected settings that a card has, found {name!r}"
                raise InputError(message)
            allowed = [wanted] if isinstance(wanted, str) or not isinstance(wanted, Iterable) else list(wanted)
            before, chosen = chosen, tuple(card for card in chosen if _is_one_of(getattr(card, name), allowed))
            if not chosen:
                there = sorted({str(getattr(card, name)) for card in before})
                message = f"expected networks with {name} {wanted}, found only {', '.join(there) or 'an empty zoo'}"
                raise InputError(message)
        groups = {card.group for card in chosen}
        return replace(self, cards=chosen, diagnoses=tuple(each for each in self.diagnoses if each[0] in groups))

    def table(self) -> pd.DataFrame:
        """One row a network: what ``zoo.csv`` holds."""
        verdicts = dict(self.diagnoses)
        rows = []
        for card in self.cards:
            row = {key: value for key, value in asdict(card).items() if key not in ("trace", "sha256")}
            verdict = verdicts.get(card.group)
            if verdict is None:
                row |= {"converged": card.converged, "why": card.why, "effective": np.nan}
                row["r_hat"] = 1.0 if card.method == "reservoir" else np.nan
            else:
                row |= {"converged": verdict.converged, "why": verdict.why, "effective": verdict.effective}
                row["r_hat"] = verdict.r_hat
            rows.append(row)
        return pd.DataFrame(rows)

    def fit(self) -> dict[float, float]:
        """Mean loss at each gamma, as a share of the loss of a zero output."""
        table = self.table()
        return (table["loss"] / table["zero_loss"]).groupby(table["gamma"]).mean().to_dict()

    def summary(self) -> pd.DataFrame:
        """One row a group: the settings that differ, gamma, networks, loss over the zero output's, and the verdict."""
        table = self.table()
        learned = table[table["gamma"] > 0] if (table["gamma"] > 0).any() else table  # gamma = 0 is one for all methods
        varied = [name for name in ("method", "n_units", *NUISANCES) if learned[name].nunique() > 1]
        rows = []
        for _, group in table.groupby("group", sort=False):
            first = group.iloc[0]
            doubtful = group[~group["converged"]]
            rows.append(
                {name: first[name] for name in (*varied, "gamma")}
                | {
                    "networks": len(group),
                    "loss": float((group["loss"] / group["zero_loss"]).mean()),
                    "converged": len(group) - len(doubtful),
                    "why": (doubtful if len(doubtful) else group)["why"].iloc[0],
                }
            )
        return pd.DataFrame(rows)


def load_zoo(folder: str | os.PathLike[str]) -> Zoo:
    """Read and verify every network in a folder, whatever its settings, and judge them; nothing is made.

    Parameters
    ----------
    folder : path-like
        As given to `make_zoo`, perhaps several times.

    Returns
    -------
    Zoo
        Without the networks that are damaged, which `Zoo.damaged` names.

    Raises
    ------
    InputError
        If there is no whole network.
    """
    folder = Path(folder)
    cards, damaged = [], []
    for path in sorted(folder.glob("[!.]*/")) if folder.is_dir() else []:
        try:
            cards.append(load_card(path))
        except InputError as error:
            damaged.append(str(error))
    if not cards:
        message = f"expected networks in {folder}, found {f'{len(damaged)} damaged ones' if damaged else 'none'}"
        raise InputError(message + "; make some with make_zoo or `neurocompare zoo`")
    return zoo_of(folder, cards, damaged)


def zoo_of(folder: Path, cards: Iterable[Card], damaged: Iterable[str] = (), notes: Iterable[str] = ()) -> Zoo:
    """Put cards in order and judge their chains."""
    ordered = tuple(sorted(cards, key=_place))
    return Zoo(folder, ordered, _judge(ordered), tuple(damaged), tuple(notes))


def _place(card: Card) -> tuple[Any, ...]:
    settings = (getattr(card, name) for name in NUISANCES)
    return (card.gamma, card.method, card.n_units, *settings, card.group, card.seed, card.chain, card.member)


def _judge(cards: Sequence[Card]) -> tuple[tuple[str, Diagnosis], ...]:
    """Compare the chains of each group, those of all seeds."""
    groups: dict[str, dict[tuple[int, int], Card]] = {}
    for card in cards:
        if card.method == "draw":
            groups.setdefault(card.group, {})[card.seed, card.chain] = card
    verdicts = []
    for group, chains in groups.items():
        traces = [trace_of(card) for card in chains.values()]
        first = next(iter(chains.values()))
        spacing = 0.75 * len(first.trace) / first.segments / first.members  # a quarter of a segment has no members
        verdicts.append((group, diagnose(traces, spacing=spacing)))
    return tuple(verdicts)


def _is_one_of(value: Any, allowed: Sequence[Any]) -> bool:
    if isinstance(value, float):
        return any(isinstance(one, int | float) and math.isclose(value, one, rel_tol=1e-9) for one in allowed)
    return value in allowed
