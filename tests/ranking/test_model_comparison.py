"""Several models compared: differences of the same draws, held against Tukey's range, and what is said of them."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import studentized_range

from neurocompare.ranking import Sampling
from neurocompare.ranking.model_comparison import ModelComparison, compare_models
from neurocompare.ranking.model_score import MetricScore, ModelScore, UnitCounts
from neurocompare.ranking.null import Null
from neurocompare.records import load_record, save_record

SAMPLING = Sampling(24, 12, (8, 8), (4, 4))
"""Half of the units in a draw: spreads of draws are those of the whole."""


def scored(name, by_draw, *, reliable=True, p=0.001, notes=("shared",)):
    """A score by one metric whose table holds `by_draw` (training, draw), NaN where it could not be computed."""
    by_draw = np.atleast_2d(np.asarray(by_draw, dtype=float))
    rows = [("model", "cka", centring, "model", chain, 0, r, s) for centring in ("unit", "condition-mean")
            for chain, scores in enumerate(by_draw) for r, s in enumerate(scores)]  # fmt: skip
    columns = ["kind", "metric", "centring", "network", "chain", "member", "resample", "score"]
    table = pd.DataFrame(rows, columns=columns)
    mean = None if np.isnan(by_draw).all() else float(np.nanmean(by_draw))
    metric = MetricScore("cka", None, by_draw.shape[1], 0, mean, mean, mean, None, {"conditions": Null(0.1, 0.2, p)},
                         reliable, "" if reliable else "it is not")  # fmt: skip
    return ModelScore(name, "monkey", None, UnitCounts(8, 24), {}, "", {"cka": metric}, {"cka": metric}, notes,
                      table=table.assign(against="recording"))  # fmt: skip


def compared(scores, **settings):
    return compare_models(
        {name: scored(name, one, **settings) for name, one in scores.items()}, sampling=SAMPLING, seed=0
    )


def test_differences_are_those_of_the_same_draws_and_what_all_share_falls_out():
    rng = np.random.default_rng(0)
    shared, own = 100 * rng.standard_normal(400), rng.standard_normal((3, 400))
    by_draw = dict(zip("abc", shared + own + np.array([[0.0], [3.0], [0.1]]), strict=True))
    found = compared(by_draw).metrics["cka"]
    assert found.order[0] == "b"
    for pair in found.differences:
        apart = by_draw[pair.model] - by_draw[pair.against]
        assert pair.difference == pytest.approx(apart.mean())
        # Three items equally sure: Tukey's range for as many, whose quantile 4000 resamples know to 3 %.
        half = studentized_range.ppf(0.95, 3, 399) / np.sqrt(2) * apart.std(ddof=1)
        assert (pair.high - pair.low) / 2 == pytest.approx(half, rel=0.08)
    assert (found.between("a", "b").model, found.draws) == ("b", 400)


def test_what_is_sure_pays_for_the_number_of_pairs():
    """Six models of which one is above: by 2.1 standard errors, sure if it were alone, and beyond Tukey's range."""
    noise = np.random.default_rng(1).standard_normal((6, 400))
    noise -= noise.mean(axis=1, keepdims=True)
    noise /= noise.std(axis=1, ddof=1, keepdims=True)
    tukey = studentized_range.ppf(0.95, 6, 399) / np.sqrt(2)
    for errors, sure in ((2.1, False), (1.3 * tukey, True)):
        means = np.array([0.0, 0, 0, 0, 0, errors * np.sqrt(2)])
        found = compared(dict(zip("abcdef", noise + means[:, None], strict=True))).metrics["cka"]
        assert all(each.sure == sure for each in found.differences if each.model == "f"), errors


def test_equal_models_are_seldom_called_different():
    """Of 200 experiments without a difference, sure ones in 5 %; 4 standard errors are 6 %; uncorrected, 17 %."""
    rng = np.random.default_rng(2)
    false = 0
    for _ in range(200):
        shared = rng.standard_normal(20)
        # The truth of each draw's half-sample: spreads of the means are those of the draws.
        means, noise = rng.standard_normal((4, 1)), rng.standard_normal((4, 20))
        by_draw = shared + means + noise - noise.mean(axis=1, keepdims=True)
        found = compared(dict(zip("abcd", by_draw, strict=True))).metrics["cka"]
        false += any(each.sure for each in found.differences)
    assert false <= 200 * (0.05 + 4 * np.sqrt(0.05 * 0.95 / 200))


