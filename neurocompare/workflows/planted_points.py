"""Planted points: networks of a design in the place of the recording, in summary."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from neurocompare.errors import InputError
from neurocompare.models import Zoo
from neurocompare.ranking import candidates_of, observation_of
from neurocompare.ranking.learned_statistics import Planted
from neurocompare.ranking.summary_statistics import summarise
from neurocompare.recordings import Trials
from neurocompare.stages import Advance
from neurocompare.streams import Purpose, stream
from neurocompare.workflows.as_recorded import as_recorded

RECORDINGS = 2
"""Of each network: of other units and other trials."""


def planted_points(trials: Trials, zoos: Sequence[Zoo], *, seed: int, advance: Advance | None = None) -> Planted:
    """Record every network of a design as the recording was, and summarise what is seen.

    Parameters
    ----------
    trials : Trials
        The recording.
    zoos : sequence of Zoo
        The networks of each point.
    seed : int
        Of units and spikes.
    advance : callable, optional
        Called with (points done, in all).

    Returns
    -------
    Planted
    """
    kernels, units, points = [], [], []
    like = observation_of(trials)
    for place, zoo in enumerate(zoos):
        for number, network in enumerate(candidates_of(zoo)):
            for again in range(RECORDINGS):
                rng = stream(Purpose.PLANTED_POINT, seed, place, number, again)
                recorded = as_recorded(network.responses, trials, like=like, rng=rng)
                try:
                    seen = summarise(recorded)
                except InputError:  # nothing above noise: nothing is learned from it
                    continue
                kernels.append(seen.kernel)
                units.append(seen.units)
                points.append(place)
        if advance:
            advance(place + 1, len(zoos))
    return Planted(np.array(kernels), np.array(units), np.array(points))
