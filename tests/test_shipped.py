"""What comes with the package: `synthetic` and the muscles, whole, licensed, and found wherever the package lies."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

import neurocompare
from neurocompare.errors import InputError
from neurocompare.files import sha256_of, shipped
from neurocompare.recordings import cache, find, known_recordings, open_named, open_recording, recording_path, trials_of
from neurocompare.settings import Choices
from neurocompare.tasks import ideal_reach, reach_task
from neurocompare.workflows.zoo import task_of

PACKAGE = Path(neurocompare.__file__).parent
PROJECT = PACKAGE.parent
ENTRY = find("synthetic")
FILE = shipped(ENTRY.path)


@pytest.fixture(scope="module")
def synthetic():
    return open_recording("synthetic")


def test_every_shipped_recording_is_what_the_catalogue_says():
    entries = [entry for entry in known_recordings() if entry.shipped]
    assert [entry.name for entry in entries] == ["synthetic"]
    for entry in entries:
        path = shipped(entry.path)
        assert path.name == f"{entry.name}-{entry.version}.nwb"
        assert (sha256_of(path), path.stat().st_size) == (entry.sha256, entry.bytes)
        assert not entry.uncertain


def test_it_is_small(synthetic):
    assert ENTRY.bytes < 2_000_000
    assert (len(synthetic.units), len(synthetic.trials)) == (ENTRY.units, ENTRY.trials)
    assert synthetic.trials["condition"].nunique() == ENTRY.conditions
    assert tuple(series.name for series in synthetic.behavior) == ENTRY.behavior


def test_by_name_and_by_path_it_is_the_same(synthetic):
    for other in (open_named("synthetic"), open_recording(FILE)):
        assert (other.name, other.provenance) == (synthetic.name, synthetic.provenance)
        assert other.reading == synthetic.reading
        np.testing.assert_array_equal(other.spike_times, synthetic.spike_times)
    assert synthetic.name == "synthetic"
    assert synthetic.provenance.sha256 == ENTRY.sha256
    assert synthetic.provenance.version == ENTRY.version
    assert recording_path("synthetic") == FILE


def test_the_truth_is_in_it(synthetic):
    assert dict(synthetic.planted) == {"gamma": 0.2, "g": 1.5, "tau": 0.1, "beta": 400.0, "units": 400.0, "seed": 0.0}


def test_the_task_it_gives_is_the_planted_one_at_any_time_step(synthetic):
    for step in (0.05, 0.025):
        task, truth = task_of("synthetic", Choices(time_step=step)), ideal_reach(time_step=step)
        np.testing.assert_array_equal(task.inputs["time"], truth.inputs["time"])
        np.testing.assert_allclose(task.inputs.values, truth.inputs.values, atol=1e-6)
        found, wanted = task.targets.values * task.target_scale, truth.targets.values * truth.target_scale
        # 3 % of speed variation over the trials, tremor of 5 mm/s, and samples of 200 Hz: 1 to 2 % in all
        assert np.sqrt(((found - wanted) ** 2).mean() / (wanted**2).mean()) < 0.025
    assert reach_task(synthetic).event("move") == pytest.approx(0.6, abs=1e-3)


def test_every_trial_serves(synthetic):
    trials = trials_of(synthetic)
    assert trials.counts.sizes["trial"] == ENTRY.trials
    assert trials.dropped == ()
    assert trials.trials_per_condition.tolist() == [ENTRY.trials // ENTRY.conditions] * ENTRY.conditions


def test_pynwb_reads_it():
    from pynwb import NWBHDF5IO

    with NWBHDF5IO(str(FILE), "r") as io:
        file = io.read()
        assert file.identifier == f"synthetic-{ENTRY.version}"
        assert len(file.units) == ENTRY.units
        trials = file.trials.to_dataframe()
        assert len(trials) == ENTRY.trials
        assert (trials["rt"] == (1000 * (trials["move_onset_time"] - trials["go_cue_time"])).round()).all()
        assert file.units["obs_intervals"][3].shape == (ENTRY.trials, 2)
        hand = file.processing["behavior"]["hand_pos"]
        steps = np.diff(hand.timestamps[:])
        assert np.median(steps) == pytest.approx(0.005)
        assert (steps > 0.19).sum() == ENTRY.trials - 1
        assert (hand.unit, hand.conversion) == ("meters", 1e-3)


def test_nwbinspector_finds_nothing_of_weight():
    from nwbinspector import Importance, inspect_nwbfile

    found = [message for message in inspect_nwbfile(str(FILE)) if message is not None]
    heavy = [each for each in found if each.importance.value > Importance.BEST_PRACTICE_SUGGESTION.value]
    assert heavy == [], [each.message for each in heavy]


@pytest.fixture
def beside(tmp_path, monkeypatch):
    """The shipped file where a test may spoil it."""
    path = Path(shutil.copy(FILE, tmp_path / FILE.name))
    monkeypatch.setattr(cache, "shipped", lambda name: tmp_path / name)
    return path


def test_an_altered_or_missing_file_is_refused(beside):
    assert open_recording("synthetic").provenance.path == str(beside)
    content = bytearray(beside.read_bytes())
    content[len(content) // 2] ^= 1
    beside.write_bytes(content)
    with pytest.raises(InputError, match=rf"expected SHA-256 {ENTRY.sha256} of .*install that again"):
        open_recording("synthetic")
    beside.write_bytes(content[:-1])
    with pytest.raises(InputError, match=rf"expected {ENTRY.bytes:,} bytes in .*install that again"):
        open_recording("synthetic")
    beside.unlink()
    with pytest.raises(InputError, match=r"expected synthetic at .*, found nothing there; .*install that again"):
        open_recording("synthetic")


def test_it_is_found_where_a_wheel_puts_it(tmp_path):
    """The package with the data inside it, in a foreign folder, and no repository beside."""
    site = tmp_path / "site"
    shutil.copytree(PACKAGE, site / "neurocompare", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(FILE.parent, site / "neurocompare" / "data", dirs_exist_ok=True)
    script = (
        "import neurocompare as nc\n"
        "recording = nc.open_recording('synthetic')\n"
        "print(nc.__file__, recording.provenance.path, recording.provenance.sha256)\n"
        "print(dict(nc.muscles().targets.sizes))\n"
    )
    environment = os.environ | {"PYTHONPATH": str(site), "NEUROCOMPARE_DATA": str(tmp_path / "none")}
    (tmp_path / "elsewhere").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path / "elsewhere", env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    inside = site / "neurocompare"
    assert first.split() == [str(inside / "__init__.py"), str(inside / "data" / ENTRY.path), ENTRY.sha256]
    assert second == "{'condition': 8, 'time': 36, 'output': 13}"
    assert not (tmp_path / "none").exists()  # nothing is drawn, nothing is kept


@pytest.mark.skipif(not (PROJECT / "pyproject.toml").exists(), reason="no project beside the package")
def test_the_wheel_has_the_data_and_says_whose_they_are():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"] == {"data": "neurocompare/data"}
    assert project["project"]["license"] == "BSD-3-Clause AND CC0-1.0"
    licences = [PROJECT / name for name in project["project"]["license-files"]]
    text = "\n".join(path.read_text() for path in licences)
    for words in ("BSD 3-Clause", "CC0 1.0 Universal", "muscles-1.nc", "10.1073/pnas.2212227120"):
        assert words in text
    readme = (PROJECT / "data" / "README.md").read_text()
    described = dict(re.findall(r"^\| `([\w.-]+)` \|.*?(?:sha256 ([0-9a-f]{64}))?.*$", readme, flags=re.MULTILINE))
    assert set(described) == {path.name for path in (PROJECT / "data").iterdir() if path.is_file()} - {"README.md"}
    for name in (ENTRY.path, "muscles-1.nc"):
        (line,) = [line for line in readme.splitlines() if line.startswith(f"| `{name}` |")]
        assert f"sha256 {sha256_of(PROJECT / 'data' / name)}" in line
