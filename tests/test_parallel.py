"""Work in processes: what comes back, how it fails, and that nothing of it outlives the process it was done for."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from neurocompare import parallel
from neurocompare.errors import InputError
from neurocompare.parallel import Workers, apart, keep_workers, one_thread, spread

TWO = Workers(2)
GONE = 5.0
"""Seconds within which workers of a process that ended have ended too."""


def _square(value):
    return value**2, os.getpid()


def _threads(_):
    import torch  # here, as workers import this file for any function of it

    return torch.get_num_threads(), [each["num_threads"] for each in threadpool_info()]


def _threads_of_a_late_torch(_):
    late = "torch" not in sys.modules
    return late, *_threads(_)


def _refuse(_):
    message = "as here"
    raise InputError(message)


def _kill(number):
    os.kill(os.getpid(), number)


def _leave(_):
    print("loud")
    sys.exit(0)


def _inside(_):
    return {pid for _, pid in spread(_square, [1, 2, 3], workers=TWO)} == {os.getpid()}


class _Odd(Exception):
    def __init__(self, first, second):
        super().__init__("odd")


def _odd(_):
    raise _Odd(1, 2)


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_item_comes_back_once(jobs):
    found = sorted(value for value, _ in spread(_square, range(20), workers=Workers(jobs)))
    assert found == [value**2 for value in range(20)]


def test_two_jobs_are_two_other_processes_and_one_job_is_this_one():
    with keep_workers():
        pids = {pid for _ in range(20) for _, pid in spread(_square, [1, 2], workers=TWO)}
    assert len(pids) == 2
    assert os.getpid() not in pids
    assert {pid for _, pid in spread(_square, [1, 2], workers=Workers(1))} == {os.getpid()}


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_worker_has_one_thread(jobs):
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    for of_torch, others in spread(_threads, [1, 2], workers=Workers(jobs)):
        assert of_torch == 1
        assert set(others) == {1}
    assert torch.get_num_threads() == 2
    torch.set_num_threads(threads)


def test_a_worker_that_imports_torch_late_has_one_thread_all_the_same(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    late, of_torch, others = apart(_threads_of_a_late_torch, None, "it")
    assert (late, of_torch, set(others)) == (True, 1, {1})


def test_one_thread_is_put_back_where_a_block_fails():
    import torch

    torch.set_num_threads(2)
    with contextlib.suppress(RuntimeError), one_thread():
        assert torch.get_num_threads() == 1
        raise RuntimeError
    assert torch.get_num_threads() == 2
    torch.set_num_threads(1)


def test_items_that_come_slowly_are_begun_as_they_come(tmp_path):
    """The second item is not made before the first is done."""

    def slow():
        yield tmp_path / "first"
        while not (tmp_path / "first").exists():
            time.sleep(0.01)
        yield tmp_path / "second"

    assert len(list(spread(Path.touch, slow(), workers=TWO))) == 2


def test_what_items_share_and_what_is_defined_on_the_spot_travels():
    shared = np.arange(3.0)
    found = list(spread(lambda value: float(value * shared.sum()), [1, 2], workers=TWO))
    assert sorted(found) == [3.0, 6.0]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_line_is_the_same_line(jobs):
    with pytest.raises(InputError, match="as here"):
        list(spread(_refuse, [1, 2], workers=Workers(jobs)))


def test_an_error_that_cannot_travel_is_said_all_the_same():
    with pytest.raises(RuntimeError, match="_Odd: odd"):
        list(spread(_odd, [1, 2], workers=TWO))


def test_code_that_leaves_does_not_end_in_silence(capfd):
    with pytest.raises(RuntimeError, match="SystemExit in a worker"):
        list(spread(_leave, [1, 2], workers=TWO))
    assert "loud" in capfd.readouterr().err  # and not on standard output


@pytest.mark.parametrize(("number", "said"), [(signal.SIGKILL, "found one killed"), (signal.SIGSEGV, "by SIGSEGV")])
def test_a_worker_that_is_killed_is_a_line_and_others_work_afterwards(number, said):
    with keep_workers():
        with pytest.raises(InputError, match=said):
            list(spread(_kill, [number, number], workers=TWO))
        assert len(list(spread(_square, [1, 2], workers=TWO))) == 2


def test_a_worker_has_no_workers():
    assert list(spread(_inside, [1, 2], workers=TWO)) == [True, True]


@pytest.mark.parametrize(
    ("given", "said"), [({"jobs": 0}, "at least 1 and"), ({"jobs": 2, "dask": "tcp://10.0.0.1:8786"}, "found both")]
)
def test_workers_that_make_no_sense_are_refused(given, said):
    with pytest.raises(InputError, match=said):
        Workers(**given)


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and is not waited for does not."""
    try:
        state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=True)
    except subprocess.CalledProcessError:
        return False
    return not state.stdout.strip().startswith("Z")


