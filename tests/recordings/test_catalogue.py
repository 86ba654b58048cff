import re
from pathlib import Path

import h5py
import pytest

from neurocompare.errors import InputError
from neurocompare.files import sha256_of
from neurocompare.recordings.cache import place
from neurocompare.recordings.catalogue import (
    experiments,
    find,
    find_experiment,
    known_recordings,
    recording_path,
    session_of,
)
from neurocompare.recordings.entry import CatalogueEntry
from neurocompare.recordings.layouts import LAYOUTS
from neurocompare.recordings.nwb import open_recording

AUTHENTIC = Path(__file__).parents[2].parent / "shared" / "data" / "sub-Jenkins_ses-small_desc-test_ecephys.nwb"
FILES = [entry for entry in known_recordings() if not entry.shipped]


def test_the_experiments():
    assert {experiment.name: len(experiment.entries) for experiment in experiments()} == {
        "synthetic": 1,
        "mc_maze": 1,
        "mc_maze_large": 1,
        "mc_maze_medium": 1,
        "mc_maze_small": 1,
        "mc_maze_small_test": 1,
        "mc_rtt": 1,
        "perich": 2,
        "falcon_m1": 11,
        "falcon_m1b": 12,
        "churchland_2012": 9,
        "even_chen": 12,
        "area2_bump": 1,
    }


@pytest.mark.parametrize("entry", FILES, ids=lambda entry: entry.name)
def test_an_entry_can_be_fetched_verified_analysed_and_cited(entry):
    assert re.fullmatch(r"[0-9a-f]{64}", entry.sha256)
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", entry.asset)
    # A blob lies under the first digits of its own name.
    first, second, name = re.fullmatch(r"blobs/(\w{3})/(\w{3})/([0-9a-f-]{36})", entry.blob).groups()
    assert name.startswith(first + second)
    assert re.fullmatch(r"\d{6}", entry.dandiset)
    assert re.fullmatch(r"0\.\d{6}\.\d{4}|draft", entry.version)
    assert re.fullmatch(r"(sub-[\w-]+)/\1_[\w+-]+\.nwb", entry.path)
    assert 4e5 < entry.bytes < 1e10
    assert entry.licence == "CC-BY-4.0"
    assert f"(Version {entry.version})" in entry.citation
    if entry.version == "draft":
        assert entry.doi is None
    else:
        assert entry.doi == f"10.48324/dandi.{entry.dandiset}/{entry.version}"
        assert f"https://doi.org/{entry.doi}" in entry.citation
    assert entry.subject
    assert entry.area
    assert entry.layout in LAYOUTS
    assert 0.005 <= entry.reading.bin_width <= 0.02
    assert 0.02 <= entry.reading.smoothing <= 0.07
    assert -0.05 <= entry.reading.lag <= 0.15
    assert set(entry.uncertain) <= set(CatalogueEntry.__dataclass_fields__)
    assert all(isinstance(value, tuple) for value in (entry.area, entry.behavior, entry.notes))


def test_no_two_entries_share_what_should_be_their_own():
    for field in ("name", "sha256", "asset", "blob"):
        assert len({getattr(entry, field) for entry in FILES}) == len(FILES)


def test_what_came_from_another_version_is_marked_uncertain():
    for name in (
        "perich-C-CO-20131022",
        "falcon_m1-20120924",
        "falcon_m1b-20121206",
        "churchland_2012-Jenkins-20090912",
    ):
        assert {"bytes", "sha256"} <= set(find(name).uncertain)
    assert not find("mc_maze").uncertain


def test_sessions_of_an_experiment_are_read_alike():
    for experiment in experiments():
        assert len({(entry.layout, entry.reading) for entry in experiment.entries}) == 1


