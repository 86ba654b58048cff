"""Addresses on the network: taken apart without surprises, and what may be said of them."""

from __future__ import annotations

import urllib.parse

from neurocompare.errors import InputError

LOOPBACK = ("localhost", "127.0.0.1", "::1")
"""Hosts that are this computer: what goes to them crosses no network."""

_PORTS = {"http": 80, "https": 443}


def parts_of(address: str) -> urllib.parse.SplitResult:
    """Take an address apart.

    Raises
    ------
    InputError
        If it is none of http or https with a host; the message does not repeat it, since it may hold a key.

    Examples
    --------
    >>> parts_of("https://archive.org/api?page=2").hostname
    'archive.org'
    >>> parts_of("http://[::1")
    Traceback (most recent call last):
    ...
    neurocompare.errors.InputError: expected an address that begins with http:// or https://, found another
        form; check it
    """
    try:
        parts = urllib.parse.urlsplit(address)
        _ = parts.port  # which may be no number
    except ValueError:
        parts = None
    if parts is None or parts.scheme not in _PORTS or not parts.hostname or not address.isprintable():
        raise InputError("expected an address that begins with http:// or https://, found another form; check it")
    return parts


def origin_of(address: str) -> tuple[str, str, int]:
    """Return scheme, host and port: whom a key for an address belongs to.

    Examples
    --------
    >>> origin_of("https://Archive.org/api") == origin_of("https://archive.org:443/")
    True
    >>> origin_of("https://archive.org") == origin_of("http://archive.org")
    False
    """
    parts = parts_of(address)
    return parts.scheme, (parts.hostname or "").lower().rstrip("."), parts.port or _PORTS[parts.scheme]


def is_safe_line(address: str) -> bool:
    """Whether what is sent to an address cannot be read on the way: by https, or inside this computer."""
    scheme, host, _ = origin_of(address)
    return scheme == "https" or host in LOOPBACK


def without_query(address: str) -> str:
    """Return an address without what follows ``?`` and without a password.

    Examples
    --------
    >>> without_query("https://me:secret@archive.org/blobs/abc?X-Amz-Signature=123#top")
    'https://archive.org/blobs/abc'
    """
    parts = parts_of(address)
    return urllib.parse.urlunsplit((parts.scheme, parts.netloc.rsplit("@", 1)[-1], parts.path, "", ""))
