"""Fetching from an archive on the loopback: what must be true of every file that gets its name."""

import dataclasses
import hashlib
import logging
import subprocess
import sys

import pytest
from archive_server import ArchiveServer
from fetching import CONTENT, ENTRY, HASTE, PATTERN, SHA256, add, archive_for, files, refused

from neurocompare.errors import InputError
from neurocompare.recordings.cache import place
from neurocompare.recordings.catalogue import find_experiment
from neurocompare.recordings.fetch import fetch, fetch_entry
from neurocompare.recordings.fetch_listing import listing


@pytest.fixture
def archive(tmp_path, monkeypatch):
    with archive_for(tmp_path, monkeypatch) as server:
        yield server


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


def test_a_file_is_fetched_once_and_then_needs_no_network(archive, folder):
    add(archive, ENTRY)
    steps = []
    fetched = fetch_entry(ENTRY, url=archive.url, progress=lambda *step: steps.append(step))
    assert fetched.path == folder / "000140" / ENTRY.version / ENTRY.path
    assert fetched.path.read_bytes() == CONTENT
    assert (fetched.bytes, fetched.sha256, fetched.downloaded) == (len(CONTENT), SHA256, True)
    assert fetched.notes == (
        "verified by size and SHA-256 as the archive states them; the catalogue has the same size and SHA-256",
    )
    assert steps[0] == ("mc_maze_small", 0, len(CONTENT))
    assert steps[-1] == ("mc_maze_small", len(CONTENT), len(CONTENT))
    asked = len(archive.requests)
    again = fetch_entry(ENTRY, url="http://nowhere.invalid/api")
    assert (again.path, again.sha256, again.downloaded) == (fetched.path, SHA256, False)
    assert len(archive.requests) == asked


