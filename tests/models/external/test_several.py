"""One model or several: lists, mappings, folders and tables, and what of them is one model's own conditions."""

import os

import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr

from neurocompare.errors import InputError
from neurocompare.models.external.several import distinct, holds_names, models_of, read_named

WHOLE, CONDITION = np.zeros((2, 3, 5)), np.zeros((3, 5))


@pytest.mark.parametrize(
    ("model", "several"),
    [
        (WHOLE, False),
        ([CONDITION, CONDITION], False),
        (np.zeros((4, 2, 3, 5)), False),
        ({"left": CONDITION, "right": CONDITION}, False),
        ({"responses": WHOLE, "time": np.arange(3)}, False),
        ({"responses": WHOLE}, False),
        (torch.nn.GRU(3, 8), False),
        (lambda inputs: inputs, False),
        (pd.DataFrame({"condition": [1], "time": [0], "a": [1]}), False),
        ([WHOLE, torch.zeros(2, 3, 5)], True),
        ([torch.nn.GRU(3, 8), lambda inputs: inputs], True),
        ({"a": WHOLE, "b": xr.DataArray(WHOLE)}, True),
        ({"a": {"left": CONDITION}, "b": {"left": CONDITION}}, True),
        ((pd.DataFrame(), xr.Dataset()), True),
    ],
)
def test_several_models_are_told_from_one(model, several):
    assert models_of(model)[1] == several


def files(folder):
    for name in ("a.npy", "b.npz", "notes.txt", "weights.pt"):
        (folder / name).write_bytes(b"")
    (folder / "network").mkdir()
    (folder / "network" / "card.json").write_text("{}")
    (folder / "figures").mkdir()


def test_a_folder_is_its_files_of_activity_and_its_networks(tmp_path):
    files(tmp_path)
    found, several = models_of(tmp_path)
    assert several
    assert [(each.name, each.trainings[0].model.name) for each in found] == [
        ("a", "a.npy"), ("b", "b.npz"), ("network", "network")
    ]  # fmt: skip
    assert models_of(tmp_path / "network")[1] is False
    (tmp_path / "a.npz").write_bytes(b"")
    assert [each.name for each in models_of(tmp_path)[0]] == ["a.npy", "a.npz", "b.npz", "network"]


def test_a_table_names_its_files_and_a_folder_with_one_is_read_by_it(tmp_path):
    files(tmp_path)
    table = tmp_path / "models.csv"
    table.write_text("name,file,year\nGRU & co,b.npz,2020\nours,network,2021\n")
    for given in (table, tmp_path, str(tmp_path)):
        assert [(each.name, each.trainings[0].model.name) for each in models_of(given)[0]] == [
            ("GRU & co", "b.npz"), ("ours", "network")
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("file,name\na.npy,a\n../out.npy,b\n", "expected files inside"),
        ("file,name\na.npy,a\n/etc/passwd,b\n", "expected files inside"),
        ("file,name\na.npy,a\nlink.npy,b\n", "expected files inside"),
        ("file,name\na.npy,a\nnone.npy,b\n", "found nothing there"),
        ("name\na\n", "expected a column 'file'"),
        ("file,name\na.npy,a\nb.npz, \n", "a name for every model .* line 3"),
        ("file\na.npy\n", "expected 2 to 100 models to compare, found 1"),
        ("file\na.npy\nweights.pt\n", "pickled objects|weights"),
    ],
)
def test_a_table_reaches_nothing_beyond_its_folder_and_says_what_it_lacks(tmp_path, text, said):
    folder = tmp_path / "models"
    folder.mkdir()
    files(folder)
    (tmp_path / "out.npy").write_bytes(b"")
    os.symlink(tmp_path / "out.npy", folder / "link.npy")
    (folder / "models.csv").write_text(text)
    with pytest.raises(InputError, match=said):
        models_of(folder)


def test_what_is_no_comparison_is_refused(tmp_path):
    with pytest.raises(InputError, match="found 1; a model alone is given by itself"):
        models_of([torch.nn.GRU(3, 8)])
    with pytest.raises(InputError, match="found the one name 'x'; give a mapping"):
        models_of([WHOLE, WHOLE], "x")
    with pytest.raises(InputError, match="nothing there"):
        models_of(["none.npy", WHOLE])
    with pytest.raises(InputError, match=r"expected models in .*found none"):
        models_of(tmp_path)


def test_rows_of_one_name_are_trainings_of_it(tmp_path):
    files(tmp_path)
    (tmp_path / "models.csv").write_text("file,kind,seed\na.npy,gru,7\nnetwork,rnn,1\nb.npz,gru,3\n")
    assert holds_names(tmp_path, "kind")
    assert not holds_names(tmp_path, "seed")
    gru, rnn = read_named(tmp_path, "kind")
    assert (gru.name, rnn.name) == ("gru", "rnn")
    assert [(each.model.name, each.run) for each in gru.trainings] == [("a.npy", 1), ("b.npz", 0)]
    assert models_of(tmp_path)[0][0].name == "a"


def test_names_are_told_apart_even_where_one_looks_numbered():
    assert len(set(distinct(["a", "a", "a (2)", "a"]))) == 4
