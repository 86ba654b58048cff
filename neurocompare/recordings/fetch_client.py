"""The DANDI archive's own client, made to end every request: in an answer or in one clear line."""

from __future__ import annotations

import os
import urllib.parse
from collections.abc import Callable
from typing import Any, TypeVar

import requests
import urllib3
from dandi.consts import RETRY_STATUSES, DandiInstance
from dandi.dandiapi import DandiAPIClient
from dandi.exceptions import HTTP404Error
from dandi.utils import get_retry_after

from neurocompare.errors import InputError
from neurocompare.recordings.fetch_retry import PassingError, Patience

KEY_VARIABLE = "DANDI_API_KEY"
"""Environment variable with the user's key; sent only where the archive refuses to answer without."""

_MAY_ANSWER_LATER = frozenset(RETRY_STATUSES)
_WANT_A_KEY = (401, 403)
_T = TypeVar("_T")


class ArchiveClient(DandiAPIClient):
    """The archive's client, with patience, the user's key and no addresses in what it raises.

    The client's own `request` has no time limit, so that a silent server holds it for ever; without a network it takes
    over a minute of retries; it waits for as long as a server asks; and it logs tracebacks, with addresses, to stderr.
    Its constructor asks the archive for its addresses, with no time limit either, and a third party's server
    (etelemetry) whether this version is known to be bad: `Archive.refusal` asks the archive itself.
    """

    def __init__(self, url: str, patience: Patience) -> None:
        self.host, self.patience, self._key = host_of(url), patience, _key(url)
        os.environ.setdefault("DANDI_NO_ET", "1")
        super().__init__(dandi_instance=DandiInstance("archive", None, url.rstrip("/")))
        self.session.max_redirects = 5
        self.session.auth = _as_it_is

    def request(self, method: str, path: str, *, json_resp: bool = True, **kwargs: Any) -> Any:
        """Ask the API, with patience."""
        failures = 0
        while True:
            failed = None
            try:
                response = self.ask(method, self.get_url(path), **kwargs)
            except PassingError as error:
                failed = error
            if failed is None:
                break
            failures += 1
            self.patience.wait(self.host, failed, failures)
        if response.status_code == 404:
            message = "not found"
            raise HTTP404Error(message, response=response)
        if not response.ok:
            raise refused(self.host, response.status_code)
        return response.json() if json_resp else response

    def ask(self, method: str, url: str, **kwargs: Any) -> requests.Response:
        """Make one request; once more with the user's key if the archive wants one.

        Raises
        ------
        PassingError
            If it may work later.
        InputError
            If it will not.
        """
        response = self._exchange(method, url, **kwargs)
        if response.status_code in _WANT_A_KEY and self._key and "Authorization" not in self.session.headers:
            response.close()
            # requests leaves it out where a redirect leads to another host
            self.session.headers["Authorization"] = f"token {self._key}"
            response = self._exchange(method, url, **kwargs)
        if response.status_code in _MAY_ANSWER_LATER:
            response.close()
            reason = f"its answer is {response.status_code}"
            raise PassingError(reason, float(get_retry_after(response) or 0))
        return response

    def _exchange(self, method: str, url: str, **kwargs: Any) -> requests.Response:
        timeout = self.patience.timeout
        return without_addresses(
            lambda: self.session.request(method, url, timeout=timeout, **kwargs), host=self.host, timeout=timeout
        )


def without_addresses(do: Callable[[], _T], *, host: str, timeout: float) -> _T:
    """Do something on the network; its failure becomes a `PassingError`, or an `InputError` if it will not pass.

    The exceptions of requests and urllib3 hold the address they failed at, signature and all: the new one is raised
    when the old one is no longer being handled, so that not even its context leads there.
    """
    try:
        return do()
    except (requests.exceptions.SSLError, urllib3.exceptions.SSLError):
        failure: Exception = InputError(f"{host} or the host it leads to has no valid certificate; nothing was fetched")
    except (requests.Timeout, urllib3.exceptions.TimeoutError):
        failure = PassingError(f"no answer within {timeout:g} s")
    except requests.ConnectionError as error:
        silent = any(isinstance(argument, urllib3.exceptions.ReadTimeoutError) for argument in error.args)
        failure = PassingError(
            f"no more bytes within {timeout:g} s" if silent else "it cannot be reached, or the connection broke off"
        )
    except (requests.exceptions.ChunkedEncodingError, urllib3.exceptions.ProtocolError):
        failure = PassingError("the connection broke off")
    except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError):
        failure = InputError(f"{host} leads to an address that cannot be used, or in a circle; nothing was fetched")
    except OSError:
        failure = PassingError("the connection broke off")
    raise failure


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Authenticate by nothing: otherwise requests would look for passwords in the user's .netrc."""
    return request


def host_of(url: str) -> str:
    """Check an archive's address and return its host."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or parts.query:
        message = "expected an archive's address like https://api.dandiarchive.org/api, found another form; check it"
        raise InputError(message)
    return parts.netloc


def _key(url: str) -> str | None:
    """Return the user's key for the archive at `url`; None if there is none or it would travel in the open."""
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if key and not (key.isascii() and key.isprintable() and " " not in key):
        message = f"expected a key in {KEY_VARIABLE}, found something with spaces or control characters; copy it again"
        raise InputError(message)
    parts = urllib.parse.urlsplit(url)
    travels_safely = parts.scheme == "https" or parts.hostname in ("localhost", "127.0.0.1", "::1")
    return key if key and travels_safely else None


def refused(host: str, status: int) -> InputError:
    """Return the line a user reads when an archive answers with a status that no patience will change."""
    if status in _WANT_A_KEY:
        advice = f"if you have been given access, put your key into {KEY_VARIABLE} (it is sent over https only)"
        return InputError(f"{host} does not give this to everyone (its answer is {status}); {advice}")
    return InputError(f"{host} does not give this (its answer is {status}); check name, version and address")
