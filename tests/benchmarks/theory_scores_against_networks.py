"""Do infinite networks score what finite ones tend to? Scores of drawn networks of growing N, extrapolated, and theory.

At each gamma and N independent chains are sampled and scored on the built-in recording, draw by draw as `neurocompare
run` does it. A chain's mean over draws and members is one number; its spread over chains gives the standard error. The
means at all N are extrapolated by a weighted fit of s + c / N. The theory is scored on the same draws through several
independent populations of drawn units. Prints a row a metric and centring, with the difference over its standard
error, and how many exceed two. Networks are kept in the folder, so that the program continues where it was. Run with

    python tests/benchmarks/theory_scores_against_networks.py FOLDER --jobs 2
"""

from __future__ import annotations

import argparse
import time
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import t as student

from neurocompare.metrics import METRICS
from neurocompare.models import Draw, Family, Sampling, ZooPlan, make_zoo
from neurocompare.parallel import Workers, spread
from neurocompare.ranking import Candidate, make_draws, score_draw
from neurocompare.ranking.batches import candidates_of
from neurocompare.recordings import open_recording, trials_of
from neurocompare.tasks import reach_task
from neurocompare.theory import mean_field
from neurocompare.workflows.theory_scores import candidate_of


def mean_scores(candidates, trials, draws, jobs) -> pd.Series:
    """Mean score of each (metric, centring, gamma, chain) over members and draws."""
    plans = make_draws(trials, candidates, draws=draws)
    score = partial(score_draw, trials=trials, candidates=candidates, metrics=METRICS)
    tables = spread(score, plans, workers=Workers(jobs))
    model = pd.concat(tables).query("kind == 'model'")
    return model.groupby(["metric", "centring", "gamma", "chain"], sort=False)["score"].mean()


def summary(scores: pd.Series) -> pd.DataFrame:
    """Mean over chains, and its standard error."""
    by = scores.groupby(["metric", "centring", "gamma"], sort=False)
    return pd.DataFrame({"mean": by.mean(), "se": by.std() / np.sqrt(by.size())})


def extrapolate(sizes, means, errors) -> tuple[float, float]:
    """Value at 1/N = 0 of a weighted straight line in 1/N, and its standard error."""
    design = np.stack([np.ones(len(sizes)), 1 / np.asarray(sizes)], axis=1) / np.asarray(errors)[:, None]
    covariance = np.linalg.inv(design.T @ design)
    return float((covariance @ design.T @ (np.asarray(means) / errors))[0]), float(np.sqrt(covariance[0, 0]))


def main() -> None:
    """Make, score, extrapolate, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[200, 400, 800])
    parser.add_argument("--gammas", type=float, nargs="+", default=[0.0, 0.1, 0.4])
    parser.add_argument("--chains", type=int, default=4)
    parser.add_argument("--trajectories", type=int, default=40)
    parser.add_argument("--draws", type=int, default=24)
    parser.add_argument("--population", type=int, default=1600)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()

    recording = open_recording("synthetic")
    trials = trials_of(recording, bin_width=0.02, smoothing=0.04, min_rate=1.0)
    task = reach_task(recording, time_step=0.05, lag=0.1)
    start = time.perf_counter()
    populations = []
    for chain in range(options.chains):
        ways = {"population": options.population, "both_ways": False, "seed": chain}
        for field in mean_field(task, Family(), options.gammas, **ways, workers=Workers(options.jobs)):
            drawn = candidate_of(field, task, seed=chain)
            populations.append(Candidate(drawn.network, field.gamma, chain, 0, drawn.responses))
            print(f"theory, gamma {field.gamma:g}: {'converged' if field.converged else field.why}")
    theory = summary(mean_scores(populations, trials, options.draws, options.jobs))
    print(f"theory: {time.perf_counter() - start:.0f} s", flush=True)
    finite = {}
    for size in options.sizes:
        start = time.perf_counter()
        zoo = make_zoo(
            task,
            Family(n_units=size),
            options.folder / f"{size}",
            ZooPlan(
                gammas=tuple(options.gammas),
                seeds=tuple(range(options.chains)),
                sampler=Draw(Sampling(trajectories=options.trajectories)),
                chains=2,
                members=2,
            ),
            workers=Workers(options.jobs),
        )
        finite[size] = summary(mean_scores(candidates_of(zoo), trials, options.draws, options.jobs))
        agreed = zoo.table()["converged"].mean()
        print(f"N = {size}: {time.perf_counter() - start:.0f} s, {agreed:.0%} of networks converged", flush=True)
    rows = []
    for key, row in theory.iterrows():
        means, errors = (np.array([finite[size].loc[key, name] for size in options.sizes]) for name in ("mean", "se"))
        limit, error = extrapolate(options.sizes, means, errors)
        z = (row["mean"] - limit) / np.hypot(row["se"], error)
        finite_z = (row["mean"] - means[-1]) / np.hypot(row["se"], errors[-1])
        rows.append((*key, *means, errors[-1], limit, error, row["mean"], row["se"], z, finite_z))
    sizes = [f"N={size}" for size in options.sizes]
    columns = ["metric", "centring", "gamma", *sizes, "se", "limit", "limit se", "theory", "theory se", "z", "z last N"]
    table = pd.DataFrame(rows, columns=columns)
    print(table.to_string(index=False, float_format=lambda value: f"{value:.4f}"))
    # Student's t: at least as many degrees of freedom as one side's chains have. Bonferroni over all rows.
    chance = min(1.0, len(table) * 2 * student.sf(table["z"].abs().max(), options.chains - 1))
    print(f"the largest difference, by chance in {chance:.2g} of such tables if there is none")
    print(f"{(table['z'].abs() > 2).sum()} of {len(table)} differ by more than two standard errors; "
          f"root mean square z {np.sqrt((table['z'] ** 2).mean()):.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
