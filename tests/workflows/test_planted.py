from __future__ import annotations

import numpy as np

from neurocompare.models import Draw, ZooPlan
from neurocompare.models.chain import Sampling
from neurocompare.models.zoo import make_zoo
from neurocompare.recordings.nwb import open_recording
from neurocompare.responses import load_responses
from neurocompare.settings import Family, Workers
from neurocompare.tasks.ideal import ideal_reach
from neurocompare.workflows.planted import planted_responses, planted_session

FAMILY = Family(n_units=130)
SHORT = Sampling(ramp=2, adaptation=4, trajectories=8, segments=1, max_leapfrogs=10)


def test_the_session_says_what_was_planted_and_is_made_once(tmp_path):
    settings = {"sampling": SHORT, "folder": tmp_path}
    path = planted_session(FAMILY, 0.4, **settings)
    stamp = path.stat().st_mtime_ns
    assert planted_session(FAMILY, 0.4, **settings) == path
    assert path.stat().st_mtime_ns == stamp
    planted = dict(open_recording(path).planted)
    assert (planted["gamma"], planted["g"], planted["tau"], planted["beta"]) == (0.4, 1.5, 0.1, 400.0)
    others = [
        planted_session(FAMILY, 0.2, **settings),
        planted_session(FAMILY, 0.4, seed=1, **settings),
        planted_session(Family(n_units=130, g=1.2), 0.4, **settings),
    ]
    assert len({path, *others}) == 4


def test_the_planted_network_is_reproducible_and_in_no_zoo(tmp_path):
    task = ideal_reach()
    for gamma in (0.0, 0.4):
        planted = planted_responses(task, FAMILY, gamma, seed=0, sampling=SHORT)
        again = planted_responses(task, FAMILY, gamma, seed=0, sampling=SHORT)
        np.testing.assert_array_equal(planted.values, again.values)
        zoo = make_zoo(task, FAMILY, tmp_path, ZooPlan((gamma, 9.0), sampler=Draw(SHORT), chains=2), workers=Workers(1))
        for card in zoo.cards:
            member = load_responses(tmp_path / card.hash / "responses.nc")
            assert abs(member.values - planted.values).max() > 0.1
