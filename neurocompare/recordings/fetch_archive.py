"""The DANDI archive through its own client: what it says of a file, and its bytes, which go on where they stopped."""

from __future__ import annotations

import contextlib
import logging
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import dandi
import requests
from dandi.dandiapi import RemoteBlobAsset
from dandi.exceptions import NotFoundError
from packaging.version import Version

from neurocompare.errors import InputError
from neurocompare.recordings.fetch_client import ArchiveClient, refused, without_addresses
from neurocompare.recordings.fetch_retry import SLOWEST, PassingError, Patience
from neurocompare.untrusted.printable import printable

_PIECE = 1 << 16
"""Bytes handled at a time: what a broken connection may cost."""

_PROGRESS = 1 << 20
"""An attempt that brought so many bytes was not in vain, and the count of failures starts again."""


@dataclass(frozen=True)
class RemoteFile:
    """What the archive says of one file.

    Attributes
    ----------
    path : str
        In the dandiset.
    bytes : int
    sha256, etag : str, optional
        Digests; the archive computes the first some time after a file arrived. The second is its own kind.
    url : str
        Downloads the file; no signature in it, but it redirects to an address with one.
    """

    path: str
    bytes: int
    sha256: str | None
    etag: str | None
    url: str


class Archive:
    """An archive, asked through its own client, for as long as the block runs.

    Parameters
    ----------
    url : str
        Of its API, such as ``https://api.dandiarchive.org/api``.
    patience : Patience

    Raises
    ------
    InputError
        If the address or the user's key cannot be used. Every method raises it, with one line that has no address and
        no key in it, if the archive cannot be reached, refuses, or says something that makes no sense.
    """

    def __init__(self, url: str, patience: Patience) -> None:
        self._client = ArchiveClient(url, patience)
        self.host, self.patience = self._client.host, patience
        self._quiet = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self._quiet.enter_context(_no_logs())
        return self

    def __exit__(self, *_: object) -> None:
        self._client.session.close()
        self._quiet.close()

    def refusal(self) -> str | None:
        """Say why the archive refuses the installed version of the client; None if it does not."""
        with self._understood():
            info = self._client.get("/info/")
            ours = Version(dandi.__version__)
            oldest = Version(info.get("cli-minimal-version", "0"))
            if ours < oldest:
                return f"dandi {ours} is older than {oldest}, the oldest that {self.host} serves"
            if ours in map(Version, info.get("cli-bad-versions", ())):
                return f"{self.host} refuses dandi {ours} as broken"
        return None

    def look_up(self, dandiset: str, version: str, path: str) -> RemoteFile:
        """Ask for one file of a dandiset's version."""
        with self._understood(), contextlib.suppress(NotFoundError):
            # As the client's get_asset_by_path, which takes every ValueError, so every InputError, for absence.
            assets = self._client.get_dandiset(dandiset, version).get_assets_with_path_prefix(path)
            matching = [asset for asset in assets if asset.path == path]
            if matching:
                return self._remote_file(matching[0])
        raise InputError(f"expected {path} in dandiset {dandiset}, version {version}; {self.host} has no such file")

    def _remote_file(self, asset: Any) -> RemoteFile:
        if not isinstance(asset, RemoteBlobAsset):
            raise InputError(
                f"expected one file at {printable(asset.path, 200)}, found a folder of pieces (zarr); only files can "
                "be fetched"
            )
        _expect(r"[0-9a-fA-F-]{36}", asset.identifier)  # it becomes a part of addresses
        digests = asset.get_raw_metadata().get("digest") or {}
        sha256, etag = digests.get("dandi:sha2-256"), digests.get("dandi:dandi-etag")
        _expect(r"[0-9a-f]{64}", sha256)
        _expect(r"[0-9a-f]{32}-[0-9]+", etag)
        _expect(r"[0-9]+", str(asset.size))
        return RemoteFile(asset.path, asset.size, sha256, etag, asset.base_download_url)

    def listing(self, dandiset: str, version: str) -> tuple[tuple[str, int], ...]:
        """Ask for paths, sane or not, and sizes of all files of a dandiset's version."""
        with self._understood(), contextlib.suppress(NotFoundError):
            assets = self._client.get_dandiset(dandiset, version).get_assets()
            return tuple((asset.path, asset.size) for asset in assets if asset.path.isprintable())
        raise InputError(f"expected dandiset {dandiset} with version {version}; {self.host} has no such thing")

    @contextlib.contextmanager
    def open_at(self, remote: RemoteFile, start: int) -> Iterator[requests.Response]:
        """Open the stream of a file's bytes from `start` on; the response says whether the archive agreed to that.

        Raises
        ------
        PassingError
            If it may work later.
        """
        # The client's own iterator over a file does not tell whether the server honoured the range, so that what it
        # yields may be the file from its beginning; its session has the same key and settings.
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
        response = self._client.ask("GET", remote.url, headers=headers, read=False)
        with response:
            if response.status_code not in (200, 206, 416):
                raise refused(self.host, response.status_code)
            yield response

    @contextlib.contextmanager
    def _understood(self) -> Iterator[None]:
        """Turn what an answer of another form makes the client raise into one line."""
        try:
            yield
            return
        except InputError:
            raise
        # json's and pydantic's complaints are ValueErrors; a list in the place of a table gives the others
        except (requests.RequestException, ValueError, TypeError, LookupError, AttributeError, AssertionError):
            pass
        except RecursionError:  # json, nested without end
            pass
        message = f"expected an answer of the DANDI archive's form from {self.host}, found another; check the address"
        raise InputError(message)


