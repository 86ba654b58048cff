"""Chains in rounds: those that are still too short go on, the others are done."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

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

    The chains of one seed, gamma and family are judged together after each segment, and go on until they are worth
    their networks, see `diagnose`, or have as many segments as they may. Where networks of some of them are on disk
    already, as long as those took.

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
    groups: dict[tuple[str, int], _Group] = {}
    for job in missing:
        key = job.group, job.seed
        if key not in groups:
            groups[key] = _Group(job, _on_disk(key, jobs))
        groups[key].chains += 1
    for group in groups.values():
        tally.expect(group.expect(group.segments))
    dropped: list[str] = []
    while orders := [(job, group.segments) for job in missing if not (group := groups[job.group, job.seed]).verdict]:
        running = {job.beats: groups[job.group, job.seed].effort for job, _ in orders}
        traces: dict[tuple[str, int], dict[int, np.ndarray]] = {}
        with Watch(running, tally.show):
            for job, trace, left in spread(advance, orders):
                traces.setdefault((job.group, job.seed), {})[job.chain] = trace
                dropped += left
                tally.add((1 - HELD) * running[job.beats][0])
        for key, sampled in traces.items():
            tally.expect(groups[key].judge(sampled))
    for key in spread(finish, [(job, groups[job.group, job.seed].verdict) for job in missing]):
        tally.add(groups[key].held)
    return dropped


@dataclass
class _Group:
    """The chains of one seed, gamma and family, which are judged together.

    Attributes
    ----------
    first : Job
        One of those whose networks are missing.
    finished : mapping of int to (array, int)
        Trace and segments, by number, of the chains whose networks are all on disk.
    chains : int
        How many miss networks.
    done, segments : int
        How many segments those have, and go to next.
    verdict : Diagnosis or None
        Once it is known.
    foreseen, held : float
        Work of a chain that is expected, and that counts for done once its networks are written.
    """

    first: Job
    finished: dict[int, tuple[np.ndarray, int]]
    chains: int = 0
    done: int = 0
    segments: int = field(init=False)
    verdict: Diagnosis | None = None
    foreseen: float = field(init=False)
    held: float = 0.0

    def __post_init__(self) -> None:
        self.segments = max((taken for _, taken in self.finished.values()), default=1)
        self.foreseen = self.first.cost

    @property
    def effort(self) -> tuple[float, float]:
        """Work of what a chain does next, and how many gradients it is, at a guess."""
        share = self._trajectories(self.segments)
        return share * self._unit, 2.5 * self.first.sampler.cost(self.first.gamma) * share

    def expect(self, segments: int) -> float:
        """Expect chains of so many segments; return by how much the work of all has grown."""
        before, self.foreseen = self.foreseen, self._trajectories(segments) * self._unit
        return (self.foreseen - before) * self.chains

    def judge(self, traces: Mapping[int, np.ndarray]) -> float:
        """Judge chains after they went on, let them go on if need be; return by how much the work has grown."""
        sampling, segments, (work, _) = sampling_of(self.first), self.segments, self.effort
        every = {chain: trace for chain, (trace, _) in self.finished.items()} | dict(traces)
        diagnosis = diagnose(
            [trace for _, trace in sorted(every.items())],
            networks=len(every) * self.first.members,
            burn_in=0.25 if segments == 1 else 0.5,  # chains that were too short were not burnt in by then
        )
        self.held += HELD * work
        self.foreseen -= work
        self.done = segments
        if diagnosis.converged or self.finished or segments == sampling.segments:
            self.verdict = diagnosis
            return self.expect(segments)
        self.segments += 1
        most = sampling.segments - segments
        # From the second on each segment doubles what is judged.
        return self.expect(segments + min(most, max(1, math.ceil(math.log2(min(diagnosis.lacking, 2.0**most))))))

    @property
    def _unit(self) -> float:
        sampling = sampling_of(self.first)
        return self.first.cost / (sampling.length(1) + _burn_in(sampling))

    def _trajectories(self, segments: int) -> float:
        sampling = sampling_of(self.first)
        return sampling.length(segments) - sampling.length(self.done) + (0 if self.done else _burn_in(sampling))


def _burn_in(sampling: Sampling) -> float:
    """Return how many full trajectories those of the ramp and the adaptation are worth."""
    return sampling.adaptation * (sampling.ramp + 8) / 4


def _on_disk(key: tuple[str, int], jobs: Sequence[Job]) -> dict[int, tuple[np.ndarray, int]]:
    """Return trace and segments of the chains of one seed whose networks are all on disk, by their numbers."""
    same = [job for job in jobs if (job.group, job.seed) == key]
    cards = [load_card(job.paths()[0]) for job in same if not any(map(damage, job.paths()))]
    return {card.chain: (np.array(card.result.trace), card.result.segments) for card in cards}


def sampling_of(job: Job) -> Sampling:
    """Return how the chain of a job runs."""
    if not isinstance(job.sampler, Draw):
        raise TypeError(f"{job.sampler.name} has no chains")
    return job.sampler.sampling


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
