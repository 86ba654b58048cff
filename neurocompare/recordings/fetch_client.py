"""The DANDI archive's own client, made to end every request: in an answer or in one clear line."""

from __future__ import annotations

import os
import time
import urllib.parse
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import requests
import urllib3
from dandi.consts import RETRY_STATUSES, DandiInstance
from dandi.dandiapi import DandiAPIClient
from dandi.exceptions import HTTP404Error
from dandi.utils import get_retry_after

from neurocompare.errors import InputError
from neurocompare.recordings.fetch_retry import PassingError, Patience
from neurocompare.untrusted.address import is_safe_line, origin_of, parts_of
from neurocompare.untrusted.answers import read_whole, within

KEY_VARIABLE = "DANDI_API_KEY"
"""Environment variable with the user's key; sent only where the archive refuses to answer without."""

MOST_PAGES = 1000
"""Of one listing."""

MOST_REDIRECTS = 5

_MAY_ANSWER_LATER = frozenset(RETRY_STATUSES)
_WANT_A_KEY = (401, 403)
_T = TypeVar("_T")


class ArchiveClient(DandiAPIClient):
    """The archive's client, with patience, the user's key and no addresses in what it raises.

    The key belongs to one origin, the archive's scheme, host and port: no other is asked for the archive's answers, and
    where a download is redirected, the key stays behind.

    The client's own `request` has no time limit, so that a silent server holds it for ever; without a network it takes
    over a minute of retries; it waits for as long as a server asks; and it logs tracebacks, with addresses, to stderr.
    Its constructor asks the archive for its addresses, with no time limit either, and a third party's server
    (etelemetry) whether this version is known to be bad: `Archive.refusal` asks the archive itself.
    """

    def __init__(self, url: str, patience: Patience) -> None:
        self.host, self.patience, self._key = host_of(url), patience, _key(url)
        self._origin, self._wants_key, self._began = origin_of(url), False, time.monotonic()
        os.environ.setdefault("DANDI_NO_ET", "1")
        super().__init__(dandi_instance=DandiInstance("archive", None, url.rstrip("/")))
        self.session.auth = _as_it_is

    def request(self, method: str, path: str, *, json_resp: bool = True, **kwargs: Any) -> Any:
        """Ask the API, with patience."""
        failures = 0
        while True:
            failed = None
            if time.monotonic() - self._began > self.patience.talk:
                raise InputError(f"{self.host} takes longer than {self.patience.talk:g} s to answer; try later")
            try:
                response = self.ask(method, self.get_url(path), params=kwargs.get("params"))
            except PassingError as error:
                failed = error
            if failed is None:
                break
            failures += 1
            self.patience.wait(self.host, failed, failures)
        if response.status_code == 404:
            raise HTTP404Error("not found", response=response)
        if not response.ok:
            raise refused(self.host, response.status_code)
        return response.json() if json_resp else response

    def paginate(self, path: str, page_size: int | None = None, params: dict | None = None) -> Iterator[Any]:
        """Go through the pages of a listing, one after another, as long as they go on and do not repeat."""
        asked: set[str] = set()
        page: str | None = path
        params = dict(params or {}) | ({"page_size": page_size} if page_size else {})
        while page is not None:
            if page in asked or len(asked) >= MOST_PAGES:
                raise InputError(f"{self.host} gives a list without end; nothing was fetched")
            asked.add(page)
            answer = self.get(page, params=params)
            yield from answer["results"]
            page, params = answer.get("next"), {}

    def ask(
        self, method: str, url: str, *, params: dict | None = None, headers: dict | None = None, read: bool = True
    ) -> requests.Response:
        """Make one request of the archive; once more with the user's key if it wants one.

        Parameters
        ----------
        method, url : str
            The address is the archive's own: one that it names elsewhere is not asked, least of all with the key.
        params, headers : dict, optional
        read : bool
            Whether to read the answer, or to leave it a stream.

        Raises
        ------
        PassingError
            If it may work later.
        InputError
            If it will not.
        """
        if origin_of(url) != self._origin:
            raise InputError(
                f"{self.host} says that its answer goes on at another host, which was not asked; nothing was fetched"
            )
        response = self._exchange(method, url, params, headers, read)
        if response.status_code in _WANT_A_KEY and self._key and not self._wants_key:
            response.close()
            self._wants_key = True
            response = self._exchange(method, url, params, headers, read)
        if response.status_code in _MAY_ANSWER_LATER:
            response.close()
            reason = f"its answer is {response.status_code}"
            raise PassingError(reason, float(get_retry_after(response) or 0))
        return response

    def _exchange(
        self, method: str, url: str, params: dict | None, headers: dict | None, read: bool
    ) -> requests.Response:
        """Send a request and follow where it leads, giving the key to the archive alone."""

        def follow() -> requests.Response:
            at, asked = url, params
            for _ in range(MOST_REDIRECTS + 1):
                sent = dict(headers or {})
                if self._wants_key and origin_of(at) == self._origin:
                    sent["Authorization"] = f"token {self._key}"
                response = self.session.request(
                    method, at, params=asked, headers=sent, timeout=patience.timeout, stream=True, allow_redirects=False
                )
                leads_to = self.session.get_redirect_target(response)
                if leads_to is None:
                    if read:
                        read_whole(response, self.host)
                    return response
                response.close()
                after = urllib.parse.urljoin(at, leads_to)
                if is_safe_line(at) and not is_safe_line(after):
                    raise requests.exceptions.InvalidURL
                at, asked = after, None
            raise requests.TooManyRedirects

        patience = self.patience
        return without_addresses(
            lambda: within(patience.answer, follow), host=self.host, timeout=min(patience.timeout, patience.answer)
        )