def _expect(form: str, text: str | None) -> None:
    if text is not None and not re.fullmatch(form, text):
        raise ValueError(text)


@contextlib.contextmanager
def _no_logs() -> Iterator[None]:
    """Keep the client and urllib3 from logging: urllib3 logs addresses with their signatures."""
    loggers = [logging.getLogger(name) for name in ("dandi", "urllib3")]
    kept = [(logger, logger.propagate, logger.handlers) for logger in loggers]
    for logger in loggers:
        logger.propagate, logger.handlers = False, [logging.NullHandler()]
    try:
        yield
    finally:
        for logger, propagate, handlers in kept:
            logger.propagate, logger.handlers = propagate, handlers


def transfer(archive: Archive, remote: RemoteFile, partial: Path, *, advance: Callable[[int], None]) -> None:
    """Bring `partial` to the file's full size; what is in it is checked by the caller.

    Parameters
    ----------
    archive : Archive
    remote : RemoteFile
    partial : pathlib.Path
        What it already holds is kept and the rest appended. A kill at any moment leaves it fit to be continued.
    advance : callable
        Called with the number of bytes there are now.

    Raises
    ------
    InputError
        If the archive fails more often than its patience allows, or sends more than it announced.
    OSError
        If the file cannot be written.
    """
    failures = 0
    partial.touch()
    while (have := partial.stat().st_size) != remote.bytes:
        failed = PassingError("the connection ended early")
        try:
            _append(archive, remote, partial, have if have < remote.bytes else 0, advance)
        except PassingError as error:
            failed = error
        now = partial.stat().st_size
        if now != remote.bytes:
            failures = 1 if now >= have + _PROGRESS else failures + 1
            archive.patience.wait(archive.host, failed, failures)


def _append(archive: Archive, remote: RemoteFile, partial: Path, have: int, advance: Callable[[int], None]) -> None:
    """Make one attempt to get the bytes from `have` on."""
    with archive.open_at(remote, have) as response, partial.open("r+b", buffering=0) as file:
        begins = _begin(response.status_code, response.headers.get("Content-Range", ""))
        if begins not in (0, have):
            file.truncate(0)
            raise PassingError("another part of the file came than was asked for")
        # 0 where the server ignores that only a part was asked for: it then sends the whole
        have = begins
        file.truncate(have)
        file.seek(have)
        advance(have)
        patience, pace = archive.patience, _Pace(archive.patience.answer)
        # What has come is taken as it comes, and as it is: not unpacked, which could make it larger.
        while piece := without_addresses(
            lambda: response.raw.read1(_PIECE, decode_content=False), host=archive.host, timeout=patience.timeout
        ):
            pace.check(len(piece))
            have += len(piece)
            if have > remote.bytes:
                file.truncate(0)
                raise InputError(f"expected {remote.bytes:,} bytes, {archive.host} sends more; what came was not kept")
            file.write(piece)
            advance(have)


class _Pace:
    """Tells a file that comes too slowly, looking at it every so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._since, self._bytes = seconds, time.monotonic(), 0

    def check(self, brought: int) -> None:
        """Count bytes; raise `PassingError` if there were too few of them."""
        self._bytes += brought
        passed = time.monotonic() - self._since
        if passed > self._seconds:
            if self._bytes < SLOWEST * passed:
                raise PassingError(f"fewer than {SLOWEST:,.0f} bytes come in a second")
            self._since, self._bytes = time.monotonic(), 0


def _begin(status: int, content_range: str) -> int:
    """First byte of what comes; -1 if the answer does not say or nothing comes.

    Examples
    --------
    >>> _begin(200, ""), _begin(206, "bytes 100-199/200"), _begin(206, ""), _begin(416, "bytes */200")
    (0, 100, -1, -1)
    """
    if status == 200:
        return 0
    match = re.fullmatch(r"bytes (\d+)-\d+/(?:\d+|\*)", content_range.strip())
    return int(match[1]) if match else -1
