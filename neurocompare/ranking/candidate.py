"""Candidate: one network that could resemble the recording, and where it stands in the zoo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from neurocompare.errors import InputError
from neurocompare.responses import Responses, check_responses


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
