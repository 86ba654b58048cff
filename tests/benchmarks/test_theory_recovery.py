"""The theory on planted recordings: twelve gammas, defaults throughout. Does it name the planted one, and how soon?

Prints seconds of wall clock and of processors, and a row a score. Made for under a minute on two quiet cores. The
planted recording is made first, and is not counted. Run with

    python -m pytest tests/benchmarks/test_theory_recovery.py -m benchmark -s
"""

from __future__ import annotations

import resource
import time

import pytest

from neurocompare import parallel
from neurocompare.settings import FINE_GAMMAS, Family, Workers
from neurocompare.workflows.planted import planted_session
from neurocompare.workflows.theory import theory


def processor_seconds() -> float:
    """Of this process and of its workers that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


@pytest.mark.benchmark
@pytest.mark.parametrize("planted", [0.1, 0.4])
def test_the_planted_gamma_or_its_neighbour_is_named(tmp_path, planted, monkeypatch):
    monkeypatch.setattr(parallel, "_kept", None)  # workers end with their work, and are counted
    session = planted_session(Family(), planted)
    start, used = time.perf_counter(), processor_seconds()
    found = theory(session, out=tmp_path, workers=Workers(jobs=2))
    seconds, used = time.perf_counter() - start, processor_seconds() - used
    rows = [f"planted {planted:g}: {seconds:.0f} s on the clock, {used:.0f} s of processors"]
    ranked = [
        *found.scores.ranking.metrics.values(),
        *(each for each in found.scores.kernel_rankings if each.centring == "unit"),
    ]
    for each in ranked:
        low, high = each.gamma_interval
        rows.append(f"  {each.metric:18s} best {each.best_gamma:<5g} interval {low:g} to {high:g}")
    rows.append(f"  not converged: {[field.gamma for field in found.fields if not field.converged]}")
    print("\n" + "\n".join(rows))
    place = FINE_GAMMAS.index(planted)
    near = FINE_GAMMAS[place - 1 : place + 2]
    for each in list(found.scores.ranking.metrics.values())[:1]:
        assert each.best_gamma in near, each.metric
