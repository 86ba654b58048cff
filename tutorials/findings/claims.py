"""What the paper claims, and what networks and theory say of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

BORNE_OUT, IN_PART, NOT_BORNE_OUT, NOT_ASKED = "borne out", "in part", "not borne out", "not asked"
TOO_SMALL = "too small to tell"

FEWEST = 4
"""Networks below which a share of them says nothing: of two, none or both are no rare accident."""

CHAOTIC, ORDERED, CYCLING = 0.3, 1.0, 1.5
"""Raw gammas up to which chaos is expected, from which order is, and up to which the limit cycle is the trained one."""

Rows = Sequence[Mapping[str, Any]]


def claims_of(contents: Mapping[str, Any]) -> list[dict[str, str]]:
    """Judge the paper's findings by what findings.json holds.

    Parameters
    ----------
    contents : mapping
        findings.json but for its claims.

    Returns
    -------
    list of dict
        section, paper (its finding), found (numbers), verdict: "borne out", "in part", "not borne out", "not asked"
        or "too small to tell".
    """
    oscillation, linear, settings = contents["oscillation"], contents["linear"], contents["settings"]
    return [
        _gaussian(oscillation),
        *_transition(oscillation["dynamics"], settings["period"]),
        _generalisation(oscillation["dynamics"], oscillation["beyond"]),
        _outliers(oscillation["dynamics"], oscillation["theory"]),
        _limit(oscillation["growing"]),
        _amplified(linear, 1 / settings["period"]),
        _reach(contents["reach"]),
    ]


def mean_and_error(values: Sequence[float | None]) -> tuple[float, float, int]:
    """Return mean, standard error and number of the values that are there.

    Examples
    --------
    >>> mean_and_error([1.0, 3.0, None])
    (2.0, 1.0, 2)
    """
    there = np.array([value for value in values if value is not None], dtype=float)
    if not len(there):
        return math.nan, math.nan, 0
    error = float(there.std(ddof=1) / math.sqrt(len(there))) if len(there) > 1 else math.nan
    return float(there.mean()), error, len(there)


def _claim(section: str, paper: str, numbers: str, verdict: str) -> dict[str, str]:
    return {"section": section, "paper": paper, "found": numbers, "verdict": verdict}


def _share(good: int, total: int) -> str:
    """All, more than half, or not."""
    return BORNE_OUT if total and good == total else IN_PART if 2 * good > total else NOT_BORNE_OUT


def _at(rows: Rows, gamma: float) -> Rows:
    return [row for row in rows if row["gamma_raw"] == gamma]


def _gammas(rows: Rows) -> list[float]:
    return sorted({row["gamma_raw"] for row in rows})


def _said(mean: float, error: float) -> str:
    """Write a mean with its error, unless it has none, or nothing but rounding."""
    known = math.isfinite(error) and error > 1e-9 * abs(mean)
    return f"{mean:.3g}" + (f" ± {float(f'{error:.1g}'):g}" if known else "")


def _gaussian(oscillation: Mapping[str, Any]) -> dict[str, str]:
    gammas = _gammas(oscillation["networks"])
    (first, first_error), (last, last_error) = (
        _kurtosis(_at(oscillation["networks"], gamma)) for gamma in (gammas[0], gammas[-1])
    )
    theory = [_at(oscillation["theory"], gamma)[0]["excess_kurtosis"] for gamma in (gammas[0], gammas[-1])]
    gaussian = abs(first) < 3 * first_error
    numbers = (
        f"excess kurtosis of preactivations {_said(first, first_error)} at γ = {gammas[0]:g} and "
        f"{_said(last, last_error)} at γ = {gammas[-1]:g}; theory {theory[0]:.2f} and {theory[1]:.2f}"
    )
    verdict = _share(int(gaussian) + int(first - last > 3 * math.hypot(first_error, last_error)), 2)
    paper = "A reservoir's single units are Gaussian; restructuring makes them non-Gaussian."
    return _claim("gaussian", paper, numbers, verdict)


def _kurtosis(rows: Rows) -> tuple[float, float]:
    """Return the mean kurtosis and its error: over networks, and no less than what their numbers of units allow."""
    mean, error, count = mean_and_error([row["kurtosis_x"] for row in rows])
    within = math.sqrt(np.mean([row["kurtosis_x_error"] ** 2 for row in rows]) / count)
    return mean, max(error, within) if math.isfinite(error) else within


def _transition(dynamics: Rows, period: float) -> list[dict[str, str]]:
    small = [row for row in dynamics if row["gamma_raw"] <= CHAOTIC]
    large = [row for row in dynamics if row["gamma_raw"] >= ORDERED]
    middle = [row for row in large if row["gamma_raw"] <= CYCLING]
    positive = sum(row["verdict"] == "positive" for row in small)
    ordered = sum(row["verdict"] == "not positive" for row in large)
    cycling = sum(row["period"] is not None and abs(row["period"] / period - 1) <= 0.05 for row in middle)
    units = dynamics[0]["n_units"]
    return [
        _claim(
            "transition",
            "With little restructuring nonlinear networks are chaotic.",
            f"the largest Lyapunov exponent is positive in {positive} of {len(small)} networks of {units} units at "
            f"γ ≤ {CHAOTIC:g}",
            _share(positive, len(small)) if len(small) >= FEWEST else TOO_SMALL,
        ),
        _claim(
            "transition",
            "Restructured networks are ordered and low-dimensional, and settle into a limit cycle.",
            f"the exponent is not positive in {ordered} of {len(large)} at γ ≥ {ORDERED:g}; {cycling} of {len(middle)} "
            f"end on a cycle within 5 % of the trained period at γ from {ORDERED:g} to {CYCLING:g}",
            _share(ordered + cycling, len(large) + len(middle)) if len(large) >= FEWEST else TOO_SMALL,
        ),
    ]


def _generalisation(dynamics: Rows, beyond: Rows) -> dict[str, str]:
    gammas = _gammas(dynamics)
    after = {gamma: mean_and_error([row["loss_beyond"] for row in _at(dynamics, gamma)])[0] for gamma in gammas}
    theory = {row["gamma_raw"]: row["loss_window_1"] for row in beyond}
    best, best_theory = min(after, key=after.__getitem__), min(theory, key=theory.__getitem__)
    inside = sum(gammas[0] < gamma < gammas[-1] for gamma in (best, best_theory))
    numbers = (
        f"of the networks the loss after the trained window is least at γ = {best:g} ({after[best]:.2g} of a zero "
        f"output's; {after[gammas[0]]:.2g} at γ = {gammas[0]:g}, {after[gammas[-1]]:.2g} at γ = {gammas[-1]:g}); "
        f"in theory, first window after it, at γ = {best_theory:g} ({theory[best_theory]:.2g})"
    )
    paper = "Ordered networks go on producing the target after the trained window; chaotic ones fail."
    return _claim("generalisation", paper, numbers, _share(inside, 2))


def _outliers(dynamics: Rows, theory: Rows) -> dict[str, str]:
    gammas = _gammas(dynamics)
    moduli = {
        gamma: mean_and_error([row["outlier_modulus"] for row in _at(dynamics, gamma)])[0]
        for gamma in gammas
        if sum(row["outlier_modulus"] is not None for row in _at(dynamics, gamma)) * 2 > len(_at(dynamics, gamma))
    }
    predicted = {row["gamma_raw"]: abs(complex(*row["outliers"][0])) for row in theory if row["outliers"]}
    grows = len(moduli) > 1 and bool((np.diff([moduli[gamma] for gamma in sorted(moduli)]) > 0).all())
    misses = [abs(moduli[gamma] / predicted[gamma] - 1) for gamma in moduli if gamma in predicted]
    listed = ", ".join(f"{moduli[gamma]:.2f} at γ = {gamma:g}" for gamma in sorted(moduli)) or "none"
    close = f"; theory within {100 * max(misses):.1f} %" if misses else ""
    paper = "Learning adds a few eigenvalues, a complex pair for an oscillation, outside the bulk; they grow with γ."
    absent = gammas[0] not in moduli
    return _claim("spectrum", paper, f"largest modulus {listed}{close}", _share(int(grows) + int(absent), 2))


def _limit(growing: Rows) -> dict[str, str]:
    """Whether the error of one network's C and output falls as 1 / sqrt(N) at every gamma, within three s.e."""
    largest, every, sentences = max(row["n_units"] for row in growing), [], []
    for gamma in _gammas(growing):
        rows = _at(growing, gamma)
        slopes = [falls_as(rows, name) for name in ("kernel_error", "output_error")]
        every += slopes
        (last,) = (row for row in rows if row["n_units"] == largest)
        exponents = " and ".join(f"{slope:.2f} ± {error:.2f}" for slope, error in slopes if math.isfinite(slope))
        how = f"errors of C and output go as N to the {exponents}; " if exponents else ""
        sentences.append(
            f"at γ = {gamma:g} {how}of {largest} units C is within "
            f"{100 * last['kernel_error']:.1f} % in one network and {100 * last['kernel_error_of_mean']:.1f} % on "
            f"average over {last['networks']}"
        )
    paper = "As N grows, networks become what the mean-field theory says."
    agree = [not abs(slope + 0.5) > 3 * error for slope, error in every]  # NaN, of one N alone, disagrees with nothing
    fall = [good and slope + 2 * error < 0 for good, (slope, error) in zip(agree, every, strict=True)]
    # Too few networks, or sizes too near one another, are no evidence against it.
    verdict = IN_PART if all(agree) and not all(fall) else _share(sum(fall), len(fall))
    return _claim("growing", paper, "; ".join(sentences), verdict)


