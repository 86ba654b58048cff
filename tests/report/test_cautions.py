"""Each caution is raised by what it warns of, and by nothing else."""

import dataclasses

import pytest

from neurocompare.ranking import Ranking
from neurocompare.records import from_plain, plain
from neurocompare.report.cautions import cautions
from neurocompare.report.contents import load_contents


@pytest.fixture(scope="module")
def sound(run_folder):
    """A run in which nothing is wrong."""
    contents = load_contents(run_folder)
    contents = dataclasses.replace(contents, zoo=contents.zoo.assign(converged=True))

    def mend(ranking):
        ranking["fit"] = [{"gamma": gamma, "loss": 0.05} for gamma in ranking["gammas"]]
        for results in (ranking["metrics"], ranking["centred"]):
            for result in results.values():
                result["gamma_interval"] = [0.1, 0.4]
                result["adjusted"] = result["scores"]

    return changed(contents, mend)


def changed(contents, change):
    """The same run with `change` applied to its ranking, as ranking.json holds it."""
    ranking = plain(contents.ranking)
    change(ranking)
    return dataclasses.replace(contents, ranking=from_plain(Ranking, ranking))


def test_a_sound_run_raises_none(sound):
    assert cautions(sound) == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda r: r["metrics"]["cca"].update(verdict="unreliable", why="ceiling meets null"), "cca is unreliable"),
        (lambda r: r["metrics"]["cka"].update(verdict="edge", best_gamma=0.1), "end of the grid, gamma 0.1"),
        (lambda r: r.update(planted_gamma=1.6) or _only(r, "cka"), "leaves out the planted gamma, 1.6"),
        (lambda r: r["centred"]["cca"].update(best_gamma=0.0), "gamma 0 once the mean over conditions is removed"),
        (lambda r: r["metrics"]["cca"].update(above_ceiling=[0.1, 0.4]), "above its ceiling at gamma 0.1, 0.4"),
        (lambda r: r["metrics"]["cka"]["nulls"]["conditions"].update(says=False), "the null conditions says nothing"),
        (lambda r: r["fit"][0].update(loss=0.2), "do not solve the task equally well"),
        (lambda r: r["metrics"]["cka"].update(dropped_draws=3, draws=77), "in 3 of 80 resamples"),
    ],
)
def test_one_fault_raises_one_caution(sound, change, said):
    (sentence,) = cautions(changed(sound, change))
    assert said in sentence


def _only(ranking, name):
    for other, result in ranking["metrics"].items():
        if other != name:
            result["verdict"] = "tied"


def test_metrics_whose_intervals_do_not_meet_are_named_in_pairs(sound):
    def move(ranking):
        ranking["planted_gamma"] = None
        ranking["centred"] = {}
        ranking["metrics"]["cka"]["gamma_interval"] = [1.6, 1.6]

    found = cautions(changed(sound, move))
    assert len(found) == 3
    assert all("cka" in sentence and "do not meet" in sentence for sentence in found)


def test_tied_metrics_do_not_disagree(sound):
    def move(ranking):
        ranking["metrics"]["cka"].update(gamma_interval=[1.6, 1.6], verdict="tied")

    assert cautions(changed(sound, move)) == ()


def test_networks_no_better_than_silence(sound):
    found = cautions(changed(sound, lambda ranking: ranking["fit"][3].update(loss=1.2)))
    assert "At gamma 1.6 networks do no better than silence" in found[1]


def test_chains_that_have_not_converged_are_counted(sound):
    zoo = sound.zoo.assign(converged=sound.zoo["gamma"] != 0.1)
    (sentence,) = cautions(dataclasses.replace(sound, zoo=zoo))
    assert sentence.startswith("2 of 8 networks come from chains that have not converged (gamma 0.1)")


def test_chains_in_different_states_are_named(sound):
    groups = sound.zoo["gamma"].astype(str)
    zoo = sound.zoo.assign(group=groups, chains_apart=1.0)
    assert cautions(dataclasses.replace(sound, zoo=zoo)) == ()
    (sentence,) = cautions(dataclasses.replace(sound, zoo=zoo.assign(chains_apart=1 + 24 * (zoo["gamma"] == 0.1))))
    assert sentence.startswith("At gamma 0.1 chains have settled in different states")


def test_a_readout_that_is_not_the_networks_own(sound):
    first, *rest = sound.networks
    wrong = dataclasses.replace(first, readout=first.readout[::-1])
    (sentence,) = cautions(dataclasses.replace(sound, networks=(wrong, *rest)))
    assert f"readout of network {first.hash} (gamma 0)" in sentence


def test_what_was_left_out_is_said(sound):
    left_out = dataclasses.replace(sound, left_out=("The theory beside this run is not shown.",))
    assert cautions(left_out) == ("The theory beside this run is not shown.",)


def test_plain_scores_that_decide_are_named(sound):
    def drop(ranking):
        ranking["metrics"]["cka"]["adjusted"] = []
        ranking["metrics"]["cca"]["adjusted"] = []

    (sentence,) = cautions(changed(sound, drop))
    assert sentence.startswith("By cca and cka the values of gamma are told apart by the score as it is")
