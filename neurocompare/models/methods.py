"""How the networks of one request are made, by each method, and written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from neurocompare.errors import InputError
from neurocompare.models.chain import Chain, sample_chain
from neurocompare.models.chain_file import load_chain, save_chain
from neurocompare.models.checkpoint import Card, save_network
from neurocompare.models.diagnosis import Diagnosis
from neurocompare.models.heartbeat import Heartbeat
from neurocompare.models.posterior import WeightPosterior
from neurocompare.models.rate_rnn import RateRNN, respond
from neurocompare.models.request import Request
from neurocompare.models.reservoir import random_state
from neurocompare.models.threads import one_thread
from neurocompare.tasks.task import Task, task_digest


@dataclass(frozen=True)
class _Made:
    """A network and what its maker says of it."""

    network: RateRNN
    state: torch.Tensor  # w = (J, U, zeta)
    acceptance: float = 1.0
    step: float = 0.0
    segments: int = 0
    gradients: int = 0
    converged: bool | None = None
    why: str = ""
    trace: tuple[tuple[float, ...], ...] = ()
    dropped: str = ""


@one_thread()
@torch.no_grad()
def fulfil(request: Request) -> tuple[float, tuple[str, ...]]:
    """Make the networks of one request that needs no other, and write them.

    A training that was cut short goes on from the state it left in the zoo's folder, which goes when the network is
    whole; a state that cannot be used is dropped, and the training starts again.

    Returns
    -------
    cost : float
    dropped : tuple of str
        A sentence for every state that could not be used.
    """
    posterior = WeightPosterior(request.task, request.family, request.gamma)
    make = _reservoirs if request.made_by == "reservoir" else _trained
    dropped = []
    for member, made in enumerate(make(request, posterior)):
        _write(request, posterior, made, member)
        dropped.append(made.dropped)
    request.unfinished.unlink(missing_ok=True)
    return request.cost, tuple(filter(None, dropped))


@one_thread()
def advance(order: tuple[Request, int]) -> tuple[Request, np.ndarray, tuple[str, ...]]:
    """Take a chain to so many segments; it stays in the zoo's folder, unfinished, and is saved every minute.

    Returns
    -------
    request : Request
    trace : array, shape (trajectory, observable)
        Of these segments.
    dropped : tuple of str
        A sentence if an unfinished chain could not be used.
    """
    request, segments = order
    chain, dropped = _unfinished_chain(request)
    each = request.sampling.trajectories
    if chain is None or len(chain.trace) < segments * each:
        request.folder.mkdir(parents=True, exist_ok=True)

        def save(chain: Chain) -> None:
            save_chain(chain, request.unfinished, request.digest())

        with Heartbeat(request.beats) as heartbeat:
            chain = sample_chain(
                request.task,
                request.family,
                request.gamma,
                members=request.members,
                generator=request.generator(),
                sampling=request.sampling,
                segments=segments,
                earlier=chain,
                gradient_dtype=getattr(torch, request.dtype),
                save=save,
                beat=heartbeat.beat,
            )
        save(chain)
    return request, chain.trace[: segments * each], dropped


def _unfinished_chain(request: Request) -> tuple[Chain | None, tuple[str, ...]]:
    if not request.unfinished.exists():
        return None, ()
    try:
        return load_chain(request.unfinished, request.digest(), device=request.device), ()
    except InputError as error:
        return None, (f"{error}; the chain was started again",)


@one_thread()
@torch.no_grad()
def finish(order: tuple[Request, Diagnosis]) -> None:
    """Draw the networks of a chain that is long enough, write them, and remove what was unfinished."""
    request, diagnosis = order
    chain = load_chain(request.unfinished, request.digest())
    posterior = WeightPosterior(request.task, request.family, request.gamma)
    generator = torch.Generator().manual_seed(int(request.digest("readout")[:15], 16))
    each = request.sampling.trajectories
    for member, state in enumerate(chain.members):
        made = _Made(
            posterior.network(state, generator=generator),
            state,
            acceptance=float(chain.acceptance[-each:].mean()),
            step=chain.step,
            segments=len(chain.trace) // each,
            gradients=chain.gradients,
            converged=diagnosis.converged,
            why=diagnosis.why,
            trace=_rows(chain.trace),
        )
        _write(request, posterior, made, member)
    request.unfinished.unlink(missing_ok=True)


def _reservoirs(request: Request, posterior: WeightPosterior) -> Iterator[_Made]:
    generator = request.generator()
    for _ in range(request.members):
        state = random_state(posterior, generator=generator)
        yield _Made(posterior.network(state, generator=generator), state, converged=True, why="drawn directly")


def _trained(request: Request, posterior: WeightPosterior) -> Iterator[_Made]:
    from neurocompare.models.langevin import train

    request.folder.mkdir(parents=True, exist_ok=True)
    state = request.unfinished
    resumed, dropped = state.exists(), ""
    options = {
        "training": request.training,
        "checkpoint": state,
        "device": request.device,
        "dtype": getattr(torch, request.dtype),
    }
    try:
        trained = train(request.task, request.family, request.gamma, generator=request.generator(), **options)
    except InputError as error:
        if not resumed:
            raise
        dropped = f"the training in {state} could not go on: {error}"
        state.unlink(missing_ok=True)  # damaged, or of another device
        trained = train(request.task, request.family, request.gamma, generator=request.generator(), **options)
    network = trained.network.cpu()
    parts = [network.J.detach(), network.U.detach()]
    if trained.private_noise is not None:
        parts.append(trained.private_noise.cpu().transpose(0, 1) / request.family.private_noise)
    weights = torch.cat([part.double().ravel() for part in parts])
    yield _Made(
        network, weights, step=trained.step, converged=bool(trained.equilibrated), why=trained.why,
        trace=_rows(trained.history), dropped=dropped,
    )  # fmt: skip


def _rows(trace: np.ndarray) -> tuple[tuple[float, ...], ...]:
    array = np.asarray(trace, dtype=float)
    return tuple(map(tuple, array.reshape(len(array), -1).tolist()))


def noise_of(posterior: WeightPosterior, state: torch.Tensor) -> torch.Tensor | None:
    """Return the private noise of a state as currents, shape (condition, time, unit); None where there is none."""
    _, _, zeta = posterior.split(state)
    return None if zeta is None else (posterior.family.private_noise * zeta).transpose(0, 1).contiguous()


def _write(request: Request, posterior: WeightPosterior, made: _Made, member: int) -> None:
    name = request.names()[member]
    noise = noise_of(posterior, made.state)
    source = f"network {name}, gamma {request.gamma:g}"
    responses, loss = respond(made.network, request.task, private_noise=noise, source=source)
    observables = posterior.evaluate(made.state)[1]
    family, task = request.family, request.task
    card = Card(
        hash=name,
        group=request.group,
        task=task_digest(task)[:16],
        gamma=request.gamma,
        seed=request.seed,
        chain=request.chain,
        member=member,
        members=request.members,
        method=request.made_by,
        g=family.g,
        tau=family.tau,
        beta=family.beta,
        input_scale=family.input_scale,
        private_noise=family.private_noise,
        n_units=family.n_units,
        nonlinearity=family.nonlinearity,
        dtype="float64" if request.made_by == "reservoir" else request.dtype,
        step_fraction=posterior.step_fraction,
        loss=loss,
        expected_loss=observables.expected_loss,
        zero_loss=zero_loss(task),
        acceptance=made.acceptance,
        step=made.step,
        segments=made.segments,
        gradients=made.gradients,
        converged=made.converged,
        why=made.why,
        trace=made.trace,
    )
    save_network(made.network, responses, card, request.folder, private_noise=noise)


def zero_loss(task: Task) -> float:
    """Loss of a network whose output is zero: half the mean square of the trained targets."""
    return 0.5 * float((task.targets.values[task.trained.values] ** 2).mean())
