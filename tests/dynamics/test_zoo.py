"""Many networks: described once, continued, tabulated, and refused where they do not fit."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from neurocompare.dynamics import Measuring, describe, describe_zoo, quantities
from neurocompare.dynamics.table import summary_table, tidy_table
from neurocompare.errors import InputError
from neurocompare.models import Family, Reservoir, ZooPlan, make_zoo
from neurocompare.parallel import Workers
from neurocompare.tasks import ideal_reach, oscillation

QUICK = Measuring(exponents=2, duration=100.0, transient=50.0, repeats=2, path_states=2)


@pytest.fixture(scope="module")
def zoo(tmp_path_factory):
    family = Family(tau=0.05, beta=100.0, n_units=40)
    folder = tmp_path_factory.mktemp("zoo")
    return make_zoo(
        oscillation(), family, folder, ZooPlan((0.0, 0.3), sampler=Reservoir(), chains=2), workers=Workers(1)
    )


def test_entries_are_kept_and_come_back_the_same(zoo, tmp_path):
    said = []
    first = describe_zoo(
        zoo, oscillation(), tmp_path, measuring=QUICK, workers=Workers(1), progress=lambda *each: said.append(each)
    )
    assert said == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert [entry.hash for entry in first] == [card.hash for card in zoo.cards]
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    damaged = next(iter(kept))
    damaged.write_text("{")
    again = describe_zoo(zoo, oscillation(), tmp_path, measuring=QUICK, workers=Workers(1))
    assert json.loads(damaged.read_text())["hash"] in damaged.name
    assert all(path.stat().st_mtime_ns == when for path, when in kept.items() if path != damaged)
    tables = tidy_table(first), tidy_table(again)
    assert tables[0].equals(tables[1])
    np.testing.assert_array_equal(first[0].eigenvalues, again[0].eigenvalues)
    describe_zoo(zoo, oscillation(), tmp_path, measuring=replace(QUICK, kick=0.2), workers=Workers(1))
    assert len(list(tmp_path.iterdir())) == 8


def test_the_summary_counts_chains_not_members(zoo, tmp_path):
    table = tidy_table(describe_zoo(zoo, oscillation(), tmp_path, measuring=QUICK, workers=Workers(1)))
    assert not table.duplicated(["hash", "quantity"]).any()
    summary = summary_table(table)
    row = summary[(summary["gamma"] == 0.3) & (summary["quantity"] == "pr")].iloc[0]
    values = table[(table["gamma"] == 0.3) & (table["quantity"] == "pr")]["value"]
    assert row["mean"] == pytest.approx(values.mean())
    assert row["error"] == pytest.approx(values.std(ddof=1) / 2**0.5)
    doubled = table.assign(member=1)
    assert summary_table(pd.concat([table, doubled]))["error"].equals(summary["error"])


def test_networks_of_another_task_are_refused(zoo, tmp_path):
    with pytest.raises(InputError, match="found 4 of 4 made for another"):
        describe_zoo(zoo, ideal_reach(), tmp_path, workers=Workers(1))
    with pytest.raises(InputError, match="duration to be a number at least 100"):
        Measuring(duration=5)


@pytest.mark.parametrize(("nonlinearity", "g"), [("linear", 0.7), ("linear", 1.5), ("relu", 0.7)])
def test_networks_without_bounds_are_described_too(random_network, task, nonlinearity, g):
    found = describe(random_network(g=g, n_units=40, nonlinearity=nonlinearity), task, measuring=QUICK)
    names = [each.quantity for each in quantities(found)]
    assert len(names) == len(set(names))
    assert (found.amplification is not None) == (nonlinearity == "linear")
    if g > 1:
        assert found.lyapunov is None
        assert "diverges" in found.notes[0]
    else:
        assert found.lyapunov.verdict == "not positive"


def test_a_network_and_a_task_that_do_not_fit_are_refused(random_network):
    with pytest.raises(InputError, match="expected a task of 2 channels"):
        describe(random_network(), ideal_reach())
