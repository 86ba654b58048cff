"""Chains in rounds: those that do not agree yet go on, the others are done."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from neurocompare.errors import InputError
from neurocompare.models.card_file import load_card
from neurocompare.models.chain import Chain, Listener, sample_chain
from neurocompare.models.chain_file import load_chain, save_chain
from neurocompare.models.diagnosis import Diagnosis, diagnose
from neurocompare.models.heartbeat import Heartbeat, Watch
from neurocompare.models.job import Job, damage
from neurocompare.models.made import Made, rows_of, write_made
from neurocompare.models.posterior import WeightPosterior
from neurocompare.models.samplers.draw import Draw
from neurocompare.models.samplers.sampler import Spread
from neurocompare.models.sampling import Sampling
from neurocompare.models.tally import Tally
from neurocompare.parallel import one_thread
from neurocompare.streams import Purpose

HELD = 1 / 8
"""Share of a chain's work that counts for done once its networks are written: it may have to go on before."""


def draw_chains(missing: Sequence[Job], jobs: Sequence[Job], tally: Tally, spread: Spread) -> list[str]:
    """Sample chains and write their networks.

    The chains of one seed, gamma and family are judged together after each segment, and go on until they agree or have
    as many segments as they may. Where networks of some of them are on disk already, as long as those took.

    Parameters
    ----------
    missing : sequence of Job
        What to make, in this order; all by `Draw`.
    jobs : sequence of Job
        All of the zoo.
    tally : Tally
    spread : callable
        See `Sampler.make`.

    Returns
    -------
    list of str
        A sentence for every unfinished chain that could not be used.
    """
    together: dict[tuple[str, int], list[Job]] = {}
    for job in missing:
        together.setdefault((job.group, job.seed), []).append(job)
    finished = {key: _whole(key, jobs) for key in together}
    dropped: list[str] = []
    verdicts: dict[tuple[str, int], Diagnosis] = {}
    segments = {key: max((taken for _, _, taken in finished[key]), default=1) for key in together}
    costs = {key: those[0].cost for key, those in together.items()}  # of what each of its chains does next
    held = dict.fromkeys(together, 0.0)
    while orders := [(job, segments[job.group, job.seed]) for job in missing if (job.group, job.seed) not in verdicts]:
        traces: dict[tuple[str, int], dict[int, np.ndarray]] = {}
        running = {job.beats: (costs[job.group, job.seed], _gradients(job, taken)) for job, taken in orders}
        with Watch(running, tally.show):
            for job, trace, left in spread(advance, orders):
                traces.setdefault((job.group, job.seed), {})[job.chain] = trace
                dropped += left
                tally.add((1 - HELD) * costs[job.group, job.seed])
        for key, collected in traces.items():
            held[key] += HELD * costs[key]
            first = together[key][0]
            collected |= {chain: trace for chain, trace, _ in finished[key]}
            sampling = sampling_of(first)
            spacing = 0.75 * (sampling.length(segments[key]) - sampling.length(segments[key] - 1)) / first.members
            burn_in = 0.25 if segments[key] == 1 else 0.5  # chains that disagreed were not burnt in by then
            diagnosis = diagnose([trace for _, trace in sorted(collected.items())], spacing=spacing, burn_in=burn_in)
            if diagnosis.converged or finished[key] or segments[key] == sampling.segments:
                verdicts[key] = diagnosis
            else:
                segments[key] += 1
                costs[key] = first.cost * 2 ** (segments[key] - 2)
                tally.expect(costs[key] * len(together[key]))
    finished = [(job, verdicts[job.group, job.seed]) for job in missing]
    for key in spread(finish, finished):
        tally.add(held[key])
    return dropped


def _whole(key: tuple[str, int], jobs: Sequence[Job]) -> list[tuple[int, np.ndarray, int]]:
    """Return number, trace and segments of the chains of one seed whose networks are all on disk."""
    same = [job for job in jobs if (job.group, job.seed) == key]
    cards = [load_card(job.paths()[0]) for job in same if not any(map(damage, job.paths()))]
    return [(card.chain, np.array(card.result.trace), card.result.segments) for card in cards]


def sampling_of(job: Job) -> Sampling:
    """Return how the chain of a job runs."""
    if not isinstance(job.sampler, Draw):
        raise TypeError(f"{job.sampler.name} has no chains")
    return job.sampler.sampling


def _gradients(job: Job, segments: int) -> float:
    """Return a rough number of gradients of the last of so many segments, or of the first and the burn-in."""
    sampling = sampling_of(job)
    burn_in = sampling.adaptation * (sampling.ramp + 8) / 4 if segments == 1 else 0
    return 2.5 * job.sampler.cost(job.gamma) * (sampling.length(segments) - sampling.length(segments - 1) + burn_in)


@one_thread()
def advance(order: tuple[Job, int]) -> tuple[Job, np.ndarray, tuple[str, ...]]:
    """Take a chain to so many segments; it stays in the zoo's folder, unfinished, and is saved every minute.

    Returns
    -------
    job : Job
    trace : array, shape (trajectory, observable)
        Of these segments.
    dropped : tuple of str
        A sentence if an unfinished chain could not be used.
    """
    job, segments = order
    chain, dropped = _unfinished_chain(job)
    sampling = sampling_of(job)
    length = sampling.length(segments)
    if chain is None or len(chain.trace) < length:
        job.folder.mkdir(parents=True, exist_ok=True)

        def save(chain: Chain) -> None:
            save_chain(chain, job.unfinished, job.digest())

        with Heartbeat(job.beats) as heartbeat:
            chain = sample_chain(
                job.task,
                job.family,
                job.gamma,
                members=job.members,
                generator=job.generator(job.device),
                sampling=sampling,
                segments=segments,
                earlier=chain,
                gradient_dtype=getattr(torch, job.dtype),
                listener=Listener(save, beat=heartbeat.beat),
            )
        save(chain)
    return job, chain.trace[:length], dropped


def _unfinished_chain(job: Job) -> tuple[Chain | None, tuple[str, ...]]:
    if not job.unfinished.exists():
        return None, ()
    try:
        return load_chain(job.unfinished, job.digest(), device=job.device), ()
    except InputError as error:
        return None, (f"{error}; the chain was started again",)


@one_thread()
@torch.no_grad()
def finish(order: tuple[Job, Diagnosis]) -> tuple[str, int]:
    """Draw the networks of a chain that is long enough, write them, remove what was unfinished; return whose it was."""
    job, diagnosis = order
    chain = load_chain(job.unfinished, job.digest())
    posterior = WeightPosterior(job.task, job.family, job.gamma)
    generator = job.generator("cpu", Purpose.READOUT)
    sampling = sampling_of(job)
    for member, state in enumerate(chain.members):
        made = Made(
            posterior.network(state, generator=generator),
            state,
            acceptance=float(chain.acceptance[-sampling.trajectories :].mean()),
            step=chain.step,
            segments=sampling.segments_of(len(chain.trace)),
            gradients=chain.gradients,
            converged=diagnosis.converged,
            why=diagnosis.why,
            trace=rows_of(chain.trace),
        )
        write_made(job, posterior, made, member)
    job.unfinished.unlink(missing_ok=True)
    return job.group, job.seed
