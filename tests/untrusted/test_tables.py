"""Tables from anyone: plain, bounded, and whole."""

import gzip
import os

import pandas as pd
import pytest

from neurocompare.errors import InputError
from neurocompare.models.external.family import read_family
from neurocompare.ranking.batches import read_scores
from neurocompare.untrusted import tables
from neurocompare.untrusted.tables import MOST_COLUMNS, open_table
from neurocompare.workflows.recovery.runs import read_outcomes

READERS = [read_scores, read_outcomes, lambda path: read_family(path, "decay")]


@pytest.mark.parametrize("read", READERS)
def test_only_plain_files_are_tables(tmp_path, read):
    """A pipe that nobody writes to would be waited for."""
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    for name in ("pipe.csv", "zero.csv"):
        with pytest.raises((InputError, OSError)):
            read(tmp_path / name)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("where", ["header", "row"])
def test_a_million_columns_are_refused_before_pandas_reads_them(tmp_path, monkeypatch, read, where):
    wide, narrow = ",".join(map(str, range(10**6))), "file,decay"
    (tmp_path / "wide.csv").write_text(f"{wide}\n" if where == "header" else f"{narrow}\n{wide}\n")
    monkeypatch.setattr(pd, "read_csv", lambda *_, **__: pytest.fail("it was read"))
    with pytest.raises(InputError, match="999,999 commas"):
        read(tmp_path / "wide.csv")


def test_a_table_that_is_packed_is_not_unpacked(tmp_path):
    path = tmp_path / "models.csv.gz"
    path.write_bytes(gzip.compress(b"file,decay\n" + b"a" * 10**7))
    with pytest.raises(InputError, match="expected a table of models"):
        read_family(path, "decay")


def test_a_table_larger_than_any_is_not_read(tmp_path):
    with open(tmp_path / "large.csv", "wb") as opened:
        opened.truncate(2**40)
    with pytest.raises(OSError, match="at most"), open_table(tmp_path / "large.csv"):
        pass


def test_a_table_of_nothing_but_commas_is_not_read(tmp_path, monkeypatch):
    """Each is a value of some 50 bytes in memory."""
    (tmp_path / "many.csv").write_bytes((b"," * 900 + b"\n") * 2000)
    with open_table(tmp_path / "many.csv"):
        pass
    monkeypatch.setattr(tables, "MOST_CELLS", 10**6)
    with pytest.raises(InputError, match="at most 1,000,000 values"), open_table(tmp_path / "many.csv"):
        pass


def test_a_line_with_more_values_than_names_is_refused(tmp_path):
    (tmp_path / "models.csv").write_text("file,decay\na.npy,0.1,x\nb.npy,0.2,y\n")
    with pytest.raises(InputError, match="as many values a line as names"):
        read_family(tmp_path / "models.csv", "decay")
    assert MOST_COLUMNS == 1000


@pytest.mark.parametrize(
    "file", ["../secret.npy", "/etc/passwd", "link.npy", "a\0b.npy", ".", "up/../../secret.npy", "\x1b[2J.npy"]
)
def test_nothing_outside_the_tables_folder_is_a_model(tmp_path, file):
    folder = tmp_path / "models"
    folder.mkdir()
    (tmp_path / "secret.npy").touch()
    (folder / "link.npy").symlink_to(tmp_path / "secret.npy")
    (folder / "models.csv").write_text(f"file,decay,seed\n{file},0,1\n")
    with pytest.raises(InputError, match="expected files inside"):
        read_family(folder, "decay")


def test_what_a_table_says_is_fit_to_be_shown(tmp_path):
    (tmp_path / "models.csv").write_text("\x1b[2J\x1b]0;title\x07,\u202edecay\nx,1\n")
    with pytest.raises(InputError) as caught:
        read_family(tmp_path, "decay")
    assert str(caught.value).isprintable()
