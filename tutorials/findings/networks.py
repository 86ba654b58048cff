"""The networks: each one's activity beside the theory of infinitely many units, as plain numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from findings.theory import Predicted, density_of
from neurocompare.dynamics import Entry, after_trial, excess_kurtosis, kernel_participation_ratio, trial
from neurocompare.models import Card, Zoo, load_network
from neurocompare.tasks import Task, continued

QUANTITIES = ("lyapunov_1", "outliers", "outlier_modulus", "outlier_settled_frequency", "bulk_radius",
              "loss_window_1", "loss_beyond", "limit_cycles", "period", "peak_frequency",
              "peak_amplification")  # fmt: skip
"""Of `dynamics.quantities`: what is shown."""


@dataclass(frozen=True, eq=False)
class Trial:
    """One network in its trial.

    Attributes
    ----------
    card : Card
    preactivations, rates : array, shape (condition, time, unit)
    output : array, shape (condition, time, output)
    kernel : array, shape (sample, sample)
        C, condition by condition.
    """

    card: Card
    preactivations: np.ndarray
    rates: np.ndarray
    output: np.ndarray
    kernel: np.ndarray


def run_trials(zoo: Zoo, task: Task) -> tuple[Trial, ...]:
    """Run every network of a zoo, none of which has private noise, through its trial."""
    done = []
    for card in zoo.cards:
        network, _, _ = load_network(zoo.folder / card.hash)
        preactivations = np.swapaxes(trial(network, task)[:-1], 0, 1)
        rates = after_trial(network, task).rate(np.ascontiguousarray(preactivations))
        flat = rates.reshape(-1, rates.shape[-1])
        output = rates @ network.R.detach().double().numpy().T
        done.append(Trial(card, preactivations, rates, output, flat @ flat.T / flat.shape[1]))
    return tuple(done)


def compare_with_theory(trials: Sequence[Trial], task: Task, theory: Sequence[Predicted]) -> list[dict[str, Any]]:
    """Describe each network's trial, and how far it is from the theory.

    Parameters
    ----------
    trials : sequence of Trial
    task : Task
    theory : sequence of Predicted
        Of the same task; where a gamma has two solutions, the one of lower F is compared with.

    Returns
    -------
    list of dict
        A row a network: hash, gamma, n_units, seed, chain; loss over that of a zero output; activity, tr C / M;
        participation_ratio of C; kurtosis_x and its standard error over units; and where there is a theory

        - kernel_error, |C - C_theory| / |C_theory| (Frobenius);
        - output_error, root mean square of y - y_theory over that of the targets, trained samples.
    """
    solved, rows = preferred(theory), []
    for each in trials:
        kurtosis = excess_kurtosis(each.preactivations)
        row = {name: each.card.value(name) for name in ("hash", "gamma", "n_units", "seed", "chain")} | {
            "loss": each.card.result.loss / each.card.result.zero_loss,
            "activity": float(np.trace(each.kernel)) / len(each.kernel),
            "participation_ratio": kernel_participation_ratio(each.kernel),
            "kurtosis_x": kurtosis.over_units,
            "kurtosis_x_error": kurtosis.over_units_error,
        }
        solution = solved.get(each.card.gamma)
        if solution is not None:
            trained = task.trained.values
            row["kernel_error"] = _relative(each.kernel - solution.kernel, solution.kernel)
            row["output_error"] = _relative((each.output - solution.output)[trained], task.targets.values[trained])
        rows.append(row)
    return rows


def growing(trials: Sequence[Trial], task: Task, theory: Sequence[Predicted], precision: float) -> list[dict[str, Any]]:
    """Say how networks come nearer to the theory as N grows, one row a gamma and number of units.

    Parameters
    ----------
    trials : sequence of Trial
        Of several N.
    task : Task
    theory : sequence of Predicted
    precision : float
        b of the family.

    Returns
    -------
    list of dict
        gamma, n_units, networks; kernel_error and output_error of `compare_with_theory` and kurtosis_error (network
        less theory), each the mean over networks with its standard error ``..._se``; kernel_error_of_mean, of the
        networks' mean kernel; kernel_expected, sqrt((PR + 1) / N) of independent near-Gaussian units; output_expected,
        the `readout_noise`.
    """
    solved = preferred(theory)
    groups: dict[tuple[float, int], list[Trial]] = {}
    for each in trials:
        groups.setdefault((each.card.gamma, each.card.family.n_units), []).append(each)
    rows = []
    for (gamma, n_units), group in sorted(groups.items()):
        solution, compared = solved[gamma], compare_with_theory(group, task, theory)
        mean = np.mean([each.kernel for each in group], axis=0)
        errors = {name: [row[name] for row in compared] for name in ("kernel_error", "output_error")}
        errors["kurtosis_error"] = [row["kurtosis_x"] - solution.excess_kurtosis for row in compared]
        row = {"gamma": gamma, "n_units": n_units, "networks": len(group)}
        for name, values in errors.items():
            row[name] = float(np.mean(values))
            row[f"{name}_se"] = float(np.std(values, ddof=1) / math.sqrt(len(values))) if len(values) > 1 else None
        row["kernel_error_of_mean"] = _relative(mean - solution.kernel, solution.kernel)
        row["kernel_expected"] = math.sqrt((solution.participation_ratio + 1) / n_units)
        row["output_expected"] = readout_noise(solution, task, precision, n_units)
        rows.append(row)
    return rows


def densities(trials: Sequence[Trial]) -> list[dict[str, Any]]:
    """Return the density of units' preactivations over their s.d., one row a gamma, over all its networks."""
    groups: dict[float, list[np.ndarray]] = {}
    for each in trials:
        groups.setdefault(each.card.gamma, []).append(density_of(each.preactivations))
    return [
        {"gamma": gamma, "density": np.round(np.mean(units, axis=0), 5).tolist()}
        for gamma, units in sorted(groups.items())
    ]


