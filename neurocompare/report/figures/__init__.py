"""One function a figure: each takes what is to be shown, draws it in ``axes`` of yours or its own, and returns them.

`save` writes a figure as files, `svg` turns one into an element of a page.
"""

from neurocompare.report.figures.activity import (
    condition_colours,
    condition_key,
    example_units,
    network_outputs,
    task_inputs,
    trajectories,
)
from neurocompare.report.figures.curves import agreement, best_shares, by_recording, fit_curve, score_curve
from neurocompare.report.figures.dynamics import dynamics_overview, gain_curves, spectra_by_gamma
from neurocompare.report.figures.model import nearest_shares, score_strip
from neurocompare.report.figures.nuisance import nuisance_curves
from neurocompare.report.figures.recovery import confusion, recovery_overview
from neurocompare.report.figures.spectra import eigenvalues, variance_curves
from neurocompare.report.figures.style import angle_colours, figure_of, save, svg

__all__ = [
    "agreement",
    "angle_colours",
    "best_shares",
    "by_recording",
    "condition_colours",
    "condition_key",
    "confusion",
    "dynamics_overview",
    "eigenvalues",
    "example_units",
    "figure_of",
    "fit_curve",
    "gain_curves",
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