def test_a_session_of_the_pattern_is_one_nobody_has_facts_about():
    entry = find("perich-M-CO-20140203")
    assert (entry.experiment, entry.session, entry.subject) == ("perich", "M-CO-20140203", "M")
    assert entry.path == "sub-M/sub-M_ses-CO-20140203_behavior+ecephys.nwb"
    assert entry.version == find("perich-C-CO-20131022").version
    assert entry.asset is entry.blob is entry.bytes is entry.sha256 is None
    experiment = find_experiment("perich")
    assert re.fullmatch(experiment.pattern, experiment.example)
    for session in ("M-CO-2014", "X-CO-20140203", "M-CO-20140203/../../x", "M-CO-20140203\n"):
        assert experiment.entry(session) is None


def test_area2_is_not_motor_cortex():
    assert [entry.name for entry in FILES if not entry.motor_cortex] == ["area2_bump"]


def test_an_unknown_name_gets_the_nearest_ones():
    with pytest.raises(InputError, match=r"found 'mc_mase'; did you mean mc_maze"):
        find("mc_mase")
    with pytest.raises(InputError, match="it has synthetic, mc_maze, mc_maze_large"):
        find("zzzzzz")


def test_several_sessions_want_one_named():
    with pytest.raises(InputError, match=r"several sessions; name one, such as falcon_m1-20120924, "):
        find("falcon_m1")
    with pytest.raises(InputError, match=r"no session '20120925'; name one, such as .*falcon_m1-20120924"):
        find("falcon_m1-20120925")
    with pytest.raises(InputError, match=r"or one like perich-M-CO-20140203"):
        find("perich")
    with pytest.raises(InputError, match=r"expected no session, found 'one'; mc_maze has only one"):
        session_of(find_experiment("mc_maze"), "one")


def test_a_known_recording_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEUROCOMPARE_DATA", str(tmp_path / "data"))
    with pytest.raises(InputError) as caught:
        recording_path("mc_maze_small")
    assert str(caught.value) == (
        "mc_maze_small is not on this computer; get it (29,207,528 bytes) with: neurocompare fetch mc_maze_small"
    )
    with pytest.raises(InputError, match=r"with: neurocompare fetch perich --session M-CO-20140203$"):
        recording_path("perich-M-CO-20140203")


def test_a_fetched_recording_is_found_by_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEUROCOMPARE_DATA", str(tmp_path / "data"))
    entry = find("mc_maze_small")
    path = place(entry)
    assert path == tmp_path / "data" / "000140" / "0.220113.0408" / entry.path
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.truncate(entry.bytes)
    assert recording_path("mc_maze_small") == path
    with path.open("wb") as file:
        file.truncate(entry.bytes - 1)
    with pytest.raises(InputError, match=r"expected 29,207,528 bytes in .*, found 29,207,527; it was changed"):
        recording_path("mc_maze_small")


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
    assert recording_path("synthetic").name == "synthetic-2.nwb"


def test_a_folder_is_told_as_one_unless_a_recording_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("monkey", "synthetic"):
        Path(name).mkdir()
    with pytest.raises(InputError, match="expected an NWB file at monkey, found a folder"):
        recording_path("monkey")
    assert recording_path("synthetic").name == "synthetic-2.nwb"


def test_a_fetched_file_that_was_changed_is_not_opened_by_its_name(tmp_path, monkeypatch):
    """The size alone does not tell: the digest is looked at whenever a file is opened."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEUROCOMPARE_DATA", str(tmp_path / "data"))
    entry = find("mc_maze_small_test")
    path = place(entry)
    path.parent.mkdir(parents=True)
    h5py.File(path, "w").close()
    with path.open("r+b") as file:
        file.truncate(entry.bytes)
    with pytest.raises(InputError, match=rf"expected SHA-256 {entry.sha256} of .*delete it and fetch it again"):
        open_recording("mc_maze_small_test")


@pytest.mark.skipif(not AUTHENTIC.exists(), reason="the authentic MC_Maze_Small test file is not beside the repository")
def test_the_authentic_file_is_what_the_catalogue_says():
    entry = find("mc_maze_small_test")
    assert AUTHENTIC.name == Path(entry.path).name
    assert AUTHENTIC.stat().st_size == entry.bytes
    assert sha256_of(AUTHENTIC) == entry.sha256
