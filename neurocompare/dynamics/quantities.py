"""Quantities: a network's dynamics as named numbers, each with an error where it has one, and its unit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from neurocompare.dynamics.describe import Dynamics
from neurocompare.dynamics.limit_cycle import LIMIT_CYCLE


@dataclass(frozen=True)
class Quantity:
    """One number about one network.

    Attributes
    ----------
    quantity : str
    value : float
        NaN where it is not defined for this network, such as the period of a network without a limit cycle.
    error : float
        Standard error; NaN where there is none.
    unit : str
        ``"1"`` where it has none.

    Examples
    --------
    >>> Quantity("period", 0.25, unit="s")
    Quantity(quantity='period', value=0.25, error=nan, unit='s')
    """

    quantity: str
    value: float
    error: float = math.nan
    unit: str = "1"


def quantities(dynamics: Dynamics) -> tuple[Quantity, ...]:
    """Return the numbers of a record, in a fixed order.

    ====================================  =====================================================================
    name                                  what
    ====================================  =====================================================================
    lyapunov_1, lyapunov_2, ...           exponents, 1/s
    pr, pr_centred_samples,
    pr_centred_units                      participation ratios of the trial's rates
    pr_infinite_units,
    pr_infinite_units_centred             the same extrapolated to infinitely many units
    components_90, components_99          principal components for 90 % and 99 % of the variance
    outliers                              eigenvalues outside the bulk, a pair counted once
    outlier_modulus, outlier_frequency,
    outlier_settled_frequency             of the largest; Hz
    bulk_radius                           of the circle that the others fill
    rest_growth, path_growth              ``log max |mu| / time step`` at rest, and along the trial (mean and
                                          error over its states), 1/s
    loss, loss_beyond, loss_window_k      over the loss of a zero output: trained window, all later ones, the k-th later
    limit_cycles                          share of conditions that end on one
    period, return_error                  mean over those; s
    kick_remaining, kick_off_orbit        see `Kick`
    loss_silenced_f, loss_noise_s         over the loss of a zero output, by fraction and by noise
    kurtosis_x, kurtosis_rate             excess, over units at each sample
    kurtosis_x_samples,
    kurtosis_rate_samples                 excess, over samples of each unit
    henze_zirkler, normality_p            and its p
    mardia_kurtosis, mardia_p             and its p
    peak_frequency, peak_amplification    of a linear network, Hz and over the random network's
    ====================================  =====================================================================

    Parameters
    ----------
    dynamics : Dynamics
        What `describe` returns.

    Returns
    -------
    tuple of Quantity

    Examples
    --------
    >>> import torch
    >>> from neurocompare.dynamics import Measuring, describe
    >>> from neurocompare.models import Family, draw_reservoir
    >>> from neurocompare.tasks import oscillation
    >>> network = draw_reservoir(oscillation(), Family(g=0.8, n_units=20), generator=torch.Generator().manual_seed(0))
    >>> found = describe(network, oscillation(), measuring=Measuring(exponents=1, duration=100.0, repeats=2))
    >>> rows = {each.quantity: each for each in quantities(found)}
    >>> rows["lyapunov_1"].value < 0, rows["lyapunov_1"].unit, rows["limit_cycles"].value
    (True, '1/s', 0.0)
    """
    return (
        *_lyapunov(dynamics),
        *_dimensions(dynamics),
        *_spectra(dynamics),
        *_losses(dynamics),
        *_cycles(dynamics),
        *_robustness(dynamics),
        *_gaussianity(dynamics),
        *_amplification(dynamics),
    )


def _lyapunov(dynamics: Dynamics) -> list[Quantity]:
    lyapunov = dynamics.lyapunov
    if lyapunov is None:
        return []
    pairs = enumerate(zip(lyapunov.exponents, lyapunov.errors, strict=True), start=1)
    return [Quantity(f"lyapunov_{k}", float(value), float(error), "1/s") for k, (value, error) in pairs]


def _dimensions(dynamics: Dynamics) -> list[Quantity]:
    dimensions = dynamics.dimensions
    return [
        Quantity("pr", dimensions.uncentred),
        Quantity("pr_centred_samples", dimensions.centred_samples),
        Quantity("pr_centred_units", dimensions.centred_units),
        Quantity("pr_infinite_units", dimensions.infinite_units),
        Quantity("pr_infinite_units_centred", dimensions.infinite_units_centred),
        Quantity("components_90", dimensions.components_90),
        Quantity("components_99", dimensions.components_99),
    ]


def _spectra(dynamics: Dynamics) -> list[Quantity]:
    spectrum = dynamics.spectrum
    first = spectrum.outliers[0] if spectrum.outliers else None
    growths = np.array([each.growth for each in dynamics.on_path])
    spread = float(growths.std(ddof=1) / np.sqrt(len(growths))) if len(growths) > 1 else math.nan
    return [
        Quantity("outliers", len(spectrum.outliers)),
        Quantity("outlier_modulus", first.modulus if first else math.nan),
        Quantity("outlier_frequency", first.frequency if first else math.nan, unit="Hz"),
        Quantity("outlier_settled_frequency", first.settled_frequency if first else math.nan, unit="Hz"),
        Quantity("bulk_radius", spectrum.bulk_radius),
        Quantity("rest_growth", dynamics.at_rest.growth if dynamics.at_rest else math.nan, unit="1/s"),
        Quantity("path_growth", float(growths.mean()), spread, "1/s"),
    ]


def _losses(dynamics: Dynamics) -> list[Quantity]:
    generalization = dynamics.generalization
    if generalization is None:
        return []
    later = enumerate(generalization.windows, start=1)
    return [
        Quantity("loss", generalization.trained / generalization.zero),
        Quantity("loss_beyond", generalization.relative),
        *(Quantity(f"loss_window_{k}", loss / generalization.zero) for k, loss in later),
    ]


def _cycles(dynamics: Dynamics) -> list[Quantity]:
    cycles = [each for each in dynamics.limit_cycles if each.verdict == LIMIT_CYCLE]
    return [
        Quantity("limit_cycles", len(cycles) / len(dynamics.limit_cycles)),
        Quantity("period", float(np.mean([each.period for each in cycles])) if cycles else math.nan, unit="s"),
        Quantity("return_error", float(np.mean([each.return_error for each in cycles])) if cycles else math.nan),
    ]


def _robustness(dynamics: Dynamics) -> list[Quantity]:
    kicked = dynamics.kick
    return [
        Quantity("kick_remaining", kicked.remaining, kicked.remaining_error),
        Quantity("kick_off_orbit", kicked.off_orbit, kicked.off_orbit_error),
        *(Quantity(f"loss_silenced_{each.size:g}", each.loss, each.error) for each in dynamics.silenced),
        *(Quantity(f"loss_noise_{each.size:g}", each.loss, each.error) for each in dynamics.noisy),
    ]


def _gaussianity(dynamics: Dynamics) -> list[Quantity]:
    gaussianity = dynamics.gaussianity
    rows = []
    for name, each in (("x", gaussianity.preactivations), ("rate", gaussianity.rates)):
        rows.append(Quantity(f"kurtosis_{name}", each.over_units, each.over_units_error))
        rows.append(Quantity(f"kurtosis_{name}_samples", each.over_samples, each.over_samples_error))
    return [
        *rows,
        Quantity("henze_zirkler", gaussianity.test.henze_zirkler),
        Quantity("normality_p", gaussianity.test.p),
        Quantity("mardia_kurtosis", gaussianity.test.mardia_kurtosis),
        Quantity("mardia_p", gaussianity.test.mardia_p),
    ]


def _amplification(dynamics: Dynamics) -> list[Quantity]:
    amplification = dynamics.amplification
    if amplification is None or not np.isfinite(amplification.amplification).any():
        return []
    return [
        Quantity("peak_frequency", amplification.peak_frequency, unit="Hz"),
        Quantity("peak_amplification", float(np.nanmax(amplification.amplification))),
    ]
