"""run.json: what is written is read back, what version 0.1 wrote is read too, and a hostile one is one line."""

from __future__ import annotations

import copy
import json
import subprocess
from pathlib import Path

import pytest

import neurocompare
from neurocompare.account import Account, Comparison, Made, PooledAccount, Recorded, Used, made_now, read_account
from neurocompare.errors import InputError
from neurocompare.recordings import Provenance
from neurocompare.records import load_record, save_record
from neurocompare.settings import Choices, Family, Networks, Scoring
from neurocompare.stages import StageCost

ACCOUNT = Account(
    settings=Comparison(
        "mine.nwb",
        Choices(area="M1", event=("go",), window=((-0.1, 0.3),), lag=0.05, time_step=0.025),
        Family(g=1.2),
        Networks(gammas=(0, 0.4)),
        Scoring(("cka",), 20),
        seed=3,
        where={"g": 1.2},
    ),
    recording=Recorded(
        "mine", Provenance("mine.nwb", "ab12"), {"gamma": 0.4}, "hand_vel", ("go",), ("lag",), ("Note.",)
    ),
    used=Used(24, ("3",), (), {"a": 6, "b": 5}, {"too short": 1}),
    task="reach",
    samples=80,
    stages=(StageCost("recording", 0.1, 300, 0),),
    made=Made("neurocompare run", "2026-01-01", "3.12", "Linux", {"neurocompare": "0.1.0"}),
)

RUN = {
    "settings": {
        "recording": "monkey.nwb", "gammas": [0.0, 0.4, 1.6], "g": 1.2, "tau": 0.2, "beta": 100.0, "units": 160,
        "chains": 3, "members": 1, "draws": 24, "planted": 0.4, "seed": 5, "time_step": 0.05, "lead": 0.12,
        "bin_width": 0.02, "smoothing": 0.06, "min_rate": 1.0,
        "sampling": {"ramp": 4, "adaptation": 6, "trajectories": 16, "segments": 1, "max_leapfrogs": 60},
        "choices": {
            "layout": "maze", "area": "M1", "target": None, "behavior": None, "condition": ["trial_type"],
            "event": ["go_cue_time"], "window": [[0.0, 0.4]], "valid": None,
        },
        "match": "fit", "matching": {"iterations": 4}, "nuisance": ["g", "lag"], "protocol": None,
    },
    "recording": {
        "path": "/data/monkey.nwb", "sha256": "ab12", "identifier": "s1", "subject": "Monkey", "session": "1",
        "description": "", "version": "1", "licence": "CC-BY-4.0", "citation": "Somebody (2020)",
        "name": "monkey", "planted": {"gamma": 0.4},
    },
    "read": {
        "segments": ["go_cue_time 0 to +0.4 s"], "target": "hand_vel", "from_catalogue": ["lead"],
        "notes": ["Layout: maze."],
    },
    "units": {"kept": 24, "dropped_low_rate": ["3"], "dropped_duplicates": []},
    "trials": {"per_condition": {"1": 6, "2": 5}, "dropped": {"too short": 1}},
    "task": {"name": "reach", "samples": 80, "notes": ["Thinned."]},
    "stages": [{"stage": "recording", "seconds": 0.11, "peak_memory_mb": 300, "peak_worker_memory_mb": 0}],
    "versions": {"neurocompare": "0.1.0", "numpy": "2.0.0"},
}  # fmt: skip
"""What `neurocompare run` of version 0.1 left."""

RANKED = {
    **{name: RUN[name] for name in ("recording", "read", "units", "trials", "task", "stages", "versions")},
    "settings": {
        "zoo": "my-zoo", "recording": "monkey.nwb", "metrics": ["cka", "rsa"], "where": [["g", 1.5]], "draws": 40,
        "seed": 0, "bin_width": 0.02, "smoothing": 0.04, "min_rate": 2.0,
        "choices": {"layout": None, "area": None, "condition": [], "event": [], "window": []},
        "match": None, "nuisance": True, "protocol": "paper",
    },
}  # fmt: skip
"""What `neurocompare rank` of a zoo left."""

