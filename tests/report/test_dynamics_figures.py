"""Figures of dynamics: what is drawn is what the table says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from neurocompare.report.figures import dynamics_overview, figure_of, save, spectra_by_gamma
from neurocompare.report.figures.dynamics import PANELS
from neurocompare.report.figures.style import GammaAxis, panels

GAMMAS = (0.0, 0.1, 0.4)


def tables(families=("",)):
    rows = [
        {"gamma": gamma, "family": family, "quantity": quantity, "value": 1 + gamma + 0.1 * k}
        for family in families
        for gamma in GAMMAS
        for panel in PANELS
        for quantity, _ in panel.quantities
        for k in range(3)
    ]
    table = pd.DataFrame(rows)
    grouped = table.groupby(["family", "gamma", "quantity"])["value"]
    return table, grouped.agg(mean="mean", error="sem").reset_index()


def test_every_panel_shows_its_means():
    table, summary = tables()
    axes = dynamics_overview(table, summary)
    assert [axis.get_title(loc="left") for axis in axes.flat] == [panel.name for panel in PANELS]
    axis = axes.flat[0]
    drawn = [line.get_ydata() for line in axis.lines if len(line.get_ydata()) == 3 and line.get_marker() == "o"]
    np.testing.assert_allclose(drawn[0], [1.1, 1.2, 1.5])


def test_families_have_a_legend_and_missing_quantities_are_left_out():
    table, summary = tables(("g 1.2", "g 1.5"))
    summary = summary[summary["quantity"] != "pr_infinite_units"]
    figure = figure_of(dynamics_overview(table, summary))
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["g 1.2", "g 1.5"]


def test_outliers_are_picked_out(tmp_path):
    spectra = [("one", np.array([0.5, 2 + 1j, 2 - 1j])), ("two", np.array([0.1, 1.2]))]
    axes = spectra_by_gamma(spectra, g=1.0, edge=1.1)
    beyond = [line for line in axes.flat[0].lines if line.get_marker() == "o"]
    assert len(beyond[0].get_xdata()) == 2
    png, svg = save(axes, tmp_path / "spectra")
    assert png.stat().st_size > 1000
    first = svg.read_bytes()
    save(spectra_by_gamma(spectra, g=1.0, edge=1.1), tmp_path / "spectra")
    assert svg.read_bytes() == first


@pytest.mark.parametrize("gammas", [(0.03, 0.19, 0.32, 0.44, 0.63, 0.95, 1.9), tuple(0.1 * 1.1**k for k in range(30))])
def test_labels_of_gamma_keep_their_distance(gammas):
    axis = panels()[1][0, 0]
    GammaAxis(gammas).dress(axis, most=7)
    places = np.sort(axis.get_xticks())
    assert 2 <= len(places) <= 8
    assert np.diff(places).min() > 0.95 * np.ptp(GammaAxis(gammas).at(gammas)) / 7
