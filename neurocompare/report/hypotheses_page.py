"""The page of hypotheses side by side: one HTML file from what `neurocompare hypotheses` left in a folder."""

from __future__ import annotations

import os
from pathlib import Path

from neurocompare.ranking.exploration_sentence import adequacy_text, setting_text
from neurocompare.ranking.hypotheses import Hypotheses, made_word
from neurocompare.records import load_record
from neurocompare.report.html import write_page
from neurocompare.run_folder import RunFolder
from neurocompare.settings.exploring import RANGES


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
