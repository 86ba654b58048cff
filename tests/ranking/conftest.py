"""Small recordings and score tables whose answers are known."""

import numpy as np
import pandas as pd
import pytest
from counted_trials import trials_of_counts

from neurocompare.ranking.score import CENTRINGS, COLUMNS


@pytest.fixture
def make_trials():
    """Poisson trials of given rates (condition, time, unit) in spikes/s, two segments, 20 ms bins from 0.01 s."""

    def make(rates, *, repeats=10, seed=0, smoothing=0.0):
        conditions, bins, _ = rates.shape
        repeats = np.broadcast_to(repeats, conditions)
        counts = np.random.default_rng(seed).poisson(np.repeat(rates, repeats, axis=0) * 0.02)
        segment = np.where(np.arange(bins) < bins // 2, "target", "move")
        return trials_of_counts(counts, repeats, width=0.02, start=0.01, segment=segment, smoothing=smoothing)

    return make


@pytest.fixture
def make_table():
    """A score table of one metric from models (draw, gamma, network), ceilings (draw,), nulls (draw, gamma) and
    scores of networks against others of their gamma (gamma,), or by draw and pair (draw, gamma, pair) with the pairs'
    chains."""

    def make(models, gammas, *, ceiling=0.9, null=0.0, metric="toy", networks=None, within=None, pairs=((0, 1),)):
        draws, _, count = models.shape
        networks = networks or [(k, 0) for k in range(count)]
        ceiling = np.broadcast_to(ceiling, draws)
        null = np.broadcast_to(null, models.shape[:2])
        if within is not None and np.ndim(within) == 1:
            within = np.broadcast_to(np.asarray(within)[:, None], (draws, len(gammas), len(pairs)))
        rows = []
        for centring in CENTRINGS:
            for r in range(draws):
                rows.append(("ceiling", metric, centring, np.nan, "", -1, -1, -1, r, ceiling[r], ""))
                for i, gamma in enumerate(gammas):
                    for k, pair in enumerate(networks):
                        rows.append(("model", metric, centring, gamma, "x", *pair, -1, r, models[r, i, k], ""))
                    for name in ("conditions", "time-shift"):
                        pair = networks[r % count]
                        rows.append((f"null:{name}", metric, centring, gamma, "x", *pair, -1, r, null[r, i], ""))
                    for k, (one, other) in enumerate(pairs if within is not None else ()):
                        rows.append(("within", metric, centring, gamma, "x", one, 0, other, r, within[r, i, k], ""))
        return pd.DataFrame(rows, columns=list(COLUMNS))

    return make
