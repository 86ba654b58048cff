"""A small session of delayed reaches with known rates, for every test of this room."""

import pytest
from sessions import make_session


@pytest.fixture(scope="session")
def session():
    """The default small session."""
    return make_session()


@pytest.fixture(scope="session")
def session_maker():
    """`make_session`, for tests that need another one."""
    return make_session
