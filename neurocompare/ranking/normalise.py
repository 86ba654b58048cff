"""Soft normalisation: no unit counts for much more than another because it fires more."""

from __future__ import annotations

from neurocompare.responses import Responses

SOFTENING = 5.0
"""In spikes/s: units whose rate varies by much less than this are shrunk instead of blown up to full size."""


def soft_normalise(responses: Responses) -> Responses:
    r"""Divide each unit by its range over conditions and times plus 5 spikes/s.

    .. math:: x_i \leftarrow \frac{x_i}{\max x_i - \min x_i + 5}

    The convention of motor cortex studies [1]_; recordings and networks go through it alike.

    Parameters
    ----------
    responses : Responses
        In spikes/s.

    Returns
    -------
    Responses
        Without unit of measure; a strongly modulated unit has a range just below 1.

    References
    ----------
    .. [1] Churchland, Cunningham, Kaufman, Foster, Nuyujukian, Ryu & Shenoy (2012). Neural population dynamics during
       reaching. Nature 487.

    Examples
    --------
    >>> import numpy as np
    >>> from neurocompare.responses import make_responses
    >>> rates = np.array([[[10.0, 0.0]], [[5.0, 45.0]]])
    >>> soft_normalise(make_responses(rates, condition=["left", "right"], time=[0.0])).values.squeeze().tolist()
    [[1.0, 0.0], [0.5, 0.9]]
    """
    values = responses.values
    spans = values.max(axis=(0, 1)) - values.min(axis=(0, 1))
    normalised = responses.copy(deep=False, data=values / (spans + SOFTENING))
    normalised.attrs["unit"] = "1"
    return normalised
