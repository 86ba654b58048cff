"""What a run left behind is read whole, or refused in a sentence."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from neurocompare.errors import InputError
from neurocompare.report.contents import drawn_loss, load_contents


def test_the_networks_shown_are_those_of_lower_median_loss(own_run_folder):
    zoo = pd.read_csv(own_run_folder / "zoo" / "zoo.csv", dtype={"hash": str})
    pair = zoo[zoo["gamma"] == 0.1]
    contents = load_contents(own_run_folder)
    assert [network.gamma for network in contents.networks] == [0.0, 0.1, 0.4, 1.6]
    assert contents.networks[1].hash == pair.loc[pair["loss"].idxmin(), "hash"]


def test_winner_and_contrast(run_folder):
    contents = load_contents(run_folder)
    assert contents.winner.gamma == 0.4
    assert [network.gamma for network in contents.contrasted] == [0.0, 0.4, 1.6]


def test_no_winner_where_no_gamma_is_best(own_run_folder):
    path = own_run_folder / "ranking.json"
    ranking = json.loads(path.read_text())
    ranking["summary"]["best_gamma"] = None
    path.write_text(json.dumps(ranking))
    contents = load_contents(own_run_folder)
    assert contents.winner is None
    assert [network.gamma for network in contents.contrasted] == [0.0, 1.6]


def test_loss_is_in_units_of_the_zero_output(run_folder):
    """Targets have unit mean square, so a zero output has a loss of one half; stored readouts give the loss noted."""
    contents = load_contents(run_folder)
    np.testing.assert_allclose(contents.zoo["relative_loss"], contents.zoo["loss"] / 0.5)
    for network in contents.networks:
        assert drawn_loss(network, contents.task) == pytest.approx(network.loss, rel=1e-9)


def test_networks_left_by_an_earlier_run_are_not_shown(own_run_folder):
    """A zoo keeps networks of other settings; what was scored is what the report is about."""
    path = own_run_folder / "zoo" / "zoo.csv"
    zoo = pd.read_csv(path, dtype={"hash": str})
    extra = zoo.iloc[[0]].assign(hash="99999999", gamma=7.0)
    pd.concat([zoo, extra]).to_csv(path, index=False)
    contents = load_contents(own_run_folder)
    assert 7.0 not in set(contents.zoo["gamma"])
    assert len(contents.networks) == 4


@pytest.mark.parametrize(
    "name", ["ranking.json", "run.json", "scores.csv", "recording.nc", "task.nc", "zoo/zoo.csv", "weights", "responses"]
)
@pytest.mark.parametrize("broken", [None, b"", b"not what it should be"])
def test_a_missing_or_broken_file_is_named(own_run_folder, name, broken):
    in_zoo = {"weights": "zoo/00000000/weights.safetensors", "responses": "zoo/00000000/responses.nc"}
    path = own_run_folder / in_zoo.get(name, name)
    if name in in_zoo:
        # Make this network the one shown.
        zoo = pd.read_csv(own_run_folder / "zoo" / "zoo.csv", dtype={"hash": str})
        zoo.loc[zoo["hash"] == "00000000", "loss"] = 0.0
        zoo.to_csv(own_run_folder / "zoo" / "zoo.csv", index=False)
    path.unlink()
    if broken is not None:
        path.write_bytes(broken)
    with pytest.raises(InputError, match=path.name):
        load_contents(own_run_folder)


def test_another_schema_is_refused(own_run_folder):
    (own_run_folder / "ranking.json").write_text('{"schema": 4}')
    with pytest.raises(InputError, match="schema 4, which this version"):
        load_contents(own_run_folder)


def test_a_zoo_that_was_not_scored_is_refused(own_run_folder):
    path = own_run_folder / "scores.csv"
    pd.read_csv(path).assign(network="other").to_csv(path, index=False)
    with pytest.raises(InputError, match="found none"):
        load_contents(own_run_folder)


def test_a_theory_beside_the_run_is_read(own_run_folder, put_theory):
    assert load_contents(own_run_folder).theory is None
    theory = put_theory()
    contents = load_contents(own_run_folder)
    assert contents.theory == theory
    rows = contents.theory.infinite_scores("procrustes")
    assert [row.mean for row in rows] == [score.mean for score in theory.ranking.metrics["procrustes"].scores]
    assert [row.converged for row in rows] == [True, True, True, False]
    assert contents.theory.infinite_scores("another") == replace(theory, ranking=None).infinite_scores("cka") == ()


def test_a_theory_of_other_settings_is_left_out_with_a_word_and_a_broken_one_is_named(own_run_folder, put_theory):
    put_theory(g=1.2)
    contents = load_contents(own_run_folder)
    assert contents.theory is None
    assert "is not shown, as it holds for other settings (g 1.2 and 1.5)" in contents.left_out[0]
    for content in ("not what it should be", '{"schema": 9}'):
        (own_run_folder / "theory.json").write_text(content)
        with pytest.raises(InputError, match=r"theory\.json"):
            load_contents(own_run_folder)