def test_a_cached_file_needs_neither_the_client_nor_a_socket(archive, folder):
    add(archive, PATTERN)
    fetch_entry(PATTERN, url=archive.url)
    script = (
        "import socket, sys\n"
        "def refuse(*_, **__): raise AssertionError('network')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from neurocompare.recordings import fetch, recording_path\n"
        "print(fetch('perich', 'M-CO-20140203').path == recording_path('perich-M-CO-20140203'))\n"
        "print('dandi' in sys.modules, 'requests' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "True\nFalse False\n", done.stderr


def test_dest_keeps_it_elsewhere(archive, tmp_path, folder):
    add(archive, PATTERN)
    fetched = fetch("perich", "M-CO-20140203", folder=tmp_path / "mine", url=archive.url)
    assert fetched.path == tmp_path / "mine" / "000688" / PATTERN.version / PATTERN.path
    assert not folder.exists()


@pytest.mark.parametrize("begun", [1, 200_000, len(CONTENT) - 1, len(CONTENT)])
def test_what_an_interrupted_fetch_left_is_continued(archive, begun):
    add(archive, ENTRY)

    def interrupt(name, done, total):
        if done >= begun - 65536:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch_entry(ENTRY, url=archive.url, progress=interrupt)
    path = place(ENTRY)
    (partial,) = path.parent.glob(f".{path.name}.*.partial")
    partial.write_bytes(CONTENT[:begun])
    assert not path.exists()
    fetch_entry(ENTRY, url=archive.url)
    assert path.read_bytes() == CONTENT
    ranges = [request.headers.get("Range") for request in archive.requests if request.where == "blob"]
    assert ranges[1:] == ([f"bytes={begun}-"] if begun < len(CONTENT) else [])
    assert not list(path.parent.glob("*.partial"))


@pytest.mark.parametrize("left", [b"x" * 1000, b"x" * len(CONTENT), b"x" * (len(CONTENT) + 5)])
def test_what_is_left_and_does_not_fit_is_thrown_away(archive, left):
    add(archive, ENTRY)
    path = place(ENTRY)
    path.parent.mkdir(parents=True)
    (path.parent / f".{path.name}.{SHA256[:12]}.partial").write_bytes(left)
    assert fetch_entry(ENTRY, url=archive.url).sha256 == SHA256


def test_what_is_left_of_another_content_is_not_continued(archive):
    path = place(PATTERN)
    path.parent.mkdir(parents=True)
    (path.parent / f".{path.name}.0123456789ab.partial").write_bytes(b"x" * 100)
    add(archive, PATTERN)
    assert fetch_entry(PATTERN, url=archive.url).sha256 == SHA256
    assert [request.headers.get("Range") for request in archive.requests if request.where == "blob"] == [None]
    assert not list(path.parent.glob("*.partial"))


def test_an_empty_file(archive):
    add(archive, PATTERN, b"")
    assert fetch_entry(PATTERN, url=archive.url).path.read_bytes() == b""


def test_a_file_that_was_changed_is_not_trusted(archive):
    add(archive, ENTRY)
    path = fetch_entry(ENTRY, url=archive.url).path
    path.write_bytes(CONTENT[:-1] + b"!")
    with pytest.raises(InputError, match=r"expected SHA-256 .* found .* it was changed: delete it"):
        fetch_entry(ENTRY, url=archive.url)
    path.write_bytes(CONTENT[:-1])
    with pytest.raises(InputError, match=r"expected 400,000 bytes in .*, found 399,999; it was changed"):
        fetch_entry(ENTRY, url=archive.url)


def test_what_the_catalogue_is_sure_of_must_be_so(archive):
    add(archive, ENTRY, CONTENT + b"more")
    assert "expected size 400000 of mc_maze_small" in refused(archive)
    archive.assets.clear()
    add(archive, ENTRY, bytes(len(CONTENT)))
    assert f"expected SHA-256 {SHA256} of mc_maze_small" in refused(archive)
    assert archive.count("blob") == 0


def test_what_the_catalogue_is_not_sure_of_may_differ_and_is_told(archive):
    uncertain = dataclasses.replace(ENTRY, uncertain=("bytes", "sha256"))
    add(archive, ENTRY, CONTENT + b"more")
    fetched = fetch_entry(uncertain, url=archive.url)
    assert fetched.sha256 == hashlib.sha256(CONTENT + b"more").hexdigest()
    assert fetched.notes[0] == "verified by size and SHA-256 as the archive states them"
    assert "size, 400000, was uncertain and is not the archive's, 400004" in fetched.notes[1]
    assert f"SHA-256, {SHA256}, was uncertain" in fetched.notes[2]


def test_without_the_archive_s_sha256_the_catalogue_s_or_the_etag_tells(archive):
    """The etag of a file of one part is the MD5 of its MD5, and the number of parts."""
    asset = add(archive, ENTRY, sha256="")
    fetched = fetch_entry(ENTRY, url=archive.url)
    assert fetched.notes == ("verified by the catalogue's SHA-256: the archive states none yet",)
    fetched.path.unlink()
    archive.fault("blob", "wrong", times=2)
    assert f"expected SHA-256 {SHA256}" in refused(archive)
    unknown = dataclasses.replace(ENTRY, sha256=None)
    assert "states no digest of mc_maze_small" in refused(archive, unknown)
    asset.etag = f"{hashlib.md5(hashlib.md5(CONTENT).digest()).hexdigest()}-1"
    fetched = fetch_entry(unknown, url=archive.url)
    assert "verified by size and DANDI etag" in fetched.notes[0]
    fetched.path.unlink()
    archive.fault("blob", "wrong", times=2)
    assert f"expected DANDI etag {asset.etag}" in refused(archive, unknown)


def test_a_file_the_archive_does_not_have(archive):
    add(archive, PATTERN)
    assert "has no such file" in refused(archive)
    archive.assets[0].dandiset, archive.assets[0].version = ENTRY.dandiset, ENTRY.version
    assert f"expected {ENTRY.path} in dandiset 000140" in refused(archive)


def test_a_full_disk_is_known_before(archive, monkeypatch):
    import shutil

    add(archive, ENTRY)
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=len(CONTENT)))
    said = refused(archive)
    assert "expected room for 400,000 more bytes" in said
    assert "NEUROCOMPARE_DATA" in said
    assert archive.count("download") == 0


def test_a_disk_that_fills_up_is_one_line_and_what_came_is_kept(archive):
    import errno

    add(archive, ENTRY)

    def full(name, done, total):
        if done >= 200_000:
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(InputError, match=r"cannot write .*No space left.*it continues"):
        fetch_entry(ENTRY, url=archive.url, progress=full)
    assert not place(ENTRY).exists()
    fetch_entry(ENTRY, url=archive.url)
    assert [request.headers.get("Range") for request in archive.requests if request.where == "blob"][1] is not None


