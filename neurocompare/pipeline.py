"""The whole comparison: from a recording to a ranked gamma, a folder that holds every step, and a report."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from neurocompare.errors import InputError
from neurocompare.experiments.planted import planted_session
from neurocompare.files import check_writable, write_json
from neurocompare.metrics import METRICS
from neurocompare.models import DEFAULT_GAMMAS, Family, Sampling, check_gammas, make_zoo
from neurocompare.models.methods import zero_loss
from neurocompare.ranking import check_halves, compare, sampling_of
from neurocompare.ranking.batches import candidates_of
from neurocompare.recordings import (
    Choices,
    Reading,
    Recording,
    Trials,
    average,
    open_named,
    open_recording,
    trials_of,
)
from neurocompare.report import write_report
from neurocompare.responses import save_responses
from neurocompare.stages import Stages
from neurocompare.tasks import Task, reach_task, save_task

STAGES = ("recording", "task", "networks", "scores", "report")
"""Of a run, in order; what `progress` is called with."""

QUICK = {
    "units": 160,
    "draws": 24,
    "gammas": (0.0, 0.1, 0.4, 1.6),
    "sampling": Sampling(ramp=4, adaptation=6, trajectories=8, segments=1, max_leapfrogs=60),
}
"""What ``quick=True`` settles for: the whole path in a minute, with chains too short to be converged."""


@dataclass(frozen=True)
class Settings:
    """Everything a run depends on beside the recording; what ``run.json`` holds under ``settings``."""

    recording: str
    gammas: tuple[float, ...]
    g: float
    tau: float
    beta: float
    units: int
    chains: int
    members: int
    draws: int
    planted: float
    seed: int
    time_step: float
    lead: float | None
    bin_width: float | None
    smoothing: float | None
    min_rate: float
    sampling: Sampling
    choices: Choices

    @property
    def family(self) -> Family:
        """What all networks share."""
        return Family(g=self.g, tau=self.tau, beta=self.beta, n_units=self.units)

    @property
    def reading(self) -> dict[str, float | None]:
        """What a user said of bins, smoothing and lead; None where it is left to the recording, see `Reading`."""
        return {name: getattr(self, name) for name in ("bin_width", "smoothing", "lead")}


def run(
    recording: str | os.PathLike[str] = "synthetic",
    *,
    out: str | os.PathLike[str] = "neurocompare-run",
    gammas: Iterable[float] | None = None,
    g: float = 1.5,
    tau: float = 0.1,
    beta: float = 400.0,
    units: int = 400,
    chains: int = 2,
    members: int = 2,
    trajectories: int = 40,
    draws: int = 80,
    planted: float = 0.4,
    seed: int = 0,
    jobs: int | None = None,
    quick: bool = False,
    time_step: float = 0.05,
    lead: float | None = None,
    bin_width: float | None = None,
    smoothing: float | None = None,
    min_rate: float = 1.0,
    choices: Choices | None = None,
    stream: bool = False,
    progress: Callable[[str, float, float], None] | None = None,
) -> Path:
    """Rank gammas against a recording and leave every step in a folder.

    A second call with the same arguments continues where the first stopped and makes nothing again whose inputs are
    unchanged; a kill at any moment leaves nothing that a later call would wrongly trust.

    Parameters
    ----------
    recording : str or path-like
        ``"synthetic"`` (built in, from a network of known gamma), a name of the catalogue, or the path of an NWB file;
        with `stream`, a name of the catalogue or the address of a file.
    out : path-like
        Folder for everything the run leaves behind.
    gammas : iterable of float, optional
        The grid; `DEFAULT_GAMMAS` where None. 0 is the exact reservoir.
    g, tau, beta, units
        The family of networks; see `Family`. tau in s.
    chains, members : int
        Independent chains a gamma, and networks kept of each.
    trajectories : int
        Samples of each chain; more of them if chains have not converged, at proportional cost.
    draws : int
        Resamples of units and trials, at least 20: with fewer no p can fall below 0.05.
    planted : float
        gamma of the network behind the synthetic recording.
    seed : int
        Of everything random.
    jobs : int, optional
        Processes, one thread each; all processors where None.
    quick : bool
        Settle for `QUICK`: to see the path, not to trust the number.
    time_step : float
        Of task and networks, s.
    lead : float, optional
        How far neural activity leads the hand, s; negative where it follows.
    bin_width, smoothing : float, optional
        Of the spike counts, s. Where None, as with `lead`, what the catalogue says of this recording, else 0.02 and
        0.04, and a lead of 0.1; ``run.json`` says which came from the catalogue.
    min_rate : float
        Units firing less are left out, spikes/s.
    choices : Choices, optional
        What about the recording is not to be left to its layout: area, target, events and windows, conditions.
    stream : bool
        Read what is needed of a remote file instead of a local one.
    progress : callable, optional
        Called as ``progress(stage, done, total)`` with a stage of `STAGES`.

    Returns
    -------
    pathlib.Path
        The report, ``out/report.html``.

    Raises
    ------
    InputError
        If a setting makes no sense or the recording cannot be used; nothing has been written then.
    """
    settings = Settings(
        recording=os.fspath(recording),
        gammas=check_gammas(gammas if gammas is not None else QUICK["gammas"] if quick else DEFAULT_GAMMAS),
        g=g,
        tau=tau,
        beta=beta,
        units=min(units, QUICK["units"]) if quick else units,
        chains=chains,
        members=members,
        draws=min(draws, QUICK["draws"]) if quick else draws,
        planted=planted,
        seed=seed,
        time_step=time_step,
        lead=lead,
        bin_width=bin_width,
        smoothing=smoothing,
        min_rate=min_rate,
        sampling=QUICK["sampling"] if quick else Sampling(trajectories=trajectories),
        choices=choices or Choices(),
    )
    out = Path(out)
    _check(settings, jobs, out)
    stages = Stages(progress)
    with stages.stage("recording"):
        opened = _open(settings, stream=stream)
        settings = replace(settings, **opened.reading.values)
        trials = trials_of(opened, min_rate=min_rate)
    with stages.stage("task"):
        task = reach_task(opened, time_step=time_step)
        check_halves(trials)
        _check_size(settings, trials)
        save_responses(average(trials), out / "recording.nc")
        save_task(task, out / "task.nc")
    with stages.stage("networks") as advance:
        zoo = make_zoo(
            task,
            settings.family,
            out / "zoo",
            gammas=settings.gammas,
            chains=chains,
            members=members,
            seeds=(seed,),
            sampling=settings.sampling,
            jobs=jobs,
            progress=advance,
        )
        end_workers()
    with stages.stage("scores") as advance:
        compare(
            trials,
            candidates_of(zoo),
            METRICS,
            out,
            task=task,
            settings=_held_at(settings, task),
            recordings=[opened.name],
            planted_gamma=dict(opened.planted).get("gamma"),
            fit=(zoo.table().groupby("gamma")["loss"].mean() / zero_loss(task)).to_dict(),
            draws=settings.draws,
            seed=seed,
            jobs=jobs,
            progress=advance,
        )
        end_workers()
    with stages.stage("report"):
        write_json(account(settings, opened, trials, task, stages), out / "run.json")
        report = write_report(out)
    write_json(account(settings, opened, trials, task, stages), out / "run.json")
    return report


def _check(settings: Settings, jobs: int | None, out: Path) -> None:
    """Refuse what makes no sense before anything is read or written."""
    settings.family.step_fraction(settings.time_step)
    check_writable(out)
    counts = {"units": (settings.units, 10), "chains": (settings.chains, 2), "members": (settings.members, 1)}
    counts |= {"draws": (settings.draws, 20), "jobs": (1 if jobs is None else jobs, 1), "seed": (settings.seed, 0)}
    counts |= {"min_rate": (settings.min_rate, 0)}
    for name, (value, least) in counts.items():
        if not least <= value < math.inf:
            message = f"expected {name} to be a number of at least {least}, found {value}"
            raise InputError(message)
    Reading().chosen(**settings.reading)  # refuses what nothing is read with
    most = settings.sampling.most_members
    if settings.members > most:
        message = f"expected at most {most} members of so many trajectories, found {settings.members}; ask for more"
        raise InputError(message)
    if settings.recording == "synthetic":
        check_gammas((settings.planted, settings.planted + 1))


def _open(settings: Settings, *, stream: bool) -> Recording:
    if settings.recording == "synthetic":
        path = planted_session(
            settings.family, settings.planted, time_step=settings.time_step, seed=settings.seed,
            lead=Reading().chosen(lead=settings.lead).lead, sampling=settings.sampling,
        )  # fmt: skip
        opened = replace(open_recording(path, settings.choices), name="synthetic")
    else:
        opened = open_named(settings.recording, settings.choices, stream=stream)
    return opened.read_with(**settings.reading)


def _check_size(settings: Settings, trials: Trials) -> None:
    """Refuse networks of fewer units than a draw records of them."""
    needed = sampling_of(trials).units_drawn
    if settings.units < needed:
        message = (
            f"expected networks of at least {needed} units, as many as half of the recording has, "
            f"found {settings.units}; ask for more units"
        )
        raise InputError(message)


def end_workers() -> None:
    """End the pool's processes: their peak memory is known only then."""
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True)


