"""Files that are no NWB file in HDF5 are named for what they are."""

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from neurocompare.errors import InputError
from neurocompare.recordings import open_recording


def matlab(folder):
    savemat(folder / "trials.mat", {"trial_data": np.zeros((2, 3))})
    return folder / "trials.mat"


def packed(folder):
    np.savez(folder / "trials.npz", spikes=np.zeros(3))
    return folder / "trials.npz"


def first_version(folder):
    with h5py.File(folder / "old.nwb", "w") as file:
        file["nwb_version"] = "NWB-1.0.6"
        file["processing/Units/UnitTimes/unit_01/times"] = np.arange(3.0)
    return folder / "old.nwb"


def page(folder):
    (folder / "page.nwb").write_text("<html>Sign in</html>")
    return folder / "page.nwb"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (matlab, r"expected binned trials, as trial_data or as spikes \(trial, bin, unit\), found trial_data"),
        (packed, r"expected spikes \(trial, bin, unit\), found an array of float64 \(3,\)"),
        (first_version, r"found NWB 1 \(NWB-1\.0\.6\), .* convert it to NWB 2"),
        (page, "found a web page; fetch the file itself"),
    ],
)
def test_what_a_file_is_in_place_of_nwb(tmp_path, make, said):
    with pytest.raises(InputError, match=said):
        open_recording(make(tmp_path))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("DANDI:000128", "dandiset 000128 is known here as mc_maze; neurocompare fetch mc_maze --list"),
        ("https://dandiarchive.org/dandiset/000128/", "dandiset 000128 is known here as mc_maze;"),
        ("000999", "dandiset 000999 is not in the catalogue; give a file of it"),
        ("https://archive.org/session.nwb", "found an address, https://archive.org/session.nwb; read the file there"),
    ],
)
def test_an_address_or_a_number_of_the_archive_says_what_to_do(given, said):
    with pytest.raises(InputError, match=said):
        open_recording(given)