def test_a_folder_that_cannot_be_written(archive, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot write"):
        fetch_entry(ENTRY, url=archive.url, folder=tmp_path / "file")


def test_links_are_not_followed(archive, tmp_path, folder):
    add(archive, ENTRY)
    victim = tmp_path / "victim"
    victim.mkdir()
    path = place(ENTRY)
    path.parent.parent.mkdir(parents=True)
    path.parent.symlink_to(victim)
    with pytest.raises(InputError, match="found a link"):
        fetch_entry(ENTRY, url=archive.url)
    path.parent.unlink()
    path.parent.mkdir()
    for name in (f".{path.name}.lock", f".{path.name}.{SHA256[:12]}.partial", path.name):
        link = path.parent / name
        link.symlink_to(victim / "new")
        with pytest.raises(InputError, match="found a link"):
            fetch_entry(ENTRY, url=archive.url)
        link.unlink()
    assert list(victim.iterdir()) == []


def test_listing_leaves_out_what_is_no_session(archive):
    for path in (PATTERN.path, "../../evil.nwb", "sub-M/sub-M_ses-CO-20140203\x1b[2J_x.nwb", "/etc/passwd", "README"):
        archive.add(PATTERN.dandiset, PATTERN.version, path, CONTENT)
    archive.page_size = 2
    fetch_entry(PATTERN, url=archive.url)
    listed = listing(find_experiment("perich"), url=archive.url)
    assert [(one.session, one.bytes, one.here) for one in listed] == [("M-CO-20140203", len(CONTENT), True)]
    with pytest.raises(InputError, match="expected dandiset 000941 with version"):
        listing(find_experiment("falcon_m1"), url=archive.url)
    with pytest.raises(InputError, match="comes with this package"):
        listing(find_experiment("synthetic"), url=archive.url)


def test_two_processes_fetch_one_file_once(archive, folder):
    add(archive, PATTERN)
    archive.bytes_per_second = 1_000_000
    script = (
        "import sys\n"
        "from neurocompare.recordings.fetch import fetch\n"
        f"print(fetch('perich', 'M-CO-20140203', url={archive.url!r}, say=print).sha256)\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=60) for process in running]
    assert [out.splitlines()[-1] for out, _ in said] == [SHA256, SHA256], said
    assert archive.count("blob") == 1
    assert [path.read_bytes() for path in files(folder)] == [CONTENT]


def test_the_client_s_version_is_refused_with_the_way_round(archive):
    add(archive, ENTRY)
    archive.minimal_client = "99.0"
    said = refused(archive)
    assert "is older than 99.0, the oldest that" in said
    assert "pip install --upgrade dandi" in said
    assert f"curl -fL -C - -o sub-Jenkins_ses-small_desc-train_behavior+ecephys.nwb {archive.url}/assets/" in said
    assert f"{ENTRY.asset}/download/ and compare: sha256sum must say {SHA256}" in said
    import dandi

    archive.minimal_client, archive.bad_clients = "0.1", ["0.2", dandi.__version__]
    assert f"refuses dandi {dandi.__version__} as broken" in refused(archive)
    assert "curl" not in refused(archive, PATTERN)
    assert archive.count("assets") == 0


def test_the_key_goes_only_where_it_is_asked_for_and_nowhere_else(archive, monkeypatch, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    add(archive, ENTRY)
    monkeypatch.setenv("DANDI_API_KEY", "secret-of-mine")
    fetch_entry(ENTRY, url=archive.url).path.unlink()
    assert not any("Authorization" in request.headers for request in archive.requests)
    archive.needs_key = "secret-of-mine"
    archive.requests.clear()
    fetch_entry(ENTRY, url=archive.url).path.unlink()
    sent = {request.where: request.headers.get("Authorization") for request in archive.requests}
    assert sent["download"] == "token secret-of-mine"
    assert sent["blob"] is None  # the redirect leads to another host
    archive.needs_key = "another"
    assert "does not give this to everyone (its answer is 401); if you have been given access" in refused(archive)
    monkeypatch.setenv("DANDI_API_KEY", "secret of\nmine")
    said = refused(archive)
    assert "expected a key in DANDI_API_KEY" in said
    written = "".join(capfd.readouterr()) + caplog.text + said
    assert "secret" not in written
    assert "Amz" not in written


def test_a_key_does_not_travel_in_the_open(monkeypatch):
    from neurocompare.recordings.fetch_client import _key

    monkeypatch.setenv("DANDI_API_KEY", "secret")
    assert _key("http://archive.example.org/api") is None
    assert _key("https://archive.example.org/api") == "secret"


@pytest.mark.parametrize(
    "url", ["api.dandiarchive.org", "ftp://a/api", "https://me:word@a/api", "https://a/api?x=1", ""]
)
def test_an_address_that_is_none(archive, url):
    with pytest.raises(InputError, match="expected an archive's address like") as caught:
        fetch_entry(ENTRY, url=url)
    assert "word" not in str(caught.value)


def test_an_archive_that_is_not_there(archive):
    with ArchiveServer() as gone:
        url = gone.url
    said = []
    with pytest.raises(InputError, match=r"127.0.0.1:\d+ failed 4 times: it cannot be reached, or the"):
        fetch_entry(ENTRY, url=url, patience=HASTE, say=said.append)
    assert len(said) == 3
    assert said[0].endswith("trying again in 0 s")
