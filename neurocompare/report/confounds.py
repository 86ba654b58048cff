"""Confounds: what the report shows of a ranking's repetitions, of equal fit and at nuisance settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from neurocompare.ranking import Nuisance, Ranking
from neurocompare.ranking.confounded import MATCHED, NUISANCE
from neurocompare.ranking.nuisance import MetricNuisance
from neurocompare.records import load_record


@dataclass(frozen=True)
class Confounds:
    """A ranking with its repetitions; None where the run did not repeat it so.

    Attributes
    ----------
    ranking : Ranking
    matched : Ranking, optional
        Of networks of equal fit.
    nuisance : Nuisance, optional
    """

    ranking: Ranking
    matched: Ranking | None = None
    nuisance: Nuisance | None = None

    @property
    def fit(self) -> tuple[tuple[float, float | None, float, float | None], ...]:
        """Of networks of equal fit: gamma, loss at one beta, loss of equal fit, and its beta."""
        if self.matched is None:
            return ()
        beta = {entry["gamma"]: entry["beta"] for entry in self.matched.settings["betas"]}
        own = {entry.gamma: entry.loss for entry in self.ranking.fit}
        return tuple((row.gamma, own.get(row.gamma), row.loss, beta.get(row.gamma)) for row in self.matched.fit)

    @property
    def curves(self) -> Mapping[str, MetricNuisance]:
        """What can be drawn of the nuisance settings, by metric."""
        metrics = {} if self.nuisance is None else {name: self.nuisance.metrics[name] for name in self.ranking.metrics}
        return {name: one for name, one in metrics.items() if one.profile is not None}


def load_confounds(folder: Path, ranking: Ranking) -> Confounds:
    """Read the repetitions that belong to a ranking; files that an earlier run left are not among them.

    Parameters
    ----------
    folder : Path
    ranking : Ranking

    Raises
    ------
    InputError
        If a file is missing or cannot be read.
    """
    return Confounds(
        ranking,
        load_record(Ranking, folder / MATCHED) if "matched" in ranking.confounds else None,
        load_record(Nuisance, folder / NUISANCE) if "nuisance" in ranking.confounds else None,
    )
