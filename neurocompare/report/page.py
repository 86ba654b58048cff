"""The page: one self-contained HTML file from the folder of a finished run."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined

from neurocompare.files import atomic
from neurocompare.ranking import GAMMA
from neurocompare.ranking.normalise import soft_normalise
from neurocompare.records import plain
from neurocompare.report import figures
from neurocompare.report.accord import accord
from neurocompare.report.cautions import cautions
from neurocompare.report.citations import citations
from neurocompare.report.confounds import Confounds, load_confounds
from neurocompare.report.contents import RunContents, load_contents
from neurocompare.report.figures.style import THEME
from neurocompare.report.panel import Panel, save_panels, slug
from neurocompare.report.panel import panel as _panel
from neurocompare.report.plane import SharedPlane, shared_plane, variance_spectrum
from neurocompare.report.recovery import recovery_rows
from neurocompare.report.tables import flat, number, verdict_rows


def write_report(folder: str | os.PathLike[str], *, zoo: str | os.PathLike[str] | None = None) -> Path:
    """Write ``report.html`` into the folder of a finished run, and its figures into ``figures/``, as PNG and SVG.

    The page needs nothing beside it: styles and figures are inside, there is no script, and it asks no server for
    anything. Every string that comes from the run's files is escaped. Each file is written whole or not at all.

    Parameters
    ----------
    folder : path-like
        What `neurocompare run` or `neurocompare rank` wrote into; see `load_contents`.
    zoo : path-like, optional
        Where the networks are, if not in ``folder/zoo``.

    Returns
    -------
    Path
        Of ``report.html``.

    Raises
    ------
    InputError
        If a file of the run is missing or cannot be read.
    """
    contents = load_contents(folder, zoo=zoo)
    confounds = load_confounds(contents.folder, contents.ranking)
    drawn = _along_gamma(contents) | _recovered(contents) | _beside_the_data(contents) | _task(contents)
    drawn["nuisance_curves"] = _nuisance_curves(confounds, contents)
    page = (
        environment()
        .get_template("report.html.jinja")
        .render(
            ranking=contents.ranking,
            recording=contents.recording,
            task=contents.task,
            axis=contents.axis,
            of_zoo=contents.axis == GAMMA,
            verdicts=verdict_rows(contents.ranking.metrics, contents.axis.label),
            accord=accord(contents.ranking.metrics),
            cautions=cautions(contents),
            citations=citations(
                contents.run.recording.provenance,
                contents.ranking.metrics,
                simulated=contents.ranking.planted_gamma is not None,
                of_zoo=contents.axis == GAMMA,
            ),
            winner=contents.winner,
            adjusted=any(result.adjusted for result in contents.ranking.metrics.values()),
            account=_account(contents),
            theme=THEME,
            confounds=confounds,
            **drawn,
        )
    )
    save_panels(drawn, contents.folder / "figures")
    path = contents.folder / "report.html"
    with atomic(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return path


def environment(*folders: Path) -> Environment:
    """Return what makes pages of templates: all text is escaped, and a name that is not given is an error.

    Templates lie in the report's room; those of `folders` come before them.
    """
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(folders), PackageLoader("neurocompare.report")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number
    return environment


def _account(contents: RunContents) -> list[tuple[str, list[tuple[str, str]]]]:
    """How the run was made, by heading: rows of name and value."""
    noted = {str(name): value for name, value in contents.recording.attrs.items()}
    branches = {"condition averages": noted} | plain(contents.run)
    return [
        (heading, [(name or heading, value) for name, value in flat(branch)]) for heading, branch in branches.items()
    ]


def _along_gamma(contents: RunContents) -> dict[str, object]:
    ranking, axis = contents.ranking, contents.axis
    results, centred = ranking.metrics, ranking.centred
    computed = {name: result for name, result in results.items() if result.scores}
    infinite = {name: contents.theory.infinite_scores(name) if contents.theory else () for name in computed}
    curves = [
        _panel(
            figures.score_curve(
                name,
                result,
                centred=centred.get(name),
                planted=ranking.planted_gamma,
                theory=infinite[name],
                along=axis,
            ),
            f"curve-{place}-{slug(name)}",
            f"{name} score against {axis.name}",
        )
        for place, (name, result) in enumerate(computed.items())
    ]
    agreement = []
    if computed:
        agreement = [
            _panel(
                figures.agreement(results, centred, planted=ranking.planted_gamma, along=axis),
                "agreement",
                f"best {axis.noun} and its interval by metric and centring",
            ),
            _panel(
                figures.best_shares(results, along=axis),
                "shares",
                f"share of resamples in which each {axis.noun} is best",
            ),
        ]
    fit = None
    if ranking.fit:
        drawn = figures.fit_curve(ranking.fit, contents.zoo, along=axis)
        fit = _panel(drawn, "fit", f"loss of the networks against {axis.name}")
    return {"curves": curves, "agreement": agreement, "fit": fit, "theory": any(infinite.values())}


def _recovered(contents: RunContents) -> dict[str, object]:
    recovery = contents.recovery
    if recovery is None:
        return {"recovery": None}
    matrices = [
        _panel(
            figures.confusion(name, found.sizes[0], recovery.gammas),
            f"confusion-{place}",
            f"gamma named by {name} for each planted gamma",
            "small",
        )
        for place, (name, found) in enumerate(recovery.metrics.items())
    ]
    return {"recovery": recovery, "recovered": recovery_rows(recovery), "confusions": matrices}


def _nuisance_curves(confounds: Confounds, contents: RunContents) -> list[Panel]:
    planted = contents.ranking.planted_gamma
    return [
        _panel(
            figures.nuisance_curves(name, result, planted=planted),
            f"nuisance-{place}",
            f"{name} score against gamma at every nuisance setting",
        )
        for place, (name, result) in enumerate(confounds.curves.items())
    ]


def _beside_the_data(contents: RunContents) -> dict[str, object]:
    data, shown = soft_normalise(contents.recording), contents.contrasted
    plane = shared_plane(data, [network.responses for network in shown])
    return {
        "key": _panel(figures.condition_key(data), "key", "colours of the conditions"),
        "plane": plane,
        "fits": tuple(zip((network.gamma for network in shown), plane.fits, strict=True)),
        "trajectories": _trajectories(contents, plane),
        "units": _units(contents),
        "spectra": _spectra(contents),
    }


def _trajectories(contents: RunContents, plane: SharedPlane) -> list[Panel]:
    limit = 1.08 * float(max(np.abs(values).max() for values in (plane.data, *plane.networks)))
    names = ["data", *(_called(contents, network.gamma) for network in contents.contrasted)]
    return [
        _panel(
            figures.trajectories(values, plane.time, contents.recording, name=name, limit=limit),
            f"trajectories-{place}",
            f"trajectories of {name} in the plane of the data's first two principal components",
            "small",
        )
        for place, (name, values) in enumerate(zip(names, (plane.data, *plane.networks), strict=True))
    ]


def _units(contents: RunContents) -> list[Panel]:
    network = contents.winner or contents.networks[0]
    drawn = {
        "recorded units": contents.recording,
        f"network units, {_called(contents, network.gamma)}": network.responses.sel(
            condition=contents.recording["condition"].values
        ),
    }
    return [
        _panel(
            figures.example_units(responses, name=name, described=contents.recording),
            f"units-{place}",
            f"activity of single {name} over time, by condition",
        )
        for place, (name, responses) in enumerate(drawn.items())
    ]


def _spectra(contents: RunContents) -> list[Panel]:
    shown = contents.contrasted
    spectra = [("data", variance_spectrum(soft_normalise(contents.recording)))]
    spectra += [(_called(contents, network.gamma), variance_spectrum(network.responses)) for network in shown]
    drawn = [_panel(figures.variance_curves(spectra), "variance", "share of variance of each principal component")]
    first, best = contents.networks[0], contents.winner
    for network in (first, *((best,) if best and best is not first else ())):
        if network.connectivity is None:
            continue
        g, name = float(contents.ranking.settings["g"]), _called(contents, network.gamma)
        drawn.append(
            _panel(
                figures.eigenvalues(network.connectivity, g=g, name=name),
                f"eigenvalues-{len(drawn)}",
                f"eigenvalues of the connectivity, {name}, and the disc of radius g",
                "small",
            )
        )
    return drawn


def _task(contents: RunContents) -> dict[str, object]:
    task, described = contents.task, contents.recording
    # Wide enough for the targets and half as much again, whatever a bad network produces.
    limit = 1.5 * float(np.abs(task.targets).max())
    return {
        "inputs": _panel(figures.task_inputs(task, described), "inputs", "inputs of the task over time, by condition"),
        "outputs": [
            _panel(
                figures.network_outputs(network, task, described, limit=limit),
                f"outputs-{place}",
                f"target and output of a network at gamma {network.gamma:g}",
                "small",
            )
            for place, network in enumerate(contents.networks)
            if network.readout is not None
        ],
    }


def _called(contents: RunContents, gamma: float) -> str:
    roles = []
    if gamma == 0 and contents.axis.zero:
        roles.append(contents.axis.zero)
    if contents.winner and gamma == contents.winner.gamma:
        roles.append("best")
    return f"{contents.axis.label} = {gamma:g}" + (f" ({', '.join(roles)})" if roles else "")
