"""Candidates: networks that could resemble the recording, and units that only follow the movement, to be beaten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neurocompare.errors import InputError
from neurocompare.responses import Responses, between_samples, check_responses, make_responses
from neurocompare.streams import Purpose, stream
from neurocompare.tasks.task import Task

LAGS = (-0.1, 0.1)
"""In s: a unit's activity goes with the task's target this much earlier or later. The task has shifted its targets by
how far activity is taken to lead the hand already."""


@dataclass(frozen=True)
class Candidate:
    """One network to be scored.

    Attributes
    ----------
    network : str
        Its identity, such as the hash of its settings.
    gamma : float
        Where it stands on the axis that is ranked along: its structure parameter, or its value of a setting of the
        user's own, see `Axis`.
    chain, member : int
        Which sampling chain it came from, and which member of that chain it is. Networks of one chain share what the
        chain has not forgotten, so the ranking resamples chains first and members within them.
    responses : Responses
        Activity without noise, in units of 1; `time` in s from the recording's first aligned event.

    Examples
    --------
    >>> import numpy as np
    >>> from neurocompare.responses import make_responses
    >>> responses = make_responses(np.zeros((2, 3, 4)), condition=["left", "right"], time=[0.0, 0.1, 0.2])
    >>> Candidate("a1b2", 0.4, 0, 0, responses).gamma
    0.4
    """

    network: str
    gamma: float
    chain: int
    member: int
    responses: Responses


def networks_of(candidates: Sequence[Candidate]) -> tuple[tuple[int, int], ...]:
    """Return the (chain, member) pairs that every gamma has, in order.

    Every comparison between gammas is made with the same chains and members, so each gamma must have all of them, once.

    Raises
    ------
    InputError
        If there is no candidate, a candidate's responses are not valid, or gammas differ in their networks.

    Examples
    --------
    >>> import numpy as np
    >>> from neurocompare.responses import make_responses
    >>> responses = make_responses(np.zeros((2, 3, 4)), condition=["left", "right"], time=[0.0, 0.1, 0.2])
    >>> networks_of([Candidate("", gamma, chain, 0, responses) for gamma in (0.0, 0.4) for chain in (0, 1)])
    ((0, 0), (1, 0))
    """
    by_gamma: dict[float, list[tuple[int, int]]] = {}
    for candidate in candidates:
        check_responses(candidate.responses)
        by_gamma.setdefault(candidate.gamma, []).append((candidate.chain, candidate.member))
    if not by_gamma:
        raise InputError("expected at least one network to compare with the recording, found none; make some first")
    first, networks = next(iter(by_gamma.items()))
    networks = sorted(networks)
    for gamma, pairs in by_gamma.items():
        if sorted(pairs) != networks or len(set(pairs)) != len(pairs):
            raise InputError(
                f"expected every gamma to have the same (chain, member) pairs, each once, found {sorted(pairs)} at "
                f"gamma {gamma:g} and {networks} at gamma {first:g}; make the missing networks or drop the extra ones"
            )
    return tuple(networks)


def kinematic_candidates(task: Task, candidates: Sequence[Candidate], *, seed: int = 0) -> tuple[Candidate, ...]:
    r"""Make populations of units that are linear in lagged kinematics, one for each chain of the candidates.

    .. math:: x_i(c, t) = a_i^T v(c, t - \delta_i) + b_i^T p(c, t - \delta_i)

    with the task's targets v (hand velocity, say) and their integral over time p (position), each scaled to unit mean
    square over conditions and times, standard normal a and b, and :math:`\delta` uniform within 100 ms. Before and
    after the task both stay where they are. As many units as the networks have; what a recording sees of
    them goes through `observe` like theirs. Where there is one chain, there is one for each of its members.

    Parameters
    ----------
    task : Task
    candidates : sequence of Candidate
        The networks they stand beside, all of one size.
    seed : int
        Of their tuning.

    Returns
    -------
    tuple of Candidate
        With gamma NaN, and member 0 of each chain where there are several.

    References
    ----------
    Moran & Schwartz (1999). Motor cortical representation of speed and direction during reaching. Journal of
    Neurophysiology 82.

    Examples
    --------
    >>> import tempfile
    >>> from neurocompare.models import ZooPlan, make_zoo
    >>> from neurocompare.ranking import candidates_of
    >>> from neurocompare.settings import Family, Workers
    >>> from neurocompare.tasks import ideal_reach
    >>> task, plan = ideal_reach(), ZooPlan((0.0,), chains=2)
    >>> zoo = make_zoo(task, Family(n_units=12), tempfile.mkdtemp(), plan, workers=Workers(1))
    >>> [candidate.responses.sizes["unit"] for candidate in kinematic_candidates(task, candidates_of(zoo))]
    [12, 12]
    """
    velocity, time = task.targets.values, task.targets["time"].values
    position = np.cumsum(velocity, axis=1) * task.time_step
    position = position - position.mean(axis=(0, 1))
    kinematics = np.concatenate([_unit_mean_square(velocity), _unit_mean_square(position)], axis=2)
    units = candidates[0].responses.sizes["unit"]
    made = []
    networks = sorted({(candidate.chain, candidate.member) for candidate in candidates})
    if len({chain for chain, _ in networks}) > 1:
        networks = sorted({(chain, 0) for chain, _ in networks})
    for chain, member in networks:
        generator = stream(Purpose.KINEMATIC, seed, chain, member)
        weights = generator.standard_normal((kinematics.shape[2], units))
        lags = generator.uniform(*LAGS, units)
        places = (time[:, None] - lags - time[0]) / (time[1] - time[0])  # of what each unit follows, in samples
        followed = [between_samples(kinematics @ weights[:, i], places[:, i]) for i in range(units)]
        values = np.stack(followed, axis=2)
        responses = make_responses(
            values, condition=task.targets["condition"].values, time=time, source="units linear in lagged kinematics"
        )
        made.append(Candidate("", float("nan"), chain, member, responses))
    return tuple(made)


def _unit_mean_square(values: np.ndarray) -> np.ndarray:
    size = np.sqrt((values**2).mean())
    return values / size if size > 0 else values
