r"""The law of networks across gamma: the only file that knows what gamma does.

A network has N units, recurrent weights J, input weights U and readout weights V with prior N(0, 1), and output
``y = V phi / (N gamma)``. Its members are samples of

.. math:: P(J, U, V) \propto \exp(-\beta N \gamma^2 L - (|J|^2 + |U|^2 + |V|^2) / 2),

with L half the mean squared error over trained samples and outputs. V enters linearly, so it integrates out: what is
left depends on the activity only through its kernel C = phi phi^T / N over samples, and V given the activity is
Gaussian: both are a `Likelihood`'s. Everywhere else in the package gamma is a number that is passed on.

References
----------
Clark, Bordelon, Zavatone-Veth & Pehlevan (2026), bioRxiv 2026.03.02.708943, equations 1-4.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from neurocompare.models.family import check_gamma, is_reservoir
from neurocompare.models.rate_rnn import time_major
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


@dataclass(frozen=True, eq=False)
class Likelihood:
    """The likelihood of a task's targets, given what a network does.

    Attributes
    ----------
    targets : tensor, shape (sample, output), float64
        y*, time-major: sample = time * conditions + condition.
    trained : tensor of int, shape (trained sample,)
        Samples that enter the loss.
    gamma : float
    precision : float
        b, see `precision_of`.
    n_units : int
        N.
    readouts : int
        O in the last term of the energy: as many as there are outputs, or 0 where the units stand for infinitely many.

    Examples
    --------
    The loss of a network that does nothing is that of the targets:

    >>> from neurocompare.tasks import oscillation
    >>> likelihood = Likelihood.of(oscillation(), Family(n_units=100), 0.4)
    >>> silent = torch.zeros(60, 60, dtype=torch.float64)
    >>> round(likelihood.terms(silent).loss, 6)
    0.5
    """

    targets: torch.Tensor
    trained: torch.Tensor
    gamma: float
    precision: float
    n_units: int
    readouts: int

    @classmethod
    def of(
        cls, task: Task, family: Family, gamma: float, *, infinite: bool = False, device: str | torch.device = "cpu"
    ) -> Likelihood:
        """Return the likelihood of a task's targets under networks of a family at a gamma.

        Parameters
        ----------
        task : Task
        family : Family
        gamma : float
            >= 0.
        infinite : bool
            Whether the units stand for infinitely many: the readout's own entropy, of order 1 / N, is left out then.
        device : str or torch.device

        Returns
        -------
        Likelihood

        Raises
        ------
        InputError
            If gamma is none.
        """
        targets = time_major(task.targets.values).flatten(0, 1).to(device)
        return cls(
            targets,
            torch.from_numpy(task.trained.values.T.ravel()).nonzero().squeeze(1).to(device),
            check_gamma(gamma),
            precision_of(family, task),
            family.n_units,
            0 if infinite else targets.shape[1],
        )

    @property
    def stiffness(self) -> float:
        """What half a squared error, of one trained sample and output, counts in the exponent per unit: b gamma^2."""
        return fit_weight(self.gamma, self.precision, 1)

    def terms(self, kernel: torch.Tensor) -> TargetTerms:
        """Evaluate everything the targets contribute to the posterior of a network's activity.

        Parameters
        ----------
        kernel : tensor, shape (sample, sample), float64
            C = phi phi^T / N.

        Returns
        -------
        TargetTerms
        """
        trained, gamma, precision, n_units = self.trained, self.gamma, self.precision, self.n_units
        seen, wanted = self._trained_part(kernel)
        identity = torch.eye(len(seen), dtype=kernel.dtype, device=kernel.device)
        factor = torch.linalg.cholesky(precision * seen + identity)
        inverse = precision * torch.cholesky_inverse(factor)  # A^-1
        multipliers = inverse @ wanted  # lambda
        log_determinant = 2 * torch.log(torch.diagonal(factor)).sum()
        energy = 0.5 * n_units * gamma**2 * (wanted * multipliers).sum() + 0.5 * self.readouts * log_determinant
        field = inverse * (self.readouts / n_units) - gamma**2 * (multipliers @ multipliers.T)
        output = (kernel[:, trained] if self._partial else kernel) @ multipliers
        loss = 0.5 * float(((output[trained] - wanted) ** 2).mean())
        # C A^-1 = 1 - A^-1 / b, so the readout's thermal noise needs only the trace of A^-1.
        fitted_dimensions = len(seen) - float(torch.diagonal(inverse).sum()) / precision
        thermal = 0.0 if is_reservoir(gamma) else fitted_dimensions / (2 * precision * len(seen) * n_units * gamma**2)
        return TargetTerms(float(energy), self._whole(field), output, loss, loss + thermal)

    def field(self, kernel: torch.Tensor) -> torch.Tensor:
        """Return the field of `terms` alone, shape (sample, sample), in the dtype of `kernel`."""
        seen, wanted = self._trained_part(kernel)
        gram = seen * self.precision
        gram.diagonal().add_(1.0)
        inverse = torch.cholesky_inverse(torch.linalg.cholesky(gram)).mul_(self.precision)  # A^-1
        multipliers = inverse @ wanted  # lambda
        beta, alpha = self.readouts / self.n_units, -(self.gamma**2)
        return self._whole(torch.addmm(inverse, multipliers, multipliers.T, beta=beta, alpha=alpha))

    def energy_per_unit(self, kernel: torch.Tensor) -> torch.Tensor:
        """Return the energy of `terms` per unit as N -> infinity, such that autograd can follow it.

        (gamma^2 / 2) sum_o y*_o^T (C + 1 / b)^-1 y*_o over trained samples.
        """
        wanted, seen = self.targets[self.trained], kernel[self.trained][:, self.trained]
        factor = torch.linalg.cholesky(self.precision * seen + torch.eye(len(seen), dtype=kernel.dtype))
        white = torch.linalg.solve_triangular(factor, wanted, upper=False)
        return 0.5 * self.gamma**2 * self.precision * (white * white).sum()

    def draw_readout(self, rates: torch.Tensor, *, generator: torch.Generator) -> torch.Tensor:
        r"""Draw the readout R = V / (N gamma) from its Gaussian posterior given the activity.

        With B = sqrt(b / N) phi and prior draws v, n: V = v + B^T (1 + B B^T)^-1 (sqrt(b N) gamma y* - B v - n). At
        gamma = 0 it is the posterior mean of R (the limit N -> infinity first): ridge regression with ridge N / b.

        Parameters
        ----------
        rates : tensor, shape (sample, unit)
        generator : torch.Generator

        Returns
        -------
        tensor, shape (output, unit)
            R, with output y = phi R^T.
        """
        n_units, precision, wanted = self.n_units, self.precision, self.targets[self.trained]
        design = math.sqrt(precision / n_units) * rates[self.trained]
        gram = design @ design.T
        gram.diagonal().add_(1.0)
        factor = torch.linalg.cholesky(gram)
        if is_reservoir(self.gamma):
            return (math.sqrt(precision / n_units) * design.T @ torch.cholesky_solve(wanted, factor)).T.contiguous()
        options = {"generator": generator, "dtype": rates.dtype}
        prior = torch.randn(n_units, wanted.shape[1], **options)
        noise = torch.randn(*wanted.shape, **options)
        surprise = math.sqrt(precision * n_units) * self.gamma * wanted - design @ prior - noise
        weights = prior + design.T @ torch.cholesky_solve(surprise, factor)
        return (weights / (n_units * self.gamma)).T.contiguous()

    @property
    def _partial(self) -> bool:
        """Whether some samples do not enter the loss."""
        return len(self.trained) < len(self.targets)

    def _trained_part(self, kernel: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return what enters the loss of a kernel and of the targets, these in the dtype of the kernel."""
        targets = self.targets.to(kernel.dtype)
        if not self._partial:
            return kernel, targets
        return kernel[self.trained][:, self.trained], targets[self.trained]

    def _whole(self, field: torch.Tensor) -> torch.Tensor:
        """Return a field over all samples: zero on those that do not enter the loss."""
        if not self._partial:
            return field
        of_all = field.new_zeros(len(self.targets), len(self.targets))
        of_all[self.trained[:, None], self.trained] = field
        return of_all
