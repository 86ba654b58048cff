"""Are the settings that an exploration infers calibrated, and are outside populations told? Its own networks, recorded.

Run with

    python tests/benchmarks/inferred_settings.py FOLDER [--units 60 --trials 8] [--outside 50] [--fresh FOLDER]
        [--points 64] [--zoo FOLDER ...]

where FOLDER is what `neurocompare run --explore --out FOLDER` left. Every network of the design is recorded twice as
the recording was, or with fewer units and trials, and its settings are inferred from the recordings of other points. A
line a setting: coverage of the 95 % interval, mean gain in log density over the prior, and for gamma the coverage by
what the posterior says (its median), the ranks of truths, and the median span of intervals in octaves. The same of
gamma where the other settings are known: each recording's own are among what gamma is learned from. And what profiles
of one setting at a time would say of gamma: the same inference told that all others, or all others but one, have the
values of a default run, which these recordings do not have. Then, of populations that are no network of the family, how
many are told: units that follow the movement; networks with a signal that all conditions share, as large as their own;
networks of which half of the units follow the movement; units that have nothing to do with one another. With --fresh,
recordings of the networks of another exploration of the same ranges (another --seed) are inferred as well, of which
nothing was learned at all. With --zoo, how many networks that were made for the same task in another way (`neurocompare
zoo`) are told. --points learns from the first of the design alone: what more of them buy. Intervals of shares take
recordings as independent, which the eight of a point are not; that of gamma's stands once more with points resampled.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from neurocompare.account import read_account
from neurocompare.models import DesignPoint, Zoo, load_zoo
from neurocompare.models.design import factors_of
from neurocompare.parallel import one_thread
from neurocompare.ranking import Exploration, candidates_of
from neurocompare.ranking.exploration_sentence import DOUBTED
from neurocompare.ranking.inferred import Inference, Prior, fit_law, inference_of, interval, median, posterior
from neurocompare.ranking.learned_statistics import Learned, Planted, learn
from neurocompare.ranking.summary_statistics import summarise
from neurocompare.recordings import Trials
from neurocompare.records import load_record
from neurocompare.run_folder import RunFolder
from neurocompare.settings import Exploring, Family
from neurocompare.workflows.as_recorded import as_recorded, planted_points
from neurocompare.workflows.session import open_session

sys.path.insert(0, str(Path(__file__).parents[1]))

from outside_populations import outside
from shares import share

RESAMPLES = 4000

BINS = ((0.0, 0.1), (0.1, 0.4), (0.4, np.inf))


def smaller(trials: Trials, units: int | None, repeats: int | None) -> Trials:
    """Keep so many units, and so many trials of each condition."""
    counts = trials.counts
    if units is not None:
        counts = counts.isel(unit=np.random.default_rng(0).permutation(counts.sizes["unit"])[:units])
    if repeats is not None:
        labels = counts["condition"].values
        kept = np.concatenate([np.flatnonzero(labels == label)[:repeats] for label in np.unique(labels)])
        counts = counts.isel(trial=np.sort(kept))
    return Trials(counts, trials.conditions, trials.bin_width, trials.smoothing, source=trials.source)


def explored(out: Path) -> tuple[Exploration, list[Zoo]]:
    """Read what an exploration left."""
    folder = RunFolder(out).explored
    zoo = load_zoo(folder.zoo)
    listed = pd.read_csv(folder.path / "design.csv")["networks"]
    return load_record(Exploration, folder.exploration), [zoo.select(hash=names.split()) for names in listed]


def with_known(planted: Planted, known: np.ndarray) -> Planted:
    """Count places of settings, shape (recording, setting), among what is seen of each recording."""
    return Planted(planted.kernels, np.column_stack([planted.units, known]), planted.point)


def learned_where_known(
    inference: Inference, planted: Planted, known: Sequence[int], kept: np.ndarray | slice = slice(None)
) -> Learned:
    """Learn gamma alone from recordings, or those kept, of which the places of some settings are known as well."""
    gammas = np.zeros((planted.point.max() + 1, 1))
    gammas[planted.point, 0] = inference.places[:, 0]
    return learn(with_known(planted, inference.places[:, known])[kept], gammas)


def gamma_where_known(
    inference: Inference, planted: Planted, known: Sequence[int], told: np.ndarray | None = None
) -> np.ndarray:
    """Return gamma's posterior of each planted recording, from those of other parts of the design, shape (.., cell).

    Parameters
    ----------
    inference : Inference
        Of the same recordings, where nothing is known of them.
    planted : Planted
    known : sequence of int
        Settings whose places are known of every recording that is learned from.
    told : array, shape (known,), optional
        What is taken for their places in the recording whose gamma is inferred; its own where None.
    """
    own, prior, places = inference.places[:, known], inference.priors[0][1], inference.places[:, :1]
    taken = with_known(planted, own if told is None else np.broadcast_to(told, own.shape))
    learned = learned_where_known(inference, planted, known)
    chances = np.empty((len(own), len(prior.values)))
    for part in np.unique(learned.fold):
        left = learned.fold == part
        law = fit_law(learned.statistics[~left, 0], places[~left, 0])
        regression = learned_where_known(inference, planted, known, ~left).from_all
        chances[left] = posterior(prior, law, regression.apply(taken[left])[0][:, 0])
    return chances


def places_of_a_run(exploring: Exploring, lag: float) -> np.ndarray:
    """Return where the settings of a default run are on the axes of a design, shape (setting,)."""
    usual = DesignPoint(Family(), exploring.gamma[0], lag)
    return np.array([float(factor.place(usual.value(factor.name))) for factor in factors_of(exploring)])


def known_settings(inference: Inference, planted: Planted, usual: np.ndarray) -> None:
    """Print what gamma's posterior is where the other settings are known, and where a default run's are assumed."""
    names = [name for name, _ in inference.priors]
    others = list(range(1, len(names)))
    describe("gamma, all other settings known", inference, gamma_where_known(inference, planted, others))
    for free in (None, *others):
        assumed = [k for k in others if k != free]
        what = "all other settings" if free is None else f"all but {names[free]}"
        chances = gamma_where_known(inference, planted, assumed, usual[assumed])
        describe(f"gamma, {what} taken for a default run's", inference, chances)


def describe(what: str, inference: Inference, chances: np.ndarray) -> None:
    """Print coverage, gain and span of gamma's posteriors."""
    prior, true = inference.priors[0][1], inference.truths[:, 0]
    low, high = interval(prior, chances).T
    span = np.median(octaves(prior, low, high))
    held = share(int(((true >= low) & (true <= high)).sum()), len(true))
    print(f"{what}: held {held}, gain {gains(prior, chances, true).mean():.2f} nats, median span {span:.2f} octaves")


