r"""The law of networks across gamma: the only file that knows what gamma does.

A network has N units, recurrent weights J, input weights U and readout weights V with prior N(0, 1), and output
``y = V phi / (N gamma)``. Its members are samples of

.. math:: P(J, U, V) \propto \exp(-\beta N \gamma^2 L - (|J|^2 + |U|^2 + |V|^2) / 2),

with L half the mean squared error over trained samples and outputs. V enters linearly, so it integrates out: what is
left depends on the activity only through its kernel C = phi phi^T / N over samples (`target_terms`), and V given the
activity is Gaussian (`draw_readout`). Everywhere else in the package gamma is a number that is passed on.

References
----------
Clark, Bordelon, Zavatone-Veth & Pehlevan (2026), bioRxiv 2026.03.02.708943, equations 1-4.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from neurocompare.models.family import is_reservoir
from neurocompare.settings import Family
from neurocompare.tasks.task import Task


def precision_of(family: Family, task: Task) -> float:
    """Return the weight of one trained sample in the exponent per unit and gamma^2: b = beta / (samples x outputs)."""
    return family.beta / (int(task.trained.sum()) * task.targets.sizes["output"])


def readout_scale(gamma: float, n_units: int) -> float:
    """Return what turns raw readout weights V into the readout R, 1 / (N gamma).

    Examples
    --------
    >>> readout_scale(0.5, 100)
    0.02
    """
    return 1 / (n_units * gamma)


def fit_weight(gamma: float, precision: float, n_units: int) -> float:
    """Return what half a squared error, of one trained sample and output, counts in the exponent: b N gamma^2.

    Examples
    --------
    >>> fit_weight(0.5, precision=2.0, n_units=100)
    50.0
    """
    return precision * n_units * gamma**2


@dataclass(frozen=True)
class TargetTerms:
    """What the targets ask of a kernel C, with the readout integrated out.

    Attributes
    ----------
    energy : float
        (N gamma^2 / 2) sum_o y*_o^T A^-1 y*_o + (O / 2) log det(1 + b C), with A = C + 1 / b.
    field : tensor, shape (sample, sample)
        Gamma, such that d energy / d phi_i = Gamma phi_i for every unit i.
    output : tensor, shape (sample, output)
        Posterior mean output, C A^-1 y*.
    loss : float
        Half the mean squared error of the mean output.
    expected_loss : float
        E[L | C]: the same with the readout's own thermal noise, which is absent at gamma = 0, where the readout is
        its posterior mean.
    """

    energy: float
    field: torch.Tensor
    output: torch.Tensor
    loss: float
    expected_loss: float


def target_terms(
    kernel: torch.Tensor,
    targets: torch.Tensor,
    trained: torch.Tensor,
    *,
    gamma: float,
    precision: float,
    n_units: int,
    readouts: int | None = None,
) -> TargetTerms:
    """Evaluate everything the targets contribute to the posterior of a network's activity.

    Parameters
    ----------
    kernel : tensor, shape (sample, sample), float64
        C = phi phi^T / N.
    targets : tensor, shape (sample, output), float64
    trained : tensor of int, shape (trained sample,)
        Rows of `kernel` that enter the loss.
    gamma : float
    precision : float
        b, see `Family.precision`.
    n_units : int
    readouts : int, optional
        O in the last term of the energy: as many as there are outputs where None. At 0 it is left out, as it is where
        the units stand for infinitely many.

    Returns
    -------
    TargetTerms
    """
    n_outputs = targets.shape[1] if readouts is None else readouts
    partial = len(trained) < len(kernel)
    wanted = targets[trained] if partial else targets
    seen = kernel[trained][:, trained] if partial else kernel
    identity = torch.eye(len(seen), dtype=kernel.dtype, device=kernel.device)
    factor = torch.linalg.cholesky(precision * seen + identity)
    inverse = precision * torch.cholesky_inverse(factor)  # A^-1
    multipliers = inverse @ wanted  # lambda
    log_determinant = 2 * torch.log(torch.diagonal(factor)).sum()
    energy = 0.5 * n_units * gamma**2 * (wanted * multipliers).sum() + 0.5 * n_outputs * log_determinant
    field = inverse * (n_outputs / n_units) - gamma**2 * (multipliers @ multipliers.T)
    if partial:
        full_field = torch.zeros_like(kernel)
        full_field[trained[:, None], trained] = field
        field = full_field
    output = (kernel[:, trained] if partial else kernel) @ multipliers
    loss = 0.5 * float(((output[trained] - wanted) ** 2).mean())
    # C A^-1 = 1 - A^-1 / b, so the readout's thermal noise needs only the trace of A^-1.
    fitted_dimensions = len(seen) - float(torch.diagonal(inverse).sum()) / precision
    thermal = 0.0 if is_reservoir(gamma) else fitted_dimensions / (2 * precision * len(seen) * n_units * gamma**2)
    return TargetTerms(float(energy), field, output, loss, loss + thermal)


def target_energy(
    kernel: torch.Tensor, targets: torch.Tensor, trained: torch.Tensor, *, gamma: float, precision: float
) -> torch.Tensor:
    """Return what the targets ask of a kernel as N -> infinity, per unit, such that autograd can follow it.

    (gamma^2 / 2) sum_o y*_o^T (C + 1 / b)^-1 y*_o over trained samples; shapes as in `target_terms`.
    """
    wanted, seen = targets[trained], kernel[trained][:, trained]
    factor = torch.linalg.cholesky(precision * seen + torch.eye(len(seen), dtype=kernel.dtype))
    white = torch.linalg.solve_triangular(factor, wanted, upper=False)
    return 0.5 * gamma**2 * precision * (white * white).sum()


def target_field(
    kernel: torch.Tensor,
    targets: torch.Tensor,
    trained: torch.Tensor,
    *,
    gamma: float,
    precision: float,
    n_units: int,
    readouts: int | None = None,
) -> torch.Tensor:
    """Return the field of `target_terms` alone, shape (sample, sample), in the dtype of `kernel`."""
    partial = len(trained) < len(kernel)
    seen, wanted = (kernel[trained][:, trained], targets[trained]) if partial else (kernel, targets)
    gram = seen * precision
    gram.diagonal().add_(1.0)
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(gram)).mul_(precision)  # A^-1
    multipliers = inverse @ wanted  # lambda
    n_outputs = targets.shape[1] if readouts is None else readouts
    field = torch.addmm(inverse, multipliers, multipliers.T, beta=n_outputs / n_units, alpha=-(gamma**2))
    if not partial:
        return field
    full_field = torch.zeros_like(kernel)
    full_field[trained[:, None], trained] = field
    return full_field


def draw_readout(
    rates: torch.Tensor,
    targets: torch.Tensor,
    trained: torch.Tensor,
    *,
    gamma: float,
    precision: float,
    generator: torch.Generator,
) -> torch.Tensor:
    r"""Draw the readout R = V / (N gamma) from its Gaussian posterior given the activity.

    With B = sqrt(b / N) phi and prior draws v, n: V = v + B^T (1 + B B^T)^-1 (sqrt(b N) gamma y* - B v - n). At
    gamma = 0 it is the posterior mean of R (the limit N -> infinity first): ridge regression with ridge N / b.

    Parameters
    ----------
    rates : tensor, shape (sample, unit)
    targets : tensor, shape (sample, output)
    trained : tensor of int
        Rows that enter the loss.
    gamma, precision : float
    generator : torch.Generator

    Returns
    -------
    tensor, shape (output, unit)
        R, with output y = phi R^T.
    """
    n_units, n_outputs = rates.shape[1], targets.shape[1]
    design = math.sqrt(precision / n_units) * rates[trained]
    gram = design @ design.T
    gram.diagonal().add_(1.0)
    factor = torch.linalg.cholesky(gram)
    wanted = targets[trained]
    if is_reservoir(gamma):
        return (math.sqrt(precision / n_units) * design.T @ torch.cholesky_solve(wanted, factor)).T.contiguous()
    options = {"generator": generator, "dtype": rates.dtype}
    prior = torch.randn(n_units, n_outputs, **options)
    noise = torch.randn(len(trained), n_outputs, **options)
    surprise = math.sqrt(precision * n_units) * gamma * wanted - design @ prior - noise
    weights = prior + design.T @ torch.cholesky_solve(surprise, factor)
    return (weights / (n_units * gamma)).T.contiguous()