ALONG = {
    **{name: RUN[name] for name in ("recording", "read", "units", "trials", "task", "stages", "versions")},
    "settings": {
        "family": "my-models", "recording": "monkey.nwb", "axis": "decay", "scale": None, "metrics": ["cka"],
        "draws": 40, "seed": 0, "time_step": 0.05, "lead": 0.1, "bin_width": 0.02, "smoothing": 0.04, "min_rate": 1.0,
        "choices": {},
    },
    "models": {"listed": 6, "notes": ["Times are those of the task."]},
}  # fmt: skip
"""What `neurocompare rank --axis` left."""


def read(folder, document):
    (folder / "run.json").write_text(json.dumps(document))
    return read_account(folder)


def test_what_is_written_is_read_back(tmp_path):
    save_record(ACCOUNT, tmp_path / "run.json")
    assert read_account(tmp_path) == ACCOUNT
    assert json.loads((tmp_path / "run.json").read_text())["schema"] == 4


def test_a_run_of_version_0_1_is_read(tmp_path):
    account = read(tmp_path, RUN)
    assert account.settings == Comparison(
        "monkey.nwb",
        Choices(
            layout="maze", area="M1", condition=("trial_type",), event=("go_cue_time",), window=((0.0, 0.4),),
            bin_width=0.02, smoothing=0.06, lag=0.12, min_rate=1.0, time_step=0.05,
        ),
        Family(g=1.2, tau=0.2, beta=100.0, n_units=160),
        Networks(gammas=(0.0, 0.4, 1.6), chains=3, members=1, trajectories=16),
        Scoring(resamples=24),
        seed=5,
    )  # fmt: skip
    assert account.settings.repeated_over == ("g", "beta", "lag")
    # It had no choice of metrics: those of then are the default still.
    assert account.settings.scoring.over().metrics == ("procrustes", "cca", "cka", "single_unit")
    assert account.recording == Recorded(
        "monkey",
        Provenance("/data/monkey.nwb", "ab12", "s1", "Monkey", "1", "", "1", "CC-BY-4.0", "Somebody (2020)"),
        {"gamma": 0.4},
        "hand_vel",
        ("go_cue_time 0 to +0.4 s",),
        ("lag",),
        ("Layout: maze.",),
    )
    assert account.used == Used(24, ("3",), (), {"1": 6, "2": 5}, {"too short": 1})
    assert (account.task, account.samples, account.notes) == ("reach", 80, ("Thinned.",))
    assert account.stages == (StageCost("recording", 0.11, 300, 0),)
    assert account.made.versions == {"neurocompare": "0.1.0", "numpy": "2.0.0"}


def test_a_lag_that_was_called_lead_is_read(tmp_path):
    save_record(ACCOUNT, tmp_path / "run.json")
    document = json.loads((tmp_path / "run.json").read_text())
    choices = document["settings"]["choices"]
    choices["lead"] = choices.pop("lag")
    document["recording"]["from_catalogue"] = ["lead"]
    assert read(tmp_path, document | {"schema": 2}) == ACCOUNT


@pytest.mark.parametrize(
    ("checks", "settings"),
    [
        ({"match": "fit", "nuisance": ["g", "lag"]}, ("g", "beta", "lag")),
        ({"match": None, "nuisance": ["input_scale"]}, ("input_scale",)),
        ({"match": None, "nuisance": []}, ()),
        ({"nuisance": ["../../etc", "g\n"]}, ()),
        (None, ()),
    ],
)
def test_what_a_run_was_ranked_once_more_over_is_read_and_not_kept(tmp_path, checks, settings):
    save_record(ACCOUNT, tmp_path / "run.json")
    document = json.loads((tmp_path / "run.json").read_text())
    document["settings"]["checks"] = checks
    account = read(tmp_path, document | {"schema": 3})
    assert account == ACCOUNT
    assert account.settings.repeated_over == settings
    save_record(account, tmp_path / "run.json")
    assert "repeated_over" not in (tmp_path / "run.json").read_text()


def test_rankings_of_version_0_1_are_read(tmp_path):
    zoo = read(tmp_path, RANKED).settings
    assert (zoo.models, zoo.where, zoo.axis) == ("my-zoo", {"g": 1.5}, None)
    assert (zoo.family, zoo.networks) == (None, None)
    assert zoo.scoring == Scoring(("cka", "rsa"), 40)
    assert zoo.repeated_over == ()  # which settings those were, its zoo says
    assert (zoo.choices.min_rate, zoo.choices.time_step) == (2.0, None)
    own = read(tmp_path, ALONG)
    assert (own.settings.models, own.settings.axis, own.settings.choices.time_step) == ("my-models", "decay", 0.05)
    assert (own.task, own.samples) == ("reach", 80)


