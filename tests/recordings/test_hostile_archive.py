"""An archive that means harm: it does not get the key to anyone else, nor this computer's time or memory."""

import gzip
import threading
import time
import traceback

import pytest
from hostile_server import Hostile, asset

from neurocompare.errors import InputError
from neurocompare.recordings.catalogue import find, find_experiment
from neurocompare.recordings.fetch import fetch_entry
from neurocompare.recordings.fetch_client import ArchiveClient
from neurocompare.recordings.fetch_listing import listing
from neurocompare.recordings.fetch_retry import Patience
from neurocompare.untrusted import answers

KEY = "the-key-of-mine"
ENTRY = find("perich-M-CO-20140203")
EXPERIMENT = find_experiment("perich")
HASTE = Patience(attempts=2, timeout=5, pause=0.01, answer=2)


def any_answer(handler):
    handler.json({"results": [], "next": None, "count": 0})


@pytest.fixture(autouse=True)
def surroundings(monkeypatch, tmp_path):
    monkeypatch.setenv("NEUROCOMPARE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("DANDI_API_KEY", KEY)
    monkeypatch.setenv("NO_PROXY", "*")


def refused(server, patience=HASTE):
    """The line about a listing that must fail, in which the key is not."""
    with pytest.raises(InputError) as caught:
        listing(EXPERIMENT, url=server.url, patience=patience)
    assert KEY not in "".join(traceback.format_exception(caught.value))
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_the_next_page_elsewhere_is_not_asked(name):
    """Another port is another origin, and so is another name of the same host."""
    with Hostile(any_answer, free=True) as thief:

        def answer(handler):
            port = thief.server_port if name == "127.0.0.1" else handler.server.server_port
            handler.json({"results": [], "next": f"http://{name}:{port}/api/assets/?page=7", "count": 9})

        with Hostile(answer) as server:
            assert "goes on at another host" in refused(server)
            assert server.keys  # it had a key to give away
            assert not any("page=7" in path for path, _ in server.asked)
        assert thief.asked == []


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_does_not_carry_the_key(code):
    with Hostile(any_answer, free=True) as thief:

        def answer(handler):
            handler.body(b"", status=code, headers={"Location": f"http://localhost:{thief.server_port}/api/assets/"})

        with Hostile(answer) as server:
            assert listing(EXPERIMENT, url=server.url, patience=HASTE) == ()
            assert server.keys
        assert thief.asked
        assert thief.keys == []


def test_a_redirect_out_of_https_is_not_followed(monkeypatch):
    import requests

    asked = []

    def request(self, method, url, **settings):
        asked.append((url, settings["headers"].get("Authorization")))
        response = requests.Response()
        response.status_code, response.raw = 302, None
        response.headers["Location"] = "http://archive.example.org/api/info/"
        return response

    monkeypatch.setattr(requests.Session, "request", request)
    monkeypatch.setattr(requests.Response, "close", lambda self: None)
    client = ArchiveClient("https://archive.example.org/api", HASTE)
    client._wants_key = True
    with pytest.raises(InputError, match="leads to an address that cannot be used"):
        client.get("/info/")
    assert asked == [("https://archive.example.org/api/info/", f"token {KEY}")]


@pytest.mark.parametrize(
    "other",
    [
        "http://archive.example.org/api/x",  # in the open
        "https://archive.example.org:8443/api/x",
        "https://archive.example.org.evil.org/api/x",
        "https://archive.example.org@evil.org/api/x",
        "https://evil.org/api/x",
        "//evil.org/x",
        "ftp://archive.example.org/x",
        "https://[::1",
    ],
)
def test_only_the_archives_own_origin_is_asked(monkeypatch, other):
    monkeypatch.setattr(ArchiveClient, "_exchange", lambda *_: pytest.fail("asked"))
    client = ArchiveClient("https://archive.example.org/api", HASTE)
    with pytest.raises(InputError):
        client.ask("GET", other)


def test_pages_that_lead_to_themselves():
    def answer(handler):
        handler.json({"results": [], "next": handler.server.url + handler.path.removeprefix("/api"), "count": 10**9})

    with Hostile(answer) as server:
        assert "a list without end" in refused(server)
        assert len(server.asked) < 20


def test_pages_without_end(monkeypatch):
    from neurocompare.recordings import fetch_client

    monkeypatch.setattr(fetch_client, "MOST_PAGES", 30)

    def answer(handler):
        number = len(handler.server.asked)
        after = f"{handler.server.url}/dandisets/000688/versions/0.1/assets/?after={number}"
        handler.json({"results": [asset(number)], "next": after, "count": 10**9})

    with Hostile(answer) as server:
        assert "a list without end" in refused(server)
        assert len(server.asked) < 50


def endless(handler):
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(b'{"results": [')
    while True:
        handler.wfile.write(b"0," * 2**15)


def gzipped(handler):
    body = gzip.compress(b'{"results": [' + b" " * 2**26 + b'], "next": null}')
    handler.body(body, headers={"Content-Encoding": "gzip"})


@pytest.mark.parametrize("answer", [endless, gzipped])
def test_answers_larger_than_any_listing_are_not_read(answer):
    with Hostile(answer) as server:
        assert "at most 32 MB" in refused(server, Patience(attempts=2, timeout=20, pause=0.01))


def drip_body(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    while True:
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.1)


def drip_head(handler):
    while True:
        handler.wfile.write(b"H")
        handler.wfile.flush()
        time.sleep(0.1)


@pytest.mark.parametrize("answer", [drip_body, drip_head])
def test_an_answer_that_comes_byte_by_byte_is_not_waited_for(answer):
    """Never silent for as long as a silence may last, and never done."""
    with Hostile(answer) as server:
        said = refused(server, Patience(attempts=2, timeout=5, pause=0.01, answer=0.7))
        assert "failed 2 times: no answer within 0.7 s" in said


def test_all_answers_together_take_no_longer_than_they_may():
    def answer(handler):
        time.sleep(0.2)
        number = len(handler.server.asked)
        after = f"{handler.server.url}/dandisets/000688/versions/0.1/assets/?after={number}"
        handler.json({"results": [], "next": after, "count": 10**9})

    with Hostile(answer) as server:
        assert "takes longer than 1 s to answer" in refused(server, Patience(attempts=2, timeout=5, talk=1))


def test_a_file_that_comes_byte_by_byte_is_given_up():
    def answer(handler):
        if "download" in handler.path:
            drip_body(handler)
        elif handler.path.split("?")[0].endswith("/assets/"):
            found = asset(1) | {"path": ENTRY.path, "size": 400_000}
            handler.json({"results": [found], "next": None, "count": 1})
        else:
            handler.json({"path": ENTRY.path, "digest": {"dandi:sha2-256": ENTRY.sha256 or "0" * 64}})

    with Hostile(answer) as server, pytest.raises(InputError, match="failed 2 times: fewer than 1,000 bytes come"):
        fetch_entry(ENTRY, url=server.url, patience=Patience(attempts=2, timeout=5, pause=0.01, answer=0.7))


def test_numbers_and_lists_without_end_in_an_answer():
    for body in (b"[" * 10**6, b'{"results": ' + b"9" * 10**5 + b"}", b'{"results": null, "next": 3}', b"null"):
        with Hostile(lambda handler, body=body: handler.body(body)) as server:
            assert "expected an answer of the DANDI archive's form" in refused(server)


@pytest.mark.parametrize("url", ["http://[::1", "http://a:99999/api", "http://a:b/api", "http://", "http://a\x1b[2J/"])
def test_addresses_that_are_none_are_one_line(url):
    with pytest.raises(InputError, match="expected an archive's address") as caught:
        listing(EXPERIMENT, url=url, patience=HASTE)
    assert str(caught.value).isprintable()


def test_a_thread_that_hangs_is_not_waited_for():
    released = threading.Event()
    began = threading.active_count()
    import requests

    with pytest.raises(requests.Timeout):
        answers.within(0.05, released.wait)
    released.set()
    assert threading.active_count() <= began + 1
