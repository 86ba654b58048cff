"""Infinite networks against a recording: the records of ``theory.json``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from neurocompare.ranking.former import theory_of_schema_1, theory_of_schema_2, theory_of_schema_3
from neurocompare.ranking.metric_ranking import GammaScore
from neurocompare.ranking.ranking import Ranking
from neurocompare.records import Former
from neurocompare.shown import Overview, Shown


@dataclass(frozen=True)
class Solution:
    """One solution of the theory.

    Attributes
    ----------
    gamma : float
    branch : str
        Which of two solutions at this gamma it is; ``"only"`` where there is one.
    leading : bool
        Whether its F is the lowest at its gamma.
    free_energy, kl, loss, activity, participation_ratio, excess_kurtosis : float or None
        See `neurocompare.theory.MeanField`; the loss is a share of the zero output's. None for what is not finite.
    outliers : tuple of (float, float)
        Eigenvalues of the connectivity outside its bulk: real and imaginary part.
    largest_outlier : float or None
        Modulus; None where there is none.
    rank : int
    kernel_error : float or None
        Standard error of the kernel over its norm; None in files of before.
    converged : bool
    why : str
        Why not.
    scores : mapping of str to float
        Mean score by metric, each unit's mean removed; empty without a recording.
    """

    gamma: float
    branch: str
    leading: bool
    free_energy: float | None
    kl: float | None
    loss: float | None
    activity: float | None
    participation_ratio: float | None
    excess_kurtosis: float | None
    outliers: tuple[tuple[float, float], ...]
    largest_outlier: float | None
    rank: int
    kernel_error: float | None
    converged: bool
    why: str
    scores: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True)
class InfiniteScore(GammaScore):
    """Score of infinite networks of a gamma, and whether their solution has converged."""

    converged: bool


@dataclass(frozen=True)
class KernelRanking:
    """What one kernel score says about gamma.

    Attributes
    ----------
    metric, centring : str
    draws, dropped_draws : int
        Draws used, and draws left out because half of the recording had no signal.
    scores : tuple of GammaScore
        Ascending in gamma: mean over draws, and 95 % interval over recorded units and trials. Empty, as everything
        below, where no draw could be used.
    best_gamma : float or None
        Of highest mean score.
    gamma_interval : tuple of (float, float) or None
        Between which the peak of a smooth curve lies in 95 % of draws, widened to hold the best gamma.
    """

    metric: str
    centring: str
    draws: int
    dropped_draws: int
    scores: tuple[GammaScore, ...] = ()
    best_gamma: float | None = None
    gamma_interval: tuple[float, float] | None = None


@dataclass(frozen=True, repr=False)
class TheoryResult(Shown):
    """What the theory says: ``theory.json``.

    Attributes
    ----------
    settings : mapping
        What it holds at; names are those of `Ranking.settings`, and ``source``.
    notes : tuple of str
        Assumptions of the task.
    solutions : tuple of Solution
        Ascending in gamma.
    ranking : Ranking or None
        By drawn units; None without a recording.
    kernels : tuple of KernelRanking
    """

    SCHEMA: ClassVar[int] = 4
    FORMER: ClassVar[Former] = {1: theory_of_schema_1, 2: theory_of_schema_2, 3: theory_of_schema_3}
    AGAIN: ClassVar[str] = "run neurocompare theory again"

    settings: Mapping[str, Any]
    notes: tuple[str, ...]
    solutions: tuple[Solution, ...]
    ranking: Ranking | None = None
    kernels: tuple[KernelRanking, ...] = ()

    def overview(self) -> Overview:
        """Return what is shown of it; see `Shown`."""
        leading = [row for row in self.solutions if row.leading]
        converged = sum(1 for row in leading if row.converged)
        rows = [
            ("gamma", ", ".join(f"{row.gamma:g}" for row in leading)),
            ("converged", f"{converged} of {len(leading)}"),
            ("in a sentence", self.ranking.summary.sentence if self.ranking else ""),
        ]
        return Overview(f"Theory of {self.settings.get('source', 'a task')}", tuple(row for row in rows if row[1]))

    def infinite_scores(self, metric: str) -> tuple[InfiniteScore, ...]:
        """Return one metric's scores of infinite networks, ascending in gamma; none where it was not scored."""
        result = None if self.ranking is None else self.ranking.metrics.get(metric)
        converged = {row.gamma: row.converged for row in self.solutions if row.leading}
        return tuple(
            InfiniteScore(each.gamma, each.mean, each.low, each.high, converged[each.gamma])
            for each in (() if result is None else result.scores)
        )
