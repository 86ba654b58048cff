"""The page of a scored model: whole, escaped, asking nothing of anyone, and with the numbers in it."""

import json

import numpy as np
import pytest

from neurocompare.errors import InputError
from neurocompare.report import write_score_report
from neurocompare.responses import make_responses, save_responses

EVIL = "<script>alert('$x_$')</script>"


def entry(rng, *, nearest=True, score=True):
    base = {"name": "kinematic", "gamma": None, "mean": 0.41, "low": 0.35, "high": 0.47}
    base |= {"difference": 0.123, "difference_low": 0.07, "difference_high": 0.18}
    near = {
        "gamma": 0.4,
        "interval": [0.2, 0.8],
        "verdict": "resolved",
        "why": "every null is beaten",
        "similarity": 0.55,
        "ceiling": [0.9, 0.95],
        "shares": [{"gamma": gamma, "p": p} for gamma, p in ((0.0, 0.1), (0.4, 0.7), (1.6, 0.2))],
    }
    return {
        "direction": "higher is more similar",
        "range": [-1, 1],
        "score": {"mean": 0.5432, "low": 0.51, "high": 0.58} if score else None,
        "ceiling": {"low": 0.8, "high": 0.9},
        "nulls": {"conditions": {"mean": 0.1, "high": 0.2, "p": 0.0123}},
        "reliable": score,
        "why": "" if score else "it could not be computed",
        "draws": 20,
        "dropped_draws": 0,
        "baselines": [base] if score else [],
        "zoo": [base | {"name": "gamma 0.4", "gamma": 0.4}] if nearest and score else [],
        "scores_like": [],
        "nearest": near if nearest and score else None,
    }


def write_folder(folder, *, nearest=True, model=EVIL):
    rng = np.random.default_rng(0)
    labels = {"condition": ["a", "b", "c"], "time": np.arange(0, 0.5, 0.05)}
    save_responses(make_responses(rng.standard_normal((3, 10, 8)), **labels), folder / "model.nc")
    rates = make_responses(rng.uniform(0, 30, (3, 10, 9)), activity_unit="spikes/s", **labels)
    save_responses(rates, folder / "recording.nc")
    score = {
        "schema": 1,
        "model": model,
        "recording": "monkey & co",
        "planted_gamma": None,
        "units": {"model": 8, "recording": 9},
        "settings": {"g": 1.5, "run": None, "recording_licence": "CC-BY-4.0"},
        "notes": ["Conditions were put into order."],
        "metrics": {"cka": entry(rng, nearest=nearest), "flow": entry(rng, nearest=nearest, score=False)},
        "centred": {},
        "summary": {"sentence": f"By cka, {model} is alike"},
    }
    (folder / "score.json").write_text(json.dumps(score))
    return folder


@pytest.mark.parametrize("nearest", [True, False])
def test_the_page_holds_the_numbers_and_nothing_from_files_runs(tmp_path, nearest):
    page = write_score_report(write_folder(tmp_path, nearest=nearest)).read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    for said in ("0.543", "0.51 to 0.58", "0.8 to 0.9", "0.1 to 0.2, p = 0.0123", "0.123 (0.07 to 0.18)", "CC-BY-4.0"):
        assert said in page, said
    assert "Conditions were put into order." in page
    assert "flow is unreliable: it could not be computed." in page
    assert ("0.2 to 0.8, resolved" in page) == nearest
    assert ("nearest is not the same" in page) == nearest
    assert page.count("<svg") == page.count("</svg>") == (8 if nearest else 7)
    assert "default-src 'none'" in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page


@pytest.mark.parametrize("name", ["score.json", "model.nc", "recording.nc"])
def test_a_missing_file_is_one_line_and_no_page(tmp_path, name):
    (write_folder(tmp_path) / name).unlink()
    with pytest.raises(InputError, match=name):
        write_score_report(tmp_path)
    assert not (tmp_path / "report.html").exists()


def test_another_schema_is_refused(tmp_path):
    write_folder(tmp_path)
    (tmp_path / "score.json").write_text('{"schema": 2}')
    with pytest.raises(InputError, match="schema 1"):
        write_score_report(tmp_path)
