"""For all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser import Browser, start


@pytest.fixture(autouse=True)
def single_thread() -> Iterator[None]:
    """As in the package's own workers: on small matrices a second thread costs more than it gives."""
    from neurocompare.models.threads import one_thread

    with one_thread():
        yield


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium, where there is one."""
    yield from start()
