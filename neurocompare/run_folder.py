"""The folder of a comparison: what lies where in it."""

from __future__ import annotations

import os
import shutil
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Self

from neurocompare.errors import InputError
from neurocompare.files import check_new


class RunFolder:
    """What a comparison leaves behind.

    Attributes
    ----------
    path : pathlib.Path
    recording, task : pathlib.Path
        Condition averages of the recording, and the task that networks were made for.
    zoo, networks : pathlib.Path
        The networks, a folder each, and the table of those that were ranked, where they are not in `zoo`.
    scores, batches : pathlib.Path
        Every score: a tidy table, and as they are made, kept for a run that continues.
    ranking, account : pathlib.Path
        The result, for scripts, and how it was made.
    report, figures : pathlib.Path
        The result, for people, and its figures.
    model, score, comparison : pathlib.Path
        Of a scored model: its activity and the result; of several: what compares them.
    exploration : pathlib.Path
        The profile over all settings, in the folder `explored`.
    hypotheses : pathlib.Path
        Explorations of several tasks, side by side.
    models : pathlib.Path
        Of scored models that are compared, a folder each.
    earlier : pathlib.Path
        Results that other commands left there before, a folder each.

    Examples
    --------
    >>> RunFolder(Path("my-run")).ranking.as_posix()
    'my-run/ranking.json'
    """

    EARLIER = "earlier"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.recording, self.task = path / "recording.nc", path / "task.nc"
        self.zoo, self.networks = path / "zoo", path / "zoo.csv"
        self.scores, self.batches = path / "scores.csv", path / "scores"
        self.ranking, self.account = path / "ranking.json", path / "run.json"
        self.report, self.figures = path / "report.html", path / "figures"
        self.model, self.score, self.comparison = path / "model.nc", path / "score.json", path / "comparison.json"
        self.exploration, self.hypotheses = path / "exploration.json", path / "hypotheses.json"
        self.models, self.earlier = path / "models", path / self.EARLIER

    @property
    def results(self) -> tuple[Path, ...]:
        """Where the result lies, of whatever kind it is."""
        return self.ranking, self.score, self.comparison, self.hypotheses, self.exploration

    def copy_result(self, to: Path) -> None:
        """Copy records, tables, page and figures, and scores of several models; of networks their table alone.

        Parameters
        ----------
        to : pathlib.Path
            A folder; made if it is not there.
        """
        to.mkdir(parents=True, exist_ok=True)
        for path in sorted(self.path.glob("[!.]*")):
            if path.is_file():
                shutil.copy2(path, to / path.name)
            elif path == self.zoo and (path / self.networks.name).is_file():
                shutil.copy2(path / self.networks.name, to / self.networks.name)
            elif path.name in (self.figures.name, "shown") or (path == self.models and self.comparison.is_file()):
                shutil.copytree(path, to / path.name, dirs_exist_ok=True)

    def check_result(self, *kinds: str) -> None:
        """Refuse a folder that holds another kind of result, whose page and tables would be lost.

        Parameters
        ----------
        kinds : str
            Those that may lie there, of ``"ranking"``, ``"score"``, ``"comparison"`` and ``"hypotheses"``.

        Raises
        ------
        InputError

        Examples
        --------
        >>> RunFolder(Path("not-there-yet")).check_result("ranking")
        """
        for kind, result in (
            ("ranking", self.ranking),
            ("score", self.score),
            ("comparison", self.comparison),
            ("hypotheses", self.hypotheses),
        ):
            if kind not in kinds and result.exists():
                raise InputError(
                    f"expected a folder without another result, found {result.name} in {self.path}; choose another "
                    "with --out"
                )

    @property
    def explored(self) -> RunFolder:
        """What an exploration of the recording leaves behind."""
        return RunFolder(self.path / "exploration")

    @property
    def holding_exploration(self) -> RunFolder:
        """Itself where an exploration lies in it, else `explored`, be there one or not."""
        return self if self.exploration.is_file() else self.explored


class InFolder(ABC):
    """A result that lies in a folder, with a page, or can be put into one."""

    folder: Path | None

    @property
    def report(self) -> Path:
        """Its page, ``report.html``.

        Raises
        ------
        InputError
            If it is in no folder yet.
        """
        if self.folder is None:
            message = "expected a result that is in a folder, found one in none; .save(folder) writes it, with its page"
            raise InputError(message)
        return RunFolder(self.folder).report

    def save(self, folder: str | os.PathLike[str]) -> Self:
        """Write it to another folder: its records, tables, page and figures; of a run, without the networks.

        Parameters
        ----------
        folder : path-like
            New, or empty.

        Returns
        -------
        FinishedRun, ScoredModel or ComparedModels
            The same, in that folder.

        Raises
        ------
        InputError
            If something is there already, or it cannot be written to.
        """
        check_new(folder)
        return self.write(Path(folder))

    @abstractmethod
    def write(self, folder: Path) -> Self:
        """Do what `save` does, whatever is there already: each file is written whole or not at all."""


def networks_in(folder: Path) -> Path:
    """Return where networks are: in the folder itself, or in ``zoo`` inside that of a run."""
    holds = any(folder.glob("*/card.json"))
    return folder if holds or not RunFolder(folder).zoo.is_dir() else RunFolder(folder).zoo
