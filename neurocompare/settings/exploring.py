"""How the settings that nobody knows are explored together: how many points, and within which ranges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from neurocompare.errors import InputError
from neurocompare.settings.declare import Checked, setting

RANGES = ("gamma", "g", "tau", "beta", "input_scale", "lag")
"""Fields of `Exploring` that are ranges, gamma first: what a design may vary."""

NARROWEST = 2.0
"""Factor over which gamma ranges at least: a profile has two gammas an octave."""

LOGARITHMIC = frozenset({"gamma", "tau", "beta"})
"""Those of which equal ratios are equally likely; of the others, equal steps."""


@dataclass(frozen=True)
class Exploring(Checked):
    """A joint design: its size, and the priors its points are laid out by.

    Attributes
    ----------
    points : int
    reservoirs : float
        Share of points at gamma 0, the exact reservoir.
    gamma, g, tau, beta, input_scale, lag : tuple of (float, float)
        Smallest and largest; equal ratios are equally likely where `LOGARITHMIC`, equal steps elsewhere.
    only : tuple of str
        What is varied, by the names of fields, in their order, and gamma always; everything where empty.
    steps : int
        Fewest time steps in a time constant.

    Raises
    ------
    InputError
        If a range does not ascend, a logarithmic one begins at 0, or what is to be varied has no range.

    Examples
    --------
    >>> Exploring(tau=(0.1, 0.3)).tau
    (0.1, 0.3)
    >>> Exploring(tau=(0.3, 0.1))
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected tau to range from a smaller value to a larger one, found 0.3 to 0.1
    >>> Exploring(only=("input-scale", "g")).varied
    ('gamma', 'g', 'input_scale')
    >>> Exploring(only=("gamma",)).varied
    ('gamma',)
    """

    PANEL: ClassVar[str] = "Exploring all settings together (--explore)"

    PREFIX: ClassVar[str] = "explore-"

    points: int = setting(
        64,
        "Points of the design; at each two networks of each of two chains, or as --chains and --members say.",
        least=16,
        most=100_000,
    )
    reservoirs: float = setting(0.1, "Share of points at gamma 0, the exact reservoir.", least=0, below=1)
    gamma: tuple[float, float] = setting((0.03, 3.0), "Structure parameter elsewhere, log-uniform.", least=0, most=1000)
    g: tuple[float, float] = setting((0.8, 2.0), "Strength of the disorder, uniform.", above=0, most=100)
    tau: tuple[float, float] = setting(
        (0.05, 0.3), "Membrane time constant, log-uniform.", unit="s", above=0, most=1000
    )
    beta: tuple[float, float] = setting((100.0, 1600.0), "Inverse temperature, log-uniform.", above=0, most=1e9)
    input_scale: tuple[float, float] = setting((0.5, 2.0), "Factor on the task's inputs, uniform.", above=0, most=1e6)
    lag: tuple[float, float] = setting(
        (0.0, 0.15), "How far the movement lags behind activity, uniform.", unit="s", least=-1, most=1
    )
    only: tuple[str, ...] = setting(
        (),
        "Of g, tau, beta, input-scale and lag, what is varied with gamma; the others keep the values of a run. gamma: "
        "nothing else.",
        metavar="NAME,NAME,...",
    )
    steps: int = setting(
        4,
        "Fewest time steps in a time constant: points of a short one get a finer task, which costs more.",
        least=1,
        most=1000,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        given = [name.strip().replace("-", "_") for name in self.only]
        unknown = [name for name in given if name not in RANGES]
        if unknown or len(set(given)) < len(given):
            listed = repr(unknown[0]) if unknown else ", ".join(given)
            raise InputError(f"expected to vary only some of {', '.join(RANGES)}, each once; found {listed}")
        object.__setattr__(self, "only", tuple(name for name in RANGES if name in given))
        for name in RANGES:
            low, high = getattr(self, name)
            if not low < high:
                message = f"expected {name} to range from a smaller value to a larger one, found {low:g} to {high:g}"
                raise InputError(message)
            if name in LOGARITHMIC and not low > 0:
                message = f"expected {name} to range from a value above 0, found {low:g}; its scale is logarithmic"
                raise InputError(message)
            if name not in self.varied and (low, high) != getattr(type(self), name):
                raise InputError(
                    f"expected no range of {name}, which is not varied; add it to --explore-only, or drop it"
                )
        if self.gamma[1] < NARROWEST * self.gamma[0]:
            low, high = self.gamma
            raise InputError(
                f"expected gamma to range over a factor of {NARROWEST:g} or more, found {low:g} to {high:g}"
            )

    @property
    def varied(self) -> tuple[str, ...]:
        """What the design varies, gamma first."""
        return tuple(name for name in RANGES if name == "gamma" or name in self.only or not self.only)
