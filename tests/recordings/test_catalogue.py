import re

import pytest

from neurocompare.errors import InputError
from neurocompare.recordings.catalogue import find, known_recordings, recording_path


def test_every_entry_can_be_fetched_verified_and_cited():
    entries = known_recordings()
    assert [entry.name for entry in entries] == [
        "synthetic",
        "mc_maze",
        "mc_maze_large",
        "mc_maze_medium",
        "mc_maze_small",
    ]
    for entry in entries[1:]:
        assert re.fullmatch(r"[0-9a-f]{64}", entry.sha256)
        assert re.fullmatch(r"\d{6}", entry.dandiset)
        assert re.fullmatch(r"0\.\d{6}\.\d{4}", entry.version)
        assert entry.path.endswith(".nwb")
        assert entry.bytes > 1e7
        assert entry.licence == "CC-BY-4.0"
        assert f"https://doi.org/10.48324/dandi.{entry.dandiset}/{entry.version}" in entry.citation
    assert len({entry.sha256 for entry in entries}) == len(entries)


def test_an_unknown_name_gets_the_nearest_ones():
    with pytest.raises(InputError, match=r"found 'mc_mase'; did you mean mc_maze"):
        find("mc_mase")
    with pytest.raises(InputError, match="it has synthetic, mc_maze, mc_maze_large"):
        find("zebra")


def test_a_known_recording_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    entry = find("mc_maze_small")
    with pytest.raises(InputError) as caught:
        recording_path("mc_maze_small")
    assert entry.url in str(caught.value)
    assert entry.sha256 in str(caught.value)
    assert "\n" not in str(caught.value)


def test_paths(tmp_path):
    file = tmp_path / "a.nwb"
    file.touch()
    assert recording_path(file) == file
    with pytest.raises(InputError, match="found nothing there"):
        recording_path(tmp_path / "b.nwb")
    with pytest.raises(InputError, match="found nothing there"):
        recording_path("b.nwb")
    with pytest.raises(InputError, match="found a folder"):
        recording_path(tmp_path)
    with pytest.raises(InputError, match="made by this package"):
        recording_path("synthetic")
