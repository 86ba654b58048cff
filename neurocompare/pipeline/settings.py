"""Settings: everything a run depends on beside the recording, checked once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neurocompare.errors import InputError
from neurocompare.experiments.star import Arm, star
from neurocompare.files import check_writable
from neurocompare.models import Family, Sampling
from neurocompare.models.find_beta import Matching
from neurocompare.recordings import Choices, Reading
from neurocompare.tasks import Task

QUICK = {
    "units": 160,
    "draws": 24,
    "gammas": (0.0, 0.1, 0.4, 1.6),
    "sampling": Sampling(ramp=4, adaptation=6, trajectories=8, segments=1, max_leapfrogs=60),
    "matching": Matching(iterations=4, adaptation=4, check=16, corrections=1),
}
"""What ``quick=True`` settles for: the whole path in a minute, with chains too short to be converged."""


@dataclass(frozen=True)
class Settings:
    """Everything a run depends on beside the recording; what ``run.json`` holds under ``settings``."""

    recording: str
    gammas: tuple[float, ...]
    g: float
    tau: float
    beta: float
    units: int
    chains: int
    members: int
    draws: int
    seed: int
    time_step: float
    lead: float | None
    bin_width: float | None
    smoothing: float | None
    min_rate: float
    sampling: Sampling
    matching: Matching
    choices: Choices
    match: str | None = None
    nuisance: tuple[str, ...] = ()
    protocol: str | None = None

    @property
    def family(self) -> Family:
        """What all networks share."""
        return Family(g=self.g, tau=self.tau, beta=self.beta, n_units=self.units)

    @property
    def reading(self) -> dict[str, float | None]:
        """What a user said of bins, smoothing and lead; None where it is left to the recording, see `Reading`."""
        return {name: getattr(self, name) for name in ("bin_width", "smoothing", "lead")}

    def arms(self) -> tuple[Arm, ...]:
        """Nuisance settings at which the ranking is repeated; around the default lead while it is not known."""
        lead = Reading().chosen(lead=self.lead).lead
        return star(self.family, lead, self.nuisance, time_step=self.time_step)


def check_settings(settings: Settings, jobs: int | None, out: Path) -> None:
    """Refuse what makes no sense before anything is read or written.

    Raises
    ------
    InputError
    """
    settings.family.step_fraction(settings.time_step)
    check_writable(out)
    counts = {"units": (settings.units, 10), "chains": (settings.chains, 2), "members": (settings.members, 1)}
    counts |= {"draws": (settings.draws, 20), "jobs": (1 if jobs is None else jobs, 1), "seed": (settings.seed, 0)}
    counts |= {"min_rate": (settings.min_rate, 0)}
    for name, (value, least) in counts.items():
        if not least <= value < math.inf:
            message = f"expected {name} to be a number of at least {least}, found {value}"
            raise InputError(message)
    Reading().chosen(**settings.reading)  # refuses what nothing is read with
    most = settings.sampling.most_members
    if settings.members > most:
        message = f"expected at most {most} members of so many trajectories, found {settings.members}; ask for more"
        raise InputError(message)
    check_repetitions(settings.match, settings.protocol)
    settings.arms()


def check_repetitions(match: str | None, protocol: str | None) -> None:
    """Refuse a match or a protocol that is not known.

    Raises
    ------
    InputError
    """
    if match not in (None, "fit"):
        message = f"expected to match the 'fit' or nothing, found {match!r}"
        raise InputError(message)
    if protocol not in (None, "paper"):
        message = f"expected the protocol 'paper' or none, found {protocol!r}"
        raise InputError(message)


def held_at(settings: Settings, task: Task) -> dict[str, Any]:
    """Return what a ranking holds at: what ends its sentence, and how the recording was read."""
    names = ("g", "tau", "beta", "units", "time_step", "bin_width", "smoothing", "min_rate", "seed", "draws")
    scale = {"lag": settings.lead, "target_scale": task.target_scale, "target_unit": task.target_unit}
    return {name: getattr(settings, name) for name in names} | scale
