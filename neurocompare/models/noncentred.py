r"""Currents made of white noise, through time and back without autograd: the engine of the sampler.

With the weights integrated out, the currents of each unit are Gaussian with covariance :math:`\Sigma = g^2 C + K`
over samples, where C is the kernel of the rates and K that of the inputs and the private noise. A population with
exactly that property is made of white noise z, one number a unit and sample, by the Cholesky factor of its own
covariance:

.. math::

    x_{t+1} = (1 - a) x_t + a \eta_t,  \quad  \eta = R z,  \quad  R R^T = \Sigma = g^2 \phi \phi^T / N + K.

Rows of R at time t need the rates up to t, and those the currents before t: so the factor, and its inverse W, are
built while the network runs. Whatever is as large as samples times units may be in single precision; kernels and
factors, which are small and nearly singular, are in double precision.

A step is a dozen small products. On the processor numpy makes them, on the memory of the tensors: its calls cost half
as much as torch's, and where torch brings MKL and the processor is AMD's, so do the products. On other devices the
same lines are torch's.
"""

# pyright: reportArgumentType=false
# One text for the arrays of numpy and of torch.

from __future__ import annotations

from typing import Any, final

import numpy as np
import torch
from scipy.linalg import get_lapack_funcs

from neurocompare.models.nonlinearity import get_nonlinearity

_potrf, _trtri = get_lapack_funcs(("potrf", "trtri"), dtype=np.float64)


