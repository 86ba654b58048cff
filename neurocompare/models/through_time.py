r"""Through time and back without autograd: the engine of the sampler and of training.

What drives a unit are its *sources*: the rates of all units and the inputs. With the weights of all units in one
matrix W, row i = (J_i, U_i), and sources s_t = (phi(x_t), I_t / kappa), kappa = g / sqrt(N),

.. math::

    x_{t+1} = (1 - a) x_t + a \eta_t,  \quad  \eta_t = \kappa W s_t + \sigma_0 \zeta_t,  \quad  x_0 = 0,

one matrix product a step, input and leak included, and given the pull p = dE / d phi of any energy of the rates

.. math::

    \partial E / \partial \eta_{t-1} = (1 - a) c_t + a \phi'(x_t) (p_t + \kappa J^T c_t),
    \quad  c_t = \partial E / \partial \eta_t,  \quad  \partial E / \partial W = \kappa \sum_t c_t s_t^T.

For small numbers of conditions the products read W from memory and do little with it, and each further call costs as
much as a tenth of one: so a step is two calls forward and three back, in place, on views made once. The same network
for autograd is `rate_rnn.simulate`.
"""

from __future__ import annotations

from typing import final

import torch

from neurocompare.models.nonlinearity import get_nonlinearity


def empty_weights(
    n_units: int, n_channels: int, *, dtype: torch.dtype = torch.float32, device: torch.device | str = "cpu"
) -> torch.Tensor:
    """Make room for W, shape (unit, unit + channel), each row on a cache line of its own: products are faster so.

    Examples
    --------
    >>> W = empty_weights(20, 2)
    >>> tuple(W.shape), W.stride(0)
    ((20, 22), 32)
    """
    return _padded(n_units, n_units + n_channels, dtype=dtype, device=device)


