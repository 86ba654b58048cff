"""What is ranked: at least two gammas, known before anything is made or scored."""

from __future__ import annotations

import pytest

from neurocompare.errors import InputError
from neurocompare.ranking.compare import check_rankable
from neurocompare.workflows.run import run


def test_one_gamma_leaves_nothing_to_rank(tmp_path):
    check_rankable([0.4, 0.0])
    with pytest.raises(InputError, match=r"at least two gammas to rank, found 0\.4"):
        check_rankable([0.4, 0.4])
    with pytest.raises(InputError, match="at least two gammas to rank"):
        run("synthetic", gammas=[0.4], out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
