"""Streaming from a server that means harm: it is not waited for without end, and takes no memory."""

import time
import tracemalloc

import pytest
import requests
from hostile_server import Hostile

from neurocompare.errors import InputError
from neurocompare.recordings import remote
from neurocompare.untrusted.answers import BoundedSession


@pytest.fixture(autouse=True)
def surroundings(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("DANDI_API_KEY", raising=False)


def test_more_than_was_asked_for_is_not_taken():
    def endless(handler):
        handler.send_response(206)
        handler.end_headers()
        while True:
            handler.wfile.write(bytes(2**20))

    tracemalloc.start()
    with Hostile(endless, free=True) as server, pytest.raises(InputError, match="found a larger one"):
        BoundedSession("the server", 20).get(f"{server.url}/assets/x", headers={"Range": "bytes=0-999"})
    assert tracemalloc.get_traced_memory()[1] < 50e6
    tracemalloc.stop()


def drip(handler):
    """Never silent for long, and never done with the first line of the answer."""
    while True:
        handler.wfile.write(b"H")
        handler.wfile.flush()
        time.sleep(0.1)


def test_a_server_that_answers_byte_by_byte_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(remote, "OPENING", 0.7)
    with (
        Hostile(drip, free=True) as server,
        pytest.raises(InputError, match="a server that gives the file, found Timeout"),
    ):
        remote.stream_recording(f"{server.url}/assets/x")


def test_a_part_that_comes_byte_by_byte_is_not_waited_for():
    with Hostile(drip, free=True) as server, pytest.raises(requests.Timeout):
        BoundedSession("the server", 0.7).get(f"{server.url}/assets/x", headers={"Range": "bytes=0-999"})


@pytest.mark.parametrize("address", ["http://[::1", "https://host:99999/a.nwb", "https://a\x1b[2J/b.nwb"])
def test_addresses_that_are_none_are_one_line(address):
    with pytest.raises(InputError, match="begins with http:// or https://"):
        remote.stream_recording(address)


def test_no_password_of_the_users_goes_to_an_address(monkeypatch, tmp_path):
    """Neither from here nor from the process that looks a file through; an address can come with a run folder."""
    passwords = tmp_path / "netrc"
    passwords.write_text("default login me password secret\n")
    monkeypatch.setenv("NETRC", str(passwords))
    with Hostile(lambda handler: handler.body(bytes(100)), free=True) as server:
        with pytest.raises(InputError):
            remote.stream_recording(f"{server.url}/assets/x")
        assert len(server.asked) > 1
        assert server.keys == []
