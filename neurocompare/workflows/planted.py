"""Planted recordings: a network drawn at a known gamma, seen like a monkey's motor cortex."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

import torch

from neurocompare.models import Family, Sampling, WeightPosterior, check_gamma, draw_reservoir, respond, sample_chain
from neurocompare.parallel import one_thread
from neurocompare.responses import Responses
from neurocompare.settings import digest_of
from neurocompare.streams import Purpose, torch_stream
from neurocompare.tasks import Task, ideal_reach
from neurocompare.workflows.synthetic_file import synthetic_file


def planted_session(
    family: Family,
    gamma: float,
    *,
    time_step: float = 0.05,
    lag: float = 0.1,
    seed: int = 0,
    sampling: Sampling | None = None,
    folder: str | os.PathLike[str] | None = None,
) -> Path:
    """Return the NWB file of a session recorded from a network of known gamma, making it where it is not there yet.

    Parameters
    ----------
    family : Family
        Settings of the planted network.
    gamma : float
        The truth to be found again.
    time_step, lag : float
        Of the ideal reach it does, s.
    seed : int
        Of the network and of the session. The network's chain has a seed of its own that no zoo uses.
    sampling : Sampling, optional
        Of the planted network's chain.
    folder : path-like, optional
        Where the file is kept; the cache where None.

    Returns
    -------
    pathlib.Path

    Examples
    --------
    >>> import tempfile
    >>> from neurocompare.recordings import open_recording
    >>> from neurocompare.settings import Family
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     recording = open_recording(planted_session(Family(n_units=120), 0.0, folder=folder))
    >>> dict(recording.planted)["gamma"], len(recording.units)
    (0.0, 120)
    """
    gamma = check_gamma(gamma)
    sampling = sampling or Sampling()
    settings = (
        ("gamma", gamma),
        ("g", family.g),
        ("tau", family.tau),
        ("beta", family.beta),
        ("units", float(family.n_units)),
        ("seed", float(seed)),
    )
    made_by = json.dumps([asdict(family), asdict(sampling)], sort_keys=True)

    def make_network(task: Task) -> Responses:
        return planted_responses(task, family, gamma, seed=seed, sampling=sampling)

    task = ideal_reach(time_step=time_step, lag=lag)
    return synthetic_file(make_network, planted=settings, made_by=made_by, task=task, seed=seed, folder=folder)


@one_thread()
@torch.no_grad()
def planted_responses(
    task: Task, family: Family, gamma: float, *, seed: int, sampling: Sampling | None = None
) -> Responses:
    """Draw the planted network and simulate it without noise."""
    generator = torch_stream(Purpose.PLANTED_NETWORK, digest_of([seed, gamma]))
    if gamma == 0:
        network = draw_reservoir(task, family, generator=generator)
    else:
        chain = sample_chain(task, family, gamma, members=1, generator=generator, sampling=sampling)
        network = WeightPosterior(task, family, gamma).network(chain.members[-1], generator=generator)
    return respond(network, task, source=f"planted network, gamma {gamma:g}")[0]