def gone(pids, within: float = GONE) -> bool:
    deadline = time.monotonic() + within
    while any(map(alive, pids)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_workers_end_with_their_work(monkeypatch):
    monkeypatch.setattr(parallel, "_kept", None)
    pids = {pid for _, pid in spread(_square, [1, 2, 3], workers=TWO)}
    assert not any(map(alive, pids))


def test_workers_end_where_nobody_waits_for_the_rest(monkeypatch, tmp_path):
    monkeypatch.setattr(parallel, "_kept", None)
    results = spread(_mark_and_wait, [(tmp_path, 0), (tmp_path, 600), (tmp_path, 600)], workers=TWO)
    next(results)
    until(lambda: len(list(tmp_path.glob("*.pid"))) >= 2)
    results.close()
    assert gone([int(path.stem) for path in tmp_path.glob("*.pid")])


def _mark_and_wait(order):
    folder, seconds = order
    (folder / f"{os.getpid()}.pid").touch()
    time.sleep(seconds)


def until(done, within: float = 60.0) -> None:
    """Wait for something to happen: how long it takes is the machine's affair."""
    deadline = time.monotonic() + within
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)


BUSY = """
import pathlib, os, sys, time
import numpy as np
from neurocompare.parallel import Workers, spread

def work(order):
    folder, how = order
    (folder / f"{os.getpid()}.pid").touch()
    if how == "sleep":
        time.sleep(600)
    numbers = np.random.default_rng(0).standard_normal((300, 300))
    while True:
        numbers = np.tanh(numbers @ numbers / 300)

list(spread(work, [(pathlib.Path(sys.argv[1]), sys.argv[2])] * 4, workers=Workers(2)))
"""


@pytest.mark.parametrize("how", ["sleep", "compute"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_worker_outlives_its_parent(tmp_path, number, how):
    process = subprocess.Popen(
        [sys.executable, "-c", BUSY, str(tmp_path), how], stderr=subprocess.PIPE, start_new_session=True
    )
    until(lambda: len(list(tmp_path.glob("*.pid"))) == 2)
    pids = [int(path.stem) for path in tmp_path.glob("*.pid")]
    assert all(map(alive, pids))
    process.send_signal(number)
    process.communicate(timeout=60)
    assert gone(pids)


ELSEWHERE = """
from neurocompare.parallel import Workers, spread

def where(_):
    import random, sys
    return random.__file__, list(sys.path)

for file, path in spread(where, [1, 2], workers=Workers(2)):
    print(file)
    print(path)
"""


def test_files_of_the_working_folder_do_not_run_in_workers(tmp_path):
    """The parent is not in danger here: it has loaded what it needs before it looks there."""
    for name in ("random", "json", "torch", "numpy"):
        (tmp_path / f"{name}.py").write_text("import os; os.write(2, b'a file of the working folder ran'); os._exit(3)")
    program = f"import sys; sys.path.remove(''); import json, random, torch, numpy; sys.path.insert(0, '')\n{ELSEWHERE}"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "working folder ran" not in done.stderr
    assert str(tmp_path) not in done.stdout.splitlines()[0]


def test_workers_of_the_program_know_nothing_of_the_working_folder(tmp_path):
    program = tmp_path / "elsewhere" / "program.py"
    program.parent.mkdir()
    program.write_text(ELSEWHERE)
    folder = tmp_path / "working"
    folder.mkdir()
    done = subprocess.run([sys.executable, program], cwd=folder, capture_output=True, text=True, check=True)
    assert str(folder) not in done.stdout


def fork(pids):
    """Leave a process that waits, and a copy of this one, which goes on as it does."""
    with open(pids, "a", encoding="ascii") as told:
        told.write(f"{subprocess.Popen(['sleep', '1000']).pid} ")
        told.flush()
        copy = os.fork()
        if copy:
            told.write(str(copy))
    return "answer"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no copies of processes")
def test_what_a_worker_started_ends_with_it(tmp_path):
    assert apart(fork, tmp_path / "pids", "the function") == "answer"
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert len(pids) == 2
    assert gone(pids)