def without_addresses(do: Callable[[], _T], *, host: str, timeout: float) -> _T:
    """Do something on the network; its failure becomes a `PassingError`, or an `InputError` if it will not pass.

    The exceptions of requests and urllib3 hold the address they failed at, signature and all: the new one is raised
    when the old one is no longer being handled, so that not even its context leads there.
    """
    try:
        return do()
    except InputError as error:
        failure: Exception = InputError(str(error))
    except (requests.exceptions.SSLError, urllib3.exceptions.SSLError):
        failure = InputError(f"{host} or the host it leads to has no valid certificate; nothing was fetched")
    except urllib3.exceptions.ReadTimeoutError:  # of a body; of a head, requests makes its own error
        failure = PassingError(f"no more bytes within {timeout:g} s")
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
    """Check an archive's address and return its host.

    Raises
    ------
    InputError
        If it is none, or holds a password or a query.

    Examples
    --------
    >>> host_of("http://[::1]:8000/api")
    '[::1]:8000'
    """
    try:
        parts = parts_of(url)
    except InputError:
        parts = None
    if parts is None or "@" in parts.netloc or parts.query:
        message = "expected an archive's address like https://api.dandiarchive.org/api, found another form; check it"
        raise InputError(message)
    return parts.netloc


def _key(url: str) -> str | None:
    """Return the user's key for the archive at `url`; None if there is none or it would travel in the open."""
    key = os.environ.get(KEY_VARIABLE, "").strip()
    if key and not (key.isascii() and key.isprintable() and " " not in key):
        message = f"expected a key in {KEY_VARIABLE}, found something with spaces or control characters; copy it again"
        raise InputError(message)
    return key if key and is_safe_line(url) else None


def refused(host: str, status: int) -> InputError:
    """Return the line a user reads when an archive answers with a status that no patience will change."""
    if status in _WANT_A_KEY:
        advice = f"if you have been given access, put your key into {KEY_VARIABLE} (it is sent over https only)"
        return InputError(f"{host} does not give this to everyone (its answer is {status}); {advice}")
    return InputError(f"{host} does not give this (its answer is {status}); check name, version and address")
