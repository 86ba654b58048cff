"""Several models scored together: each as it is alone, in one set of draws, and what is left behind."""

import json

import numpy as np
import pandas as pd
import pytest
import torch

import neurocompare
from neurocompare.ranking.model_comparison import ModelComparison
from neurocompare.records import load_record
from neurocompare.responses import load_responses
from neurocompare.settings import Scoring, Workers

FAST = {"scoring": Scoring(("cka", "rsa"), 20), "workers": Workers(jobs=1)}


def of_zoo(small, gamma, chain):
    card = next(card for card in small.zoo.cards if card.gamma == gamma and card.chain == chain)
    return load_responses(small.zoo.folder / card.hash / "responses.nc")


@pytest.fixture(scope="module")
def three(small, tmp_path_factory):
    """Two networks of the zoo and noise, with the zoo beside them, and the folder they left."""
    noise = np.random.default_rng(0).standard_normal(of_zoo(small, 0.0, 0).shape)
    models = {"zero": of_zoo(small, 0.0, 0), "<b>one": of_zoo(small, 1.6, 0), "noise": noise}
    out = tmp_path_factory.mktemp("out") / "scores"
    return models, neurocompare.score(models, small.recording, run=small.zoo.folder, out=out, **FAST), out


def test_each_is_scored_as_it_is_alone(small, three):
    models, comparison, _ = three
    assert list(comparison.scores) == list(models)
    alone = neurocompare.score(models["noise"], small.recording, run=small.zoo.folder, name="noise", **FAST)
    assert comparison.scores["noise"] == alone


def test_differences_are_of_the_kept_table(three):
    _, comparison, out = three
    table = pd.read_csv(out / "scores.csv")
    assert len(table) == len(comparison.table)
    rows = table[(table["kind"] == "model") & (table["centring"] == "unit") & (table["against"] == "recording")]
    for metric, found in comparison.metrics.items():
        means = rows[rows["metric"] == metric].groupby("model")["score"].mean()
        assert found.draws == 20
        assert found.order == tuple(means.sort_values(ascending=False).index)
        for each in found.differences:
            assert each.difference == pytest.approx(means[each.model] - means[each.against])
            assert each.low < each.difference < each.high


def test_a_network_of_the_zoo_has_the_loss_of_its_card(small, three):
    card = next(card for card in small.zoo.cards if (card.gamma, card.chain) == (1.6, 0))
    folder = small.zoo.folder / card.hash
    result = neurocompare.score([folder, torch.nn.GRU(3, 30)], small.recording, **FAST)
    assert result.scores[card.hash].task.loss == pytest.approx(card.result.loss / card.result.zero_loss)
    assert result.scores["GRU"].task.loss is None
    assert "its card says" in str(result.scores[card.hash])
    assert f"Loss on the task, of a silent output's: {card.hash}" in str(result)


def test_what_is_left_behind(three):
    _, comparison, out = three
    assert neurocompare.open_score(out) == comparison
    folders = sorted(path.name for path in (out / "models").iterdir())
    assert folders == ["1-zero", "2-b-one", "3-noise"]
    for folder, score in zip(folders, comparison.scores.values(), strict=True):
        assert neurocompare.open_score(out / "models" / folder) == score
        assert (out / "models" / folder / "report.html").exists()
    page = (out / "report.html").read_text()
    assert "<b>one" not in page
    assert 'href="models/2-b-one/report.html"' in page
    for metric, found in comparison.metrics.items():
        assert f"{found.differences[0].difference:.3g}" in page, metric
    figures = {path.name for path in (out / "figures").iterdir()}
    assert {"models-0-cka.svg", "differences-1-rsa.png"} <= figures


def test_models_of_one_name_are_told_apart_and_the_smallest_sets_the_units(small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = neurocompare.score([torch.nn.GRU(3, 6), torch.nn.GRU(3, 40)], small.recording, **FAST)
    assert list(result.scores) == ["GRU", "GRU (2)"]
    assert {score.units.recording for score in result.scores.values()} == {12}


def test_a_table_from_the_shell(small, tmp_path, monkeypatch):
    from typer.testing import CliRunner

    from neurocompare.cli.main import app
    from neurocompare.recordings import write_maze_nwb

    monkeypatch.chdir(tmp_path)
    write_maze_nwb(small.recording, tmp_path / "session.nwb")
    for place, gamma in enumerate((0.0, 1.6)):
        np.save(f"{place}.npy", of_zoo(small, gamma, 0).values)
    (tmp_path / "models.csv").write_text("file,name\n0.npy,reservoir-like\n1.npy,trained\n")
    common = ["--data", "session.nwb", "--resamples", "20", "--metrics", "cka", "--jobs", "1", "--json"]
    found = []
    for given in (["0.npy", "1.npy"], ["models.csv"], ["."]):
        result = CliRunner().invoke(app, ["score", *given, *common])
        assert result.exit_code == 0, result.output
        found.append(json.loads(result.stdout))
    assert [list(each["scores"]) for each in found] == [["0.npy", "1.npy"], *[["reservoir-like", "trained"]] * 2]
    differences = [[pair["difference"] for pair in each["metrics"]["cka"]["differences"]] for each in found]
    assert differences[0] == differences[1] == differences[2]


def test_kinds_with_names_are_compared_by_name(small, tmp_path, monkeypatch):
    """Two trainings a kind: networks of one gamma each. No order is made of names, and so no interval."""
    from typer.testing import CliRunner

    from neurocompare.cli.main import app
    from neurocompare.recordings import write_maze_nwb

    monkeypatch.chdir(tmp_path)
    write_maze_nwb(small.recording, tmp_path / "session.nwb")
    rows = []
    for chain in (0, 1):
        for kind, gamma in (("trained", 1.6), ("reservoir-like", 0.0)):
            np.save(f"{kind}{chain}.npy", of_zoo(small, gamma, chain).values)
            rows.append(f"{kind}{chain}.npy,{kind},{chain}")
    (tmp_path / "models.csv").write_text("\n".join(["file,kind,seed", *rows]))
    common = ["--data", "session.nwb", "--resamples", "20", "--metrics", "cka", "--jobs", "1"]
    result = CliRunner().invoke(app, ["rank", ".", "--axis", "kind", "--out", "o", *common])
    assert result.exit_code == 0, result.output
    assert "Compared by name (kind): " in result.stdout
    assert "interval 0 to 1" not in result.stdout
    found = load_record(ModelComparison, tmp_path / "o" / "comparison.json")
    assert set(found.scores) == {"trained", "reservoir-like"}
    rows = pd.read_csv(tmp_path / "o" / "scores.csv")
    rows = rows[(rows["kind"] == "model") & (rows["centring"] == "unit") & (rows["against"] == "recording")]
    assert rows.groupby("model")["chain"].nunique().to_dict() == {"trained": 2, "reservoir-like": 2}
    means = rows.groupby("model")["score"].mean()
    (pair,) = found.metrics["cka"].differences
    assert pair.difference == pytest.approx(abs(means["trained"] - means["reservoir-like"]))
    assert not any("one training" in note for note in found.notes)
    for more, said in (
        (["--scale", "log"], "names, which have no scale"),
        (["--data", "session.nwb"], "expected one --data where kind holds names"),
    ):
        refused = CliRunner().invoke(app, ["rank", ".", "--axis", "kind", "--out", "p", *common, *more])
        assert refused.exit_code == 2
        assert said in refused.output
