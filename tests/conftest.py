"""For all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser import Browser, start


@pytest.fixture(autouse=True, scope="session")
def single_thread() -> Iterator[None]:
    """As in the package's own workers: on small matrices a second thread costs more than it gives.

    Once for all tests: to find the libraries that have threads takes longer than most of them.
    """
    from neurocompare.parallel import one_thread

    with one_thread():
        yield


@pytest.fixture(autouse=True, scope="session")
def workers_that_stay() -> Iterator[None]:
    """Start worker processes once, and not anew for every test."""
    from neurocompare.parallel import keep_workers

    with keep_workers():
        yield


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium, where there is one."""
    yield from start()