def _padded(rows: int, columns: int, *, dtype: torch.dtype, device: torch.device | str) -> torch.Tensor:
    return torch.empty(rows, -(-columns // 16) * 16, dtype=dtype, device=device)[:, :columns]


@final
class ThroughTime:
    """Passes through time of networks of one shape, in work space of its own: results hold until the next call.

    Parameters
    ----------
    inputs : tensor, shape (time, condition, channel)
        What U multiplies, scale included, at least two samples. Its dtype and device are the engine's.
    n_units : int
    coupling : float
        kappa = g / sqrt(N).
    step_fraction : float
        a, in (0, 1].
    nonlinearity : str
    private_noise : float
        sigma_0.

    Attributes
    ----------
    sources : tensor, shape (time, condition, unit + channel)
        Rates and inputs / kappa.
    rates : tensor, shape (time, condition, unit)
        The first columns of `sources`.
    currents_gradient : tensor, shape (time, condition, unit)
        dE / d eta of the last `backpropagate`.

    Examples
    --------
    >>> engine = ThroughTime(torch.ones(7, 3, 2), n_units=5, coupling=0.6, step_fraction=0.5, nonlinearity="tanh")
    >>> W = torch.randn(5, 7, generator=torch.Generator().manual_seed(0))
    >>> rates = engine.simulate(W)
    >>> pull = rates.clone()  # of the energy |phi|^2 / 2
    >>> tuple(engine.backpropagate(W, pull).shape), tuple(engine.weight_gradient().shape)
    ((7, 3, 5), (5, 7))
    """

    def __init__(
        self,
        inputs: torch.Tensor,
        *,
        n_units: int,
        coupling: float,
        step_fraction: float,
        nonlinearity: str,
        private_noise: float = 0.0,
    ) -> None:
        n_times, n_conditions, n_channels = inputs.shape
        options = {"dtype": inputs.dtype, "device": inputs.device}
        self.n_units = n_units
        self.coupling = coupling
        self.step_fraction = step_fraction
        self.private_noise = private_noise
        self._nonlinearity = get_nonlinearity(nonlinearity)
        sources = _padded(n_times * n_conditions, n_units + n_channels, **options).zero_()
        self.sources = sources.unflatten(0, (n_times, n_conditions))
        self.sources[:, :, n_units:] = inputs / coupling
        self.rates = self.sources[:, :, :n_units]
        self.currents_gradient = torch.zeros(n_times, n_conditions, n_units, **options)
        self._preactivation = torch.zeros(n_conditions, n_units, **options)
        self._carried = torch.zeros(n_conditions, n_units, **options)
        self._slopes = torch.zeros(n_times, n_conditions, n_units, **options)
        # The views every step needs: making them anew would take as long as the arithmetic on small ones.
        rates, gradient = self.rates.unbind(0), self.currents_gradient.unbind(0)
        self._last_rates = rates[-1]
        self._forwards = list(zip(range(n_times), rates, self.sources.unbind(0), strict=True))[1:-1]
        self._backwards = list(zip(gradient[:-2], self._slopes.unbind(0)[1:-1], gradient[1:-1], strict=True))[::-1]

    def simulate(self, weights: torch.Tensor, zeta: torch.Tensor | None = None) -> torch.Tensor:
        """Run the network from rest and return its rates.

        Parameters
        ----------
        weights : tensor, shape (unit, unit + channel)
            W = (J, U), raw. Fastest in the layout of `empty_weights`.
        zeta : tensor, shape (time, condition, unit), optional
            Private noise of unit variance; none when None.

        Returns
        -------
        tensor, shape (time, condition, unit)
            phi(x_t): `rates`, which the next call overwrites.
        """
        x, a, into = self._preactivation, self.step_fraction, self._nonlinearity.rate_into
        gain, transposed = a * self.coupling, weights.T
        noise = None if zeta is None else zeta.unbind(0)
        # All rates are zero at rest, so the first step has inputs alone.
        torch.mm(self.sources[0, :, self.n_units :], transposed[self.n_units :], out=x)
        x.mul_(gain)
        if noise is not None:
            x.add_(noise[0], alpha=a * self.private_noise)
        kept = 1 - a
        for t, rates, sources in self._forwards:
            into(x, out=rates)
            x.addmm_(sources, transposed, beta=kept, alpha=gain)
            if noise is not None:
                x.add_(noise[t], alpha=a * self.private_noise)
        into(x, out=self._last_rates)
        return self.rates

    def backpropagate(self, weights: torch.Tensor, pull: torch.Tensor) -> torch.Tensor:
        """Carry dE / d phi back through the last simulation.

        Parameters
        ----------
        weights : tensor, shape (unit, unit + channel)
            The weights of that simulation.
        pull : tensor, shape (time, condition, unit)
            dE / d phi with all rates independent.

        Returns
        -------
        tensor, shape (time, condition, unit)
            dE / d eta: `currents_gradient`, which the next call overwrites; zero in the last step, whose current
            drives nothing. ``private_noise`` times it is the gradient with respect to zeta.
        """
        recurrent, carried = weights[:, : self.n_units], self._carried
        kept, kappa = 1 - self.step_fraction, self.coupling
        self._nonlinearity.slope_into(self.rates, out=self._slopes)
        self._slopes.mul_(self.step_fraction)
        torch.mul(self._slopes[1:], pull[1:], out=self.currents_gradient[:-1])
        for earlier, slope, later in self._backwards:
            torch.mm(later, recurrent, out=carried)
            earlier.addcmul_(slope, carried, value=kappa).add_(later, alpha=kept)
        return self.currents_gradient

    def weight_gradient(
        self, out: torch.Tensor | None = None, *, keep: float = 0.0, scale: float = 1.0
    ) -> torch.Tensor:
        """Return ``keep * out + scale * dE / dW`` of the last `backpropagate`, in `out` if given.

        Parameters
        ----------
        out : tensor, shape (unit, unit + channel), optional
            With ``keep=1, scale=-step`` a step down the gradient without a second matrix.
        keep, scale : float

        Returns
        -------
        tensor, shape (unit, unit + channel)
        """
        if out is None:
            out = empty_weights(
                self.n_units, self.sources.shape[2] - self.n_units, dtype=self.sources.dtype, device=self.sources.device
            )
        currents, sources = self.currents_gradient[:-1].flatten(0, 1), self.sources[:-1].flatten(0, 1)
        return out.addmm_(currents.T, sources, beta=keep, alpha=scale * self.coupling)