def falls_as(rows: Rows, name: str) -> tuple[float, float]:
    """Fit the power of N that an error follows, by least squares of its logarithm weighted by its standard error.

    Parameters
    ----------
    rows : sequence of mapping
        Of `growing`, at one gamma.
    name : str
        ``"kernel_error"`` or ``"output_error"``.

    Returns
    -------
    float, float
        The power and its standard error; NaN for one N alone, or errors whose own error is not known.

    Examples
    --------
    >>> rows = [{"n_units": n, "e": 3 * n**-0.5, "e_se": 0.1 * n**-0.5} for n in (100, 200, 400)]
    >>> [round(value, 3) for value in falls_as(rows, "e")]
    [-0.5, 0.034]
    """
    known = [row for row in rows if row[f"{name}_se"]]
    if len(known) < 2:
        return math.nan, math.nan
    size = np.log([row["n_units"] for row in known])
    error, spread = (np.array([row[each] for row in known]) for each in (name, f"{name}_se"))
    weight = (error / spread) ** 2
    size = size - (weight @ size) / weight.sum()
    return float(weight * size @ np.log(error) / (weight @ size**2)), float(1 / np.sqrt(weight @ size**2))


def _amplified(linear: Mapping[str, Any], wanted: float) -> dict[str, str]:
    gamma = _gammas(linear["dynamics"])[-1]
    rows = _at(linear["dynamics"], gamma)
    peak, peak_error, _ = mean_and_error([row["peak_frequency"] for row in rows])
    gain, gain_error, _ = mean_and_error([row["peak_amplification"] for row in rows])
    place = int(np.argmin(np.abs(np.array(linear["frequencies"]) - wanted)))
    powers = {row["gamma_raw"]: row["power"][place] for row in linear["theory_power"]}
    ratio = powers[gamma] / powers[0.0]
    numbers = (
        f"at γ = {gamma:g} the gain over a random network's peaks at {_said(peak, peak_error)} Hz (task: "
        f"{wanted:.2f} Hz), {_said(gain, gain_error)} times it; activity's power at the task's frequency is "
        f"{ratio:.3g} times the random network's in theory"
    )
    good = int(abs(peak / wanted - 1) < 0.1) + int(gain > 1) + int(ratio > 1)
    return _claim(
        "linear", "Linear networks: restructuring amplifies the task's frequencies.", numbers, _share(good, 3)
    )


def _reach(reach: Mapping[str, Any] | None) -> dict[str, str]:
    paper = "Motor cortex in reaching is best matched at a relatively small γ that is not zero."
    doubtful = "" if reach is None else _doubtful(reach["theory"])
    numbers = "needs a recording: “neurocompare run RECORDING” ranks γ against one" + doubtful
    return _claim("reach", paper, numbers, NOT_ASKED)


def _doubtful(theory: Rows) -> str:
    gammas = sorted({row["gamma_raw"] for row in theory if not row["converged"]})
    if not gammas:
        return "; the theory of the ideal reach has converged at every γ here"
    return f"; the theory of the ideal reach has not converged at γ = {', '.join(f'{gamma:g}' for gamma in gammas)}"
