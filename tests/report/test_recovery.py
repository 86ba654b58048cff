"""A recovery in the report: quoted where it belongs to the run, left out where it does not."""

import json

import pytest
from drawing import drawn_once  # noqa: F401

from neurocompare.errors import InputError
from neurocompare.ranking import Ranking
from neurocompare.ranking.recovery import Recovery, keep_recovery, similar_recovery
from neurocompare.records import from_plain, load_record
from neurocompare.report import write_report
from neurocompare.report.figures import recovery_overview
from neurocompare.report.recovery import recovery_beside


def entry(count, runs=40):
    return {"count": count, "runs": runs, "share": count / runs, "low": 0.7, "high": 0.98}


@pytest.fixture
def recovery():
    gammas = [0.0, 0.1, 0.4, 1.6]
    here = {
        "size": 1.0, "units": 10, "trials": 20, "confusion": [[10, 0, 0, 0], [1, 9, 0, 0], [0, 0, 7, 3], [0, 0, 0, 10]],
        "within_step": entry(37), "coverage": entry(38), "in_ceiling": entry(30), "own_in_ceiling": entry(36),
        "verdicts": {"resolved": 30, "edge": 10, "tied": 0, "unreliable": 0},
    }  # fmt: skip
    found = {"sizes": [here], "needed": {"relation": "more than", "factor": 1.0, "units": 10, "trials": 20}}
    return {
        "schema": 1, "recording": "synthetic <b>", "gammas": gammas, "family": {"g": 1.5, "tau": 0.1},
        "data": {"conditions": 4, "units": 10, "trials": [20, 20]}, "draws": 80, "runs": 10, "seed": 0,
        "independent_chains": 4, "enough": 0.9, "chance": 0.625, "metrics": {"procrustes": found, "cka": found},
        "centred": {"procrustes": found, "cka": found}, "sentences": ["procrustes tells gammas apart here."],
        "notes": ["Every run is a whole session."],
    }  # fmt: skip


def put(folder, recovery):
    (folder / "recovery.json").write_text(json.dumps(recovery))


def test_the_report_quotes_the_recovery_beside_it(own_run_folder, recovery):
    assert recovery_beside(own_run_folder, load_record(Ranking, own_run_folder / "ranking.json")) == (None, "")
    put(own_run_folder, recovery)
    page = write_report(own_run_folder).read_text()
    assert "Would the true γ have been named?" in page
    assert "37 of 40: 92 % (70 to 98 %)" in page
    assert "more than 10 units, 20 trials" in page
    assert "from 4 independent networks each" in page
    assert "synthetic &lt;b&gt;" in page
    assert page.count('aria-label="gamma named by') == 2


def test_the_figure_has_a_matrix_a_metric_and_a_row_more_for_several_sizes(recovery):
    for found in recovery["metrics"].values():
        found["sizes"][0]["by_gamma"] = [
            {
                "gamma": gamma, "coverage": entry(9, 10), "within_step": entry(10, 10), "in_ceiling": entry(8, 10),
                "own_in_ceiling": entry(9, 10), "verdicts": {},
            }
            for gamma in recovery["gammas"]
        ]  # fmt: skip
    axes = recovery_overview(from_plain(Recovery, recovery))
    assert axes.size == 4
    matrix = axes.flat[0]
    assert sorted(text.get_text() for text in matrix.texts) == ["1", "10", "10", "3", "7", "9"]
    assert [label.get_text() for label in matrix.get_yticklabels()] == ["0", "0.1", "0.4", "1.6"]
    for found in recovery["metrics"].values():
        here = found["sizes"][0]
        found["sizes"] = [here, here | {"size": 2.0, "units": 20, "trials": 40, "within_step": entry(40)}]
    axes = recovery_overview(from_plain(Recovery, recovery))
    assert axes.size == 6
    assert [label.get_text() for label in axes.flat[-1].get_xticklabels()] == ["10\n20", "20\n40"]


def test_a_recovery_of_another_grid_or_family_is_left_out_with_a_word(own_run_folder, recovery):
    ranking = load_record(Ranking, own_run_folder / "ranking.json")
    put(own_run_folder, recovery)
    assert recovery_beside(own_run_folder, ranking) == (from_plain(Recovery, recovery), "")
    for change, word in (({"gammas": [0.0, 0.4]}, "another grid of gamma"), ({"family": {"g": 1.8}}, "g 1.8 and 1.5")):
        put(own_run_folder, {**recovery, **change})
        found, left_out = recovery_beside(own_run_folder, ranking)
        assert found is None
        assert word in left_out
    page = write_report(own_run_folder).read_text()
    assert left_out in page
    assert "Would the true" not in page


@pytest.mark.parametrize("content", ["{", "[]", '{"schema": 2}', '{"schema": 1}'])
def test_a_damaged_recovery_is_said_in_a_line(own_run_folder, content):
    (own_run_folder / "recovery.json").write_text(content)
    with pytest.raises(InputError, match=r"run neurocompare recover again"):
        write_report(own_run_folder)


def test_the_nearest_kept_recovery_of_the_family_is_found(tmp_path, monkeypatch, recovery):
    monkeypatch.setenv("NEUROCOMPARE_DATA", str(tmp_path))
    larger = {**recovery, "data": {"conditions": 4, "units": 12, "trials": [20, 20]}}
    other = {**recovery, "family": {"g": 1.8}}
    recovery, larger, other = (from_plain(Recovery, each) for each in (recovery, larger, other))
    for each in (recovery, larger, other):
        keep_recovery(each)
    (tmp_path / "recoveries" / "damaged.json").write_text("{")
    assert similar_recovery(units=10, trials=19, family={"g": 1.5}) == recovery
    assert similar_recovery(units=13, trials=20, family={"g": 1.5}) == larger
    assert similar_recovery(units=10, trials=20, family={"g": 1.8}) == other
    assert similar_recovery(units=40, trials=20, family={"g": 1.5}) is None
