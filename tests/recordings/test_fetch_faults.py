"""Whatever the archive or the network does: a verified file, or a clear error and no file."""

import dataclasses
import hashlib
import random
import time

import pytest
from archive_server import ArchiveServer
from fetching import CONTENT, ENTRY, HASTE, IMPATIENCE, SHA256, add, archive_for, files, refused

from neurocompare.errors import InputError
from neurocompare.recordings.cache import place
from neurocompare.recordings.fetch import fetch_entry

EVERYWHERE = ("info", "assets", "metadata", "download", "blob")


@pytest.fixture
def archive(tmp_path, monkeypatch):
    with archive_for(tmp_path, monkeypatch) as server:
        add(server, ENTRY)
        yield server


def arrives(archive, patience=HASTE):
    """The fetch that must work in spite of everything; returns what was said meanwhile."""
    said = []
    fetched = fetch_entry(ENTRY, url=archive.url, patience=patience, say=said.append)
    assert fetched.path.read_bytes() == CONTENT
    assert fetched.sha256 == SHA256
    assert not list(fetched.path.parent.glob("*.partial"))
    return said


@pytest.mark.parametrize("where", EVERYWHERE)
@pytest.mark.parametrize(
    "fault",
    [
        {"what": "status", "code": 503},
        {"what": "status", "code": 429, "retry_after": "0"},
        {"what": "status", "code": 500},
        {"what": "reset"},
    ],
    ids=lambda fault: f"{fault['what']}-{fault.get('code', '')}",
)
def test_a_failure_that_passes_is_waited_out(archive, where, fault):
    archive.fault(where, times=2, **fault)
    assert len(arrives(archive)) == 2


@pytest.mark.parametrize("where", EVERYWHERE)
def test_a_failure_that_does_not_pass_is_one_line(archive, where):
    archive.fault(where, "status", times=99)
    assert "failed 4 times: its answer is 503; try later: it continues" in refused(archive)
    archive.faults.clear()
    arrives(archive)


@pytest.mark.parametrize("where", EVERYWHERE)
def test_a_server_that_does_not_answer_is_asked_again(archive, where):
    archive.fault(where, "hang")
    assert any("no answer within 0.5 s; trying again" in said for said in arrives(archive, IMPATIENCE))


@pytest.mark.parametrize("where", ["metadata", "blob"])
def test_a_server_that_never_answers_is_one_line(archive, where):
    archive.fault(where, "hang", times=99)
    assert "failed 3 times: no answer within 0.5 s; try later" in refused(archive, patience=IMPATIENCE)


def test_a_wait_that_was_asked_for_is_kept(archive, monkeypatch):
    slept = []
    monkeypatch.setattr(time, "sleep", slept.append)
    archive.fault("metadata", "status", code=429, retry_after="7")
    archive.fault("download", "status", code=429, retry_after="11")
    assert any("its answer is 429; trying again in 7 s" in said for said in arrives(archive))
    assert {7.0, 11.0} <= set(slept)


def test_a_wait_that_is_too_long_is_one_line(archive):
    archive.fault("download", "status", code=429, retry_after="3600")
    assert "asks to wait 3600 s (its answer is 429); try later" in refused(archive)


@pytest.mark.parametrize("where", ["download", "blob"])
@pytest.mark.parametrize("code", [400, 401, 403, 404, 410])
def test_a_refusal_is_one_line_at_once(archive, where, code):
    archive.fault(where, "status", code=code, times=99)
    assert f"its answer is {code}" in refused(archive)
    assert archive.count("download") == 1


