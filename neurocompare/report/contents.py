"""Contents: what a finished run left in its folder, read and checked once for the report."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from neurocompare.account import Account, read_account
from neurocompare.errors import InputError
from neurocompare.ranking import GAMMA, Axis, Ranking
from neurocompare.ranking.batches import VALUE
from neurocompare.ranking.recovery import Recovery, settings_apart
from neurocompare.ranking.theory_result import TheoryResult
from neurocompare.records import load_record
from neurocompare.report.recovery import recovery_beside
from neurocompare.responses import Responses, load_responses
from neurocompare.tasks.task import Task, load_task, zero_loss
from neurocompare.untrusted.budget import MOST_BYTES
from neurocompare.untrusted.plain_file import inside, read_plain
from neurocompare.untrusted.tables import open_table

FAMILY = "family.csv"
"""Which models of a user's own family were ranked."""


@dataclass(frozen=True)
class ShownNetwork:
    """The one network of a gamma that the report draws: of its networks, the one of (lower) median loss.

    Of a user's own family it is the first of those listed; what is not known of it is None.

    Attributes
    ----------
    hash : str
    gamma : float
    loss : float
        As its maker noted it, divided by the loss of a zero output: 0 is perfect, 1 is no better than silence.
    responses : Responses
        phi over condition, time and unit, without noise.
    connectivity : array, shape (unit, unit)
        J; the network's recurrent weights are g J / sqrt(N).
    readout : array, shape (output, unit)
        R; the network's output is R phi.

    Examples
    --------
    >>> import numpy as np
    >>> from neurocompare.responses import make_responses
    >>> phi = make_responses(np.ones((2, 3, 4)), condition=["left", "right"], time=[0.0, 0.1, 0.2])
    >>> network = ShownNetwork("a1b2", 0.4, 0.1, phi, connectivity=np.eye(4), readout=np.array([[1.0, 2, 3, 4]]))
    >>> network.outputs.shape, float(network.outputs[0, 0, 0])
    ((2, 3, 1), 10.0)
    """

    hash: str
    gamma: float
    loss: float | None
    responses: Responses
    connectivity: np.ndarray | None
    readout: np.ndarray | None

    @property
    def outputs(self) -> np.ndarray:
        """What the network produces, in units of the task's scaled targets, shape (condition, time, output)."""
        if self.readout is None:
            raise ValueError(f"network {self.hash} has no readout")
        return self.responses.values @ self.readout.T


@dataclass(frozen=True)
class RunContents:
    """A finished run.

    Attributes
    ----------
    folder : Path
    ranking : Ranking
    run : Account
        ``run.json``: settings, versions, seconds.
    recording : Responses
        Condition averages in spikes/s.
    task : Task
    zoo : pandas.DataFrame
        The rows of ``zoo.csv`` that were scored, with ``relative_loss`` as in `ShownNetwork`.
    scores : pandas.DataFrame
        ``scores.csv``.
    networks : tuple of ShownNetwork
        One a gamma, ascending.
    theory : TheoryResult or None
        Where the theory was put beside the run; None if it holds at other settings than the run.
    recovery : Recovery or None
        Where planted networks were ranked beside the run; None if of another grid or family.
    left_out : tuple of str
        What lies beside the run and does not belong to it, in sentences.

    Examples
    --------
    Of a run, which takes minutes:

    >>> import neurocompare as nc
    >>> nc.run("synthetic", out="my-run")  # doctest: +SKIP
    >>> found = load_contents("my-run")  # doctest: +SKIP
    >>> found.winner.gamma == found.ranking.summary.best_gamma  # doctest: +SKIP
    True
    """

    folder: Path
    ranking: Ranking
    run: Account
    recording: Responses
    task: Task
    zoo: pd.DataFrame
    scores: pd.DataFrame
    networks: tuple[ShownNetwork, ...]
    theory: TheoryResult | None = None
    recovery: Recovery | None = None
    left_out: tuple[str, ...] = ()

    @property
    def axis(self) -> Axis:
        """What was ranked along."""
        return self.ranking.axis

    @property
    def winner(self) -> ShownNetwork | None:
        """The shown network of the best gamma; None where no gamma is best or it has none."""
        best = self.ranking.summary.best_gamma
        return next((network for network in self.networks if best is not None and network.gamma == best), None)

    @property
    def contrasted(self) -> tuple[ShownNetwork, ...]:
        """Networks of the lowest, the best and the highest gamma, each once, ascending."""
        chosen = {network.gamma: network for network in (self.networks[0], self.winner, self.networks[-1]) if network}
        return tuple(chosen[gamma] for gamma in sorted(chosen))


def load_contents(folder: str | os.PathLike[str], *, zoo: str | os.PathLike[str] | None = None) -> RunContents:
    """Read what a run left behind.

    Parameters
    ----------
    folder : path-like
        Holding recording.nc, task.nc, zoo/, scores.csv, ranking.json and run.json.
    zoo : path-like, optional
        Where the networks are, if not in ``zoo/``: `folder` holds their zoo.csv then.

    Returns
    -------
    RunContents

    Raises
    ------
    InputError
        If a file is missing or is not what it should be, or no network in the zoo was scored.

    Examples
    --------
    >>> load_contents("my-run").ranking.gammas  # of a run, which takes minutes  # doctest: +SKIP
    (0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
    >>> load_contents("nowhere")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected a readable ranking.json in nowhere, found no ranking.json; ...
    """
    folder = Path(folder)
    ranking = load_record(Ranking, folder / "ranking.json")
    task = load_task(folder / "task.nc")
    scores = _csv(folder / "scores.csv", ("kind", "metric", "centring", "gamma", "network", "resample", "score"))
    run = read_account(folder)
    if ranking.axis == GAMMA:
        table, shown = _of_zoo(folder, zoo, scores, task)
    else:
        table, shown = _of_family(folder)
    theory, of_theory = _theory(folder, ranking)
    recovery, of_recovery = recovery_beside(folder, ranking)
    return RunContents(
        folder=folder,
        ranking=ranking,
        run=run,
        recording=load_responses(folder / "recording.nc"),
        task=task,
        zoo=table,
        scores=scores,
        networks=shown,
        theory=theory,
        recovery=recovery,
        left_out=tuple(filter(None, (of_theory, of_recovery))),
    )


