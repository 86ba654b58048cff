"""The zoo: networks across gamma, several chains and members each, on disk, made in parallel, resumable."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from neurocompare.errors import InputError
from neurocompare.files import atomic
from neurocompare.models.chain import Chain, Sampling, sample_chain
from neurocompare.models.checkpoint import Card, is_whole, load_card, save_network, trace_of
from neurocompare.models.diagnosis import Diagnosis, diagnose
from neurocompare.models.family import DEFAULT_GAMMAS, Family, check_gammas
from neurocompare.models.posterior import WeightPosterior
from neurocompare.models.rate_rnn import RateRNN, respond
from neurocompare.models.reservoir import draw_reservoir
from neurocompare.models.threads import one_thread
from neurocompare.tasks.task import Task, task_digest

# Enters every hash: raise it when a change makes networks of equal settings differ.
RECIPE = 1


@dataclass(frozen=True)
class Zoo:
    """The networks of a zoo and how far they can be trusted.

    Attributes
    ----------
    folder : Path
    cards : tuple of Card
        In order of gamma, chain, member.
    diagnoses : tuple of (float, Diagnosis)
        One a gamma. Networks at gamma = 0 are drawn directly and need none; they are converged by construction.
    """

    folder: Path
    cards: tuple[Card, ...]
    diagnoses: tuple[tuple[float, Diagnosis], ...]

    @property
    def gammas(self) -> tuple[float, ...]:
        """The grid, ascending."""
        return tuple(sorted({card.gamma for card in self.cards}))

    def table(self) -> pd.DataFrame:
        """One row a network: what ``zoo.csv`` holds."""
        verdicts = dict(self.diagnoses)
        rows = []
        for card in self.cards:
            row = {key: value for key, value in asdict(card).items() if key not in ("trace", "sha256")}
            verdict = verdicts.get(card.gamma)
            row["converged"] = verdict is None or verdict.converged
            row["r_hat"] = 1.0 if verdict is None else verdict.r_hat
            row["effective"] = np.nan if verdict is None else verdict.effective
            row["why"] = "drawn directly" if verdict is None else verdict.why
            rows.append(row)
        return pd.DataFrame(rows)


def make_zoo(
    task: Task,
    family: Family,
    folder: str | os.PathLike[str],
    *,
    gammas: Iterable[float] = DEFAULT_GAMMAS,
    chains: int = 2,
    members: int = 2,
    seed: int = 0,
    sampling: Sampling | None = None,
    jobs: int | None = None,
    progress: Callable[[float, float], None] | None = None,
) -> Zoo:
    """Draw every network of the grid that is not already on disk, and judge the chains.

    Parameters
    ----------
    task : Task
    family : Family
    folder : path-like
        Where the networks go, one folder each, named by a digest of task, family, gamma, seed, chain, member and
        sampling: a changed setting never meets a stale network, and a damaged one is made again.
    gammas : iterable of float
    chains : int
        Independent chains a gamma, at least two, so that convergence can be judged.
    members : int
        Networks kept of each chain.
    seed : int
    sampling : Sampling, optional
    jobs : int, optional
        Processes, one thread each; all processors when None.
    progress : callable, optional
        Called with (work done, work in all), in arbitrary units.

    Returns
    -------
    Zoo

    Raises
    ------
    InputError
        If the grid, the numbers of chains or members, or the time step do not make sense, or `folder` cannot be
        written to.
    """
    from joblib import Parallel, cpu_count, delayed

    gammas = check_gammas(gammas)
    if chains < 2 or members < 1:
        message = f"expected at least 2 chains and 1 member a chain, found {chains} and {members}"
        raise InputError(message)
    family.step_fraction(task.time_step)
    sampling = sampling or Sampling()
    if members > sampling.trajectories:
        message = f"expected at most as many members as trajectories, {sampling.trajectories}, found {members}"
        raise InputError(message)
    folder = Path(folder)
    requests = [
        _Request(task, family, gamma, chain, members, seed, sampling, folder)
        for gamma in gammas
        for chain in range(chains)
    ]
    missing = _in_good_order([request for request in requests if not request.done()])
    total = sum(request.cost for request in requests)
    done = total - sum(request.cost for request in missing)
    if progress:
        progress(done, total)
    pool = Parallel(n_jobs=min(jobs or cpu_count(), max(1, len(missing))), return_as="generator_unordered")
    for cost in pool(delayed(_fulfil)(request) for request in missing):
        done += cost
        if progress:
            progress(done, total)
    cards = tuple(load_card(path) for request in requests for path in request.paths())
    zoo = Zoo(folder, cards, _judge(cards, gammas, sampling.trajectories / members))
    with atomic(folder / "zoo.csv") as temporary:
        zoo.table().to_csv(temporary, index=False)
    return zoo


def _judge(cards: Sequence[Card], gammas: Sequence[float], spacing: float) -> tuple[tuple[float, Diagnosis], ...]:
    verdicts = []
    for gamma in gammas:
        if gamma > 0:
            traces = {card.chain: trace_of(card) for card in cards if card.gamma == gamma}
            verdicts.append((gamma, diagnose(list(traces.values()), spacing=spacing)))
    return tuple(verdicts)


@dataclass(frozen=True, eq=False)
class _Request:
    """One chain of the grid: what determines it, and where its networks go."""

    task: Task
    family: Family
    gamma: float
    chain: int
    members: int
    seed: int
    sampling: Sampling
    folder: Path

    @property
    def cost(self) -> float:
        """Rough relative work: the step that fits shrinks as 1 / gamma."""
        return 0.1 if self.gamma == 0 else min(18.0, 1.0 + 6.0 * self.gamma)

    def digest(self, *more: object) -> str:
        settings = {
            "recipe": RECIPE,
            "task": task_digest(self.task),
            "family": asdict(self.family),
            "gamma": self.gamma,
            "seed": self.seed,
            "chain": self.chain,
            "members": self.members,
            "sampling": asdict(self.sampling) if self.gamma > 0 else None,
            "more": more,
        }
        return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()

    def names(self) -> list[str]:
        return [self.digest("member", member)[:16] for member in range(self.members)]

    def paths(self) -> list[Path]:
        return [self.folder / name for name in self.names()]

    def done(self) -> bool:
        return all(map(is_whole, self.paths()))

    def generator(self) -> torch.Generator:
        return torch.Generator().manual_seed(int(self.digest("generator")[:15], 16))


def _in_good_order(requests: list[_Request]) -> list[_Request]:
    """Longest chains first: all processes stay busy to the end. Before them one short, to estimate the time left by."""
    ordered = sorted(requests, key=lambda request: -request.cost)
    chains = [request for request in ordered if request.gamma > 0]
    return [*chains[-1:], *(request for request in ordered if request not in chains[-1:])]


@one_thread()
def _fulfil(request: _Request) -> float:
    """Run one chain and write its networks; returns its cost."""
    generator = request.generator()
    if request.gamma == 0:
        networks = [draw_reservoir(request.task, request.family, generator=generator) for _ in range(request.members)]
        chain = None
    else:
        chain = sample_chain(
            request.task,
            request.family,
            request.gamma,
            members=request.members,
            generator=generator,
            sampling=request.sampling,
        )
        posterior = WeightPosterior(request.task, request.family, request.gamma)
        networks = [posterior.network(state, generator=generator) for state in chain.members]
    for member, (network, name) in enumerate(zip(networks, request.names(), strict=True)):
        _write(request, network, chain, member, name)
    return request.cost


def _write(request: _Request, network: RateRNN, chain: Chain | None, member: int, name: str) -> None:
    responses, loss = respond(network, request.task, source=f"network {name}, gamma {request.gamma:g}")
    posterior = WeightPosterior(request.task, request.family, request.gamma)
    weights = posterior.join(network.J.detach(), network.U.detach())
    _, observables = posterior.evaluate(weights)
    family = request.family
    card = Card(
        hash=name,
        gamma=request.gamma,
        seed=request.seed,
        chain=request.chain,
        member=member,
        method="reservoir" if chain is None else "draw",
        g=family.g,
        tau=family.tau,
        beta=family.beta,
        input_scale=family.input_scale,
        n_units=family.n_units,
        nonlinearity=family.nonlinearity,
        step_fraction=posterior.step_fraction,
        loss=loss,
        expected_loss=observables.expected_loss,
        acceptance=1.0 if chain is None else chain.acceptance,
        step=0.0 if chain is None else chain.step,
        trace=() if chain is None else tuple(map(tuple, chain.trace.tolist())),
    )
    save_network(network, responses, card, request.folder)
