"""Score one model of the user's own, or several, against a recording, beside baselines and the recording's zoo."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from neurocompare.account import versions_now
from neurocompare.earlier import keep_aside
from neurocompare.errors import InputError
from neurocompare.lock import locks
from neurocompare.metrics import get_metric
from neurocompare.metrics.metric import Metric
from neurocompare.models import Zoo, external_model, load_zoo
from neurocompare.models.external.several import distinct, models_of
from neurocompare.parallel import Workers, keep_workers
from neurocompare.progress import shows_progress
from neurocompare.ranking import Candidate, Drawing, Sampling, check_halves, sampling_of
from neurocompare.ranking.batches import candidates_of, score_batches
from neurocompare.ranking.model_comparison import compare_models
from neurocompare.recordings import Trials, average
from neurocompare.responses import Responses
from neurocompare.run_folder import RunFolder
from neurocompare.settings import Choices, Family, Scoring, of_family, of_reading
from neurocompare.stages import Stages, Watch
from neurocompare.streams import Purpose, stream
from neurocompare.tasks.task import task_digest
from neurocompare.workflows.as_recorded import as_recorded
from neurocompare.workflows.baselines import baseline_candidates
from neurocompare.workflows.finished_run import networks_of
from neurocompare.workflows.gather import gather
from neurocompare.workflows.scored import ComparedModels, ScoredModel, compared_models, is_left_by_another, scored_model
from neurocompare.workflows.session import DEFAULT_RUN, Beside, Source, open_beside

STAGES = ("recording", "model", "scores", "networks scored", "nearest", "report")
"""Of a score, in order; what `progress` is called with."""


@locks("out")
@keep_workers()
@shows_progress()
def score(
    model: Any,
    recording: Source = "synthetic",
    *,
    run: str | os.PathLike[str] | None = None,
    out: str | os.PathLike[str] | None = None,
    choices: Choices | None = None,
    scoring: Scoring | None = None,
    metrics: Sequence[Metric] | None = None,
    name: str | None = None,
    by: str | None = None,
    seed: int | None = None,
    workers: Workers | None = None,
    progress: Watch = None,
) -> ScoredModel | ComparedModels:
    """Say how a model does against a recording: scores with ceiling, nulls and intervals, and where it is on gamma.

    The model is seen as the recording would have seen it (`neurocompare.ranking.observe`), against the halves of the
    recording that its run uses, by the metrics of a run. Beside it are units that only follow the movement
    (`kinematic_candidates`), untrained networks (gamma 0), and the networks of the recording's zoo. Its nearest gamma
    is the answer of a ranking in which the model takes the place of the recording: as many units, trials and spikes of
    it. The interval of its score is over units and trials of the recording: of the model there is only one. Of several
    models, scored in the same draws, it is said which differ significantly (`compare_models`).

    Parameters
    ----------
    model : object
        An array (condition, time, unit) or a file of one (``.npy``, ``.npz``, ``.nc``, ``.mat``), an
        `xarray.DataArray`, a pynapple TsdTensor or TsdFrame, the folder of a zoo's network, a torch module (``nn.RNN``,
        ``GRU``, ``LSTM`` as they are; see `neurocompare.wrap`), a function from inputs (condition, time, channel) to
        activity (condition, time, unit), or ``"package.module:name"`` of one. Several: a list of those, a mapping of
        names to them, a folder of files, or a table ``*.csv`` with columns file and name; see `models_of`.
    recording : str, path-like or Recording
        ``"synthetic"``, a name of the catalogue, the path of an NWB file, or an opened recording.
    run : path-like, optional
        Folder of a run of this recording, or of a zoo for it. ``neurocompare-run`` in the working folder where None, if
        it is of this recording; without one, there is no nearest gamma.
    out : path-like, optional
        Folder for score.json, scores.csv, model.nc, recording.nc and report.html; of several models, for
        comparison.json, scores.csv and report.html, and a folder a model.
    choices : Choices, optional
        What of the recording is read, where neither the file nor its run is to say. Its time step is that of the task
        which a module is run on: what it was trained at.
    scoring : Scoring, optional
        What is left open is as in the run.
    metrics : sequence of Metric, optional
        In place of those of `scoring`: for metrics of one's own.
    name : str, optional
        What to call the model, where there is one.
    by : str, optional
        What the names of several models are names of.
    seed : int, optional
        Of everything random; the run's, or 0, where None.
    workers : Workers, optional
        Where the work is done.
    progress : callable or bool, optional
        Shown where None, silent where False; else called as ``progress(stage, done, total)`` with a stage of `STAGES`.

    Returns
    -------
    ScoredModel or ComparedModels
        Of one model, or of several. ``print`` shows it as a table, ``.plot`` draws it, ``.save(folder)`` keeps it.

    Raises
    ------
    InputError
        If a model or the recording cannot be used; the message says what is missing, and what to do.

    Examples
    --------
    The waves that a small recording was made of, as a model of it; without a run there is no nearest gamma:

    >>> import numpy as np
    >>> import neurocompare as nc
    >>> from neurocompare.workflows import synthetic_recording
    >>> task = nc.ideal_reach(directions=4)
    >>> time, angle = task.inputs["time"].values, task.inputs["target_angle"].values
    >>> waves = np.cos(9 * time[:, None] + np.arange(30) + angle[:, None, None])  # (condition, time, unit)
    >>> activity = nc.make_responses(waves, condition=task.inputs["condition"].values, time=time)
    >>> recording = synthetic_recording(activity, task=task, n_units=20, trials=6, planted=())
    >>> scoring = nc.Scoring(metrics=("cka",), resamples=20)
    >>> found = score(waves, recording, scoring=scoring, workers=nc.Workers(1), progress=False)
    >>> [(each.name, each.difference_low > 0) for each in found.metrics["cka"].baselines]  # significantly above both
    [('kinematic', True), ('reservoir', True)]
    """
    stages, workers = Stages(progress), workers or Workers()
    given, several = models_of(model, name)
    if out is not None:
        RunFolder(Path(out)).check_result("comparison" if several else "score")
    with stages.stage("recording"):
        beside = open_beside(recording, choices, run=None if run is None else Path(run))
        session, made = beside.session, None if beside.account is None else beside.account.settings
        scoring = (scoring or Scoring()).over(None if made is None else made.scoring)
        chosen = tuple(get_metric(each) for each in scoring.metrics) if metrics is None else tuple(metrics)
        draws = scoring.draws
        seed = seed if seed is not None else 0 if made is None else made.seed
        family = (made and made.family) or Family()
        zoo = _zoo_of(beside)
    with stages.stage("model"):
        reads = {"time": session.trials.counts["time"].values, "bin_width": session.trials.bin_width, "seed": seed}
        trained = [
            [external_model(each.model, session.task, name=one.name, **reads) for each in one.trainings]
            for one in given
        ]
        models = [trainings[0] for trainings in trained]
        names = distinct([each.name for each in models])
        smallest = min((each for one in trained for each in one), key=lambda each: each.responses.sizes["unit"])
        trials, notes = sized(session.trials, smallest.responses, seed=seed)
        check_halves(trials)
        # Each at a place of its own, so that each has its nulls; seen through one stream of noise, as gammas are.
        own = [
            Candidate("model", float(place), each.run, each.member, seen.responses)
            for place, (one, trainings) in enumerate(zip(given, trained, strict=True))
            for each, seen in zip(one.trainings, trainings, strict=True)
        ]
        first = [each for each in own if (each.chain, each.member) == (0, 0)]
        baselines = baseline_candidates(beside.network_task, family, seed=seed)

    networks = () if zoo is None else candidates_of(zoo)
    settings = {"drawing": Drawing.asked(scoring, seed), "workers": workers}
    zoo_scores, results, averages = None, {}, average(trials)
    with tempfile.TemporaryDirectory() as temporary:
        kept = Path(temporary) if out is None else RunFolder(Path(out)).batches
        with stages.stage("scores") as advance:
            scored = score_batches(
                trials, [*own, *baselines], chosen, kept, disturbed=first, progress=advance, **settings
            )
        if zoo is not None:
            of_run = RunFolder(beside.run or zoo.folder).batches
            with stages.stage("networks scored") as advance:
                zoo_scores = score_batches(trials, networks, chosen, of_run, progress=advance, **settings)
        for place, each in enumerate(models):
            seen, near = as_recorded(each.responses, trials, rng=stream(Purpose.AS_RECORDED, seed)), None
            if zoo is not None:
                with stages.stage("nearest") as advance:
                    near = score_batches(seen, networks, chosen, kept, progress=advance, **settings)
            result = gather(
                _rows_of(scored, place),
                zoo_scores,
                near,
                metrics=chosen,
                trials=(trials, seen),
                model=replace(each, name=names[place]),
                recording=session.recording.name,
                planted_gamma=dict(session.recording.planted).get("gamma"),
                settings=_settings(beside, family, draws, seed),
                notes=(*notes, *beside.notes, *_of_run(beside, zoo, draws), *_without_zoo(zoo, recording)),
                seed=seed,
            )
            results[names[place]] = scored_model(result, activity=each.responses, averages=averages)
    answer = _together(results, sampling_of(trials), seed, by) if several else results[names[0]]
    if out is None:
        return answer
    with stages.stage("report"):
        if is_left_by_another(answer, Path(out)):
            keep_aside(RunFolder(Path(out)))
        return answer.write(Path(out))


def _together(results: Mapping[str, ScoredModel], sampling: Sampling, seed: int, by: str | None) -> ComparedModels:
    return compared_models(compare_models(results, sampling=sampling, seed=seed, by=by), results)


def _rows_of(scored: pd.DataFrame, place: int) -> pd.DataFrame:
    """Return the rows of one of the models, and those of what was scored beside them all."""
    own = scored["gamma"] == place
    return scored[own | scored["gamma"].isna()].assign(gamma=np.nan)


def _zoo_of(beside: Beside) -> Zoo | None:
    """Read the networks that the run scored, or those of a bare zoo."""
    if beside.zoo is None:
        return None
    if beside.run is not None:
        return networks_of(beside.run)
    zoo = load_zoo(beside.zoo)
    if any(not task_digest(beside.network_task).startswith(card.task) for card in zoo.cards):
        raise InputError(
            f"expected networks for the task of {beside.session.recording.name} in {beside.zoo}, found some for "
            "another; make a zoo of this recording, or give the folder of its run"
        )
    return zoo


def _of_run(beside: Beside, zoo: Zoo | None, draws: int) -> tuple[str, ...]:
    """Say which run a model was put beside, and what is taken from it."""
    if beside.run is None or zoo is None:
        return ()
    gammas = ", ".join(f"{gamma:g}" for gamma in sorted({card.gamma for card in zoo.cards}))
    return (
        f"Placed among the networks of the run in {beside.run} (gamma {gammas}), with {draws} resamples; what was not "
        "chosen here is as in that run.",
        *(("That was a quick run, with short chains: no nearest gamma is to be trusted.",) if beside.quick else ()),
    )


def _without_zoo(zoo: Zoo | None, recording: object) -> tuple[str, ...]:
    if zoo is not None:
        return ()
    called = recording if isinstance(recording, str | os.PathLike) else "RECORDING"
    return (
        "There are no networks of this recording to place the model among, along gamma: "
        f"`neurocompare run {called} --out {DEFAULT_RUN}`, "
        "with the same options about the recording, makes one in minutes; then score again.",
    )


def sized(trials: Trials, responses: Responses, *, seed: int) -> tuple[Trials, tuple[str, ...]]:
    """Leave out recorded units where the model has fewer than half of them: a draw sees as many of both.

    Parameters
    ----------
    trials : Trials
    responses : Responses
        Of the model; of several, the one of fewest units.
    seed : int
        Of which units are left out.

    Returns
    -------
    trials : Trials
    notes : tuple of str
        What was left out, in a sentence.
    """
    recorded, own = trials.counts.sizes["unit"], responses.sizes["unit"]
    if own >= recorded // 2:
        return trials, ()
    kept = np.sort(stream(Purpose.FEWER_UNITS, seed).choice(recorded, 2 * own, replace=False))
    note = (
        f"The model has {own} units, fewer than half of the recording's {recorded}: everything was compared with "
        f"{2 * own} recorded units, chosen at random."
    )
    return replace(trials, counts=trials.counts.isel(unit=kept)), (note,)


def _settings(beside: Beside, family: Family, draws: int, seed: int) -> dict[str, Any]:

    choices, recording = beside.session.choices, beside.session.recording
    return {
        **of_family(family),
        **of_reading(choices),
        "lag": choices.lag,
        "seed": seed,
        "from_catalogue": list(recording.reading.catalogued),
        "time_step": beside.session.task.time_step,
        "draws": draws,
        "quick": beside.quick,
        "run": None if beside.run is None else str(beside.run),
        **{f"recording_{name}": getattr(recording.provenance, name)
           for name in ("sha256", "version", "licence", "citation")},
        "versions": versions_now(),
    }  # fmt: skip
