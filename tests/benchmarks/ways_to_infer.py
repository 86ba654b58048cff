"""Ways to infer gamma from planted recordings of a design: what each gains, how wide its intervals are, what it costs.

Run with

    python tests/benchmarks/ways_to_infer.py FOLDER [--points 64]

where FOLDER is what `neurocompare run --explore --out FOLDER` left. Every network of the design is recorded as the
recording was; gamma of the recordings of one part of the design is inferred from those of the others, all settings
unknown, from the same coordinates of what is seen. A line a way: the share of its 95 % intervals that hold the truth,
the mean gain in log density over the prior, the median span in octaves, and processor seconds a part.

- kept: what the product does, a learned statistic and the law of its scatter (`neurocompare.ranking.inferred`), before
  the level of intervals is raised.
- conformal: the same statistic, and the interval within which 95 % of the truths of other parts lie around theirs.
- process: Gaussian-process regression (scikit-learn) of gamma's place, Matern 5/2 of one length beside a plane.
- flow, mixture: neural posterior estimation by `sbi`, where it is installed, of gamma's place alone: a neural spline
  flow, and a mixture density network.

A density over places gives a cell of the prior what it holds between the middles of its neighbours: gamma 0 is a point.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from scipy.stats import norm

from neurocompare.account import read_account
from neurocompare.parallel import one_thread
from neurocompare.ranking import candidates_of
from neurocompare.ranking.inferred import LEVEL, Inference, Prior, inference_of, interval
from neurocompare.ranking.learned_statistics import Planted, learn
from neurocompare.run_folder import RunFolder
from neurocompare.settings import Exploring
from neurocompare.workflows.as_recorded import planted_points
from neurocompare.workflows.session import open_session

sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from inferred_settings import explored, gains, octaves
from shares import share

BATCH = 64
"""Recordings that a step of `sbi`'s training is taken from: there are few."""


def edges_of(prior: Prior) -> np.ndarray:
    """Return the places between the prior's cells, shape (cell - 1,)."""
    return 0.5 * (prior.places[1:] + prior.places[:-1])


def process(x: np.ndarray, places: np.ndarray, others: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Predict by Gaussian-process regression."""
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, DotProduct, Matern, WhiteKernel

    kernel = ConstantKernel(0.1) * DotProduct(1.0) + ConstantKernel(0.1) * Matern(10.0, nu=2.5) + WhiteKernel(0.01)
    fitted = GaussianProcessRegressor(kernel, normalize_y=True).fit(x, places)
    mean, spread = fitted.predict(others, return_std=True)
    return norm.cdf(edges, mean[:, None], spread[:, None])


def neural(kind: str) -> Callable[..., np.ndarray]:
    """Return a prediction by neural posterior estimation."""

    def predict(x: np.ndarray, places: np.ndarray, others: np.ndarray, edges: np.ndarray) -> np.ndarray:
        import torch
        from sbi.inference import NPE

        torch.manual_seed(0)
        theta, seen = (torch.as_tensor(each, dtype=torch.float32) for each in (places[:, None], x))
        # It writes logs where it is run, and says after how many epochs it stopped.
        with tempfile.TemporaryDirectory() as logs, contextlib.chdir(logs), contextlib.redirect_stdout(None):
            trainer = NPE(density_estimator=kind, show_progress_bars=False).append_simulations(theta, seen)
            density = trainer.train(training_batch_size=BATCH)
        fine = torch.linspace(-0.5, 1.5, 2001)
        given = torch.as_tensor(others, dtype=torch.float32)
        with torch.no_grad():
            logs = density.log_prob(fine[:, None, None].expand(-1, len(given), 1), given).T.double().numpy()
        chances = np.exp(logs - logs.max(axis=1, keepdims=True))
        below = chances.cumsum(axis=1) / chances.sum(axis=1, keepdims=True)
        return np.stack([np.interp(edges, fine.numpy(), row) for row in below])

    return predict


def predicted(inference: Inference, planted: Planted, predict: Callable[..., np.ndarray]) -> np.ndarray:
    """Return gamma's posterior of each recording by a way that learns from the other parts, shape (recording, cell)."""
    prior, places = inference.priors[0][1], inference.places[:, 0]
    of_points = np.zeros((planted.point.max() + 1, 1))
    of_points[planted.point, 0] = places
    chances = np.empty((len(places), len(prior.values)))
    for part in np.unique(inference.learned.fold):
        left = inference.learned.fold == part
        x = learn(planted[~left], of_points).from_all.coordinates.of(planted)
        below = predict(x[~left], places[~left], x[left], edges_of(prior))
        chances[left] = np.diff(below, axis=1, prepend=0.0, append=1.0)
    return chances


def conformal(inference: Inference) -> tuple[np.ndarray, np.ndarray]:
    """Return intervals of gamma around its learned statistic that hold those of the other parts."""
    prior, learned, places = inference.priors[0][1], inference.learned, inference.places[:, 0]
    off, ends = np.abs(learned.statistics[:, 0] - places), np.empty((len(places), 2))
    for part in np.unique(learned.fold):
        left = learned.fold == part
        most = np.quantile(off[~left], LEVEL, method="higher")
        ends[left] = learned.statistics[left, :1] + [-most, most]
    low, high = (np.interp(end, prior.places, prior.values) for end in ends.T)
    return low, high


def report(way: str, inference: Inference, low: np.ndarray, high: np.ndarray, gain: float | None, took: float) -> None:
    """Print a line."""
    prior, true = inference.priors[0][1], inference.truths[:, 0]
    held = share(int(((true >= low) & (true <= high)).sum()), len(true))
    gained = "none given" if gain is None else f"{gain:.2f} nats"
    span = np.median(octaves(prior, low, high))
    print(f"{way:10s} holds {held}, gain {gained}, median span {span:.2f} octaves, {took:.1f} s a part", flush=True)


def main() -> None:
    """Print a line a way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--points", type=int, help="learn from the first of the design alone")
    asked = parser.parse_args()
    settings, (found, zoos) = read_account(RunFolder(asked.folder).explored.path).settings, explored(asked.folder)
    session = open_session(settings.recording, settings.choices)
    networks = list(map(candidates_of, zoos))[: asked.points]
    planted = planted_points(session.trials, networks, seed=settings.seed)
    inference = inference_of(planted, found.points[: asked.points], settings.exploring or Exploring())
    prior, true, parts = inference.priors[0][1], inference.truths[:, 0], len(np.unique(inference.learned.fold))
    ways: Mapping[str, Callable[[], np.ndarray]] = {
        "kept": lambda: inference.left_out(0),
        "process": lambda: predicted(inference, planted, process),
    }
    if importlib.util.find_spec("sbi") is not None:
        ways = {
            **ways,
            "flow": lambda: predicted(inference, planted, neural("nsf")),
            "mixture": lambda: predicted(inference, planted, neural("mdn")),
        }
    report("conformal", inference, *conformal(inference), None, 0.0)
    for way, infer in ways.items():
        began = time.process_time()
        chances = infer()
        took = (time.process_time() - began) / parts
        low, high = interval(prior, chances).T
        report(way, inference, low, high, float(gains(prior, chances, true).mean()), took)


if __name__ == "__main__":
    with one_thread(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of peers' optimisers
        main()
