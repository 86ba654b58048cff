"""Figures: one a claim of the paper, theory and networks together, from what findings.json holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from findings.beside_theory import (
    draw_networks,
    draw_theory,
    gamma_axis,
    legend,
    of,
    plain_logarithms,
)
from neurocompare.report.figures.style import BLUE, GREEN, LINE, MUTED, ORANGE, PURPLE, GammaAxis, panels, title

Contents = Mapping[str, Any]


def gaussianity_figure(oscillation: Contents, edges: Sequence[float]) -> Figure:
    """Draw single units at the smallest and the largest gamma, and their excess kurtosis against gamma."""
    theory, networks = oscillation["theory"], oscillation["networks"]
    figure, axes = panels(1, 3, width=11.0, height=3.1)
    gammas = sorted({row["gamma_raw"] for row in networks})
    places = np.asarray(edges, dtype=float)
    centres = (places[:-1] + places[1:]) / 2
    normal = np.exp(-(centres**2) / 2) / np.sqrt(2 * np.pi)
    for axis, gamma in zip(axes[0, :2], (gammas[0], gammas[-1]), strict=True):
        axis.fill_between(centres, normal, color=LINE, alpha=0.6, lw=0, label="normal")
        axis.plot(centres, _row(theory, gamma)["density"], color=ORANGE, lw=1.6, label="theory, N → ∞")
        axis.plot(centres, _row(oscillation["densities"], gamma)["density"], ".", ms=5, color=BLUE, label="networks")
        axis.set(xlabel="x / s.d.", ylim=(0, None), xlim=(-4, 4))
        title(axis, f"single units at γ = {gamma:g}")
    axes[0, 0].set_ylabel("density over units")
    legend(axes[0, 0])
    last = axes[0, 2]
    grid = gamma_axis(theory, networks)
    last.axhline(0.0, color=MUTED, lw=1, ls=":")
    draw_theory(last, grid, theory, of("excess_kurtosis"))
    draw_networks(last, grid, networks, of("kurtosis_x"))
    _finish(last, grid, "excess kurtosis", "non-Gaussian as γ grows")
    legend(last)
    return figure


def transition_figure(oscillation: Contents, period: float) -> Figure:
    """Draw exponent, dimension and period against gamma."""
    theory, networks, dynamics = (oscillation[name] for name in ("theory", "networks", "dynamics"))
    figure, axes = panels(1, 3, width=11.0, height=3.1)
    grid = gamma_axis(theory, dynamics)
    chaos, dimension, cycle = axes[0]
    chaos.axhline(0.0, color=MUTED, lw=1, ls=":")
    draw_networks(chaos, grid, dynamics, of("lyapunov_1"), style="-")
    low, high = chaos.get_ylim()
    # An exponent of hundredths per second is none: do not let it fill the panel.
    chaos.set_ylim(min(low, -0.3), max(high, 0.3))
    _finish(chaos, grid, "1/s", "largest Lyapunov exponent")
    draw_theory(dimension, grid, theory, of("participation_ratio"))
    draw_networks(dimension, grid, networks, of("participation_ratio"))
    _finish(dimension, grid, "participation ratio", "dimension in the trial")
    legend(dimension)
    cycle.axhline(period, color=MUTED, lw=1, ls=":")
    draw_theory(
        cycle, grid, theory, lambda row: 1 / row["settled_frequency"] if row["settled_frequency"] else None,
        label="theory: leading outlier",
    )  # fmt: skip
    draw_networks(cycle, grid, dynamics, of("period"), label="networks that cycle")
    low, high = cycle.get_ylim()
    cycle.set_ylim(min(max(low, 0.01 * period), 0.5 * period), max(high, 2 * period))
    plain_logarithms(cycle)
    _finish(cycle, grid, "s", "period of the limit cycle")
    legend(cycle)
    return figure


def runs_figure(oscillation: Contents, time_step: float) -> Figure:
    """Draw the output of a network of each gamma as it runs on, with what was asked and what the theory says."""
    runs, beyond = oscillation["runs"], oscillation["beyond"]
    chosen = _spread(runs, 4)
    figure, axes = panels(len(chosen), 1, width=11.0, height=0.6 + 1.15 * len(chosen))
    limit = 1.9 * max(np.abs(run["target"]).max() for run in chosen)
    for axis, run in zip(axes[:, 0], chosen, strict=True):
        time = time_step * np.arange(len(run["target"]))
        theory = _row(beyond, run["gamma_raw"])["output"]
        axis.axvspan(0, time_step * len(theory) / 2, color=LINE, alpha=0.45, lw=0)
        axis.plot(time, run["target"], color=MUTED, lw=1.2, ls="--", label="target")
        axis.plot(time, run["output"], color=BLUE, lw=1.4, label="network")
        axis.plot(time[: len(theory)], theory, color=ORANGE, lw=1.4, ls=(0, (2, 1.2)), label="theory, N → ∞")
        axis.set(ylim=(-limit, limit), xlim=(0, time[-1]))
        axis.margins(x=0)
        title(axis, f"γ = {run['gamma_raw']:g}", size=8.5)
        if axis is not axes[-1, 0]:
            axis.tick_params(labelbottom=False)
    axes[-1, 0].set_xlabel("time (s); shaded: the trained window")
    legend(axes[0, 0], ncols=3, loc="upper right", anchor=(1.0, 1.45))
    return figure


def outliers_figure(oscillation: Contents, g: float) -> Figure:
    """Draw eigenvalues of the weights at some gammas, and the largest outlier against gamma, with the theory's."""
    theory, dynamics = oscillation["theory"], oscillation["dynamics"]
    chosen = _spread(oscillation["spectra"], 3)
    figure, axes = panels(1, len(chosen) + 1, width=2.75 * (len(chosen) + 1), height=3.1)
    limit = 1.12 * max(g, *(float(np.abs(_complex(row["eigenvalues"])).max()) for row in chosen))
    for place, (axis, row) in enumerate(zip(axes[0], chosen, strict=False)):
        _disc(axis, row, _row(theory, row["gamma_raw"]), g, limit)
        axis.set_xlabel("real part")
        if place == 0:
            axis.set_ylabel("imaginary part")
    legend(axes[0, len(chosen) - 1], loc="upper left", pad=0.2)
    last = axes[0, -1]
    grid = gamma_axis(theory, dynamics)
    last.axhline(g, color=MUTED, lw=1, ls=":")
    draw_theory(last, grid, theory, lambda row: abs(complex(*row["outliers"][0])) if row["outliers"] else None)
    draw_networks(last, grid, dynamics, of("outlier_modulus"))
    last.set_ylim(bottom=0.95 * g)
    _finish(last, grid, "modulus", "largest outlier")
    legend(last)
    return figure