def test_draws_that_one_model_lacks_are_left_out_for_all_and_a_model_without_any_is_named():
    rng = np.random.default_rng(3)
    one, other = rng.standard_normal((2, 30))
    lacking = np.where(np.arange(30) < 5, np.nan, other)
    found = compared({"one": one, "other": lacking, "none": np.full(30, np.nan)}).metrics["cka"]
    assert (found.draws, found.left_out, len(found.differences)) == (25, ("none",), 1)
    apart = (one - other)[5:].mean()
    assert found.differences[0].difference == pytest.approx(abs(apart))


def test_several_trainings_pay_for_how_they_differ_by_chance():
    """Draws alike, trainings not: a two-sample t of 3 and 3 trainings, of 4 degrees of freedom."""
    from scipy.stats import t as student

    one, other = np.array([1.0, 2.0, 6.0]), np.array([0.0, 1.0, -1.0])
    means = [np.repeat(each[:, None], 20, axis=1) for each in (one, other)]
    (pair,) = compared(dict(zip("ab", means, strict=True))).metrics["cka"].differences
    assert pair.difference == pytest.approx(3.0)
    # Spreads are pooled, but an item that differs more keeps its own: variances 7 and 4, mean of 7 and 1.
    half = student.ppf(0.975, 4) * np.sqrt((7 + 4) / 3)
    assert pair.high - pair.low == pytest.approx(2 * half, rel=0.1)
    assert not pair.sure
    assert compared({"a": one[:, None] + np.zeros(20), "b": np.zeros(20)}).notes[-1].startswith("Of b there is one")


def test_a_note_says_once_whose_it_is():
    given = {name: scored(name, np.arange(20.0), notes=(f"{name} gives no times.", "It was long.")) for name in "ab"}
    lines = str(compare_models(given, sampling=SAMPLING, seed=0)).splitlines()
    assert {"Note: a gives no times.", "Note: b gives no times."} <= set(lines)


def test_names_have_no_interval():
    by_draw = {"gru": np.arange(20.0), "lstm": np.arange(20.0)[::-1] / 3}
    given = {name: scored(name, one) for name, one in by_draw.items()}
    found = compare_models(given, sampling=SAMPLING, seed=0, by="kind")
    assert found.sentence.startswith("Compared by name (kind): by cka, gru scores highest of 2 models")
    assert any("there is no axis, and no interval on it" in note for note in found.notes)


def test_the_sentence_claims_what_is_sure_and_no_more():
    rng = np.random.default_rng(4)
    noise = rng.standard_normal((3, 50))
    noise -= noise.mean(axis=1, keepdims=True)
    by_draw = dict(zip("abc", noise + np.array([[9.0], [8.5], [0.0]]), strict=True))
    assert "a scores highest of 3 models against monkey" in compared(by_draw).sentence
    assert "significantly above c, not significantly above b" in compared(by_draw).sentence
    assert "where the hardest null (conditions) reaches" in compared(by_draw).sentence
    assert "does not stand out from the null (p = 0.4)" in compared(by_draw, p=0.4).sentence
    assert compared(by_draw, reliable=False).sentence == (
        "No metric can tell a, b and c apart, or from chance, on monkey."
    )


def test_a_comparison_is_kept_and_read_and_printed(tmp_path):
    found = compared({"a": np.arange(20.0), "b": np.arange(20.0)[::-1] / 3})
    save_record(found, tmp_path / "comparison.json")
    assert load_record(ModelComparison, tmp_path / "comparison.json") == found
    text = str(found)
    assert "a less b" in text
    assert text.count("Note: shared") == 1
    assert "Of each model there is one training" in text
    assert set(found.table["model"]) == {"a", "b"}
