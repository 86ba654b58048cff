"""The pages of an exploration and of several side by side: one self-contained HTML file from what lies in a folder."""

from __future__ import annotations

import os
from pathlib import Path

from neurocompare.account import PooledAccount, read_account
from neurocompare.ranking.exploration import Exploration
from neurocompare.ranking.exploration_sentence import (
    DOUBTED,
    adequacy_text,
    inferred_text,
    setting_text,
    unfinished_too_many,
)
from neurocompare.ranking.hypotheses import Hypotheses, made_word
from neurocompare.records import load_record, plain
from neurocompare.report import figures
from neurocompare.report.html import panels_of, write_page
from neurocompare.report.tables import account_rows, verdict_rows
from neurocompare.run_folder import RunFolder
from neurocompare.settings.exploring import LOGARITHMIC, RANGES
from neurocompare.settings.nuisance import in_words


def write_exploration_report(folder: str | os.PathLike[str]) -> Path:
    """Write ``report.html`` into a folder that holds exploration.json and run.json, and figures into it.

    See `neurocompare.report.html.write_page`.

    Parameters
    ----------
    folder : path-like

    Returns
    -------
    Path
        Of ``report.html``.

    Raises
    ------
    InputError
        If a file is missing or cannot be read.

    Examples
    --------
    >>> write_exploration_report("monkey-j/exploration")  # doctest: +SKIP
    >>> import tempfile
    >>> write_exploration_report(tempfile.mkdtemp())
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected a readable exploration.json in ..., found no exploration.json; ...
    """
    here = RunFolder(Path(folder))
    result = load_record(Exploration, here.exploration)
    account = load_record(PooledAccount, here.account) if result.pooled else read_account(here.path)
    rankings = {name: explored.ranking for name, explored in result.metrics.items()}
    computed = {name: explored for name, explored in result.metrics.items() if explored.points}
    planted, points = result.planted_gamma, result.points
    profiles = {name: figures.profile_curve(name, each, points, planted=planted) for name, each in computed.items()}
    dependences = {
        name: figures.dependence(name, each, planted=planted) for name, each in computed.items() if each.factors
    }
    inferred = None if unfinished_too_many(result.points) else result.inferred
    adjusted = "adjusted METRIC score against gamma: the points of the design, and the profile over all settings"
    best = "best gamma by METRIC with one setting kept within a quarter of its range"
    drawn = {
        "profiles": panels_of("profile", profiles, adjusted),
        "dependences": panels_of("dependence", dependences, best),
    }
    if inferred is not None:
        axes = {"all settings": figures.inferred_gamma(inferred, planted=planted)}
        drawn["posteriors"] = panels_of(
            "inferred", axes, "probability that the gamma that made the recording is below each"
        )
    shown = {
        "result": result,
        "quick": account.quick,
        "verdicts": verdict_rows(rankings),
        "centred": verdict_rows({name: explored.ranking for name, explored in result.centred.items()}),
        "computed": computed,
        "adequacies": [
            adequacy_text(explored.adequacy, name)
            for name, explored in computed.items()
            if explored.adequacy is not None
        ],
        "priors": _priors(result),
        "account": account_rows(plain(account)),
        "setting_text": setting_text,
        "inferred": inferred,
        "inferred_text": inferred_text,
        "doubted": inferred is not None and inferred.odd < DOUBTED,
    }
    return write_page(here.report, "exploration.html.jinja", shown | drawn)


def _priors(result: Exploration) -> list[tuple[str, str, str]]:
    """Name, range and law of everything that the design varies."""
    ranges = [("gamma above 0", *result.gammas), *((each.setting, each.low, each.high) for each in result.over)]
    rows = []
    for name, low, high in ranges:
        law = "log-uniform" if name.split()[0] in LOGARITHMIC else "uniform"
        rows.append((name.replace("_", " "), f"{in_words(name, low)} to {in_words(name, high)}", law))
    return rows


def write_hypotheses_report(folder: str | os.PathLike[str]) -> Path:
    """Write ``report.html`` into a folder that holds hypotheses.json.

    See `neurocompare.report.html.write_page`.

    Parameters
    ----------
    folder : path-like

    Returns
    -------
    Path
        Of ``report.html``.

    Raises
    ------
    InputError
        If hypotheses.json is missing or cannot be read.

    Examples
    --------
    >>> write_hypotheses_report("both").name  # of what `compare_hypotheses` wrote  # doctest: +SKIP
    'report.html'
    >>> write_hypotheses_report("nowhere")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected a readable hypotheses.json in nowhere, found no hypotheses.json; ...
    """
    files = RunFolder(Path(folder))
    result = load_record(Hypotheses, files.hypotheses)
    shown = {
        "result": result,
        "made_word": made_word,
        "adequacy_text": adequacy_text,
        "at": lambda point: [setting_text(name, getattr(point, name)) for name in RANGES],
    }
    return write_page(files.report, "hypotheses.html.jinja", shown)
