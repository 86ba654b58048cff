"""How wide are intervals of gamma where all settings are known? Beside the errors of a plain estimator.

Run with

    python tests/benchmarks/interval_widths.py RUN FOLDER [--explored FOLDER] [--units 120 --trials 20] [--chains 4]

where RUN is what a default `neurocompare run` left. Between its gammas networks are drawn with the same settings, each
recorded once as the recording was, of so many units and trials, and ranked against the run's networks. Of each metric,
the share of 95 % intervals that hold the truth, and their median span in octaves. The plain estimator names the gamma
of the run whose networks' mean kernel, recorded alike, has the highest cosine with the recording's: an interval of an
estimate without bias, of normal errors as large as its own, would span 3.92 times their root mean square, and what is
aimed at is a median of 1.2 times that. With --explored, what an exploration of the same recording says of the same
recordings, with all settings unknown and with all but gamma known (`inferred_settings.py`). Gamma 0 counts as half of
the smallest gamma above it. What is ranked is kept in FOLDER, and the same command continues.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from neurocompare.account import read_account
from neurocompare.metrics import get_metric
from neurocompare.models import Sampling, load_zoo
from neurocompare.parallel import one_thread
from neurocompare.progress import display
from neurocompare.ranking import Candidate, candidates_of
from neurocompare.ranking.inferred import fit_law, inference_of, interval, posterior
from neurocompare.ranking.learned_statistics import Planted
from neurocompare.ranking.summary_statistics import Summary, summarise
from neurocompare.recordings import Trials
from neurocompare.run_folder import RunFolder
from neurocompare.settings import Exploring, Planting, Workers
from neurocompare.workflows.as_recorded import planted_points
from neurocompare.workflows.recovery.plants import draw_plants, gammas_to_plant
from neurocompare.workflows.recovery.recorder import DataSize, Recorder
from neurocompare.workflows.recovery.runs import Ranked, recorded, run_all, runs_of
from neurocompare.workflows.session import open_session
from neurocompare.workflows.zoo import task_of_zoo

sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from inferred_settings import explored, learned_where_known, places_of_a_run, with_known
from shares import share

AIM = 1.2 * 3.92
"""Of the plain estimator's error: the span that is aimed at."""


def octaves(gammas: np.ndarray, grid: Sequence[float]) -> np.ndarray:
    """Return logarithms of gammas to base 2, the reservoir an octave below the smallest gamma above it."""
    return np.log2(np.maximum(gammas, 0.5 * min(gamma for gamma in grid if gamma > 0)))


def nearest(seen: Sequence[Summary], candidates: Sequence[Candidate], trials: Trials, seed: int) -> np.ndarray:
    """Return the gamma of each recording whose networks' mean kernel has the highest cosine with its own."""
    grid = sorted({each.gamma for each in candidates})
    points = [[each for each in candidates if each.gamma == gamma] for gamma in grid]
    planted = planted_points(trials, points, seed=seed)
    means = np.stack([planted.kernels[planted.point == place].mean(axis=0) for place in range(len(grid))])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    return np.array(grid)[np.argmax([means @ each.kernel for each in seen], axis=1)]


def report(what: str, truths: np.ndarray, low: np.ndarray, high: np.ndarray, grid: Sequence[float]) -> None:
    """Print coverage and span."""
    held = (truths >= low) & (truths <= high)
    span = float(np.median(octaves(high, grid) - octaves(low, grid)))
    print(f"{what}: holds {share(int(held.sum()), len(held))}, median span {span:.2f} octaves")


def of_exploration(folder: Path, truths: np.ndarray, seen: Sequence[Trials], grid: Sequence[float], lag: float) -> None:
    """Print what an exploration's networks, recorded alike, say of recordings: nothing known, all but gamma known."""
    settings, (found, zoos) = read_account(RunFolder(folder).explored.path).settings, explored(folder)
    exploring, inside = settings.exploring or Exploring(), truths <= (settings.exploring or Exploring()).gamma[1]
    points = list(map(candidates_of, zoos))
    planted = planted_points(seen[0], points, seed=settings.seed)
    inference = inference_of(planted, found.points, exploring)
    summaries = [summarise(each) for each, kept in zip(seen, inside, strict=True) if kept]
    kernels, units = (np.stack([getattr(each, name) for each in summaries]) for name in ("kernel", "units"))
    given, prior = Planted(kernels, units, np.arange(len(kernels))), inference.priors[0][1]
    others, usual = list(range(1, len(inference.priors))), places_of_a_run(exploring, lag)
    told = with_known(given, np.broadcast_to(usual[others], (len(kernels), len(others))))
    for what, known, recordings in (("nothing known", [], given), ("all but gamma known", others, told)):
        learned = learned_where_known(inference, planted, known)
        law = fit_law(learned.statistics[:, 0], inference.places[:, 0])
        chances = posterior(prior, law, learned.from_all.apply(recordings)[0][:, 0])
        low, high = interval(prior, chances).T
        report(f"exploration, {what}", truths[inside], low, high, grid)


def main() -> None:
    """Draw, record, rank and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--explored", type=Path)
    parser.add_argument("--units", type=int, default=120)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--chains", type=int, default=4)
    parser.add_argument("--draws", type=int, default=80, help="resamples in every ranking")
    parser.add_argument("--jobs", type=int)
    asked = parser.parse_args()
    settings, zoo = read_account(asked.run).settings, load_zoo(RunFolder(asked.run).zoo)
    session, task, workers = open_session(settings.recording, settings.choices), task_of_zoo(zoo), Workers(asked.jobs)
    candidates, grid = candidates_of(zoo), zoo.gammas
    between = [gamma for gamma in gammas_to_plant(grid) if gamma not in grid]
    with display() as hook:
        planted, notes = draw_plants(
            between, zoo, task, planting=Planting(chains=asked.chains, members=1), sampling=Sampling(),
            workers=workers, progress=lambda done, total: hook("planted", done, total),
        )  # fmt: skip
    print(*notes, sep="\n")
    size = DataSize(1.0, asked.units, (asked.trials,) * len(session.trials.conditions))
    runs, recorder = runs_of(planted, [size], runs=asked.chains), Recorder(session.trials)
    ranked = Ranked(candidates, task, tuple(map(get_metric, settings.scoring.metrics)), asked.draws)
    with display() as hook:
        outcomes = run_all(
            runs, recorder, ranked, asked.folder, workers=workers,
            progress=lambda done, total: hook("runs", done, total),
        )  # fmt: skip
    seen = [recorded(run, recorder)[0] for run in runs]
    truths = np.array([run.labels["gamma"] for run in runs])
    named = nearest([summarise(each) for each in seen], candidates, seen[0], settings.seed)
    error = float(np.sqrt(np.mean((octaves(named, grid) - octaves(truths, grid)) ** 2)))
    print(f"{len(runs)} recordings of {asked.units} units, {asked.trials} trials a condition")
    print(f"plain estimator: rms error {error:.2f} octaves; a span of {AIM * error:.2f} is aimed at")
    for name, rows in outcomes[outcomes["centring"] == "unit"].groupby("metric", sort=False):
        report(str(name), rows["gamma"].to_numpy(), rows["low"].to_numpy(), rows["high"].to_numpy(), grid)
    if asked.explored is not None:
        of_exploration(asked.explored, truths, seen, grid, session.recording.reading.lag)


if __name__ == "__main__":
    with one_thread():
        main()
