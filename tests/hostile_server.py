"""A server on this computer's own loopback that answers as a test says, and remembers who gave it a key."""

from __future__ import annotations

import http.server
import json
import threading

THEN = "2024-01-01T00:00:00Z"


class Hostile(http.server.ThreadingHTTPServer):
    """Answers as `answer` says, a function of the handler, who has a key unless it is free; keeps paths and keys."""

    daemon_threads = True

    def __init__(self, answer, *, free=False):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer, self.free, self.asked = answer, free, []
        self.url = f"http://127.0.0.1:{self.server_port}/api"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    def handle_error(self, *_):
        pass

    @property
    def keys(self):
        return [key for _, key in self.asked if key]


class _Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        key = self.headers.get("Authorization")
        self.server.asked.append((self.path, key))
        if self.path.endswith("/info/"):
            self.json({"cli-minimal-version": "0.1.0"})
        elif key is None and not self.server.free:
            self.json({}, status=401)  # asked with the key from then on
        elif "/assets" not in self.path:
            version = {"version": "0.1", "name": "x", "asset_count": 1, "size": 1, "created": THEN, "modified": THEN}
            version |= {"status": "Valid", "identifier": "000688"}
            about = {"identifier": "000688", "created": THEN, "modified": THEN, "contact_person": "A. Person"}
            self.json({**version, **about, "embargo_status": "OPEN", "draft_version": version, "dandiset": about})
        else:
            self.server.answer(self)

    def json(self, content, *, status=200, headers=()):
        self.body(json.dumps(content).encode(), status=status, headers=dict(headers))

    def body(self, body, *, status=200, headers=()):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **dict(headers)}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def asset(number):
    about = {"asset_id": f"{number:08x}-0000-0000-0000-000000000000", "path": f"a{number}", "size": 1, "zarr": None}
    return about | {"created": THEN, "modified": THEN, "blob": about["asset_id"]}