def gains(prior: Prior, chances: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Return how much more probable each truth has become, in nats; what rounding makes impossible counts as 1e-12."""
    cell = prior.cell(true)
    return np.log(np.maximum(chances[np.arange(len(cell)), cell], 1e-12) / prior.weights[cell])


def octaves(prior: Prior, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return spans of gamma; half of the smallest gamma above 0 stands for the reservoir."""
    floor = 0.5 * prior.values[prior.values > 0].min()
    return np.log2(np.maximum(high, floor) / np.maximum(low, floor))


def by_point(held: np.ndarray, point: np.ndarray) -> tuple[float, float]:
    """Return the 95 % interval of a share whose recordings go together by points, by a bootstrap over these."""
    shares = np.array([held[point == each].mean() for each in np.unique(point)])
    drawn = np.random.default_rng(0).integers(len(shares), size=(RESAMPLES, len(shares)))
    low, high = np.quantile(shares[drawn].mean(axis=1), (0.025, 0.975))
    return float(low), float(high)


def calibration(inference: Inference, recordings: Planted, truths: np.ndarray | None = None) -> None:
    """Print a line a setting, of the planted recordings that were learned from, each left out, or of others."""
    for k, (name, prior) in enumerate(inference.priors):
        if truths is None:
            chances, true = inference.left_out(k), inference.truths[:, k]
        else:
            statistics, _ = inference.learned.from_all.apply(recordings)
            chances, true = posterior(prior, inference.laws[k], statistics[:, k]), truths[:, k]
        low, high = interval(prior, chances, inference.calibration[k][0]).T
        cell, held = prior.cell(true), (true >= low) & (true <= high)
        gain = gains(prior, chances, true).mean()
        print(f"{name}: held {share(int(held.sum()), len(held))}, gain {gain:.2f} nats")
        if name != "gamma":
            continue
        low_share, high_share = by_point(held, recordings.point)
        print(f"  with points resampled: {low_share:.1%} to {high_share:.1%}")
        middle = median(prior, chances)
        spans = octaves(prior, low, high)
        for least, most in BINS:
            here = (middle >= least) & (middle < most)
            span = np.median(spans[(true >= least) & (true < most)])
            held_here = share(int(held[here].sum()), int(here.sum()))
            print(f"  median in {least:g} to {most:g}: held {held_here}; truths there: span {span:.2f} octaves")
        below = chances.cumsum(axis=1)[np.arange(len(cell)), cell] - 0.5 * chances[np.arange(len(cell)), cell]
        print(f"  ranks in tenths: {np.histogram(below, 10, (0, 1))[0].tolist()}")


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--units", type=int)
    parser.add_argument("--trials", type=int)
    parser.add_argument("--outside", type=int, default=50)
    parser.add_argument("--fresh", type=Path)
    parser.add_argument("--zoo", type=Path, nargs="+", default=(), help="networks made in another way")
    parser.add_argument("--points", type=int, help="learn from the first of the design alone")
    asked = parser.parse_args()
    found, zoos = explored(asked.folder)
    settings = read_account(RunFolder(asked.folder).explored.path).settings
    exploring = settings.exploring or Exploring()
    session = open_session(settings.recording, settings.choices)
    trials = smaller(session.trials, asked.units, asked.trials)
    points, networks = found.points[: asked.points], list(map(candidates_of, zoos))[: asked.points]
    planted = planted_points(trials, networks, seed=settings.seed)
    inference = inference_of(planted, points, exploring)
    print(f"{len(inference.truths)} recordings of {len(points)} points, left out one part of the design at a time")
    calibration(inference, planted)
    known_settings(inference, planted, places_of_a_run(exploring, session.recording.reading.lag))
    odd = inference.learned.distances
    if asked.fresh is not None:
        others, of_fresh = explored(asked.fresh)
        fresh = planted_points(trials, list(map(candidates_of, of_fresh)), seed=settings.seed + 1)
        truths = np.array([[getattr(others.points[at], name) for name, _ in inference.priors] for at in fresh.point])
        print(f"{len(truths)} recordings of {len(others.points)} fresh points")
        calibration(inference, fresh, truths)
        distances = inference.learned.from_all.apply(fresh)[1]
        doubted = sum((1 + (odd >= each).sum()) / (1 + len(odd)) < DOUBTED for each in distances)
        print(f"  doubted: {share(int(doubted), len(distances))}")
    told: dict[str, int] = {}
    for number in range(asked.outside):
        rng = np.random.default_rng([8, number])
        network = networks[int(rng.integers(len(networks)))][0]
        for kind, responses in outside(network, session.task, seed=number).items():
            seen = inference.of(summarise(as_recorded(responses, trials, rng=rng)))
            told[kind] = told.get(kind, 0) + (seen.odd < DOUBTED)
    for folder in asked.zoo:
        others = candidates_of(load_zoo(folder))
        seen = planted_points(trials, [[each] for each in others], seed=settings.seed + 2)
        distances = inference.learned.from_all.apply(seen)[1]
        far = sum((1 + (odd >= each).sum()) / (1 + len(odd)) < DOUBTED for each in distances)
        print(f"outside the family, networks of {folder.name}: told {share(int(far), len(distances))}")
    for kind, count in told.items():
        print(f"outside the family, {kind}: told {share(int(count), asked.outside)}")


if __name__ == "__main__":
    with one_thread():
        main()
