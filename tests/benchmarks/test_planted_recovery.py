"""Whole runs on recordings of known gamma: does the ranking name it?

Nine default runs, four minutes each on two cores; prints one row a run. Run with

    python -m pytest tests/benchmarks/test_planted_recovery.py -m benchmark -s
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pandas as pd
import pytest

from neurocompare.pipeline import run

SEEDS = (0, 1, 2)
NEIGHBOURS = {0.4: (0.2, 0.4, 0.8), 1.6: (0.8, 1.6, 3.2), 0.1: (0.0, 0.05, 0.1, 0.2, 0.4)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Where the runs go: kept, and continued, where NEUROCOMPARE_BENCHMARKS names a folder."""
    kept = os.environ.get("NEUROCOMPARE_BENCHMARKS")
    return Path(kept) if kept else tmp_path_factory.mktemp("recovery")


@pytest.mark.benchmark
@pytest.mark.parametrize("planted", NEIGHBOURS)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_planted_gamma_is_named(folder, planted, seed):
    out = folder / f"planted-{planted:g}-seed-{seed}"
    start = time.perf_counter()
    run("synthetic", out=out, planted=planted, seed=seed)
    seconds = time.perf_counter() - start
    ranking = json.loads((out / "ranking.json").read_text())
    zoo = pd.read_csv(out / "zoo" / "zoo.csv")
    rows = [f"planted {planted:g} seed {seed}: {seconds:.0f} s, {zoo['converged'].mean():.0%} of networks converged"]
    for name, result in ranking["metrics"].items():
        low, high = result["gamma_interval"]
        centred = ranking["centred"][name]["best_gamma"]
        rows.append(
            f"  {name:12s} best {result['best_gamma']:<5g} interval {low:g} to {high:g}, {result['verdict']}"
            f" (mean removed: {centred:g})"
        )
    print("\n" + "\n".join(rows))
    for name in ("procrustes", "cka"):
        assert ranking["metrics"][name]["best_gamma"] in NEIGHBOURS[planted], name
