"""Flow: whether two populations move by the same dynamics, wherever their states lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import numpy as np

from neurocompare.errors import InputError, check_among
from neurocompare.metrics.delay_modes import delay_operator, operator_cosine
from neurocompare.metrics.matched import Axes, axes_of, check_matched
from neurocompare.metrics.trajectories import rotation_share, tangling, trajectories_of
from neurocompare.responses import Responses

Aspect = Literal["modes", "rotation", "tangling"]


@dataclass(frozen=True, eq=False)
class Dynamics:
    """What a population's flow is like, by one aspect.

    Attributes
    ----------
    axes : Axes
    flow : array
        The operator of delay modes (mode, mode) without the identity; or one number, the share of rotations or the
        logarithm of the tangling.
    """

    axes: Axes
    flow: np.ndarray


@dataclass(frozen=True)
class Flow:
    r"""Likeness of two populations' dynamics, by one of three aspects.

    ============ ====================================================================================================
    ``modes``    Each population's delay coordinates are moved on by a linear map A, one step
                 (`neurocompare.metrics.delay_modes.delay_operator`). The score is
                 :math:`\max_C \langle A_x - 1, C (A_y - 1) C^T \rangle / |A_x - 1| |A_y - 1|` over rotations C [1]_.
                 The identity is taken off for it is no motion: at small time steps every A is nearly the identity
    ``rotation`` :math:`1 - |\rho_x - \rho_y|`, with :math:`\rho` the share of the linearly explained velocity that
                 rotations explain, in `components` components without the mean over conditions [2]_
    ``tangling`` :math:`\min(Q_x, Q_y) / \max(Q_x, Q_y)`, with Q the 90 % quantile over samples of the tangling in
                 `components` components [3]_
    ============ ====================================================================================================

    None asks whether the two are alike at the same time in the same condition: a score of 1 means one kind of motion.
    Unrelated populations of one smoothness and one size move much alike; only a null or a contrast says what a score is
    worth. C is fitted to the very operators it judges, so ``modes`` is above zero for any two populations. A null that
    permutes conditions changes nothing. Times may have gaps; no step is taken across one.

    Parameters
    ----------
    aspect : {"modes", "rotation", "tangling"}
    components : int
        Principal components; all units where there are fewer.
    delays, rank : int
        Of the delay coordinates; ``modes`` only.

    Raises
    ------
    InputError
        If `aspect` is unknown, or a number is below 1.

    References
    ----------
    .. [1] Ostrow, Eisen, Kozachkov & Fiete (2023). Beyond geometry: comparing the temporal structure of computation in
       neural circuits with dynamical similarity analysis. NeurIPS 36.
    .. [2] Churchland, Cunningham, Kaufman, Foster, Nuyujukian, Ryu & Shenoy (2012). Neural population dynamics during
       reaching. Nature 487.
    .. [3] Russo, Bittner, Perkins, Seely, London, Lara, ... & Churchland (2018). Motor cortex embeds muscle-like
       commands in an untangled population response. Neuron 97.

    Examples
    --------
    >>> from neurocompare.responses import make_responses
    >>> times, phase = np.arange(0, 1, 0.02), np.arange(6)[:, None]
    >>> slow, fast = (
    ...     np.stack([f(k * times + phase + j) for f in (np.cos, np.sin) for j in (0, 1)], axis=-1) for k in (3, 9)
    ... )
    >>> slow, fast = (make_responses(values, condition=range(6), time=times) for values in (slow, fast))
    >>> turned = slow.copy(data=slow.values[:, :, ::-1])
    >>> [round(Flow("rotation", components=2).score(slow, other), 2) for other in (turned, fast)]
    [1.0, 1.0]
    >>> [round(Flow("tangling", components=2).score(slow, other), 2) for other in (turned, fast)]
    [1.0, 0.11]
    """

    aspect: Aspect = "modes"
    components: int = 6
    delays: int = 4
    rank: int = 6

    direction: ClassVar[str] = "higher is more similar"
    invariances: ClassVar[frozenset[str]] = frozenset({"translation", "rotation", "scale", "permutation"})
    symmetric: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_among("an aspect", self.aspect, get_args(Aspect))
        for name in ("components", "delays", "rank"):
            if getattr(self, name) < 1:
                raise InputError(f"expected at least 1 of {name}, found {getattr(self, name)}")

    @property
    def name(self) -> str:
        """``flow``, and the aspect where it is not the modes."""
        return "flow" if self.aspect == "modes" else f"flow-{self.aspect}"

    @property
    def range(self) -> tuple[float, float]:
        """From -1 for modes, from 0 for the others."""
        return (-1.0 if self.aspect == "modes" else 0.0, 1.0)

    @property
    def needs(self) -> str:
        """The least it can work with."""
        if self.aspect == "modes":
            return (
                f"2 conditions; {self.delays + 1} times without a gap; {2 * self.rank} steps of {self.delays} delays, "
                f"that span {self.rank} dimensions; equal unit counts"
            )
        return "2 conditions; 2 times without a gap; twice as many samples as components; equal unit counts"

    @property
    def citation(self) -> str:
        """Whom to cite."""
        return {
            "modes": "Ostrow, Eisen, Kozachkov & Fiete (2023), NeurIPS 36",
            "rotation": "Churchland et al. (2012), Nature 487",
            "tangling": "Russo et al. (2018), Neuron 97",
        }[self.aspect]

    def score(self, x: Responses, y: Responses) -> float:
        """Score two populations with the same conditions, times and number of units.

        Returns
        -------
        float
            1 for one kind of motion.

        Raises
        ------
        InputError
            If conditions, times, unit counts or centring differ, or there is too little of them; see `needs`.
        """
        return self.compare(self.prepare(x), self.prepare(y))

    def fit(self, x: Responses, y: Responses) -> Flow:
        """Return itself: what is fitted depends on the populations compared only."""
        return self

    def prepare(self, responses: Responses) -> Dynamics:
        """Do once what depends on one population only."""
        axes = axes_of(responses)
        values = responses.values
        if self.aspect == "rotation":
            values = values - values.mean(axis=0)
        least = self.delays + 1 if self.aspect == "modes" else 2
        trajectories = trajectories_of(values, axes.times, dimensions=self.components, least=least)
        if self.aspect == "rotation":
            return Dynamics(axes, np.array(rotation_share(trajectories)))
        if self.aspect == "tangling":
            return Dynamics(axes, np.log(np.quantile(tangling(trajectories), 0.9)))
        return Dynamics(axes, delay_operator(trajectories, delays=self.delays, rank=self.rank) - np.eye(self.rank))

    def compare(self, x: Dynamics, y: Dynamics) -> float:
        """Score two prepared populations; `score` does both steps."""
        check_matched(x.axes, y.axes)
        if self.aspect == "modes":
            return operator_cosine(x.flow, y.flow)
        apart = float(np.abs(x.flow - y.flow))
        return 1 - apart if self.aspect == "rotation" else float(np.exp(-apart))

    def summary(self, responses: Responses) -> dict[str, float]:
        """Say what one flow is like: ``rotation`` (share, 0 to 1) and ``tangling`` (90 % quantile, 1/s^2)."""
        by_aspect = {
            aspect: float(Flow(aspect, components=self.components).prepare(responses).flow)
            for aspect in ("rotation", "tangling")
        }
        return {"rotation": by_aspect["rotation"], "tangling": float(np.exp(by_aspect["tangling"]))}