def generalisation_figure(oscillation: Contents) -> Figure:
    """Draw the loss in the trained window and in those after it against gamma."""
    theory, networks, dynamics, beyond = (oscillation[name] for name in ("theory", "networks", "dynamics", "beyond"))
    figure, axes = panels(1, 3, width=11.0, height=3.3)
    grid = gamma_axis(theory, dynamics)
    trained, first, all_later = axes[0]
    units = networks[0]["n_units"]
    draw_theory(trained, grid, theory, of("loss"))
    draw_theory(
        trained, grid, theory, of("loss_expected"), style="--", label=f"theory, readout noise at N = {units}"
    )  # fmt: skip
    draw_networks(trained, grid, networks, of("loss"))
    draw_theory(first, grid, beyond, of("loss_window_1"))
    draw_networks(first, grid, dynamics, of("loss_window_1"))
    draw_networks(all_later, grid, dynamics, of("loss_beyond"), style="-")
    names = ("in the trained window", "in the window after it", "in all windows after it")
    for axis, name in zip(axes[0], names, strict=True):
        axis.axhline(1.0, color=MUTED, lw=1, ls=":")
        plain_logarithms(axis)
        _finish(axis, grid, "loss / loss of zero output", name)
        legend(axis)
    return figure


def growing_figure(growing: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw how far networks are from the theory against N, with the distance that is expected of them."""
    figure, axes = panels(1, 3, width=11.0, height=3.3)
    kinds = (
        ("kernel_error", "kernel_expected", "|C − C∞| / |C∞|", "kernel"),
        ("output_error", "output_expected", "r.m.s. (y − y∞) / r.m.s. y*", "output"),
        ("kurtosis_error", None, "excess kurtosis, networks − theory", "kurtosis"),
    )
    gammas = sorted({row["gamma_raw"] for row in growing})
    for axis, (name, expected, label, heading) in zip(axes[0], kinds, strict=True):
        for gamma, colour, marker in zip(gammas, (BLUE, GREEN, PURPLE), ("o", "^", "v"), strict=False):
            rows = [row for row in growing if row["gamma_raw"] == gamma]
            units = [row["n_units"] for row in rows]
            bars = [row[f"{name}_se"] or 0.0 for row in rows]
            axis.errorbar(
                units, [row[name] for row in rows], yerr=bars, fmt=marker, ms=5, mfc="none", mew=1.4, color=colour,
                elinewidth=1.3, label=f"γ = {gamma:g}",
            )  # fmt: skip
            if expected:
                axis.plot(units, [row[expected] for row in rows], color=colour, lw=1.2, ls="--")
            if name == "kernel_error":
                means = [row["kernel_error_of_mean"] for row in rows]
                axis.plot(units, means, marker=marker, ms=4, color=colour, lw=0, alpha=0.75, mec=colour)
        plain_logarithms(axis, which="x")
        sizes = sorted({row["n_units"] for row in growing})
        axis.set_xticks(sizes, [str(size) for size in sizes])
        axis.minorticks_off()
        axis.set_xlabel("units N")
        axis.set_ylabel(label)
        title(axis, heading)
        if expected:
            plain_logarithms(axis)
            label = "independent units" if name == "kernel_error" else "readout noise alone"
            axis.plot([], [], color=MUTED, lw=1.2, ls="--", label=label)
        else:
            axis.axhline(0.0, color=ORANGE, lw=1.4, label="theory, N → ∞")
            axis.margins(y=0.35)  # room for the legend above the bars
        if name == "kernel_error":
            axis.plot([], [], "o", ms=4, color=MUTED, label="mean over networks")
        legend(axis)
    return figure


def amplification_figure(linear: Contents, wanted: float) -> Figure:
    """Draw what linear networks amplify: power of activity, that at the task's frequency, and the gain for noise."""
    figure, axes = panels(1, 3, width=11.0, height=3.3)
    spectrum, at_task, gain = axes[0]
    frequencies = np.array(linear["frequencies"])
    gammas = sorted({row["gamma_raw"] for row in linear["theory_power"]})
    for place, gamma in enumerate(gammas):
        colour = colormaps["viridis"](0.05 + 0.8 * place / max(1, len(gammas) - 1))
        spectrum.plot(
            frequencies, _row(linear["theory_power"], gamma)["power"], color=colour, lw=1.5, label=f"γ = {gamma:g}"
        )
        measured = [row["power"] for row in linear["network_power"] if row["gamma_raw"] == gamma]
        spectrum.plot(frequencies[::3], np.mean(measured, axis=0)[::3], ".", ms=5, color=colour)
        rows = _gain(_row(linear["gain"], gamma), frequencies[-1])
        gain.plot(rows[:, 0], rows[:, 1], color=colour, lw=1.3, label=f"γ = {gamma:g}")
    random = _gain(linear["gain"][0], frequencies[-1])
    gain.plot(random[:, 0], random[:, 2], color=ORANGE, lw=1.5, ls=(0, (4, 2)), label="random, N → ∞")
    for axis, heading, label in (
        (spectrum, "activity after the cue", "power"),
        (gain, "private noise to activity", "mean squared gain"),
    ):
        plain_logarithms(axis)
        axis.axvline(wanted, color=MUTED, lw=1, ls=":")
        axis.set(xlabel="frequency (Hz)", ylabel=label, xlim=(0, frequencies[-1]))
        title(axis, heading)
    legend(spectrum)
    legend(gain)
    place = int(np.argmin(np.abs(frequencies - wanted)))
    grid = gamma_axis(linear["theory_power"])

    def at(row: Contents) -> float:
        return row["power"][place]

    draw_theory(at_task, grid, linear["theory_power"], at)
    draw_networks(at_task, grid, linear["network_power"], at)
    plain_logarithms(at_task)
    _finish(at_task, grid, "power", f"power at {frequencies[place]:.1f} Hz, the task's")
    legend(at_task)
    return figure


def reach_figure(reach: Contents) -> Figure:
    """Draw loss, kurtosis, dimension and the Lyapunov exponent of the ideal reach against gamma."""
    theory, networks, dynamics = (reach[name] for name in ("theory", "networks", "dynamics"))
    figure, axes = panels(2, 2, width=9.0, height=5.8)
    grid = gamma_axis(theory, networks)
    loss, kurtosis, dimension, chaos = axes.flat
    draw_theory(loss, grid, theory, of("loss"))
    draw_theory(
        loss, grid, theory, of("loss_expected"), style="--",
        label=f"theory, readout noise at N = {networks[0]['n_units']}",
    )  # fmt: skip
    draw_networks(loss, grid, networks, of("loss"))
    plain_logarithms(loss)
    _finish(loss, grid, "loss / loss of zero output", "fit")
    kurtosis.axhline(0.0, color=MUTED, lw=1, ls=":")
    draw_theory(kurtosis, grid, theory, of("excess_kurtosis"))
    draw_networks(kurtosis, grid, networks, of("kurtosis_x"))
    _finish(kurtosis, grid, "excess kurtosis", "single units")
    draw_theory(dimension, grid, theory, of("participation_ratio"))
    draw_networks(dimension, grid, networks, of("participation_ratio"))
    _finish(dimension, grid, "participation ratio", "dimension in the trial")
    chaos.axhline(0.0, color=MUTED, lw=1, ls=":")
    draw_networks(chaos, grid, dynamics, of("lyapunov_1"), style="-")
    _finish(chaos, grid, "1/s", "largest Lyapunov exponent, inputs held")
    for axis in (loss, kurtosis, dimension):
        legend(axis)
    return figure


def _finish(axis: Axes, grid: GammaAxis, label: str, heading: str) -> None:
    grid.dress(axis, most=7)
    axis.set_ylabel(label)
    title(axis, heading)


def _disc(axis: Axes, row: Mapping[str, Any], solution: Mapping[str, Any], g: float, limit: float) -> None:
    values = _complex(row["eigenvalues"])
    turn = np.linspace(0, 2 * np.pi, 181)
    axis.axvline(1.0, color=MUTED, lw=0.9, ls=":")
    axis.fill(g * np.cos(turn), g * np.sin(turn), color=LINE, alpha=0.45, lw=0)
    axis.plot(g * np.cos(turn), g * np.sin(turn), color=MUTED, lw=1)
    beyond = np.abs(values) > row["edge"]
    real, imaginary = np.real(values), np.imag(values)
    axis.plot(real[~beyond], imaginary[~beyond], ".", color=BLUE, ms=2.5)
    axis.plot(real[beyond], imaginary[beyond], "o", color=BLUE, ms=5, mec="white", mew=0.6, label="network")
    expected = _complex(solution["outliers"])
    axis.plot(np.real(expected), np.imag(expected), "+", color=ORANGE, ms=11, mew=1.8, label="theory, N → ∞")
    axis.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal")
    title(axis, f"γ = {row['gamma_raw']:g}")


def _complex(pairs: Sequence[Sequence[float]]) -> np.ndarray:
    return np.array([complex(*pair) for pair in pairs], dtype=complex)


def _gain(row: Mapping[str, Any], highest: float) -> np.ndarray:
    """Return frequency, gain and gain of a random network up to a frequency, shape (frequency, 3)."""
    values = np.array(row["rows"], dtype=float)
    return values[values[:, 0] <= highest]


def _row(rows: Sequence[Mapping[str, Any]], gamma: float) -> Mapping[str, Any]:
    """Return the row of a gamma: of two solutions that of lower F, which comes first."""
    return next(row for row in rows if row["gamma_raw"] == gamma)


def _spread(rows: Sequence[Mapping[str, Any]], most: int) -> list[Mapping[str, Any]]:
    """Return so many rows at most, evenly spaced, the first and the last among them."""
    places = np.linspace(0, len(rows) - 1, min(most, len(rows))).round().astype(int)
    return [rows[place] for place in places]
