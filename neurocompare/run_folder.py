"""The folder of a comparison: what lies where in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RunFolder:
    """What a comparison leaves behind.

    Attributes
    ----------
    path : pathlib.Path

    Examples
    --------
    >>> RunFolder(Path("my-run")).ranking.as_posix()
    'my-run/ranking.json'
    """

    path: Path

    @property
    def recording(self) -> Path:
        """Condition averages of the recording."""
        return self.path / "recording.nc"

    @property
    def task(self) -> Path:
        """The task that networks were made for."""
        return self.path / "task.nc"

    @property
    def zoo(self) -> Path:
        """The networks, a folder each."""
        return self.path / "zoo"

    @property
    def networks(self) -> Path:
        """The table of the networks that were ranked, where they are not in `zoo`."""
        return self.path / "zoo.csv"

    @property
    def scores(self) -> Path:
        """Every score: a tidy table."""
        return self.path / "scores.csv"

    @property
    def batches(self) -> Path:
        """Scores as they are made, kept for a run that continues."""
        return self.path / "scores"

    @property
    def ranking(self) -> Path:
        """The result, for scripts."""
        return self.path / "ranking.json"

    @property
    def account(self) -> Path:
        """How it was made."""
        return self.path / "run.json"

    @property
    def report(self) -> Path:
        """The result, for people."""
        return self.path / "report.html"

    @property
    def figures(self) -> Path:
        """The report's figures, as PNG and SVG."""
        return self.path / "figures"

    @property
    def nuisance(self) -> Path:
        """The ranking over nuisance settings, put together."""
        return self.path / "nuisance.json"

    def at_setting(self, name: str) -> RunFolder:
        """Return the folder of the ranking at one nuisance setting."""
        return RunFolder(self.path / "nuisance" / name)

    @property
    def matched(self) -> RunFolder:
        """The ranking of networks of equal fit."""
        return RunFolder(self.path / "matched")


def networks_in(folder: Path) -> Path:
    """Return where networks are: in the folder itself, or in ``zoo`` inside that of a run."""
    holds = any(folder.glob("*/card.json"))
    return folder if holds or not RunFolder(folder).zoo.is_dir() else RunFolder(folder).zoo