@pytest.mark.parametrize("what", ["reset", "truncate"])
def test_a_broken_connection_is_continued_where_it_broke(archive, what):
    rng = random.Random(what)
    breaks = [rng.randrange(1, len(CONTENT) // 4) for _ in range(3)]
    for at in breaks:
        archive.fault("blob", what, at=at)
    arrives(archive)
    starts = [
        int(request.headers.get("Range", "bytes=0-")[6:-1]) for request in archive.requests if request.where == "blob"
    ]
    assert starts == sorted(starts)
    assert len(starts) == 4
    # at most one piece is lost at each break
    assert all(
        0 <= begun - (before + at) + 65536 <= 65536
        for before, begun, at in zip(starts, starts[1:], breaks, strict=False)
    )


def test_many_breaks_are_not_too_many_if_each_brings_a_megabyte(archive):
    content = random.Random(1).randbytes(9_000_000)
    big = dataclasses.replace(ENTRY, bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
    archive.assets.clear()
    add(archive, big, content)
    archive.fault("blob", "reset", at=1_200_000, times=7)
    assert fetch_entry(big, url=archive.url, patience=HASTE).path.read_bytes() == content


def test_a_body_that_stops_coming_is_continued(archive):
    archive.fault("blob", "hang", at=200_000)
    assert any("no more bytes within 0.5 s" in said for said in arrives(archive, IMPATIENCE))


def test_wrong_bytes_are_fetched_again_once(archive):
    archive.fault("blob", "wrong")
    arrives(archive)
    assert archive.count("blob") == 2


def test_bytes_that_are_always_wrong_are_one_line(archive):
    archive.fault("blob", "wrong", times=99)
    assert f"expected SHA-256 {SHA256}, found " in refused(archive)
    assert archive.count("blob") == 2
    assert not list(place(ENTRY).parent.glob(".*.partial"))


def test_more_bytes_than_announced_are_not_kept(archive):
    archive.fault("blob", "longer")
    assert "expected 400,000 bytes, " in refused(archive)
    assert all(path.stat().st_size == 0 for path in place(ENTRY).parent.glob(".*.partial"))


@pytest.mark.parametrize("begun", [0, 100_000])
def test_a_server_without_ranges(archive, begun):
    archive.fault("blob", "reset", at=begun)
    archive.fault("blob", "ignore_range", times=99)
    arrives(archive)


def test_a_file_that_is_shorter_than_the_archive_says(archive):
    archive.assets[0].content = CONTENT[:300_000]
    archive.assets[0].claimed = len(CONTENT)
    assert "failed 4 times" in refused(archive)


def test_another_part_than_was_asked_for(archive):
    archive.fault("blob", "reset", at=150_000)
    archive.fault("blob", "other_range")
    arrives(archive)


def test_a_redirect_to_another_host_is_followed_and_verified(archive):
    with ArchiveServer() as other:
        there = other.add(ENTRY.dandiset, ENTRY.version, ENTRY.path, CONTENT)
        archive.fault("download", "redirect", to=f"http://localhost:{other.port}/blobs/{there.identifier}?X-Amz-S=1")
        arrives(archive)
        assert other.count("blob") == 1
        place(ENTRY).unlink()
        there.content = bytes(len(CONTENT))
        archive.fault("download", "redirect", to=other.blob_url(ENTRY.path), times=2)
        assert "expected SHA-256" in refused(archive)


@pytest.mark.parametrize(
    "to",
    [
        "file:///etc/passwd",
        "ftp://localhost/a?X-Amz-S=1",
        "http://",
        "http://[::1/x?X-Amz-S=1",
        "data:,x",
        "//",
        "/api/info/",
    ],
)
def test_a_redirect_to_nowhere_is_one_line(archive, to):
    archive.fault("download", "redirect", to=to, times=99)
    refused(archive)


def test_redirects_in_a_circle(archive):
    archive.fault("download", "redirect", to=f"{archive.url}/assets/{archive.assets[0].identifier}/download/", times=99)
    assert "in a circle" in refused(archive)


@pytest.mark.parametrize("where", ["info", "assets", "metadata"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Sign in to this network</html>",
        b"[]",
        b"null",
        b'"text"',
        b'{"results": [{}], "next": null}',
        b'{"results": 3, "next": null}',
        b'{"digest": 3}',
        b'{"digest": {"dandi:sha2-256": "../../etc/passwd"}}',
        b'{"cli-minimal-version": "new\\u001b[2J"}',
        b'{"cli-minimal-version": 3}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_an_answer_of_another_form_is_one_line(archive, where, body):
    archive.fault(where, "garbage", body=body, times=99)
    # These say nothing about what they are asked for, and nothing false: no version is refused, no digest is stated.
    harmless = {"info": (b'{"results', b'{"digest'), "assets": (), "metadata": (b'{"results', b'{"cli')}[where]
    if body.startswith(harmless):
        arrives(archive)
    else:
        assert "expected an answer of the DANDI archive's form" in refused(archive)


@pytest.mark.parametrize(
    "path", ["../../../evil.nwb", "/tmp/evil.nwb", "sub-A/../../evil.nwb", "sub-A\\..\\evil.nwb", "C:evil"]
)
def test_a_hostile_asset_path_never_becomes_a_file(archive, path, tmp_path):
    archive.assets[0].path = path
    assert "has no such file" in refused(archive)
    with pytest.raises(InputError, match="expected an asset path inside the folder"):
        fetch_entry(dataclasses.replace(ENTRY, path=path), url=archive.url)
    assert files(tmp_path) == []


def test_a_hostile_identifier_is_not_put_into_an_address(archive):
    archive.assets[0].identifier = "../../../elsewhere?x="
    assert "expected an answer of the DANDI archive's form" in refused(archive)
