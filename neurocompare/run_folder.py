"""The folder of a comparison: what lies where in it."""

from __future__ import annotations

from pathlib import Path


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
    nuisance : pathlib.Path
        The ranking over nuisance settings, put together.
    exploration : pathlib.Path
        The profile over all settings, in the folder `explored`.

    Examples
    --------
    >>> RunFolder(Path("my-run")).ranking.as_posix()
    'my-run/ranking.json'
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.recording, self.task = path / "recording.nc", path / "task.nc"
        self.zoo, self.networks = path / "zoo", path / "zoo.csv"
        self.scores, self.batches = path / "scores.csv", path / "scores"
        self.ranking, self.account = path / "ranking.json", path / "run.json"
        self.report, self.figures = path / "report.html", path / "figures"
        self.nuisance, self.exploration = path / "nuisance.json", path / "exploration.json"

    def at_setting(self, name: str) -> RunFolder:
        """Return the folder of the ranking at one nuisance setting."""
        return RunFolder(self.path / "nuisance" / name)

    @property
    def explored(self) -> RunFolder:
        """What an exploration of the recording leaves behind."""
        return RunFolder(self.path / "exploration")

    @property
    def matched(self) -> RunFolder:
        """The ranking of networks of equal fit."""
        return RunFolder(self.path / "matched")


def networks_in(folder: Path) -> Path:
    """Return where networks are: in the folder itself, or in ``zoo`` inside that of a run."""
    holds = any(folder.glob("*/card.json"))
    return folder if holds or not RunFolder(folder).zoo.is_dir() else RunFolder(folder).zoo
