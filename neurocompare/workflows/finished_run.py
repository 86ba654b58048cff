"""A finished comparison, opened: what lies in its folder as objects."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from neurocompare.account import Account, is_quick, read_account
from neurocompare.errors import InputError
from neurocompare.models import Zoo, load_zoo
from neurocompare.ranking import GAMMA, Ranking
from neurocompare.ranking.batches import read_scores
from neurocompare.records import load_record
from neurocompare.report.contents import load_contents
from neurocompare.report.plots import RunPlots
from neurocompare.responses import Responses, load_responses
from neurocompare.run_folder import InFolder, RunFolder, networks_in
from neurocompare.shown import Overview, Shown
from neurocompare.tasks.task import Task, load_task
from neurocompare.workflows.finished import finished_scores


@dataclass(frozen=True, repr=False, eq=False)
class FinishedRun(Shown, InFolder):
    """What `run`, `rank_zoo`, `rank_family` and `pool_rankings` return, and `open_run` gives back from a folder.

    Everything but the ranking is read when it is first asked for.

    Attributes
    ----------
    folder : pathlib.Path
        Where it lies; see `RunFolder`.
    ranking : Ranking
        Verdict, best gamma, interval and the share of resamples in which each gamma is best, by metric.

    Examples
    --------
    Of a run, which takes minutes:

    >>> import neurocompare as nc
    >>> found = nc.run("synthetic", out="my-run")  # doctest: +SKIP
    >>> found.ranking.metrics["cka"].holds(0.4), found.report.name  # doctest: +SKIP
    (True, 'report.html')
    >>> axes = found.plot.curve("cka")  # doctest: +SKIP
    """

    folder: Path
    ranking: Ranking

    @cached_property
    def account(self) -> Account:
        """Settings, provenance, versions and cost: ``run.json``."""
        return read_account(self.folder)

    @property
    def quick(self) -> bool:
        """Whether it, or one of those it is pooled of, settled for less than it was asked for: no result then."""
        return is_quick(RunFolder(self.folder))

    @cached_property
    def scores(self) -> pd.DataFrame:
        """Every score, a row each: ``scores.csv``."""
        return read_scores(RunFolder(self.folder).scores)

    @cached_property
    def recording(self) -> Responses:
        """Condition averages of the recording, in spikes/s."""
        self._check_single("recording.nc")
        return load_responses(RunFolder(self.folder).recording)

    @cached_property
    def task(self) -> Task:
        """The task that networks were made for."""
        self._check_single("task.nc")
        return load_task(RunFolder(self.folder).task)

    @cached_property
    def zoo(self) -> Zoo:
        """The networks that were ranked; what other commands made in the same folder is left out.

        Raises
        ------
        InputError
            If models of the user's own were ranked, or the networks are not where they were.
        """
        self._check_single("zoo")
        if self.ranking.axis != GAMMA:
            raise InputError(
                "expected networks of the family that gamma spans, found models of your own: family.csv lists them"
            )
        scores = finished_scores(RunFolder(self.folder), "run")
        ranked = scores.loc[scores["kind"] == "model", "network"]
        return load_zoo(networks_in(self._networks or self.folder)).select(hash=sorted(set(ranked)))

    @cached_property
    def plot(self) -> RunPlots:
        """Its figures, a method each, such as ``plot.curve("cka")`` and ``plot.trajectories()``."""
        self._check_single("what is drawn")
        elsewhere = None if self._networks is None else networks_in(self._networks)
        return RunPlots(load_contents(self.folder, zoo=elsewhere))

    def write(self, folder: Path) -> FinishedRun:
        """Copy results, page and figures, without the networks; see `save`."""
        RunFolder(self.folder).copy_result(folder)
        return FinishedRun(folder, self.ranking)

    def overview(self) -> Overview:
        """Return what is shown of it; see `Shown`."""
        of_ranking = self.ranking.overview()
        title = f"{'Quick run, not to be trusted,' if self.quick else 'Run'} {os.fspath(self.folder)!r}"
        return Overview(title, of_ranking.rows, of_ranking.table)

    @property
    def _networks(self) -> Path | None:
        """The folder of networks that lie elsewhere: they were there already, or the result is kept aside."""
        models = self.account.settings.models
        if models is not None:
            return Path(models)
        aside = self.folder.resolve().parent
        return aside.parent if aside.name == RunFolder.EARLIER else None

    def _check_single(self, what: str) -> None:
        if self.ranking.pooled is not None:
            folders = ", ".join(each.folder for each in self.ranking.pooled.by_recording)
            message = f"expected a ranking of one recording to have {what}, found one of several; open {folders}"
            raise InputError(message)


def open_run(folder: str | os.PathLike[str] = "neurocompare-run") -> FinishedRun:
    """Open the folder of a finished comparison.

    Parameters
    ----------
    folder : path-like
        What `neurocompare run`, `neurocompare rank` or their functions wrote into, or a file in it.

    Returns
    -------
    FinishedRun

    Raises
    ------
    InputError
        If there is no finished ranking in it.

    Examples
    --------
    >>> open_run("nowhere")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: ...
    """
    path = Path(folder)
    files = RunFolder(path.parent if path.is_file() else path)
    scored = [path.name for path in (files.score, files.comparison) if path.is_file()]
    if scored and not files.ranking.exists():
        message = f"expected the folder of a run, found that of scored models ({scored[0]}); open it with open_score"
        raise InputError(message)
    if files.explored.exploration.is_file() and not files.ranking.exists():
        raise InputError(f"expected the folder of a run, found an exploration in {path}; open it with open_exploration")
    return FinishedRun(files.path, load_record(Ranking, files.ranking))


def networks_of(folder: str | os.PathLike[str]) -> Zoo:
    """Read the networks that a finished run ranked, of however many its folder holds; of a zoo, all.

    Raises
    ------
    InputError
        If there are none, or they cannot be read.
    """
    path = Path(folder)
    return open_run(path).zoo if RunFolder(path).ranking.is_file() else load_zoo(networks_in(path))
