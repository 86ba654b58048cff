"""A lock on a folder: who holds it, who may take it over, and that it leaves nothing."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from neurocompare import lock
from neurocompare.cli.main import app
from neurocompare.errors import InputError
from neurocompare.lock import NAME, SILENT, locked, locks
from neurocompare.models import Family, ZooPlan, make_zoo
from neurocompare.settings import Workers
from neurocompare.tasks import oscillation, save_task

HOLD = """
import sys
from neurocompare.lock import locked
with locked(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock of the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def written(folder: Path, **changes) -> Path:
    """A lock as this process would write it, but for what is changed."""
    said = {"process": os.getpid(), "machine": platform.node(), "born": lock._born(os.getpid())} | changes
    path = folder / NAME
    path.write_text(json.dumps(said))
    return path


def ended_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def refused(folder: Path) -> str:
    with pytest.raises(InputError) as error, locked(folder):
        pass
    return str(error.value)


def test_another_process_is_refused_and_told_by_whom(tmp_path, holder):
    said = refused(tmp_path)
    assert f"process {holder.pid} on {platform.node()!r}" in said
    assert str(tmp_path) in said
    assert (tmp_path / NAME).exists()


def test_it_is_free_when_the_other_has_ended_in_peace(tmp_path, holder):
    holder.communicate("")
    assert not (tmp_path / NAME).exists()
    with locked(tmp_path):
        assert json.loads((tmp_path / NAME).read_text())["process"] == os.getpid()


def test_it_is_free_when_the_other_was_killed(tmp_path, holder):
    holder.kill()
    holder.wait()
    assert (tmp_path / NAME).exists()
    with locked(tmp_path):
        assert json.loads((tmp_path / NAME).read_text())["process"] == os.getpid()
    assert not list(tmp_path.iterdir())


def test_the_number_of_a_process_may_go_to_another(tmp_path):
    written(tmp_path, process=os.getppid(), born="long ago")
    with locked(tmp_path):
        pass


@pytest.fixture
def quick(monkeypatch):
    """Signs of life a tenth of a second apart."""
    monkeypatch.setattr(lock, "BEAT", 0.1)


@pytest.mark.parametrize("since", [SILENT + 60, -24 * 3600])
def test_a_process_of_another_machine_counts_by_its_signs_of_life(tmp_path, quick, since):
    """Also where the clock was put back, so that its last sign is to come."""
    path = written(tmp_path, machine="elsewhere", process=ended_process())
    assert "on 'elsewhere'" in refused(tmp_path)
    silent = time.time() - since
    os.utime(path, (silent, silent))
    with locked(tmp_path):
        assert json.loads(path.read_text())["machine"] == platform.node()


@pytest.mark.parametrize("jump", [-365 * 24 * 3600, -3600, 3600, 365 * 24 * 3600])
def test_a_clock_that_jumps_does_not_end_a_process_of_another_machine(tmp_path, quick, jump):
    """Its signs of life go on, by whatever clock."""
    path = written(tmp_path, machine="elsewhere")
    over = threading.Event()

    def live():
        beats = 0
        while not over.wait(0.02):
            beats += 1
            date = time.time() + jump + beats
            os.utime(path, (date, date))

    thread = threading.Thread(target=live)
    thread.start()
    try:
        assert "on 'elsewhere'" in refused(tmp_path)
    finally:
        over.set()
        thread.join()


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1]", '{"process": "x"}', '{"process": 1}', "x" * 10_000, "[" * 4000]
    + [f'{{"process": {process}, "machine": "x", "born": ""}}' for process in ("Infinity", "-1e400", "NaN")],
)
def test_a_lock_that_says_nothing_is_kept_for_a_while(tmp_path, quick, text):
    path = tmp_path / NAME
    path.write_text(text)
    assert "delete" in refused(tmp_path)
    silent = time.time() - SILENT - 60
    os.utime(path, (silent, silent))
    with locked(tmp_path):
        pass


def test_a_process_with_a_number_that_none_can_have_has_ended(tmp_path):
    (tmp_path / NAME).write_text(json.dumps({"process": 10**30, "machine": platform.node(), "born": ""}))
    with locked(tmp_path):
        pass


def test_a_folder_in_place_of_a_lock_is_a_line(tmp_path):
    (tmp_path / NAME).mkdir()
    with pytest.raises(InputError, match="found a folder; delete it"), locked(tmp_path):
        pass


def test_a_lock_that_is_no_file_is_not_read(tmp_path):
    os.mkfifo(tmp_path / NAME)
    assert "delete" in refused(tmp_path)


def test_signs_of_life_are_given(tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "BEAT", 0.01)
    with locked(tmp_path):
        path = tmp_path / NAME
        os.utime(path, (1, 1))
        deadline = time.monotonic() + 60
        while path.stat().st_mtime == 1:
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_a_block_in_a_block_adds_nothing_and_takes_nothing_away(tmp_path):
    with locked(tmp_path):
        with locked(tmp_path / "."):
            pass
        assert (tmp_path / NAME).exists()
    assert not (tmp_path / NAME).exists()


def test_what_is_refused_leaves_no_folder(tmp_path):
    @locks("out")
    def refuse(first, *, out="nowhere"):
        message = "no"
        raise InputError(message)

    with pytest.raises(InputError, match="no"):
        refuse(1, out=tmp_path / "a" / "b")
    assert not list(tmp_path.iterdir())


def test_no_folder_is_no_lock():
    assert locks("out")(lambda out=None: out)() is None


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()
    assert "cannot write" in refused(tmp_path / "file")


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    """A zoo of two reservoirs and its task."""
    folder = tmp_path_factory.mktemp("networks")
    save_task(oscillation(), folder / "task.nc")
    make_zoo(
        oscillation(), Family(n_units=12), folder, ZooPlan((0.0,), (0, 1), chains=2, members=2), workers=Workers(1)
    )
    return folder


def test_networks_are_not_made_where_others_are(tmp_path, holder):
    with pytest.raises(InputError, match=f"process {holder.pid} on"):
        make_zoo(oscillation(), Family(n_units=12), tmp_path, ZooPlan((0.0,), chains=2, members=2), workers=Workers(1))


def test_a_folder_that_several_use_in_turn_is_waited_for(tmp_path, holder):
    ended = threading.Event()

    def end():
        ended.set()
        holder.kill()

    threading.Timer(1.0, end).start()
    with locked(tmp_path, wait=True):
        assert ended.is_set()
    assert holder.wait(30) != 0  # a process lets go of its locks before others learn that it has ended


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--quick", "--out"],
        ["zoo", "oscillation", "--out"],
        ["recover", "--quick", "--out"],
        ["theory", "oscillation", "--out"],
        ["score", "{model}", "--out"],
        ["rank", "{zoo}", "--data", "synthetic", "--out"],
        ["dynamics", "{networks}", "--out"],
    ],
)
def test_every_command_that_writes_a_folder_stays_out_of_another_ones(tmp_path, networks, holder, arguments):
    given = [each.format(model=__file__, zoo=tmp_path, networks=networks) for each in arguments]
    done = CliRunner().invoke(app, [*given, str(tmp_path)])
    assert done.exit_code == 2
    assert f"process {holder.pid} on" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
