from __future__ import annotations

import itertools
from dataclasses import replace

import pandas as pd
import pytest

from neurocompare.errors import InputError
from neurocompare.models.chain import Sampling
from neurocompare.models.family import Family
from neurocompare.models.zoo import make_zoo

FAMILY = Family(n_units=12, beta=60.0, tau=0.1)
SHORT = Sampling(ramp=1, ramp_trajectories=1, burn_in=3, trajectories=6, max_leapfrogs=5)
GRID = {"gammas": (0.0, 0.2, 0.5), "sampling": SHORT, "jobs": 1}


def test_a_second_run_makes_nothing_and_finds_the_same(task, tmp_path):
    first = make_zoo(task, FAMILY, tmp_path, **GRID)
    stamps = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/*")}
    second = make_zoo(task, FAMILY, tmp_path, **GRID)
    assert second.cards == first.cards
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/*")} == stamps


def test_processes_do_not_change_the_networks(task, tmp_path):
    one = make_zoo(task, FAMILY, tmp_path / "one", **GRID)
    two = make_zoo(task, FAMILY, tmp_path / "two", **{**GRID, "jobs": 2})
    assert one.cards == two.cards


def test_every_setting_names_other_networks(task, tmp_path):
    base = {card.hash for card in make_zoo(task, FAMILY, tmp_path, **GRID).cards}
    changes = [
        {"family": replace(FAMILY, g=1.2)},
        {"family": replace(FAMILY, beta=50.0)},
        {"task": replace(task, targets=1.01 * task.targets)},
        {"seeds": (1,)},
        {"sampling": replace(SHORT, trajectories=8)},
    ]
    for change in changes:
        arguments = {"task": task, "family": FAMILY, **GRID, **change}
        zoo = make_zoo(arguments.pop("task"), arguments.pop("family"), tmp_path, **arguments)
        drawn = {card.hash for card in zoo.cards if card.gamma > 0}
        assert not drawn & base


def test_progress_ends_complete_and_the_table_has_every_network(task, tmp_path):
    seen = []
    zoo = make_zoo(task, FAMILY, tmp_path, progress=lambda done, total: seen.append((done, total)), **GRID)
    assert seen[0][0] == pytest.approx(0, abs=1e-9)
    assert seen[-1][0] == pytest.approx(seen[-1][1])
    assert seen == sorted(seen)
    table = pd.read_csv(tmp_path / "zoo.csv")
    assert len(table) == len(zoo.cards) == 12
    assert {"hash", "gamma", "seed", "chain", "method", "g", "tau", "beta", "input_scale", "loss", "converged"} <= set(
        table
    )
    assert set(table["method"]) == {"reservoir", "draw"}


@pytest.mark.parametrize(
    ("change", "message"),
    [({"chains": 1}, "2 chains"), ({"members": 7}, "as many members"), ({"gammas": (0.1, -1)}, "gamma")],
)
def test_a_senseless_grid_is_refused_before_anything_is_written(task, tmp_path, change, message):
    with pytest.raises(InputError, match=message):
        make_zoo(task, FAMILY, tmp_path / "zoo", **{**GRID, **change})
    assert not (tmp_path / "zoo").exists()


def test_a_short_chain_comes_first_and_then_the_longest(task, tmp_path):
    order = []
    make_zoo(task, FAMILY, tmp_path, progress=lambda done, total: order.append(done), **GRID)
    costs = [later - earlier for earlier, later in itertools.pairwise(order)]
    assert len(costs) == 6  # 3 gammas x 2 chains
    assert costs[0] == pytest.approx(min(cost for cost in costs if cost > 0.2))  # the reservoir is no measure
    assert costs[1:] == sorted(costs[1:], reverse=True)
