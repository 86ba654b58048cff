"""A fetch that is killed: never a wrong file under a right name, and the next fetch continues."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest
from fetching import CONTENT, PATTERN, SHA256, add, archive_for, files

from neurocompare.files import sha256_of
from neurocompare.recordings.cache import place

SECONDS = 0.5
"""What the server takes for the whole file."""


@pytest.fixture
def archive(tmp_path, monkeypatch):
    with archive_for(tmp_path, monkeypatch) as server:
        server.bytes_per_second = len(CONTENT) / SECONDS
        add(server, PATTERN)
        yield server


def begin(archive):
    """Start a fetch in a process of its own and wait until it has imported what it needs."""
    script = (
        "import neurocompare.recordings.fetch_archive\n"
        "print('ready', flush=True)\n"
        "from neurocompare.cli.main import main\n"
        "main()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, "fetch", "perich-M-CO-20140203", "--url", archive.url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    return process


def kill_at_random(archive, folder, kills, seed):
    """Kill fetches at random moments; return how many were killed with the file begun, finished, or neither."""
    rng = random.Random(seed)
    path = place(PATTERN)
    seen = {"nothing yet": 0, "begun": 0, "finished": 0}
    for _ in range(kills):
        process = begin(archive)
        time.sleep(rng.uniform(0, 1.3 * SECONDS))
        process.kill()
        process.communicate()
        there = files(folder)
        assert there in ([], [path])
        if there:
            assert sha256_of(path) == SHA256
            path.unlink()
        begun = list(path.parent.glob(f".{path.name}.*.partial"))
        assert all(CONTENT.startswith(partial.read_bytes()) for partial in begun)
        seen["finished" if there else "begun" if any(p.stat().st_size for p in begun) else "nothing yet"] += 1
    process = begin(archive)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out.strip()) == (0, str(path)), err
    assert sha256_of(path) == SHA256
    assert [name for name in os.listdir(path.parent) if name != path.name] == [f".{path.name}.lock"]
    return seen


def test_a_few_kills(archive, tmp_path):
    kill_at_random(archive, tmp_path / "data", 4, seed=1)


@pytest.mark.slow
def test_fifty_kills(archive, tmp_path):
    seen = kill_at_random(archive, tmp_path / "data", 50, seed=2)
    continued = sum("Range" in request.headers for request in archive.requests if request.where == "blob")
    print(f"\nkilled: {seen}; continued {continued} times")
    assert seen["begun"] > 10
    assert continued > 10


def test_ctrl_c_is_one_line_and_what_is_left_is_continued(archive):
    archive.bytes_per_second = len(CONTENT) / 600  # nothing that comes to its end while this looks away
    process = begin(archive)
    path = place(PATTERN)
    while not any(partial.stat().st_size for partial in path.parent.glob(f".{path.name}.*.partial")):
        time.sleep(0.01)
    archive.bytes_per_second = len(CONTENT) / SECONDS
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    said = [line for line in err.splitlines() if " MB" not in line]
    assert said == ["neurocompare: interrupted; run the same command again to continue"]
    out, err = begin(archive).communicate(timeout=60)
    assert out.strip() == str(place(PATTERN))
    blobs = [request for request in archive.requests if request.where == "blob"]
    (continued,) = [request.headers["Range"] for request in blobs if "Range" in request.headers]
    assert int(continued[6:-1]) > 0
    assert sha256_of(place(PATTERN)) == SHA256
