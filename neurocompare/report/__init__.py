"""The report: one self-contained HTML file from what a run left in its folder.

`write_report` is the whole of it, `write_score_report` the same for a model of the user's own,
`write_comparison_report` for several of them, `write_pooled_report` for several recordings, and
`write_exploration_report` for a design over all settings. Results draw the same figures one by one, with ``.plot``
(`RunPlots`, `ScorePlots`, `ComparisonPlots`), and so do the functions of `neurocompare.report.figures`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
