"""How spikes become rates and behaviour becomes targets, unless a user says otherwise."""

from __future__ import annotations

from dataclasses import dataclass, replace

from neurocompare.errors import InputError

BOUNDS = {"bin_width": (0.001, 10.0), "smoothing": (0.0, 10.0), "lag": (-1.0, 1.0)}
"""Shortest and longest, in s."""


@dataclass(frozen=True)
class Reading:
    """Bins, smoothing and lag that suit a recording.

    Attributes
    ----------
    bin_width : float
        Of spike counts, s.
    smoothing : float
        Standard deviation of the Gaussian that smooths rates, s.
    lag : float
        How far behaviour lags behind neural activity, s; negative where activity follows, as in sensory cortex.
    catalogued : tuple of str
        Which of these the catalogue says of this recording; the others are defaults, or what a user chose.

    Raises
    ------
    InputError
        If a bin is shorter than 1 ms, smoothing is negative, or the lag is longer than 1 s either way.

    Examples
    --------
    >>> Reading(lag=0.12, smoothing=0.05, catalogued=("lag", "smoothing")).chosen(lag=0.0, bin_width=None)
    Reading(bin_width=0.02, smoothing=0.05, lag=0.0, catalogued=('smoothing',))
    """

    bin_width: float = 0.02
    smoothing: float = 0.04
    lag: float = 0.1
    catalogued: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, (least, most) in BOUNDS.items():
            value = getattr(self, name)
            if not least <= value <= most:
                raise InputError(f"expected {name} between {least:g} and {most:g} s, found {value}")

    def __str__(self) -> str:
        parts = []
        for name, value in self.values.items():
            by = " (catalogue)" if name in self.catalogued else ""
            parts.append(f"{name.replace('_', ' ')} {1000 * value:g} ms{by}")
        return ", ".join(parts)

    @property
    def values(self) -> dict[str, float]:
        """The three by name, in s."""
        return {name: getattr(self, name) for name in BOUNDS}

    def chosen(self, **given: float | None) -> Reading:
        """Return the reading with the values a user gave; None leaves what stands here."""
        values = {name: float(value) for name, value in given.items() if value is not None}
        return replace(self, **values, catalogued=tuple(name for name in self.catalogued if name not in values))