@final
class NonCentred:
    """Passes through time of one network, in work space of its own: results hold until the next call.

    Samples are in time-major order, those of one time step next to each other. The currents of the last time step
    drive nothing and are left out: of M samples of c conditions, m = M - c have a current.

    Parameters
    ----------
    input_kernel : tensor, shape (m, m), float64
        K, positive definite.
    n_conditions : int
        c.
    n_units : int
        N.
    g : float
    step_fraction : float
        a, in (0, 1].
    nonlinearity : str
    dtype : torch.dtype
        Of the rates.

    Attributes
    ----------
    rates : tensor, shape (M, unit)
        phi of the last simulation.
    kernel : tensor, shape (M, M), float64
        phi phi^T / N of the last simulation: its lower blocks; what is above them is of no account.
    factor : tensor, shape (m, m), float64
        R of the last simulation, lower.

    Examples
    --------
    >>> engine = NonCentred(torch.eye(12).double(), n_conditions=3, n_units=5, g=1.5, step_fraction=0.5,
    ...                     nonlinearity="tanh", dtype=torch.float64)
    >>> rates = engine.simulate(torch.randn(12, 5, generator=torch.Generator().manual_seed(0)))
    >>> gradient = engine.backpropagate(torch.eye(15).double())  # of the energy |phi|^2 / 2
    >>> tuple(rates.shape), tuple(gradient.shape)
    ((15, 5), (12, 5))
    """

    def __init__(
        self,
        input_kernel: torch.Tensor,
        *,
        n_conditions: int,
        n_units: int,
        g: float,
        step_fraction: float,
        nonlinearity: str,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        m, c = len(input_kernel), n_conditions
        low = {"dtype": dtype, "device": input_kernel.device}
        wide = {"dtype": torch.float64, "device": input_kernel.device}
        self.step_fraction = step_fraction
        self._gain = g**2 / n_units
        self._nonlinearity = get_nonlinearity(nonlinearity)
        self.rates = torch.zeros(m + c, n_units, **low)
        self.kernel = torch.zeros(m + c, m + c, **wide)
        self.factor = torch.zeros(m, m, **wide)
        self._inverse = torch.zeros(m, m, **wide)  # W
        self._adjoint = torch.zeros(m, m, **wide)  # dE / d Sigma, lower blocks
        self._low_factor, self._low_adjoint = torch.zeros(m, m, **low), torch.zeros(m, m, **low)  # a R, and dE / d C
        self._field = torch.zeros(m + c, m + c, **low)
        # Products over units run fastest along rows of both factors: rates and noise are kept in both layouts.
        self._noise, self._noise_across = torch.zeros(m, n_units, **low), torch.zeros(n_units, m, **low)
        self._rates_across = torch.zeros(n_units, m + c, **wide)
        self._rates_here = torch.zeros(c, n_units, **wide)
        self._currents_gradient = torch.zeros(m, n_units, **low)
        self._slopes = torch.zeros(m + c, n_units, **low)
        self._preactivation, self._carried, self._pull = (torch.zeros(c, n_units, **low) for _ in range(3))
        self._one = torch.eye(c, **wide)
        self._half = torch.ones(c, c, **wide).tril() - 0.5 * self._one  # lower triangle, half of the diagonal
        self._failed = torch.zeros((m + c) // c, dtype=torch.int32, device=input_kernel.device)
        first = torch.linalg.cholesky(input_kernel[:c, :c])
        self.factor[:c, :c] = first
        self._low_factor[:c, :c] = step_fraction * first
        self._inverse[:c, :c] = torch.linalg.inv(first)
        self._numpy = input_kernel.device.type == "cpu"
        self._array: Any = np if self._numpy else torch
        blocks = [(slice(lo, lo + c), slice(lo), slice(lo + c)) for lo in range(c, m, c)]
        self._forwards = [self._forward_views(input_kernel, *block) for block in blocks]
        self._backwards = [self._backward_views(*block) for block in reversed(blocks)]

    def _views(self, *tensors: torch.Tensor) -> tuple[Any, ...]:
        """Return the arrays that products are made on: numpy's on the memory of tensors of the processor."""
        return tuple(each.numpy() for each in tensors) if self._numpy else tensors

    # The views every step needs: making them anew would take longer than the arithmetic on small ones.

    def _forward_views(self, input_kernel: torch.Tensor, here: slice, before: slice, so_far: slice) -> tuple[Any, ...]:
        row = torch.zeros(len(self._preactivation), here.stop, dtype=torch.float64, device=input_kernel.device)
        return self._views(
            self.rates[here],
            self._rates_across[:, here],
            self._rates_across[:, so_far],
            self.kernel[here, so_far],
            input_kernel[here, so_far],
            row,
            row[:, before],
            row[:, here],
            self._inverse[before, before],
            self.factor[here, before],
            self._inverse[here, before],
            self.factor[here, here],
            self._inverse[here, here],
            self._failed[here.start // len(row)],
            self.factor[here, so_far],
            self._low_factor[here, so_far],
            self._noise[so_far],
        )

    def _backward_views(self, here: slice, before: slice, so_far: slice) -> tuple[Any, ...]:
        c, after = len(self._preactivation), slice(here.stop, None)
        gradient = torch.zeros(c, here.stop, dtype=torch.float64, device=self.factor.device)
        return self._views(
            self._currents_gradient[here],
            self._noise_across[:, so_far],
            gradient,
            gradient[:, here],
            self._adjoint[after, here].T,
            self.factor[after, so_far],
            self.factor[here, here].T,
            self._inverse[here, here].T,
            self._inverse[so_far, so_far],
            self._adjoint[here, so_far],
            self._low_adjoint[here, so_far],
            self._low_adjoint[here, before].T,
            self._field[here, so_far],
            self._field[before, here],
            self._field[here],
            self._slopes[here],
            self._currents_gradient[here.start - c : here.start],
        )

    def simulate(self, z: torch.Tensor) -> torch.Tensor:
        """Run the network from rest and return its rates.

        Parameters
        ----------
        z : tensor, shape (m, unit)
            White noise.

        Returns
        -------
        tensor, shape (M, unit)
            phi: `rates`, which the next call overwrites.

        Raises
        ------
        torch.linalg.LinAlgError
            If rates are so large that the covariance is singular to double precision, or not finite.
        """
        a, array, rate_into = self.step_fraction, self._array, self._nonlinearity.rate_into
        state, c = self._preactivation, len(self._preactivation)
        self._noise.copy_(z)
        self._noise_across.copy_(z.T)
        torch.mm(self._low_factor[:c, :c], self._noise[:c], out=state)
        x, current, rates_here = self._views(state, self._pull, self._rates_here)
        for (
            rates, across, across_so_far, kernel, inputs, row, row_before, row_here, inverse_before, factor_before,
            inverse_row, factor_here, inverse_here, failed, factor_row, low_row, noise,
        ) in self._forwards:  # fmt: skip
            rate_into(x, out=rates)
            rates_here[...] = rates
            across[...] = rates.T
            array.matmul(rates_here, across_so_far, out=kernel)
            array.multiply(kernel, self._gain, out=row)
            row += inputs
            array.matmul(row_before, inverse_before.T, out=factor_before)
            row_here -= factor_before @ factor_before.T
            self._factorise(row_here, factor_here, inverse_here, failed)
            array.matmul(-inverse_here, factor_before @ inverse_before, out=inverse_row)
            array.multiply(factor_row, a, out=low_row)
            array.matmul(low_row, noise, out=current)
            x *= 1 - a
            x += current
        self._nonlinearity.rate_into(state, out=self.rates[-c:])
        self._rates_here.copy_(self.rates[-c:])
        self._rates_across[:, -c:] = self.rates[-c:].T
        torch.mm(self._rates_here, self._rates_across, out=self.kernel[-c:])
        self.kernel.mul_(1 / self.rates.shape[1])
        if self._failed.any():
            message = "expected a covariance of currents that is positive definite, found rates too large for it"
            raise torch.linalg.LinAlgError(message)
        return self.rates

    def _factorise(self, block: Any, factor: Any, inverse: Any, failed: Any) -> None:
        """Write the Cholesky factor of a block, its inverse, and whether there is none."""
        if self._numpy:
            lower, failed[...] = _potrf(block, lower=1)
            factor[...] = lower
            inverse[...] = _trtri(lower, lower=1)[0]
        else:
            torch.linalg.cholesky_ex(block, out=(factor, failed))
            torch.linalg.solve_triangular(factor, self._one, upper=False, out=inverse)

    def symmetric_kernel(self) -> torch.Tensor:
        """Return phi phi^T / N of the last simulation, both triangles."""
        lower = self.kernel.tril()
        return lower + self.kernel.tril(-1).T

    def backpropagate(self, field: torch.Tensor, out: torch.Tensor | None = None) -> torch.Tensor:
        r"""Carry an energy of the kernel back through the last simulation.

        What an energy asks of the factor, :math:`\bar R`, and of the covariance are related by
        :math:`\bar\Sigma = W^T\, \mathrm{sym}(R^T \bar R)\, W`, row of blocks by row of blocks from the last one (the
        adjoint of Cholesky's factorisation; Murray 2016, arXiv:1602.07527). Each row of it joins the field that pulls
        at the rates.

        Parameters
        ----------
        field : tensor, shape (M, M)
            Symmetric, such that dE / d phi = field phi with all rates independent.
        out : tensor, shape (m, unit), optional

        Returns
        -------
        tensor, shape (m, unit)
            dE / dz.
        """
        a, array, c = self.step_fraction, self._array, len(self._pull)
        gain = a * self._gain
        self._field.copy_(field)
        self._nonlinearity.slope_into(self.rates, out=self._slopes)
        torch.mm(self._field[-c:], self.rates, out=self._pull)
        torch.mul(self._slopes[-c:], self._pull, out=self._carried)
        self._currents_gradient[-c:] = self._carried
        carried, pull, all_rates, half = self._views(self._carried, self._pull, self.rates, self._half)
        for (
            currents, noise, gradient, gradient_here, adjoint_after, factor_after, factor_here, inverse_here, inverse,
            adjoint, low_adjoint, low_column, field_before, field_column, field_row, slopes, earlier,
        ) in self._backwards:  # fmt: skip
            gradient[...] = currents @ noise
            if len(factor_after):
                gradient -= adjoint_after @ factor_after
            inner = factor_here @ gradient_here
            inner *= half
            gradient_here[...] = inverse_here @ (inner + inner.T)
            array.matmul(gradient, inverse, out=adjoint)
            array.multiply(adjoint, gain, out=low_adjoint)
            field_before += low_adjoint
            field_column += low_column
            array.matmul(field_row, all_rates, out=pull)
            pull *= slopes
            carried *= 1 - a
            carried += pull
            earlier[...] = carried
        return torch.mm(self._low_factor.T, self._currents_gradient, out=out)
