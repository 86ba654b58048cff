"""The page of a scored model: whole, escaped, asking nothing of anyone, and with the numbers in it."""

import json

import pytest

from neurocompare.errors import InputError
from neurocompare.report import write_score_report


@pytest.mark.parametrize("nearest", [True, False])
def test_the_page_holds_the_numbers_and_nothing_from_files_runs(tmp_path, new_score, read_figures, nearest):
    page = write_score_report(new_score(tmp_path, nearest=nearest)).read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    for said in ("0.543", "0.51 to 0.58", "0.8 to 0.9", "0.1 to 0.2, p = 0.0123", "0.123 (0.07 to 0.18)", "CC-BY-4.0"):
        assert said in page.replace("&nbsp;", " "), said
    assert "Conditions were put into order." in page
    assert "flow is unreliable: it could not be computed." in page
    assert ("0.2 to 0.8, resolved" in page) == nearest
    assert ("nearest is not the same" in page) == nearest
    assert page.count("<svg") == page.count("</svg>") == (8 if nearest else 7)
    assert "default-src 'none'" in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
    figures = read_figures(tmp_path / "figures")
    assert len(figures) == page.count("<svg")
    assert "cka" in figures["strip-0-cka"]
    assert ("nearest" in figures) == nearest


def test_a_score_beside_a_quick_run_says_so_above_all_else(tmp_path, new_score):
    page = write_score_report(new_score(tmp_path)).read_text(encoding="utf-8")
    assert "quick run" not in page
    document = json.loads((tmp_path / "score.json").read_text())
    document["settings"]["quick"] = True
    (tmp_path / "score.json").write_text(json.dumps(document))
    page = write_score_report(tmp_path).read_text(encoding="utf-8")
    assert page.index("Beside a quick run") < page.index("<h1>")


@pytest.mark.parametrize("name", ["score.json", "model.nc", "recording.nc"])
def test_a_missing_file_is_one_line_and_no_page(tmp_path, new_score, name):
    (new_score(tmp_path) / name).unlink()
    with pytest.raises(InputError, match=name):
        write_score_report(tmp_path)
    assert not (tmp_path / "report.html").exists()


def test_another_schema_is_refused(tmp_path, new_score):
    new_score(tmp_path)
    (tmp_path / "score.json").write_text('{"schema": 4}')
    with pytest.raises(InputError, match="schema 4, which this version"):
        write_score_report(tmp_path)
