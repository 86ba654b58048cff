from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from neurocompare.errors import InputError
from neurocompare.metrics import CKA, Procrustes
from neurocompare.models.card import Card
from neurocompare.models.networks import Zoo
from neurocompare.parallel import Workers
from neurocompare.ranking.batches import BATCH, candidates_of, read_scores, score_batches
from neurocompare.ranking.draws import Drawing, make_draws
from neurocompare.ranking.score import score_draw
from neurocompare.responses import make_responses, save_responses
from neurocompare.settings import Family

CONDITIONS, BINS, UNITS = 4, 12, 10

FAMILY = Family(n_units=20)


@pytest.fixture
def trials(make_trials):
    rates = np.random.default_rng(0).uniform(5, 40, size=(CONDITIONS, BINS, UNITS))
    return make_trials(rates)


@pytest.fixture
def zoo(tmp_path):
    """A folder of responses with the cards that name them."""
    cards = []
    for gamma in (0.0, 0.4):
        for chain in (0, 1):
            card = Card(f"{10 * gamma:g}-{chain}", "group", "task", gamma, "reservoir", family=FAMILY, chain=chain)
            values = np.random.default_rng([int(10 * gamma), chain]).standard_normal((CONDITIONS, BINS, 20))
            responses = make_responses(
                values, condition=[f"c{i}" for i in range(CONDITIONS)], time=0.02 * np.arange(BINS)
            )
            save_responses(responses, tmp_path / "zoo" / card.hash / "responses.nc")
            cards.append(card)
    return Zoo(tmp_path / "zoo", tuple(cards), ())


def score(trials, zoo, folder, **changes):
    settings = {"metrics": [CKA()], "folder": folder, "drawing": Drawing(6), "workers": Workers(1)} | changes
    return score_batches(trials, candidates_of(zoo), **settings)


def test_batches_hold_the_scores_of_each_draw_to_the_last_bit(trials, zoo, tmp_path):
    found = score(trials, zoo, tmp_path / "scores", metrics=[CKA(), Procrustes(dimensions=2)])
    candidates = candidates_of(zoo)
    draws = make_draws(trials, candidates, draws=6)
    expected = pd.concat(
        [score_draw(draw, trials, candidates, [CKA(), Procrustes(dimensions=2)]) for draw in draws], ignore_index=True
    )
    pd.testing.assert_frame_equal(found, expected, check_exact=True, check_dtype=False)


def test_what_is_there_is_not_scored_again_and_what_is_missing_is(trials, zoo, tmp_path):
    first = score(trials, zoo, tmp_path)
    kept, lost = sorted(tmp_path.glob("*/draws-*.csv"))
    os.utime(kept, ns=(1, 1))
    lost.unlink()
    seen = []
    second = score(trials, zoo, tmp_path, progress=lambda done, total: seen.append((done, total)))
    pd.testing.assert_frame_equal(first, second, check_exact=True)
    assert kept.stat().st_mtime_ns == 1
    assert seen == [(BATCH, 6), (6, 6)]


def test_other_inputs_never_meet_stale_scores(trials, zoo, tmp_path, make_trials):
    score(trials, zoo, tmp_path)
    assert len(list(tmp_path.iterdir())) == 2  # zoo and one folder of scores
    other = make_trials(np.random.default_rng(1).uniform(5, 40, size=(CONDITIONS, BINS, UNITS)))
    fewer = replace(zoo, cards=zoo.cards[:2])
    first, *others = candidates_of(zoo)
    remade = replace(first, responses=first.responses + 1e-9)
    for changed in (
        {"trials": other},
        {"zoo": fewer},
        {"candidates": (remade, *others)},
        {"baseline": (replace(first, gamma=np.nan),)},
        {"metrics": [CKA(estimator="biased")]},
        {"drawing": Drawing(6, seed=1)},
    ):
        arguments = {
            "trials": trials,
            "zoo": zoo,
            "metrics": [CKA()],
            "drawing": Drawing(6),
            "workers": Workers(1),
        } | changed
        if "candidates" not in arguments:
            arguments["candidates"] = candidates_of(arguments["zoo"])
        arguments.pop("zoo")
        score_batches(folder=tmp_path, **arguments)
    assert len(list(tmp_path.iterdir())) == 8


def test_seeds_number_their_chains_through_and_two_families_are_refused(zoo):
    again = [replace(card, seed=1) for card in zoo.cards]
    both = candidates_of(replace(zoo, cards=(*zoo.cards, *again)))
    assert sorted((one.gamma, one.chain) for one in both) == [
        (gamma, chain) for gamma in (0.0, 0.4) for chain in range(4)
    ]
    families = [replace(card, family=replace(FAMILY, g=g)) for card in zoo.cards for g in (1.2, 1.5)]
    with pytest.raises(InputError, match="networks that differ in g; choose one value of each"):
        candidates_of(replace(zoo, cards=tuple(families)))
    kept = [replace(card, members=card.members + more) for card in zoo.cards for more in (0, 1)]
    with pytest.raises(InputError, match="networks that differ in members; choose one value of each"):
        candidates_of(replace(zoo, cards=tuple(kept)))


def test_processes_do_not_change_the_scores(trials, zoo, tmp_path):
    one = score(trials, zoo, tmp_path / "one")
    two = score(trials, zoo, tmp_path / "two", workers=Workers(2))
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_missing_scores_stay_missing(tmp_path):
    path = tmp_path / "scores.csv"
    table = pd.DataFrame(
        {"kind": ["model"], "network": ["0123"], "note": ["too few"], "score": [np.nan], "gamma": [0.1]}
    )
    table.to_csv(path, index=False)
    read = read_scores(path)
    assert read["network"].tolist() == ["0123"]
    assert read["note"].tolist() == ["too few"]
    assert read["score"].isna().all()
