"""How networks are scored against a recording."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from neurocompare.errors import InputError
from neurocompare.settings.declare import Checked, setting

DEFAULT_METRICS = ("procrustes", "cca", "cka", "single_unit")
"""Names of the metrics that a comparison reports by default, the one its summary prefers first."""

DEFAULT_RESAMPLES = 80


@dataclass(frozen=True)
class Scoring(Checked):
    """How networks are scored; what is left open is as the run did that is gone by, else the default.

    Raises
    ------
    InputError
        If a metric is named twice, or there are too few resamples.

    Examples
    --------
    >>> Scoring(metrics=("cka",)).over(Scoring(resamples=40))
    Scoring(metrics=('cka',), resamples=40, noise_free=False)
    """

    PANEL: ClassVar[str] = "Scoring"

    metrics: tuple[str, ...] = setting(
        (), f"Metrics, in order of preference. Default: {','.join(DEFAULT_METRICS)}.", metavar="NAME,NAME,..."
    )
    resamples: int | None = setting(
        None,
        f"Random halves of units and trials that are scored. Default: {DEFAULT_RESAMPLES}, or as many as the run that "
        "is gone by.",
        least=20,
        most=100_000,
    )
    noise_free: bool = setting(
        False,
        "See networks without the noise of a recording. With the metrics whose names end in -in-sample scores are as "
        "many papers report them: optimistic.",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(set(self.metrics)) < len(self.metrics):
            raise InputError(f"expected metrics, each once, found {', '.join(self.metrics)}")

    @property
    def draws(self) -> int:
        """Resamples in effect."""
        return DEFAULT_RESAMPLES if self.resamples is None else self.resamples

    def over(self, other: Scoring | None = None) -> Scoring:
        """Return these settings with nothing left open: what is, is taken from others, else the default."""
        below = Scoring() if other is None else other
        return Scoring(
            self.metrics or below.metrics or DEFAULT_METRICS,
            below.draws if self.resamples is None else self.resamples,
            self.noise_free or below.noise_free,
        )
