"""The package's public names: everything the pages use is there on attribute access, and nothing is loaded before."""

import subprocess
import sys

import pytest

import neurocompare as nc


@pytest.mark.parametrize("name", nc.__all__)
def test_every_public_name_is_there(name):
    assert getattr(nc, name) is not None
    assert name in dir(nc)


def test_rooms_need_no_import_of_their_own():
    script = (
        "import sys\nimport neurocompare as nc\n"
        "assert not {'torch', 'pandas', 'matplotlib'} & set(sys.modules)\n"
        "assert len(nc.metrics.declarations()) > 4\nassert nc.report.figures.save\nassert nc.theory.mean_field\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_name_nobody_knows_is_an_attribute_error():
    with pytest.raises(AttributeError, match="attribute rnu"):
        nc.rnu  # noqa: B018


def test_the_table_of_datasets_says_what_is_here():
    table = nc.datasets()
    assert table.loc["synthetic", "here"]
    assert table.loc["synthetic", "units"] == 160
    assert set(table.index) == {entry.name for entry in nc.recordings.known_recordings()}
