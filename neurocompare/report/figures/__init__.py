"""One function a figure: each takes what is to be shown and returns a matplotlib ``Figure``.

`svg` turns a figure into an element of the page, `save` writes one as files of its own.
"""

from neurocompare.report.figures.activity import (
    condition_colours,
    condition_key,
    example_units,
    network_outputs,
    task_inputs,
    trajectories,
)
from neurocompare.report.figures.curves import agreement, best_shares, fit_curve, score_curve
from neurocompare.report.figures.dynamics import dynamics_overview, gain_curves, spectra_by_gamma
from neurocompare.report.figures.model import nearest_shares, score_strip
from neurocompare.report.figures.nuisance import nuisance_curves
from neurocompare.report.figures.spectra import eigenvalues, variance_curves
from neurocompare.report.figures.style import angle_colours, save, svg

__all__ = [
    "agreement",
    "angle_colours",
    "best_shares",
    "condition_colours",
    "condition_key",
    "dynamics_overview",
    "eigenvalues",
    "example_units",
    "fit_curve",
    "gain_curves",
    "nearest_shares",
    "network_outputs",
    "nuisance_curves",
    "save",
    "score_curve",
    "score_strip",
    "spectra_by_gamma",
    "svg",
    "task_inputs",
    "trajectories",
    "variance_curves",
]
