"""The report: one self-contained HTML file from what a run left in its folder.

`write_report` is the whole of it, `write_score_report` the same for a model of the user's own,
`write_comparison_report` for several of them, `write_pooled_report` for several recordings, and
`write_exploration_report` for a design over all settings. Results draw the same figures one by one, with ``.plot``
(`RunPlots`, `ScorePlots`, `ComparisonPlots`), and so do the functions of `neurocompare.report.figures`.
"""

from neurocompare.report.comparison_page import write_comparison_report
from neurocompare.report.contents import RunContents, ShownNetwork, load_contents
from neurocompare.report.exploration_page import write_exploration_report
from neurocompare.report.page import write_report
from neurocompare.report.plots import RunPlots
from neurocompare.report.pooled_page import write_pooled_report
from neurocompare.report.score_page import write_score_report
from neurocompare.report.score_plots import ComparisonPlots, ScorePlots

__all__ = [
    "ComparisonPlots",
    "RunContents",
    "RunPlots",
    "ScorePlots",
    "ShownNetwork",
    "load_contents",
    "write_comparison_report",
    "write_exploration_report",
    "write_pooled_report",
    "write_report",
    "write_score_report",
]
