"""The protocol of the paper: trial averages against noise-free networks, in sample. Optimistic, and labelled so.

How Clark, Bordelon, Zavatone-Veth & Pehlevan (2026) compared networks with recordings is not stated in every detail; it
was likely done so. Nothing is held out, no noise is added to networks, and no units or trials are set apart: a score
tells how well one population can be fitted to the other, and unrelated smooth ones can be fitted well. It is there to
be read beside the held-out scores, never instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from neurocompare.errors import InputError
from neurocompare.metrics.centring import centre
from neurocompare.metrics.metric import Metric
from neurocompare.ranking.candidate import Candidate, networks_of
from neurocompare.ranking.normalise import soft_normalise
from neurocompare.ranking.observe import observation_of, observe
from neurocompare.ranking.ranking import Fit
from neurocompare.recordings.trials import Trials, average
from neurocompare.records import Former
from neurocompare.streams import Purpose, stream

LABEL = "optimistic: in sample, trial averages, no noise added to networks; not comparable with held-out scores"

# First word of its seeds, apart from those of the draws.


@dataclass(frozen=True)
class InSampleScore:
    """Of one gamma: mean, lowest and highest score over its networks; no interval, for nothing was resampled."""

    gamma: float
    mean: float
    lowest: float
    highest: float


@dataclass(frozen=True)
class InSample:
    """What one metric says in sample.

    Attributes
    ----------
    computed_as : str
        The metric used in place of the ranking's: the same where it has nothing to hold out.
    scores : tuple of InSampleScore
        Ascending in gamma; empty where it could not be computed.
    best_gamma : float or None
    why : str
        Why there are no scores.
    """

    computed_as: str
    scores: tuple[InSampleScore, ...] = ()
    best_gamma: float | None = None
    why: str = ""


@dataclass(frozen=True)
class InSampleRanking:
    """What all metrics say in sample: ``paper.json``.

    Attributes
    ----------
    metrics : mapping of metric name to InSample
    note : str
        What the networks produce, in a sentence.
    target : str or None
        What they were made to produce, where that is known.
    fit : tuple of Fit
        Of networks that were made for it.
    label : str
        What to make of it.
    """

    SCHEMA: ClassVar[int] = 1
    FORMER: ClassVar[Former] = {}
    AGAIN: ClassVar[str] = "rerun the comparison with --protocol paper"

    metrics: Mapping[str, InSample]
    note: str
    target: str | None = None
    fit: tuple[Fit, ...] = ()
    label: str = LABEL


def paper_protocol(
    trials: Trials, candidates: Sequence[Candidate], metrics: Sequence[Metric], *, seed: int = 0
) -> dict[str, InSample]:
    """Score every network once, in sample.

    The recording is its average over all trials, all selected units. A network is seen at the recording's times through
    as many of its units, each at the mean rate and modulation of a recorded one, smoothed and normalised as the
    recording is, without spikes. Each unit's mean is removed.

    Parameters
    ----------
    trials : Trials
    candidates : sequence of Candidate
        Where they have fewer units than the recording, so many recorded units are used, chosen at random.
    metrics : sequence of Metric
        Each is replaced by `in_sample`.
    seed : int
        Of the choice of units, the same for every gamma.

    Returns
    -------
    dict of metric name to InSample

    Raises
    ------
    InputError
        If a network cannot be seen as the recording is.
    """
    networks_of(candidates)
    data, like = average(trials), observation_of(trials)
    units = min(data.sizes["unit"], *(candidate.responses.sizes["unit"] for candidate in candidates))
    if units < data.sizes["unit"]:
        chosen = stream(Purpose.IN_SAMPLE_UNITS, seed).choice(data.sizes["unit"], units, replace=False)
        data = data.isel(unit=np.sort(chosen))
    recorded = centre(soft_normalise(data))
    seen = [
        centre(
            soft_normalise(
                observe(
                    candidate.responses,
                    like=like,
                    units=units,
                    seed=stream(Purpose.IN_SAMPLE_UNITS, seed, candidate.chain, candidate.member),
                    noise=False,
                )
            )
        )
        for candidate in candidates
    ]
    gammas = np.array([candidate.gamma for candidate in candidates])
    return {metric.name: _scored(metric, recorded, seen, gammas) for metric in metrics}


def in_sample(metric: Metric) -> Metric:
    """Return a metric that judges a fit on what it was fitted to, where it has such a form (``metric.in_sample()``).

    A metric that fits nothing, and corrects for nothing, is returned as it is.

    Examples
    --------
    >>> from neurocompare.metrics import METRICS
    >>> [in_sample(metric).name for metric in METRICS]
    ['procrustes-in-sample', 'cca-in-sample', 'cka-biased', 'single_unit']
    """
    own = getattr(metric, "in_sample", None)
    return metric if own is None else own()


def _scored(metric: Metric, recorded: Any, seen: Sequence[Any], gammas: np.ndarray) -> InSample:
    used = in_sample(metric)
    try:
        prepared = used.prepare(recorded)
        scores = np.array([float(used.compare(prepared, used.prepare(each))) for each in seen])
    except (InputError, np.linalg.LinAlgError) as error:
        return InSample(used.name, why=str(error))
    if not np.isfinite(scores).all():
        return InSample(used.name, why=f"{used.name} gave scores that are no numbers")
    rows = tuple(
        InSampleScore(float(gamma), *(float(of(scores[gammas == gamma])) for of in (np.mean, np.min, np.max)))
        for gamma in np.unique(gammas)
    )
    return InSample(used.name, rows, max(rows, key=lambda row: row.mean).gamma)
