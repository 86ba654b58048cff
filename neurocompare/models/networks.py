"""The networks of a zoo: selected, tabulated, judged, and read again from a folder."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from neurocompare.errors import InputError
from neurocompare.models.card import COLUMNS, Card
from neurocompare.models.card_file import load_card
from neurocompare.models.diagnosis import Diagnosis, diagnose
from neurocompare.models.family import is_reservoir
from neurocompare.models.samplers import SAMPLERS
from neurocompare.settings import Family
from neurocompare.settings.nuisance import NUISANCES
from neurocompare.shown import Overview, Shown


@dataclass(frozen=True, repr=False)
class Zoo(Shown):
    """The networks of a zoo and how far they can be trusted.

    Attributes
    ----------
    folder : Path
        Where the networks are.
    cards : tuple of Card
        In order of gamma, settings, seed, chain, member.
    diagnoses : tuple of (str, Diagnosis)
        One a `Card.group` whose chains have to be compared: of its seed whose chains are worst. Other networks are
        judged one by one as they are made, and their cards say how.
    damaged : tuple of str
        A sentence for every network or unfinished chain that was on disk but not whole: made again by `make_zoo`, left
        out by `load_zoo`.
    notes : tuple of str
        What to keep in mind about these networks, in sentences.

    Examples
    --------
    >>> import tempfile
    >>> from neurocompare.models import ZooPlan, make_zoo
    >>> from neurocompare.settings import Family, Workers
    >>> from neurocompare.tasks import oscillation
    >>> plan = ZooPlan((0.0,), chains=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     zoo = make_zoo(oscillation(), Family(n_units=12), folder, plan, workers=Workers(1))
    >>> zoo.gammas, len(zoo.cards), len(zoo.select(chain=1).cards)
    ((0.0,), 2, 1)
    """

    folder: Path
    cards: tuple[Card, ...]
    diagnoses: tuple[tuple[str, Diagnosis], ...]
    damaged: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def overview(self) -> Overview:
        """Return what is shown of it; see `Shown`.

        Examples
        --------
        >>> Zoo(Path("zoo"), (), ())
        Zoo 'zoo': networks 0
        """
        rows = [("networks", f"{len(self.cards)}"), ("gamma", ", ".join(f"{gamma:g}" for gamma in self.gammas))]
        unfinished = sum(1 for _, diagnosis in self.diagnoses if not diagnosis.converged)
        rows.append(("not converged", f"{unfinished} of {len(self.diagnoses)} groups of chains" if unfinished else ""))
        title = f"Zoo {os.fspath(self.folder)!r}"
        return Overview(title, tuple(row for row in rows if row[1]))

    @property
    def family(self) -> Family:
        """What all its networks share.

        Raises
        ------
        InputError
            If they are of several families, or there are none.
        """
        families = list(dict.fromkeys(card.family for card in self.cards))
        if len(families) != 1:
            varied = [each.name for each in fields(Family) if len({getattr(one, each.name) for one in families}) > 1]
            described = f"{len(families)} that differ in {', '.join(varied)}" if families else "no networks"
            message = f"expected a zoo of one family, found {described}; choose one with select, as in select(g=1.5)"
            raise InputError(message)
        return families[0]

    @property
    def gammas(self) -> tuple[float, ...]:
        """The grid, ascending."""
        return tuple(sorted({card.gamma for card in self.cards}))

    def select(self, **settings: Any) -> Zoo:
        """Return the part of the zoo whose cards have these settings.

        Parameters
        ----------
        **settings
            Of `card.COLUMNS`: a value, or an iterable of allowed ones.

        Raises
        ------
        InputError
            If a name is none of those, or no network has these settings.

        Examples
        --------
        >>> Zoo(Path("zoo"), (), ()).select(gama=0.1)
        Traceback (most recent call last):
        ...
        neurocompare.errors.InputError: expected settings that a card has, found 'gama'
        """
        chosen = self.cards
        for name, wanted in settings.items():
            if name not in COLUMNS:
                raise InputError(f"expected settings that a card has, found {name!r}")
            allowed = [wanted] if isinstance(wanted, str) or not isinstance(wanted, Iterable) else list(wanted)
            before, chosen = chosen, tuple(card for card in chosen if _is_one_of(card.value(name), allowed))
            if not chosen:
                there = sorted({str(card.value(name)) for card in before})
                message = f"expected networks with {name} {wanted}, found only {', '.join(there) or 'an empty zoo'}"
                raise InputError(message)
        groups = {card.group for card in chosen}
        return replace(self, cards=chosen, diagnoses=tuple(each for each in self.diagnoses if each[0] in groups))

    def table(self) -> pd.DataFrame:
        """One row a network: what ``zoo.csv`` holds."""
        verdicts = dict(self.diagnoses)
        rows = []
        for card in self.cards:
            row = card.row()
            verdict = verdicts.get(card.group)
            if verdict is None:
                row |= {"effective": np.nan, "r_hat": 1.0 if SAMPLERS[card.method].INDEPENDENT else np.nan}
            else:
                row |= {"converged": verdict.converged, "why": verdict.why, "effective": verdict.effective}
                row["r_hat"] = verdict.r_hat
            rows.append(row)
        return pd.DataFrame(rows)

    def fit(self) -> dict[float, float]:
        """Mean loss at each gamma, as a share of the loss of a zero output."""
        table = self.table()
        mean = (table["loss"] / table["zero_loss"]).groupby(table["gamma"]).mean()
        return dict(zip(mean.index.tolist(), mean.tolist(), strict=True))

    def summary(self) -> pd.DataFrame:
        """One row a group: the settings that differ, gamma, networks, loss over the zero output's, and the verdict."""
        table = self.table()
        learned = table[~table["gamma"].map(is_reservoir)]  # gamma = 0 is one for all methods
        learned = learned if len(learned) else table
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

    Examples
    --------
    >>> import tempfile
    >>> from neurocompare.models import ZooPlan, make_zoo
    >>> from neurocompare.settings import Family, Workers
    >>> from neurocompare.tasks import oscillation
    >>> plan, folder = ZooPlan((0.0,), chains=2), tempfile.mkdtemp()
    >>> zoo = make_zoo(oscillation(), Family(n_units=12), folder, plan, workers=Workers(1))
    >>> load_zoo(zoo.folder).table()["gamma"].tolist()
    [0.0, 0.0]
    """
    folder = Path(folder)
    cards: list[Card] = []
    damaged: list[str] = []
    for path in sorted(folder.glob("[!.]*/")) if folder.is_dir() else []:
        try:
            cards.append(load_card(path))
        except InputError as error:
            damaged.append(str(error))
    if not cards:
        there = f"none that can be read ({damaged[0]})" if damaged else "none"
        raise InputError(f"expected networks in {folder}, found {there}; make some with make_zoo or `neurocompare zoo`")
    latest = _latest(cards)
    left = len(cards) - len(latest)
    notes = [f"{left} networks of an earlier version were left out: the same have been made since."] if left else []
    return zoo_of(folder, latest, damaged, notes)


def _latest(cards: Sequence[Card]) -> list[Card]:
    """Leave out networks that a later version has made again: it names them otherwise."""

    def place(card: Card) -> tuple[Any, ...]:
        return (card.task, card.family, card.gamma, card.method, card.dtype, card.seed)

    recipes: dict[tuple[Any, ...], int] = {}
    for card in cards:
        recipes[place(card)] = max(recipes.get(place(card), 0), card.recipe)
    return [card for card in cards if card.recipe == recipes[place(card)]]


def zoo_of(folder: Path, cards: Iterable[Card], damaged: Iterable[str] = (), notes: Iterable[str] = ()) -> Zoo:
    """Put cards in order and judge their chains."""
    ordered = tuple(sorted(cards, key=_place))
    return Zoo(folder, ordered, _judge(ordered), tuple(damaged), tuple(notes))


def _place(card: Card) -> tuple[Any, ...]:
    settings = (getattr(card.family, name) for name in NUISANCES)
    return (card.gamma, card.method, card.family.n_units, *settings, card.group, card.seed, card.chain, card.member)


def _judge(cards: Sequence[Card]) -> tuple[tuple[str, Diagnosis], ...]:
    """Judge the chains of each group seed by seed, as they were sampled; a group is what its worst seed is."""
    seeds: dict[tuple[str, int], list[Card]] = {}
    for card in cards:
        if SAMPLERS[card.method].JUDGED_TOGETHER:
            seeds.setdefault((card.group, card.seed), []).append(card)
    verdicts: dict[str, Diagnosis] = {}
    for (group, _), kept in seeds.items():
        traces = [np.array(card.result.trace) for card in {card.chain: card for card in kept}.values()]
        width = min(trace.shape[1] for trace in traces)  # a later version may observe more
        seen = [trace[:, :width] for trace in traces]
        verdict = diagnose(seen, networks=len(kept), burn_in=kept[0].burn_in)
        verdicts[group] = max(verdicts.get(group, verdict), verdict, key=lambda each: each.lacking)
    return tuple(verdicts.items())


def _is_one_of(value: Any, allowed: Sequence[Any]) -> bool:
    if isinstance(value, float):
        return any(isinstance(one, int | float) and math.isclose(value, one, rel_tol=1e-9) for one in allowed)
    return value in allowed
