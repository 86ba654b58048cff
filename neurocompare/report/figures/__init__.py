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
from neurocompare.report.figures.comparison import differences_matrix, models_strip
from neurocompare.report.figures.curves import agreement, best_shares, by_recording, fit_curve, score_curve
from neurocompare.report.figures.dynamics import dynamics_overview, gain_curves, spectra_by_gamma
from neurocompare.report.figures.model import nearest_shares, score_strip
from neurocompare.report.figures.nuisance import nuisance_curves
from neurocompare.report.figures.recovery import confusion, recovery_overview
from neurocompare.report.figures.spectra import eigenvalues, variance_curves
from neurocompare.report.figures.style import angle_colours, save, svg

__all__ = [
    "agreement",
    "angle_colours",
    "best_shares",
    "by_recording",
    "condition_colours",
    "condition_key",
    "confusion",
    "differences_matrix",
    "dynamics_overview",
    "eigenvalues",
    "example_units",
    "fit_curve",
    "gain_curves",
    "models_strip",
    "nearest_shares",
    "network_outputs",
    "nuisance_curves",
    "recovery_overview",
    "save",
    "score_curve",
    "score_strip",
    "spectra_by_gamma",
    "svg",
    "task_inputs",
    "trajectories",
    "variance_curves",
]
