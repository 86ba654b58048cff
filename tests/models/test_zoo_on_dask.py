"""The same networks whoever makes them: this process, or a Dask cluster that loses a worker; and its faults."""

from __future__ import annotations

import gc
import os
import signal
import socket
from dataclasses import replace

import numpy as np
import pytest

from neurocompare import dask_cluster
from neurocompare.errors import InputError
from neurocompare.models.made import fulfil
from neurocompare.models.rounds import finish
from neurocompare.models.samplers import Draw
from neurocompare.models.sampling import Sampling
from neurocompare.models.zoo import make_zoo
from neurocompare.models.zoo_plan import ZooPlan
from neurocompare.parallel import Workers, spread
from neurocompare.responses import load_responses
from neurocompare.settings import Family

FAMILY = Family(n_units=12, beta=60.0, tau=0.1)
SHORT = Sampling(ramp=1, adaptation=4, trajectories=8, segments=1, max_leapfrogs=5)
SAMPLES = np.random.default_rng(0).standard_normal((8, 5))
PLAN = ZooPlan((0.0, 0.2, 0.5), (0, 1), sampler=Draw(SHORT), members=2, chains=2)


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    ) as running:
        yield running


def same_bits(one, other):
    """Whether two zoos hold the same networks to the last bit.

    Of responses the numbers are compared, not the file: where HDF5 places its parts depends on when Python lets go of
    what it has open.
    """
    for mine, theirs in zip(one.cards, other.cards, strict=True):
        folders = one.folder / mine.hash, other.folder / theirs.hash
        responses, same_responses = (load_responses(folder / "responses.nc") for folder in folders)
        if (
            replace(mine, sha256=None) != replace(theirs, sha256=None)
            or mine.sha256.weights != theirs.sha256.weights
            or not responses.identical(same_responses)
        ):
            return False
    return True


def test_a_cluster_makes_the_same_networks_even_if_a_worker_is_killed(task, tmp_path, cluster):
    alone = make_zoo(task, FAMILY, tmp_path / "alone", PLAN, workers=Workers(1))
    pids = {worker.pid for worker in cluster.workers.values()}
    killed = []

    def progress(done, total):
        if done > 0 and not killed:
            killed.append(next(iter(pids)))
            os.kill(killed[0], signal.SIGKILL)

    spread_out = make_zoo(
        task, FAMILY, tmp_path / "cluster", PLAN, workers=Workers(dask=cluster.scheduler_address), progress=progress
    )
    assert killed
    assert same_bits(spread_out, alone)
    assert not list((tmp_path / "cluster").glob(".*"))


def test_workers_that_write_elsewhere_are_noticed(task, tmp_path, monkeypatch):
    from neurocompare.models import zoo

    def nowhere(function, items, **_):
        for item in items:
            if function is fulfil:
                yield item.cost, ()
            else:  # a chain goes on, or its networks are drawn
                yield (item[0].group, item[0].seed) if function is finish else (item[0], SAMPLES, ())

    monkeypatch.setattr(zoo, "spread", nowhere)
    with pytest.raises(InputError, match="see by the same path"):
        make_zoo(task, FAMILY, tmp_path, PLAN, workers=Workers(dask="tcp://10.0.0.1:8786"))


def test_a_fault_on_the_cluster_is_said_as_here(cluster):
    with pytest.raises(InputError, match="as here"):
        list(spread(_refuse, [1], workers=Workers(dask=cluster.scheduler_address)))


def _refuse(_):
    message = "as here"
    raise InputError(message)


def test_an_address_of_a_worker_is_a_line(cluster):
    (address, *_) = cluster.scheduler.workers
    with pytest.raises(InputError, match=f"scheduler at {address}, found a "):
        list(spread(abs, [1], workers=Workers(dask=address)))


@pytest.fixture
def silent_address():
    """Something that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense", "foo://127.0.0.1:9", "silent"])
def test_an_address_that_does_not_answer_is_a_line_and_is_not_waited_for(address, silent_address, monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(dask_cluster, "PATIENCE", 1)
    address = silent_address if address == "silent" else address
    with pytest.raises(InputError, match=f"scheduler at {address}, found no answer"):
        list(spread(abs, [1], workers=Workers(dask=address)))
    # A client that was never connected is closed by the garbage collector, which may hang while another one starts.
    assert not [one for one in gc.get_objects() if type(one) is distributed.Client and one.status != "closed"]
