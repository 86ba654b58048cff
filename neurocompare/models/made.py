"""A network as its sampler hands it over, and how it is written."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from neurocompare.models.card import Card, Result
from neurocompare.models.checkpoint import save_network
from neurocompare.models.job import RECIPE, Job
from neurocompare.models.posterior import WeightPosterior
from neurocompare.models.rate_rnn import RateRNN, respond
from neurocompare.models.samplers.sampler import OneByOne
from neurocompare.parallel import one_thread
from neurocompare.tasks.task import task_digest, zero_loss


@dataclass(frozen=True)
class Made:
    """A network and what its maker says of it; see `Result`.

    Attributes
    ----------
    network : RateRNN
    state : tensor, shape (dimension,)
        w = (J, U, zeta), see `WeightPosterior`.
    dropped : str
        A sentence on what an earlier call left and could not be used; empty where there was nothing.
    """

    network: RateRNN
    state: torch.Tensor
    acceptance: float = 1.0
    step: float = 0.0
    segments: int = 0
    gradients: int = 0
    converged: bool = False
    why: str = "not judged"
    trace: tuple[tuple[float, ...], ...] = ()
    dropped: str = ""


@one_thread()
@torch.no_grad()
def fulfil(job: Job) -> tuple[float, tuple[str, ...]]:
    """Make the networks of one job that needs no other, and write them.

    A training that was cut short goes on from the state it left in the zoo's folder, which goes when the network is
    whole; a state that cannot be used is dropped, and the training starts again.

    Returns
    -------
    cost : float
    dropped : tuple of str
        A sentence for every state that could not be used.
    """
    if not isinstance(job.sampler, OneByOne):
        raise TypeError(f"{job.sampler.name} does not make networks one by one")
    posterior = WeightPosterior(job.task, job.family, job.gamma)
    dropped = []
    for member, made in enumerate(job.sampler.networks(job, posterior)):
        write_made(job, posterior, made, member)
        dropped.append(made.dropped)
    job.unfinished.unlink(missing_ok=True)
    return job.cost, tuple(filter(None, dropped))


def write_made(job: Job, posterior: WeightPosterior, made: Made, member: int) -> None:
    """Simulate a network, and write it with its responses and its card."""
    name = job.names()[member]
    noise = noise_of(posterior, made.state)
    source = f"network {name}, gamma {job.gamma:g}"
    responses, loss = respond(made.network, job.task, private_noise=noise, source=source)
    card = Card(
        hash=name,
        group=job.group,
        task=task_digest(job.task)[:16],
        gamma=job.gamma,
        method=job.sampler.name,
        sampler=job.sampler,
        family=job.family,
        result=Result(
            loss=loss,
            expected_loss=posterior.evaluate(made.state)[1].expected_loss,
            zero_loss=zero_loss(job.task),
            converged=made.converged,
            why=made.why,
            acceptance=made.acceptance,
            step=made.step,
            segments=made.segments,
            gradients=made.gradients,
            trace=made.trace,
        ),
        seed=job.seed,
        chain=job.chain,
        member=member,
        members=job.members,
        dtype="float64" if job.sampler.INDEPENDENT else job.dtype,
        step_fraction=posterior.step_fraction,
        recipe=RECIPE,
    )
    save_network(made.network, responses, card, job.folder, private_noise=noise)


def rows_of(trace: np.ndarray) -> tuple[tuple[float, ...], ...]:
    """Return a trace as a card keeps it."""
    array = np.asarray(trace, dtype=float)
    return tuple(map(tuple, array.reshape(len(array), -1).tolist()))


def noise_of(posterior: WeightPosterior, state: torch.Tensor) -> torch.Tensor | None:
    """Return the private noise of a state as currents, shape (condition, time, unit); None where there is none."""
    _, _, zeta = posterior.split(state)
    return None if zeta is None else (posterior.family.private_noise * zeta).transpose(0, 1).contiguous()
