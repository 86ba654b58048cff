"""The page of several recordings together: one self-contained HTML file from what pooling left in a folder."""

from __future__ import annotations

import os
from pathlib import Path

from neurocompare.account import PooledAccount
from neurocompare.errors import InputError
from neurocompare.ranking import Ranking
from neurocompare.records import load_record, plain
from neurocompare.report import figures
from neurocompare.report.html import panels_of, write_page
from neurocompare.report.tables import flat, verdict_rows


def write_pooled_report(folder: str | os.PathLike[str]) -> Path:
    """Write ``report.html`` and ``figures/`` into a folder that holds ranking.json and run.json of pooled recordings.

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
        If a file is missing or cannot be read, or the ranking is of one recording.

    Examples
    --------
    >>> write_pooled_report("pooled").name  # of two runs at least, which take minutes  # doctest: +SKIP
    'report.html'
    >>> write_pooled_report("nowhere")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected a readable ranking.json in nowhere, found no ranking.json; ...
    """
    folder = Path(folder)
    ranking = load_record(Ranking, folder / "ranking.json")
    run, pooled, axis = load_record(PooledAccount, folder / "run.json"), ranking.pooled, ranking.axis
    if pooled is None:
        message = f"expected a ranking of pooled recordings in {folder}, found one of one; pool the rankings again"
        raise InputError(message)
    planted = ranking.planted_gamma
    computed = {name: result for name, result in ranking.metrics.items() if result.scores}
    alone = {name: {each.recording: each.metrics[name] for each in pooled.by_recording} for name in computed}
    curves = {
        name: figures.score_curve(name, result, centred=ranking.centred.get(name), planted=planted, along=axis)
        for name, result in computed.items()
    }
    forests = {
        name: figures.by_recording(name, result, alone[name], planted=planted, along=axis)
        for name, result in computed.items()
    }
    best = f"best {axis.noun} by METRIC and its interval, by recording and of all together"
    drawn = {
        "curves": panels_of("curve", curves, f"METRIC score against {axis.name}, mean over recordings"),
        "forests": panels_of("recordings", forests, best),
    }
    shown = {
        "ranking": ranking,
        "quick": run.quick,
        "axis": axis,
        "pooled": pooled,
        "verdicts": verdict_rows(ranking.metrics, axis.label),
        "alone": {
            each.recording: {row.metric: row for row in verdict_rows(each.metrics, axis.label)}
            for each in pooled.by_recording
        },
        "across": [each for each in pooled.across if each.centring == "unit"],
        "account": [(heading, list(flat(branch))) for heading, branch in plain(run).items()],
    }
    return write_page(folder / "report.html", "pooled.html.jinja", shown | drawn)