def _of_zoo(
    folder: Path, zoo: str | os.PathLike[str] | None, scores: pd.DataFrame, task: Task
) -> tuple[pd.DataFrame, tuple[ShownNetwork, ...]]:
    """Read which networks were scored, and those to be drawn."""
    networks = folder / "zoo" if zoo is None else Path(zoo)
    listed = (networks if zoo is None else folder) / "zoo.csv"
    table = _csv(listed, ("hash", "gamma", "chain", "loss", "converged"))
    table = table[table["hash"].isin(scores["network"].dropna())]
    if table.empty:
        raise InputError(f"expected scores of networks that are in {networks}, found none; rerun the comparison")
    table = table.assign(relative_loss=table["loss"] / zero_loss(task))
    return table, tuple(_shown(networks, rows) for _, rows in table.groupby("gamma", sort=True))


def _of_family(folder: Path) -> tuple[pd.DataFrame, tuple[ShownNetwork, ...]]:
    """Read which models of a user's own were scored, and those to be drawn: the first of each value."""
    table = _csv(folder / FAMILY, ("gamma", "network", "loss", "responses"))
    table = table.assign(relative_loss=table["loss"], converged=True)
    shown = []
    for _, rows in table.groupby("gamma", sort=True):
        row = rows.dropna(subset=["responses"]).iloc[0]
        loss = None if pd.isna(row["loss"]) else float(row["loss"])
        responses = load_responses(_inside(folder, row["responses"]))
        shown.append(ShownNetwork(row["network"], float(row["gamma"]), loss, responses, None, None))
    return table, tuple(shown)


def _theory(folder: Path, ranking: Ranking) -> tuple[TheoryResult | None, str]:
    """Read the theory beside a run, or say why it is not shown: the run may have been made again since."""
    path = folder / "theory.json"
    if not path.exists():
        return None, ""
    theory = load_record(TheoryResult, path)
    apart = settings_apart(theory.settings, ranking.settings)
    if not apart and theory.ranking is not None and theory.ranking.recordings != ranking.recordings:
        apart = f"{', '.join(theory.ranking.recordings)} and {', '.join(ranking.recordings)}"
    if not apart:
        return theory, ""
    return None, (
        f"The theory beside this run is not shown, as it holds for other settings ({apart}): `neurocompare theory "
        "--run` with this folder makes one for these."
    )


def _csv(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    try:
        # A hash may consist of digits only; a gamma must equal those of the other files to the last digit.
        text = dict.fromkeys(("hash", "network", "responses", "gamma", VALUE), "str")
        with open_table(path) as held:
            table = pd.read_csv(held, index_col=False, dtype=text)
        table = table.rename(columns={VALUE: "gamma"})
        table = table.astype({"gamma": "float64"}) if "gamma" in table else table
    except (OSError, ValueError) as error:
        message = f"expected a run's {path.name} in {path.parent}, found {error}; rerun the comparison"
        raise InputError(message) from error
    missing = [column for column in columns if column not in table]
    if missing:
        message = f"expected a column {missing[0]!r} in {path}, found {', '.join(table.columns)}; rerun the comparison"
        raise InputError(message)
    return table


def drawn_loss(network: ShownNetwork, task: Task) -> float:
    """Loss of the output that the report draws, divided by that of a zero output; `network.loss` unless files differ.

    Parameters
    ----------
    network : ShownNetwork
    task : Task

    Returns
    -------
    float
    """
    wanted = task.targets.sel(condition=network.responses["condition"].values)
    missed = ((wanted.copy(data=network.outputs) - wanted) ** 2).where(task.trained)
    return 0.5 * float(missed.mean()) / zero_loss(task)


def _shown(zoo: Path, rows: pd.DataFrame) -> ShownNetwork:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    row = rows.sort_values(["loss", "hash"]).iloc[(len(rows) - 1) // 2]
    folder = _inside(zoo, row["hash"])
    path = folder / "weights.safetensors"
    try:
        weights = load(read_plain(path, most=MOST_BYTES))
        connectivity, readout = weights["J"], weights["R"]
    except (OSError, SafetensorError, KeyError) as error:
        raise InputError(f"expected weights J and R in {path}, found {error}; rerun the comparison") from error
    return ShownNetwork(
        hash=row["hash"],
        gamma=float(row["gamma"]),
        loss=float(row["relative_loss"]),
        responses=load_responses(folder / "responses.nc"),
        connectivity=connectivity.astype(np.float64),
        readout=readout.astype(np.float64),
    )


def _inside(folder: Path, name: str) -> Path:
    """Return where a table says that something is; nothing outside its folder is opened, whatever it says."""
    path = inside(folder, name)
    if path is None:
        raise InputError(f"expected files inside {folder} in its tables, found {name[:200]!r}; rerun the comparison")
    return path