def runs_on(zoo: Zoo, shown: Sequence[Entry], task: Task, *, windows: int) -> list[dict[str, Any]]:
    """Run some networks on after their trial.

    Parameters
    ----------
    zoo : Zoo
    shown : sequence of Entry
        Which networks.
    task : Task
    windows : int
        Of the trial's length, after it.

    Returns
    -------
    list of dict
        gamma, hash, and the first output and its target in the first condition, the trial and all windows.
    """
    length = task.targets.sizes["time"]
    target = continued(task, (1 + windows) * length).targets.values[0, :, 0]
    rows = []
    for entry in shown:
        network, _, card = load_network(zoo.folder / entry.hash)
        states, system = trial(network, task), after_trial(network, task)
        after = system.run(states[-1], windows * length - 1)
        output = system.rate(np.concatenate([states[:-1], after])[:, 0]) @ network.R.detach().double().numpy()[0]
        series = {"output": np.round(output, 5).tolist(), "target": np.round(target, 5).tolist()}
        rows.append({"gamma": card.gamma, "hash": card.hash} | series)
    return rows


def power(kernel: np.ndarray, task: Task, frequencies: Sequence[float] | np.ndarray) -> np.ndarray:
    r"""Return the power of activity at each frequency once the inputs have ended, per unit.

    .. math:: P(f) = \Big\langle \sum_{t,s} w_t w_s e^{-2 \pi i f (t - s)} C_{(c,t),(c,s)} \Big\rangle_c
              \Big/ \sum_t w_t^2,

    with a Hann window w over the samples without input: a function of C alone, the same for networks and theory.

    Parameters
    ----------
    kernel : array, shape (sample, sample)
        C, condition by condition.
    task : Task
    frequencies : array, shape (frequency,)
        In Hz.
    """
    p, t = task.inputs.sizes["condition"], task.inputs.sizes["time"]
    silent = np.flatnonzero(~(task.inputs.values != 0).any(axis=(0, 2)))
    window = np.hanning(len(silent) + 2)[1:-1]
    waves = window * np.exp(-2j * np.pi * np.outer(frequencies, task.inputs["time"].values[silent]))
    blocks = kernel.reshape(p, t, p, t)[:, silent][:, :, :, silent]
    within = np.mean([blocks[c, :, c] for c in range(p)], axis=0)
    return np.einsum("ft,ts,fs->f", waves, within, waves.conj()).real / (window**2).sum()


def entry_row(entry: Entry) -> dict[str, Any]:
    """Return what is shown of a network's dynamics: `QUANTITIES`, verdicts, and what identifies it."""
    named = {name: entry.settings[name] for name in ("gamma", "n_units", "seed", "chain")}
    measured = {name: quantity(entry, name) for name in QUANTITIES}
    return {"hash": entry.hash} | named | measured | {"verdict": entry.lyapunov_verdict, "ends": list(entry.ends)}


def spectrum_row(entry: Entry) -> dict[str, Any]:
    """Return a network's eigenvalues, and the modulus beyond which one counts as an outlier."""
    pairs = [[float(value.real), float(value.imag)] for value in entry.eigenvalues]
    return {"gamma": entry.settings["gamma"], "hash": entry.hash, "edge": entry.spectrum_edge, "eigenvalues": pairs}


def quantity(entry: Entry, name: str) -> float | None:
    """Return one quantity of a network; None where it has none."""
    value = next((each.value for each in entry.quantities if each.quantity == name), math.nan)
    return float(value) if math.isfinite(value) else None


def typical(entries: Sequence[Entry], name: str) -> tuple[Entry, ...]:
    """Return the network of (lower) median `name` of each gamma, ascending."""
    groups: dict[float, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(entry.settings["gamma"], []).append(entry)
    ordered = (sorted(groups[gamma], key=lambda entry: quantity(entry, name) or 0.0) for gamma in sorted(groups))
    return tuple(group[(len(group) - 1) // 2] for group in ordered)


def preferred(theory: Sequence[Predicted]) -> Mapping[float, Predicted]:
    """Return one solution a gamma: of two, the one of lower F, which is what large networks do."""
    return {each.gamma: each for each in sorted(theory, key=lambda each: -each.free_energy)}


def readout_noise(solution: Predicted, task: Task, precision: float, n_units: int) -> float:
    """Return the s.d. that a readout's own thermal noise adds to a network's output, over the targets' r.m.s.

    sqrt(tr C A^-1 / (M b N gamma^2)), with A = C + 1 / b over the M trained samples; 0 at gamma = 0, where the readout
    is its posterior mean.
    """
    if solution.gamma == 0:
        return 0.0
    trained = task.trained.values.ravel()
    seen = solution.kernel[np.ix_(trained, trained)]
    share = np.trace(np.linalg.solve(seen + np.eye(len(seen)) / precision, seen)) / len(seen)
    wanted = float((task.targets.values[task.trained.values] ** 2).mean())
    return math.sqrt(share / (precision * n_units * solution.gamma**2) / wanted)


def _relative(difference: np.ndarray, reference: np.ndarray) -> float:
    return float(np.linalg.norm(difference) / np.linalg.norm(reference))
