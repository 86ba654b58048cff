"""The table of a family of models: what is read of it, and what is refused with one line."""

import numpy as np
import pytest

from neurocompare.errors import InputError
from neurocompare.models.external.family import read_family


@pytest.fixture
def family(tmp_path):
    folder = tmp_path / "family"
    (folder / "deep").mkdir(parents=True)
    for name in ("a", "b", "c", "d", "deep/e", "deep/f"):
        np.save(folder / f"{name}.npy", np.zeros((2, 3, 4)))
    np.save(tmp_path / "outside.npy", np.zeros((2, 3, 4)))
    return folder


def read(folder, text, axis="decay"):
    (folder / "models.csv").write_text(text)
    return read_family(folder, axis)


def test_runs_and_members_are_numbered_within_each_value(family):
    text = (
        "file,decay,run,member,loss,comment\n"
        "a.npy,1e-2,10,0,0.5,x\nb.npy,1e-2,9,0,,y\nc.npy,0,10,0,0.25,\nd.npy,0,11,0,0.5,\n"
    )
    found = [(one.file, one.value, one.run, one.member, one.loss) for one in read(family, text)]
    assert found == [
        ("c.npy", 0.0, 0, 0, 0.25),
        ("d.npy", 0.0, 1, 0, 0.5),
        ("b.npy", 0.01, 0, 0, None),  # 9 before 10: numbers, not text
        ("a.npy", 0.01, 1, 0, 0.5),
    ]


def test_without_a_column_of_runs_every_row_is_one_and_folders_may_be_nested(family):
    found = read(family, "file,decay\na.npy,1\ndeep/e.npy,1\nb.npy,2\ndeep/f.npy,2\n")
    assert [(one.run, one.member) for one in found] == [(0, 0), (1, 0)] * 2
    assert read_family(family / "models.csv", "decay") == found


GOOD = "file,decay\na.npy,1\nb.npy,1\nc.npy,2\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name,decay\na.npy,1\n", "expected a column 'file' in .*found name, decay; .* a zoo is ranked along gamma"),
        ("file,noise\na.npy,1\n", "expected a column 'decay' in .*found file, noise"),
        (GOOD + "d.npy,high\n", "expected numbers in column 'decay' .*found 'high' in line 5"),
        (GOOD + "d.npy,nan\n", "found 'nan' in line 5"),
        (GOOD + "d.npy,inf\n", "found 'inf' in line 5"),
        (GOOD + "d.npy,\n", "found '' in line 5"),
        (GOOD + "gone.npy,2\n", "expected gone.npy of models.csv in .*nothing there"),
        (GOOD + "../outside.npy,2\n", "expected files inside .*found '../outside.npy'"),
        (GOOD + "/etc/hosts,2\n", "expected files inside .*found '/etc/hosts'"),
        (GOOD + ",2\n", "expected files inside"),
        (GOOD + "a.npy,2\n", "expected each file once .*a.npy"),
        (GOOD, "at least 2 runs at every value of decay .*found 1 at 2: without a second training"),
        (GOOD + "d.npy,2\ndeep/e.npy,2\n", "as many runs, .*found 3 models at 2 and 2 at 1"),
        ("file,decay\na.npy,1\nb.npy,1\n", "two values of decay at least"),
        ("file,decay\n", "two values of decay at least"),
        ("file,decay,seed\na.npy,1,0\nb.npy,1,0\n", "each run once at decay 1 .*run 0 twice"),
        ("file,decay,member\na.npy,1,0\n", "a column run or seed beside member"),
        ("file,decay,loss\na.npy,1,low\n", "expected numbers in column 'loss'"),
        ("", "expected a table of models"),
    ],
)
def test_what_is_wrong_with_a_table_is_said(family, text, words):
    with pytest.raises(InputError, match=words):
        read(family, text)


def test_a_link_that_leads_outside_is_refused(family):
    (family / "link.npy").symlink_to(family.parent / "outside.npy")
    with pytest.raises(InputError, match="expected files inside"):
        read(family, GOOD + "link.npy,2\n")


def test_one_table_is_wanted(family):
    with pytest.raises(InputError, match=r"found none"):
        read_family(family, "decay")
    (family / "other.csv").touch()
    with pytest.raises(InputError, match=r"models.csv, other.csv"):
        read(family, GOOD)
    with pytest.raises(InputError, match=r"no such folder"):
        read_family(family / "nowhere", "decay")
