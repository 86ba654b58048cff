"""Rankings as far as commands print them."""

from __future__ import annotations

from pathlib import Path

from neurocompare.ranking import MetricRanking, Ranking, Sampling, Summary
from neurocompare.records import save_record
from neurocompare.workflows.finished_run import FinishedRun, open_run


def leave_ranking(folder: Path, sentence: str, metrics: dict[str, tuple]) -> FinishedRun:
    """Leave a ranking.json of a sentence, and of (best gamma, interval, verdict) by metric."""
    found = {
        name: MetricRanking(name, None, 20, 0, verdict, "", best_gamma=best, gamma_interval=interval)
        for name, (best, interval, verdict) in metrics.items()
    }
    ranking = Ranking(
        recordings=("m",),
        planted_gamma=None,
        gammas=(0.0, 0.4),
        settings={},
        fit=(),
        sampling=Sampling(units=8, units_drawn=4, trials=(4, 4), trials_drawn=(2, 2)),
        metrics=found,
        centred=found,
        summary=Summary(0.4, (0.2, 0.8), sentence),
    )
    save_record(ranking, folder / "ranking.json")
    return open_run(folder)
