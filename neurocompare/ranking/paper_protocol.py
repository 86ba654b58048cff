"""The protocol of the paper: trial averages against noise-free networks, in sample. Optimistic, and labelled so.

How Clark, Bordelon, Zavatone-Veth & Pehlevan (2026) compared networks with recordings is not stated in every detail; it
was likely done so. Nothing is held out, no noise is added to networks, and no units or trials are set apart: a score
tells how well one population can be fitted to the other, and unrelated smooth ones can be fitted well. It is there to
be read beside the held-out scores, never instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, is_dataclass, replace
from typing import Any

import numpy as np

from neurocompare.errors import InputError
from neurocompare.metrics.centring import centre
from neurocompare.metrics.cka import CKA
from neurocompare.metrics.metric import Metric
from neurocompare.ranking.candidate import Candidate, networks_of
from neurocompare.ranking.normalise import soft_normalise
from neurocompare.ranking.observe import observation_of, observe
from neurocompare.recordings.trials import Trials, average

LABEL = "optimistic: in sample, trial averages, no noise added to networks; not comparable with held-out scores"

SCHEMA = 1

# First word of its seeds, apart from those of the draws.
_PAPER = 21


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
    metric, computed_as : str
        The metric of the ranking, and the one used in its place: the same where it has nothing to hold out.
    scores : tuple of InSampleScore
        Ascending in gamma; empty where it could not be computed.
    best_gamma : float or None
    why : str
        Why there are no scores.
    """

    metric: str
    computed_as: str
    scores: tuple[InSampleScore, ...] = ()
    best_gamma: float | None = None
    why: str = ""


def paper_protocol(
    trials: Trials, candidates: Sequence[Candidate], metrics: Sequence[Metric], *, seed: int = 0
) -> tuple[InSample, ...]:
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
    tuple of InSample

    Raises
    ------
    InputError
        If a network cannot be seen as the recording is.
    """
    networks_of(candidates)
    data, like = average(trials), observation_of(trials)
    units = min(data.sizes["unit"], *(candidate.responses.sizes["unit"] for candidate in candidates))
    if units < data.sizes["unit"]:
        chosen = np.random.default_rng([_PAPER, seed]).choice(data.sizes["unit"], units, replace=False)
        data = data.isel(unit=np.sort(chosen))
    recorded = centre(soft_normalise(data))
    seen = [
        centre(
            soft_normalise(
                observe(
                    candidate.responses,
                    like=like,
                    units=units,
                    seed=[_PAPER, seed, candidate.chain, candidate.member],
                    noise=False,
                )
            )
        )
        for candidate in candidates
    ]
    gammas = np.array([candidate.gamma for candidate in candidates])
    return tuple(_scored(metric, recorded, seen, gammas) for metric in metrics)


def in_sample(metric: Metric) -> Metric:
    """Return a metric that judges a fit on what it was fitted to, and CKA without its correction for that.

    A metric that fits nothing is returned as it is.

    Examples
    --------
    >>> from neurocompare.metrics import METRICS
    >>> [in_sample(metric).name for metric in METRICS]
    ['procrustes-in-sample', 'cca-in-sample', 'cka-biased', 'single_unit']
    """
    if isinstance(metric, CKA):
        return CKA("biased")
    return replace(metric, held_out=False) if is_dataclass(metric) and hasattr(metric, "held_out") else metric


def paper_json(found: Sequence[InSample], **told: Any) -> dict[str, Any]:
    """Lay scores out as ``paper.json`` holds them, with what else is to be told of them.

    Parameters
    ----------
    found : sequence of InSample
    **told
        Such as the target the networks were made for.

    Returns
    -------
    dict
        Of schema 1: keys may be added to it, not changed.
    """
    metrics = {
        each.metric: {key: value for key, value in asdict(each).items() if key != "metric"} | {"optimistic": True}
        for each in found
    }
    return {"schema": SCHEMA, "label": LABEL, **told, "metrics": metrics}


def _scored(metric: Metric, recorded: Any, seen: Sequence[Any], gammas: np.ndarray) -> InSample:
    used = in_sample(metric)
    try:
        prepared = used.prepare(recorded)
        scores = np.array([float(used.compare(prepared, used.prepare(each))) for each in seen])
    except (InputError, np.linalg.LinAlgError) as error:
        return InSample(metric.name, used.name, why=str(error))
    if not np.isfinite(scores).all():
        return InSample(metric.name, used.name, why=f"{used.name} gave scores that are no numbers")
    rows = tuple(
        InSampleScore(float(gamma), *(float(of(scores[gammas == gamma])) for of in (np.mean, np.min, np.max)))
        for gamma in np.unique(gammas)
    )
    return InSample(metric.name, used.name, rows, max(rows, key=lambda row: row.mean).gamma)