def _held_at(settings: Settings, task: Task) -> dict[str, Any]:
    """Return what the ranking holds at."""
    names = ("g", "tau", "beta", "units", "time_step", "bin_width", "smoothing", "min_rate", "seed", "draws")
    scale = {"lag": settings.lead, "target_scale": task.target_scale, "target_unit": task.target_unit}
    return {name: getattr(settings, name) for name in names} | scale


def account(settings: Any, recording: Recording, trials: Trials, task: Task, stages: Stages) -> dict[str, Any]:
    """How the run was made: what ``run.json`` holds."""
    from importlib.metadata import version

    selection = trials.selection
    per_condition = zip(trials.conditions.index, trials.trials_per_condition.tolist(), strict=True)
    return {
        "settings": asdict(settings),
        "recording": asdict(recording.provenance) | {"name": recording.name, "planted": dict(recording.planted)},
        "read": {
            "segments": [str(segment) for segment in recording.segments],
            "target": recording.target,
            "from_catalogue": [name for name in recording.reading.catalogued if hasattr(settings, name)],
            "notes": list(recording.notes),
        },
        "units": {
            "kept": len(selection.kept),
            "dropped_low_rate": [str(unit) for unit in selection.low_rate],
            "dropped_duplicates": [str(unit) for unit in selection.duplicates],
        },
        "trials": {
            "per_condition": {str(condition): count for condition, count in per_condition},
            "dropped": dict(trials.dropped),
        },
        "task": {"name": task.name, "samples": task.n_samples, "notes": list(task.notes)},
        "stages": stages.account(),
        "versions": {name: version(name) for name in ("neurocompare", "numpy", "scipy", "torch", "xarray", "pynwb")},
    }
