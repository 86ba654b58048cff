"""A DANDI archive on this computer's own loopback, for tests: enough of the API for the client, and faults on demand.

    with ArchiveServer() as archive:
        archive.add("000140", "0.220113.0408", "sub-A/sub-A_ses-1.nwb", content)
        archive.fault("blob", "reset", at=1000)          # the next download breaks off after 1000 bytes
        fetch(..., url=archive.url)

`archive.blob_url(path)` is a plain address of the bytes, with HEAD and Range, for whatever streams. As the real archive
does, downloads are redirected to another host (`localhost` instead of `127.0.0.1`) with a signature in the query.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import json
import re
import socket
import struct
import threading
import time
import urllib.parse
import uuid
from dataclasses import dataclass, field

SIGNATURE = "X-Amz-Signature=not-for-anyone-to-see"
CHUNK = 16384


@dataclass
class Fault:
    """Something that goes wrong `times` times at an endpoint, after passing over the first `skip` requests.

    ==============  =====================================================================================
    what            happens
    ==============  =====================================================================================
    status          the answer is `code`, with Retry-After if `retry_after` is given
    reset           the connection is reset after `at` bytes of the body
    truncate        the connection is closed after `at` bytes, as if that were all
    wrong           the right number of bytes, but not the right ones
    longer          more bytes than announced, without end, no length declared
    hang            nothing more comes after `at` bytes
    redirect        to `to`
    ignore_range    the whole file, whatever part was asked for
    other_range     another part than was asked for
    garbage         an answer that is no JSON, or no JSON of the API's form: `body`
    ==============  =====================================================================================
    """

    where: str
    what: str
    at: int = 0
    code: int = 503
    retry_after: str | None = None
    to: str = ""
    body: bytes = b"<html>"
    times: int = 1
    skip: int = 0


@dataclass
class Asset:
    dandiset: str
    version: str
    path: str
    content: bytes
    sha256: str | None
    etag: str | None = None
    claimed: int | None = None  # the size the archive says, where it is not the truth
    identifier: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass
class Request:
    where: str
    method: str
    host: str
    path: str
    headers: dict[str, str]


class ArchiveServer:
    """The archive, serving while the block runs."""

    def __init__(self, *, bytes_per_second=None, page_size=100, needs_key=None):
        self.assets: list[Asset] = []
        self.faults: list[Fault] = []
        self.requests: list[Request] = []
        self.minimal_client, self.bad_clients = "0.1.0", []
        self.bytes_per_second, self.page_size, self.needs_key = bytes_per_second, page_size, needs_key
        self.released = threading.Event()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.archive = self
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/api"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def add(self, dandiset, version, path, content, *, sha256=None):
        """Add a file; `sha256` is what the archive says of it: the truth where None, nothing where empty."""
        sha256 = hashlib.sha256(content).hexdigest() if sha256 is None else sha256 or None
        self.assets.append(Asset(dandiset, version, path, content, sha256))
        return self.assets[-1]

    def fault(self, where, what, **settings):
        """Let something go wrong at ``info``, ``assets``, ``metadata``, ``download`` or ``blob``; see `Fault`."""
        self.faults.append(Fault(where, what, **settings))

    def blob_url(self, path):
        """Return a plain address of a file's bytes."""
        asset = next(asset for asset in self.assets if asset.path == path)
        return f"http://127.0.0.1:{self.port}/blobs/{asset.identifier}"

    def count(self, where):
        """Count the requests an endpoint has had."""
        return sum(request.where == where for request in self.requests)

    def _fault(self, where):
        with self._lock:
            for fault in self.faults:
                if fault.where == where and fault.times > 0:
                    if fault.skip > 0:
                        fault.skip -= 1
                        continue
                    fault.times -= 1
                    return fault
        return None


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, *_):  # a client that went away is what many tests are about
        pass


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        archive = self.server.archive
        address = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(address.query))
        routes = {where: re.fullmatch(pattern, address.path) for where, pattern in _ROUTES.items()}
        where = next((where for where, found in routes.items() if found), None)
        if where is None:
            return self._json(404, {"detail": "Not found."})
        archive.requests.append(
            Request(where, self.command, self.headers["Host"].split(":")[0], self.path, dict(self.headers))
        )
        fault = archive._fault(where)
        if where != "blob":
            if archive.needs_key and self.headers.get("Authorization") != f"token {archive.needs_key}":
                return self._json(401, {"detail": "Authentication credentials were not provided."})
            if fault is not None and self._misbehave(fault):
                return None
        return getattr(self, f"_{where}")(*routes[where].groups(), query=query, fault=fault)

    def _misbehave(self, fault):
        """Do what a fault says before any body is sent; False if the fault is one of the body."""
        if fault.what == "status":
            self._json(fault.code, {"detail": "busy"}, {"Retry-After": fault.retry_after} if fault.retry_after else {})
        elif fault.what == "hang":
            self.server.archive.released.wait(60)
            self.close_connection = True
        elif fault.what == "redirect":
            self._json(302, {}, {"Location": fault.to})
        elif fault.what == "garbage":
            self._reply(200, fault.body, {"Content-Type": "application/json"})
        elif fault.what == "reset":
            self._reset()
        else:
            return False
        return True

    # endpoints

    def _info(self, *, query, fault):
        archive = self.server.archive
        self._json(
            200,
            {
                "schema_version": "0.6.10",
                "version": "0.3.100",
                "services": {"api": {"url": archive.url}},
                "cli-minimal-version": archive.minimal_client,
                "cli-bad-versions": archive.bad_clients,
            },
        )

    def _dandiset(self, dandiset, *, query, fault):
        versions = [asset.version for asset in self.server.archive.assets if asset.dandiset == dandiset]
        if not versions:
            return self._json(404, {"detail": "Not found."})
        version = _described(versions[0])
        return self._json(
            200,
            {
                "identifier": dandiset,
                "created": _THEN,
                "modified": _THEN,
                "contact_person": "A. Person",
                "embargo_status": "OPEN",
                "draft_version": _described("draft"),
                "most_recent_published_version": None if versions[0] == "draft" else version,
            },
        )

    def _version(self, dandiset, version, *, query, fault):
        self._json(200, {**_described(version), "metadata": {}, "dandiset": {"identifier": dandiset}})

    def _assets(self, dandiset, version, *, query, fault):
        archive = self.server.archive
        there = [asset for asset in archive.assets if (asset.dandiset, asset.version) == (dandiset, version)]
        if not there:
            return self._json(404, {"detail": "Not found."})
        there = [asset for asset in there if asset.path.startswith(query.get("path", ""))]
        page = int(query.get("page", 1))
        size = int(query.get("page_size", archive.page_size))
        begin, end = (page - 1) * size, page * size
        following = None
        if end < len(there):
            following = f"{archive.url}/dandisets/{dandiset}/versions/{version}/assets/?"
            following += urllib.parse.urlencode({**query, "page": page + 1})
        results = [
            {
                "asset_id": asset.identifier,
                "path": asset.path,
                "size": len(asset.content) if asset.claimed is None else asset.claimed,
                "created": _THEN,
                "modified": _THEN,
                "blob": asset.identifier,
                "zarr": None,
            }
            for asset in there[begin:end]
        ]
        return self._json(200, {"count": len(there), "next": following, "previous": None, "results": results})

    def _metadata(self, dandiset, version, identifier, *, query, fault):
        asset = self._asset(identifier)
        if asset is None:
            return self._json(404, {"detail": "Not found."})
        digest = {"dandi:sha2-256": asset.sha256, "dandi:dandi-etag": asset.etag}
        digest = {kind: value for kind, value in digest.items() if value}
        return self._json(
            200,
            {
                "path": asset.path,
                "contentSize": len(asset.content),
                "digest": digest,
                "contentUrl": [
                    f"{self.server.archive.url}/assets/{identifier}/download/",
                    f"http://localhost:{self.server.archive.port}/blobs/{identifier}",
                ],
            },
        )

    def _download(self, identifier, *, query, fault):
        if self._asset(identifier) is None:
            return self._json(404, {"detail": "Not found."})
        to = f"http://localhost:{self.server.archive.port}/blobs/{identifier}?X-Amz-Expires=3600&{SIGNATURE}"
        return self._reply(302, b"", {"Location": to})

    def _blob(self, identifier, *, query, fault):
        if fault is not None and fault.at == 0 and self._misbehave(fault):
            return None
        asset = self._asset(identifier)
        if asset is None:
            return self._json(404, {"detail": "Not found."})
        what = fault.what if fault else ""
        content = asset.content if what != "wrong" else bytes(byte ^ 0xFF for byte in asset.content)
        whole, start, stop = len(content), 0, len(content)
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        status, headers = 200, {"Accept-Ranges": "bytes", "Content-Type": "application/octet-stream"}
        if wanted and what != "ignore_range":
            start, stop = int(wanted[1]), min(whole, int(wanted[2] or whole) + 1)
            start += 1000 if what == "other_range" else 0
            if start >= whole:
                return self._reply(416, b"", {"Content-Range": f"bytes */{whole}"})
            status, headers["Content-Range"] = 206, f"bytes {start}-{stop - 1}/{whole}"
        unlimited = what == "longer"
        if unlimited:
            self.close_connection = True
        else:
            headers["Content-Length"] = str(stop - start)
        self._head(status, headers)
        if self.command == "HEAD":
            return None
        if what in ("reset", "truncate", "hang"):
            self._body(content[start : start + fault.at])
            if what == "hang":
                self.server.archive.released.wait(60)
            if what == "reset":
                self._reset()
            self.close_connection = True
            return None
        self._body(content[start:stop])
        while unlimited:
            self.wfile.write(b"\0" * CHUNK)  # until the client goes away
        return None

    # answers

    def _asset(self, identifier):
        return next((asset for asset in self.server.archive.assets if asset.identifier == identifier), None)

    def _json(self, status, content, headers=()):
        self._reply(status, json.dumps(content).encode(), {"Content-Type": "application/json", **dict(headers)})

    def _reply(self, status, body, headers):
        self._head(status, {**headers, "Content-Length": str(len(body))})
        if self.command != "HEAD":
            self.wfile.write(body)

    def _head(self, status, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()

    def _body(self, content):
        speed = self.server.archive.bytes_per_second
        for begin in range(0, len(content), CHUNK):
            piece = content[begin : begin + CHUNK]
            self.wfile.write(piece)
            if speed:
                self.wfile.flush()
                time.sleep(len(piece) / speed)

    def _reset(self):
        """Close with a reset, as a broken network does, rather than with a farewell."""
        self.wfile.flush()
        time.sleep(0.02)  # what was sent shall arrive: a reset throws away what is still under way
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with contextlib.suppress(OSError):
            self.connection.close()
        self.close_connection = True


_THEN = "2022-01-13T04:08:00.000000Z"
_VERSION = r"/api/dandisets/(\d{6})/versions/([^/]+)"
_ROUTES = {
    "info": r"/api/info/",
    "dandiset": r"/api/dandisets/(\d{6})/",
    "version": _VERSION + r"/info/",
    "assets": _VERSION + r"/assets/",
    "metadata": _VERSION + r"/assets/([^/]+)/",
    "download": r"/api/assets/([^/]+)/download/",
    "blob": r"/blobs/([^/]+)",
}


def _described(version):
    return {
        "version": version,
        "name": "Reaches",
        "asset_count": 1,
        "size": 1,
        "created": _THEN,
        "modified": _THEN,
        "status": "Published",
    }
