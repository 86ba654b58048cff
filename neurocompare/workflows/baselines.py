"""What a model of the user's own is compared with: units that only follow the movement, and untrained networks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from neurocompare.models import draw_reservoir, respond
from neurocompare.parallel import one_thread
from neurocompare.ranking import Candidate, kinematic_candidates
from neurocompare.settings import Family
from neurocompare.streams import Purpose, torch_stream
from neurocompare.tasks import Task

RESERVOIRS = 3
"""Untrained networks that a model is compared with."""


@one_thread()
def baseline_candidates(task: Task, family: Family, *, seed: int) -> list[Candidate]:
    """Make the units that only follow the movement, and the untrained networks.

    Parameters
    ----------
    task : Task
    family : Family
        Of the networks.
    seed : int

    Returns
    -------
    list of Candidate
        Networks ``kinematic`` and ``reservoir``, at no gamma.
    """
    reservoirs = []
    for index in range(RESERVOIRS):
        generator = torch_stream(Purpose.UNTRAINED, seed, index)
        network = draw_reservoir(task, family, generator=generator)
        responses = respond(network, task, source="untrained reservoir")[0]
        # Chains of their own: the nulls are computed for the network of chain 0, which is the model.
        reservoirs.append(Candidate("reservoir", np.nan, 1 + index, 0, responses))
    (kinematic,) = kinematic_candidates(task, reservoirs[:1], seed=seed)
    return [replace(kinematic, network="kinematic"), *reservoirs]