def test_what_was_read_of_version_0_1_is_written_as_it_is_now(tmp_path):
    account = read(tmp_path, RUN)
    save_record(account, tmp_path / "run.json")
    assert read_account(tmp_path) == account


def with_change(document, path, value):
    changed = copy.deepcopy(document)
    place = changed
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return changed


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The document of this version."""
    path = tmp_path_factory.mktemp("written") / "run.json"
    save_record(ACCOUNT, path)
    return json.loads(path.read_text())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), 99),
        (("schema",), "2"),
        (("settings",), None),
        (("settings",), []),
        (("settings", "recording"), ["a", "b"]),
        (("settings", "choices"), "all of it"),
        (("settings", "choices", "lag"), 1e300),
        (("settings", "choices", "window"), [[0.0, 0.4, 1.0]]),
        (("settings", "family", "n_units"), 10**30),
        (("settings", "family", "nonlinearity"), "__import__('os')"),
        (("settings", "networks", "gammas"), [-1.0]),
        (("settings", "scoring", "resamples"), 0),
        (("settings", "seed"), -1),
        (("settings", "where"), {"g": "much"}),
        (("recording",), None),
        (("recording", "provenance"), 3),
        (("recording", "name"), {"a": "b"}),
        (("used", "units"), "many"),
        (("stages",), [{"stage": 1}]),
    ],
)
def test_a_hostile_one_is_one_line(tmp_path, written, path, value):
    with pytest.raises(InputError) as refused:
        read(tmp_path, with_change(written, path, value))
    assert str(refused.value).startswith(f"expected a readable run.json in {tmp_path}, found ")
    assert str(refused.value).endswith(Account.AGAIN)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("settings",), None),
        (("settings",), "all"),
        (("settings", "choices"), ["area"]),
        (("settings", "sampling"), None),
        (("settings", "g"), "strong"),
        (("settings", "draws"), {}),
        (("settings", "where"), [["g"]]),
        (("settings", "nuisance"), [[1]]),
        (("recording",), []),
        (("read",), "nothing"),
        (("units", "kept"), None),
        (("task",), 7),
    ],
)
def test_a_hostile_one_of_version_0_1_is_one_line(tmp_path, path, value):
    with pytest.raises(InputError) as refused:
        read(tmp_path, with_change(RUN, path, value))
    assert str(refused.value).startswith(f"expected a readable run.json in {tmp_path}, found ")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "null", "[]", "{", '"run"', "\udcff", '{"settings": ' * 30_000, "1e999", "NaN"])
def test_what_is_no_account_at_all_is_one_line(tmp_path, text):
    (tmp_path / "run.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(InputError, match="expected a readable run") as refused:
        read_account(tmp_path)
    assert "\n" not in str(refused.value)


def test_a_folder_without_one_says_what_to_give(tmp_path):
    with pytest.raises(InputError, match=r"found no run\.json; give the folder of a finished `neurocompare run`"):
        read_account(tmp_path)


def test_the_account_of_pooled_rankings_is_a_record_of_its_own(tmp_path):
    pooled = PooledAccount(("a", "b"), (ACCOUNT.recording, ACCOUNT.recording), resamples=40, seed=0)
    save_record(pooled, tmp_path / "run.json")
    assert load_record(PooledAccount, tmp_path / "run.json") == pooled
    with pytest.raises(InputError, match="expected a readable run"):
        read_account(tmp_path)


def test_the_version_is_that_of_the_code_that_runs():
    assert made_now().versions["neurocompare"] == neurocompare.__version__


def test_the_commit_is_that_of_the_checkout_and_none_elsewhere(tmp_path, monkeypatch):
    checkout = Path(neurocompare.__file__).parents[1]
    if not (checkout / ".git").exists():
        pytest.skip("not in a checkout")
    head = subprocess.run(["git", "-C", checkout, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    assert made_now().commit.removesuffix("-dirty") == head.stdout.strip()
    installed = tmp_path / "site-packages" / "neurocompare" / "account.py"
    monkeypatch.setattr("neurocompare.account.__file__", str(installed))
    assert made_now().commit == ""
