"""Bytes from the archive into a file that is not yet the real one, continuing where an earlier attempt stopped."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

from neurocompare.errors import InputError
from neurocompare.recordings.fetch_archive import Archive, RemoteFile
from neurocompare.recordings.fetch_client import without_addresses
from neurocompare.recordings.fetch_retry import SLOWEST, PassingError

_PIECE = 1 << 16
"""Bytes handled at a time: what a broken connection may cost."""

_PROGRESS = 1 << 20
"""An attempt that brought so many bytes was not in vain, and the count of failures starts again."""


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
